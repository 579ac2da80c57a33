import type { Cluster } from "../provider/clients/kubernetes/cluster";
import { Outcomes } from "../provider/engine/outcomes";
import { actingServers } from "../provider/engine/servers";
import { siteOfRole } from "../provider/engine/siteOfRole";
import { ProviderProcess } from "../provider/process/providerProcess";
import { takeoverCommand } from "../provider/roles/messages/commands";
import { MessageError, messageOf, render } from "../provider/roles/messages/message";
import { defined } from "../provider/support/defined";
import { bundledItems } from "./bundledItems";
import { bundledRole } from "./bundledRole";
import { type ItemSurroundings, ItemTakeover, lossOf, type Proposal } from "./itemTakeover";
import type { Terminal } from "./terminal";

/** What a person asks for. */
export interface TakeoverRequest {
    /** Names of the items; with `all`, none. */
    applications: readonly string[];
    /** Every item that the last run left at the site. */
    all: boolean;
    site: string;
    kubeconfig?: string;
    context?: string;
    recordNamespace?: string;
    /** The epochs that begin. */
    takeover?: AcknowledgedEpochs;
    /** Whether nothing is asked. */
    yes: boolean;
    recoverTo?: string;
}

/** One for every item, or one for each that is named. */
export type AcknowledgedEpochs = number | ReadonlyMap<string, number>;

/** How a site is reached; a test puts another one in its place. */
export interface Surroundings extends Omit<ItemSurroundings, "outcomes" | "afterwards"> {
    connect(site: string, reference: { kubeconfig?: string; context?: string }): Pick<Cluster, "get" | "list">;
}

/**
 * Serves items at a site by the same engine that `pulumi up` runs: the same plans, the same refusals, the same records.
 * It begins nothing but takeovers. Several are taken over at once, each after those that it comes after; one that is
 * refused or fails stops none of the others.
 *
 * @returns whether the site serves them all
 */
export async function takeOver(
    request: TakeoverRequest,
    terminal: Terminal,
    surroundings = ofThisProcess(terminal),
): Promise<boolean> {
    try {
        const { site, kubeconfig, context, recordNamespace } = request;
        const place = { site, cluster: defined({ kubeconfig, context }), recordNamespace };
        const cluster = surroundings.connect(site, place.cluster);
        const names = request.all ? await everyItem(cluster, place, terminal) : [...new Set(request.applications)];
        requireEpochsOfItems(request, names);
        return await new Takeovers(request, names, cluster, terminal, surroundings).run();
    } catch (error) {
        terminal.complain(render(messageOf(error)));
        return false;
    }
}

async function everyItem(
    cluster: Pick<Cluster, "list">,
    place: Parameters<typeof bundledItems>[1],
    terminal: Terminal,
): Promise<string[]> {
    const { items, unlisted } = await bundledItems(cluster, place);
    if (unlisted.length > 0) {
        const what = `this account may not list ConfigMaps in ${unlisted.join(", ")}`;
        terminal.complain(`${place.site}: ${what}: what has its record there is not among ${items.join(", ")}`);
    }
    return items;
}

/** A name that is misspelt there would leave its item waiting for an acknowledgement that was given. */
function requireEpochsOfItems(request: TakeoverRequest, names: readonly string[]): void {
    const { takeover, site, kubeconfig, context, recordNamespace, recoverTo } = request;
    const strangers = typeof takeover === "object" ? [...takeover.keys()].filter((name) => !names.includes(name)) : [];
    if (strangers.length > 0) {
        const more = defined({ kubeconfig, context, recordNamespace, recoverTo });
        const command = takeoverCommand({ applications: names, site, ...more });
        throw new MessageError(
            `${site}: --takeover has an epoch for ${strangers.join(", ")}, and what is to be taken over is ${names.join(", ")}. Nothing was changed. To see the epoch of each: ${command}`,
        );
    }
}

function ofThisProcess(terminal: Terminal): Surroundings {
    const process = new ProviderProcess({ log: (line) => terminal.print(line), interruptedCode: 1 });
    process.listen();
    const servers = actingServers({ forNotes: true });
    return {
        process,
        connect: (site, reference) => servers.cluster(site, process.credentials.cluster(site, reference)),
        openSite: (run, inputs) => siteOfRole(run, inputs, servers),
    };
}

class Takeovers {
    private readonly outcomes = new Outcomes();
    private readonly afterwards = new Set<string>();

    constructor(
        private readonly request: TakeoverRequest,
        private readonly names: readonly string[],
        private readonly cluster: Pick<Cluster, "get">,
        private readonly terminal: Terminal,
        private readonly surroundings: Surroundings,
    ) {}

    async run(): Promise<boolean> {
        const items = (await Promise.all(this.names.map((name) => this.open(name)))).filter((one) => one !== undefined);
        const waves = inOrder(items);
        const serving = this.request.yes ? await this.takeOverAtOnce(waves) : await this.takeOverIfAccepted(waves);
        this.afterwards.forEach((line) => this.terminal.print(line));
        if (this.names.length > 1) {
            this.summarise(serving);
        }
        return serving.length === this.names.length;
    }

    /** Undefined where there is nothing to go by, or nothing that is to be believed. */
    private async open(application: string): Promise<ItemTakeover | undefined> {
        const { site, kubeconfig, context, recordNamespace, recoverTo, takeover: epochs } = this.request;
        const reference = defined({ kubeconfig, context });
        try {
            const bundle = { application, site, cluster: reference, recordNamespace };
            const { process } = this.surroundings;
            const role = await bundledRole(this.cluster, bundle, process.credentials.seal(site));
            const takeover = typeof epochs === "object" ? epochs.get(application) : epochs;
            const request = {
                application,
                site,
                ...defined({ kubeconfig, context, recordNamespace, recoverTo, takeover }),
            };
            const { outcomes, afterwards } = this;
            const afterwardsOnce = (line: string) => void afterwards.add(line);
            return new ItemTakeover(request, role, { ...this.surroundings, outcomes, afterwards: afterwardsOnce });
        } catch (error) {
            this.terminal.complain(render(messageOf(error)));
            return undefined;
        }
    }

    /** @returns the items that serve */
    private async takeOverAtOnce(waves: readonly ItemTakeover[][]): Promise<string[]> {
        return this.inWaves(waves, async (one) => {
            const proposed = await one.propose(this.terminal);
            if (proposed.is !== "proposal") {
                return proposed.is === "serving";
            }
            return one.isAcknowledged
                ? one.execute(proposed.proposal, this.terminal)
                : one.decline(this.terminal, "--takeover has no epoch for it", proposed.proposal.epoch);
        });
    }

    /** Shows everything before it asks, once. */
    private async takeOverIfAccepted(waves: readonly ItemTakeover[][]): Promise<string[]> {
        const proposals = new Map<ItemTakeover, Proposal>();
        const serving = await this.inWaves(waves, async (one) => {
            const proposed = await one.propose(this.terminal);
            if (proposed.is === "proposal") {
                proposals.set(one, proposed.proposal);
            }
            return proposed.is === "serving";
        });
        if (proposals.size === 0 || !(await this.isAccepted(proposals))) {
            return serving;
        }
        const accepted = waves.map((wave) => wave.filter((one) => proposals.has(one)));
        const taken = await this.inWaves(accepted, (one) => one.executeAfresh(proposals.get(one)!, this.terminal));
        return [...serving, ...taken];
    }

    /** All of a wave at once, one wave after the other. @returns the items of which it is true */
    private async inWaves(
        waves: readonly ItemTakeover[][],
        act: (one: ItemTakeover) => Promise<boolean>,
    ): Promise<string[]> {
        const serving: string[] = [];
        for (const wave of waves) {
            const serve = await Promise.all(wave.map((one) => this.attempt(one, act)));
            serving.push(...wave.filter((_one, index) => serve[index]).map(({ item }) => item));
        }
        return serving;
    }

    /** What keeps one from being inspected keeps none of the others. */
    private async attempt(one: ItemTakeover, act: (one: ItemTakeover) => Promise<boolean>): Promise<boolean> {
        try {
            return await act(one);
        } catch (error) {
            const why = render(messageOf(error));
            this.outcomes.note(one.item, { kind: "failed", why, executed: false });
            this.terminal.complain(why);
            return false;
        }
    }

    private async isAccepted(proposals: ReadonlyMap<ItemTakeover, Proposal>): Promise<boolean> {
        const { ask } = this.terminal;
        if (ask === undefined) {
            return this.decline(proposals, "nobody is there to acknowledge it");
        }
        const { question, expected, what } = this.questionFor([...proposals.values()]);
        const answer = await ask(question);
        return answer?.trim() === expected || this.decline(proposals, `${what} was not typed`);
    }

    /** Of one, its epoch is to be typed; of several the site, since their epochs need not be the same. */
    private questionFor(proposals: readonly Proposal[]): { question: string; expected: string; what: string } {
        const { site } = this.request;
        const [{ epoch, inspection }] = proposals as [Proposal];
        const { item, peer } = inspection.configuration;
        const cost = costOf(proposals.map(lossOf), peer);
        return this.names.length === 1
            ? {
                  question: `Type the epoch that begins, ${epoch}, to take over ${item} at ${site} ${cost}: `,
                  expected: String(epoch),
                  what: `epoch ${epoch}`,
              }
            : {
                  question: `Type ${site} to take over ${proposals.length} of ${this.names.length} there ${cost}: `,
                  expected: site,
                  what: site,
              };
    }

    private decline(proposals: ReadonlyMap<ItemTakeover, Proposal>, why: string): false {
        const { terminal, request, names } = this;
        if (names.length === 1) {
            proposals.forEach(({ epoch }, one) => one.decline(terminal, why, epoch));
            return false;
        }
        const { site, kubeconfig, context, recordNamespace, recoverTo } = request;
        const epochs = [...proposals].map(([{ item }, { epoch }]) => `${item}=${epoch}`).join(",");
        const command = takeoverCommand({
            applications: [...proposals.keys()].map(({ item }) => item),
            site,
            takeover: epochs,
            ...defined({ kubeconfig, context, recordNamespace, recoverTo }),
        });
        terminal.complain(`${site}: ${why}. Nothing was changed. To take over, accepting what it says: ${command}`);
        return false;
    }

    private summarise(serving: readonly string[]): void {
        const { names, request, terminal } = this;
        const others = names.filter((name) => !serving.includes(name));
        if (others.length === 0) {
            terminal.print(`${request.site}: all ${names.length} serve`);
        } else {
            terminal.complain(`${request.site}: ${serving.length} of ${names.length} serve; not: ${others.join(", ")}`);
        }
    }
}

/**
 * Each item in a wave after those that it comes after. A program with a circle is refused, but what several runs left may
 * have one: the rest is one wave then, and the planner refuses what is too early.
 */
export function inOrder<T extends { item: string; comesAfter: readonly string[] }>(items: readonly T[]): T[][] {
    const waves: T[][] = [];
    let left = [...items];
    while (left.length > 0) {
        const names = new Set(left.map(({ item }) => item));
        const due = left.filter(({ comesAfter }) => !comesAfter.some((name) => names.has(name)));
        const wave = due.length === 0 ? left : due;
        waves.push(wave);
        left = left.filter((one) => !wave.includes(one));
    }
    return waves;
}

/** @param losses in seconds; undefined: unknown, 0: nothing is lost */
function costOf(losses: readonly (number | undefined)[], peer: string): string {
    if (losses.every((seconds) => seconds === 0)) {
        return `with what ${peer} handed over`;
    }
    const known = losses.filter((seconds) => seconds !== undefined);
    const each = losses.length === 1 ? "" : " of each";
    return known.length < losses.length
        ? "and lose every write that has not arrived"
        : `and lose at most the writes of the last ${Math.ceil(Math.max(...known))} s${each}`;
}
