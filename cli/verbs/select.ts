import { didYouMean } from "../../components/validation/problems";
import { ProjectProblem } from "../project/problem";
import { itemsIn } from "./place";
import { aimOf } from "./aim";
import type { PlanRequest } from "./plan";
import type { Session } from "./session";
import type { BothSites, Reading } from "./sites";
import type { Accepted } from "./step";
import type { Verb } from "./view";
import type { Member } from "./wave";
import { wavesOf } from "./waves";

/** What a person typed behind a verb. */
export interface Selection {
    readonly verb: Verb;
    readonly names: readonly string[];
    readonly all: boolean;
    readonly to?: string | undefined;
    readonly wave?: number | undefined;
    readonly accept: Accepted;
}

/**
 * The items that are meant, in waves, each with where its verb leads.
 *
 * @throws ProjectProblem where that cannot be told
 */
function select(
    { verb, names, all, to, wave, accept }: Selection,
    reading: Reading,
    session: Session,
    { project }: Pick<BothSites, "project">,
): Member[][] {
    const items = commonItems(reading, project);
    const known = items.map(({ name }) => name);
    if (names.length === 0 && !all) {
        throw new ProjectProblem(`${verb} of what? Name one or more of ${known.join(", ")}, or all of them with --all`);
    }
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) {
        throw new ProjectProblem(
            `project ${project} protects no ${unknown}${didYouMean(unknown, known)}: it protects ${known.join(", ")}`,
        );
    }
    const sites = Object.keys(reading);
    if (to !== undefined && !sites.includes(to)) {
        throw new ProjectProblem(
            `--to: there is no site ${to}${didYouMean(to, sites)}: the sites are ${sites.join(" and ")}`,
        );
    }
    return wavesOf(items, all ? known : names, wave).map((one) =>
        one.map((name) => {
            const view = session.view(name, reading);
            const aim = to === undefined ? aimOf(verb, view) : { to };
            if ("refusal" in aim) {
                throw new ProjectProblem(aim.refusal);
            }
            return { request: { verb, to: aim.to, accept }, view };
        }),
    );
}

/**
 * What is to be planned, with what the stacks protect besides.
 *
 * @throws ProjectProblem where that cannot be told
 */
export function requestFor(
    selection: Selection,
    reading: Reading,
    session: Session,
    sites: Pick<BothSites, "project">,
): PlanRequest {
    const waves = select(selection, reading, session, sites);
    const named = waves.flat().map(({ view }) => view.item);
    const others = commonItems(reading, sites.project).filter(({ name }) => !named.includes(name));
    const { verb, accept } = selection;
    return { verb, accept, session, waves, others: others.map(({ name }) => session.view(name, reading)) };
}

/** What is configured at one site alone is not protected yet. */
function commonItems(reading: Reading, project: string) {
    const [first, second] = Object.entries(reading).map(([site, { settings }]) => ({ site, items: itemsIn(settings) }));
    for (const [here, there] of [
        [first!, second!],
        [second!, first!],
    ] as const) {
        const lacking = here.items.find(({ name }) => !there.items.some((other) => other.name === name));
        if (lacking !== undefined) {
            throw new ProjectProblem(
                `${lacking.name} is in the configuration of ${here.site} and not in that of ${there.site}: add it there, or remove it here`,
            );
        }
    }
    if (first!.items.length === 0) {
        throw new ProjectProblem(
            `project ${project} protects nothing yet: add an application to both stacks' configuration`,
        );
    }
    return first!.items;
}
