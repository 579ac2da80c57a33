import { ProjectProblem } from "../project/problem";
import type { Terminal } from "../terminal";
import { agreedFor } from "./agreed";
import { leftoversOf } from "./leftovers";
import { lossesSince, standing } from "./outcome";
import { type Ending, type Interruptible, perform } from "./perform";
import { outlineVerb, planVerb, type Planned, type PlanRequest, type VerbPlan } from "./plan";
import { differenceFrom, differingPart, isElsewhere } from "./planFile";
import { headline, linesOf } from "./planText";
import { RunLog } from "./runLog";
import { requestFor, type Selection } from "./select";
import { Session } from "./session";
import type { BothSites, Reading } from "./sites";
import type { Request } from "./step";
import type { ItemView } from "./view";
import type { Member } from "./wave";

/** How a verb is run: what was typed besides what is to be done. */
export interface RunOptions {
    /** Whether nothing is asked. */
    readonly yes: boolean;
    /** The plan that was agreed on: nothing else is done. */
    readonly agreed?: VerbPlan | undefined;
}

export interface Surroundings {
    readonly terminal: Terminal;
    readonly interrupted?: Interruptible;
    /** Milliseconds. */
    readonly now?: () => number;
}

/**
 * Runs a whole verb at both sites, and shows what it will do, what it does and what came of it.
 *
 * @returns whether all that was asked for is done
 */
export async function runVerb(
    selection: Selection,
    options: RunOptions,
    sites: BothSites,
    surroundings: Surroundings,
): Promise<boolean> {
    return new VerbRun(selection, options, sites, surroundings).run();
}

/** The plan of a verb, without doing anything of it. */
export async function planOf(selection: Selection, sites: BothSites): Promise<Planned> {
    const reading = await sites.read();
    return planVerb(requestFor(selection, reading, new Session(), sites), reading, sites);
}

class VerbRun {
    private readonly session = new Session();
    private readonly terminal: Terminal;
    private readonly log: RunLog;

    constructor(
        private readonly selection: Selection,
        private readonly options: RunOptions,
        private readonly sites: BothSites,
        private readonly surroundings: Surroundings,
    ) {
        this.terminal = surroundings.terminal;
        const now = surroundings.now ?? (() => Date.now());
        this.log = new RunLog(this.terminal, now, (site) => this.stackOf(site), sites.keyPrefix);
    }

    async run(): Promise<boolean> {
        const reading = await this.sites.read();
        const request = requestFor(this.selection, reading, this.session, this.sites);
        const planned = await planVerb(request, reading, this.sites);
        if (!planned.ok) {
            planned.refusals.forEach((line) => this.terminal.complain(line));
            this.terminal.complain("nothing was changed at either site");
            return false;
        }
        const { agreed } = this.options;
        if (planned.isDone && !(agreed && isElsewhere(agreed, planned.plan))) {
            this.terminal.print(
                `${headline(planned.plan)}: it is so already, and nothing is left to do at either site`,
            );
            return true;
        }
        this.show(planned);
        return (await this.isAgreed(planned)) && this.performAll(request, reading);
    }

    private show({ plan, shown }: Extract<Planned, { ok: true }>): void {
        this.log.leaveOut(shown);
        linesOf(plan).forEach((line) => this.terminal.print(line));
        if (shown.length > 0) {
            ["", ...shown].forEach((line) => this.terminal.print(line));
        }
        this.terminal.print("");
    }

    /** By the plan that was agreed on, and by a person or by `--yes`. */
    private async isAgreed({ plan }: Extract<Planned, { ok: true }>): Promise<boolean> {
        const { yes, agreed } = this.options;
        const difference = agreed && differenceFrom(agreed, plan);
        if (difference !== undefined) {
            return this.decline(
                `the plan has changed since it was agreed on (${difference}): look at the present one above, and agree on that`,
            );
        }
        if (yes) {
            return true;
        }
        const [only, ...others] = plan.items.map(({ name }) => name);
        const word = others.length === 0 ? only! : plan.project;
        if (this.terminal.ask === undefined) {
            return this.decline("nobody is there to confirm it: --yes confirms it from a pipeline");
        }
        const what = others.length === 0 ? "its name" : `the project's name, for all ${others.length + 1}`;
        const answer = await this.terminal.ask(`Type ${what}, ${word}, to go on: `);
        return answer?.trim() === word ? this.stillStands(plan) : this.decline(`${word} was not typed`);
    }

    /** Others work while a question waits for its answer, and what was accepted is what was shown. */
    private async stillStands(shown: VerbPlan): Promise<boolean> {
        const reading = await this.sites.read();
        const request = requestFor(this.selection, reading, this.session, this.sites);
        const now = outlineVerb(request, reading, this.sites);
        if (!now.ok) {
            now.refusals.forEach((line) => this.terminal.complain(line));
            return this.decline("the sites have changed since the plan was shown");
        }
        const difference = differingPart(shown, now.outline);
        return (
            difference === undefined ||
            this.decline(
                `the plan has changed since it was shown (${difference}): the same command shows the present one`,
            )
        );
    }

    private decline(why: string): boolean {
        this.terminal.complain(`${why}. Nothing was changed at either site`);
        return false;
    }

    private async performAll({ waves, others }: PlanRequest, before: Reading): Promise<boolean> {
        const endings: Record<string, Ending> = {};
        for (const [index, wave] of waves.entries()) {
            if (waves.length > 1) {
                this.log.say(`wave ${index + 1} of ${waves.length}: ${wave.map(({ view }) => view.item).join(", ")}`);
            }
            Object.assign(endings, await this.performWave(wave, others));
            const isStopped = Object.values(endings).some(({ is }) => is === "failed");
            if (isStopped && index < waves.length - 1) {
                this.terminal.complain(`the waves after this one were not begun; the same command goes on with them`);
                break;
            }
        }
        return this.conclude(endings, before, waves.flat());
    }

    private async performWave(wave: readonly Member[], others: readonly ItemView[]): Promise<Record<string, Ending>> {
        const requests: Record<string, Request> = Object.fromEntries(
            wave.map(({ request, view }) => [view.item, request]),
        );
        const { interrupted } = this.surroundings;
        try {
            return await perform(requests, this.sites, this.log.watcher, {
                agreed: Object.fromEntries(wave.map(({ request, view }) => [view.item, agreedFor(request, view)])),
                others: others.map(({ item }) => item),
                session: this.session,
                ...(interrupted === undefined ? {} : { interrupted }),
            });
        } finally {
            this.log.showNothingLive();
        }
    }

    private async conclude(
        endings: Readonly<Record<string, Ending>>,
        before: Reading,
        members: readonly Member[],
    ): Promise<boolean> {
        const after = await this.readAtEnd();
        const { verb } = this.selection;
        this.terminal.print("");
        for (const [item, ending] of Object.entries(endings)) {
            const member = members.find(({ view }) => view.item === item)!;
            if (ending.is === "failed") {
                this.terminal.complain(`${item}: not done: ${ending.why}`);
            }
            if (after === undefined) {
                continue;
            }
            const view = this.session.view(item, after);
            lossesSince(item, before, after, ending).forEach((loss) => this.terminal.print(`${item}: ${loss}`));
            if (ending.is !== "failed") {
                this.terminal.print(`${item}: ${standing(ending, verb, member.request.to, view)}`);
            }
            leftoversOf(view, after, this.sites).forEach((line) => this.terminal.print(`${item}: ${line}`));
        }
        const isDone =
            members.length === Object.keys(endings).length && Object.values(endings).every(({ is }) => is === "done");
        this.terminal.print(
            isDone
                ? `done, in ${this.log.took}`
                : `not done yet; what was done is not undone, and the same command goes on from here`,
        );
        return isDone;
    }

    /** How it ended is said also where nothing can be read any more. */
    private async readAtEnd(): Promise<Reading | undefined> {
        try {
            return await this.sites.read();
        } catch (error) {
            if (!(error instanceof ProjectProblem)) {
                throw error;
            }
            this.terminal.complain(`what was lost, and where both sites stand now, cannot be read: ${error.message}`);
            return undefined;
        }
    }

    private stackOf(site: string): string {
        const found = this.sites.sites.find(({ name }) => name === site);
        if (found === undefined) {
            throw new ProjectProblem(`there is no site ${site}`);
        }
        return found.stack;
    }
}
