import { type Pair, resolveAgain } from "../project/pair";
import { ProjectProblem } from "../project/problem";
import { publishedIn, recordsIn } from "../project/published";
import { versionFault } from "../project/version";
import { placesOfPair } from "../status/placesOf";
import type { RoleRecord } from "../../provider/roles/record";
import type { BothSites, Change, Outcome, Reading, SiteReading, SiteStack, TakeoverAhead } from "./sites";

/** The two stacks of a user's project. */
export class PairSites implements BothSites {
    readonly project: string;
    readonly keyPrefix: string;
    readonly sites: readonly SiteStack[];

    /** @param interrupted aborted when the command is */
    constructor(
        private readonly pair: Pair,
        private readonly interrupted: AbortSignal = new AbortController().signal,
    ) {
        this.project = pair.project.name;
        this.keyPrefix = pair.namespace === pair.project.name ? "" : `${pair.namespace}:`;
        this.sites = pair.sites.map(({ name, stack }) => ({ name, stack }));
    }

    async read(): Promise<Reading> {
        const read = await Promise.all(this.sites.map(async (site) => [site.name, await this.readSite(site)] as const));
        return Object.fromEntries(read);
    }

    private async readSite({ name, stack }: SiteStack): Promise<SiteReading> {
        const [settings, outputs] = await Promise.all([
            resolveAgain(this.pair, name),
            this.pair.project.outputs(stack),
        ]);
        return { settings, items: publishedIn(outputs, name)?.items ?? {} };
    }

    set(site: string, changes: readonly Change[]): Promise<void> {
        return this.pair.project.configure(this.stackOf(site), this.withNamespace(changes));
    }

    preview(site: string, changes: readonly Change[]): Promise<Outcome> {
        return this.pair.project.preview(this.stackOf(site), this.withNamespace(changes));
    }

    up(site: string, onLine: (line: string) => void, onRecord?: (record: RoleRecord) => void): Promise<Outcome> {
        return this.pair.project.up(this.stackOf(site), onLine, (outputs) => {
            recordsIn(outputs, site).forEach((record) => onRecord?.(record));
        });
    }

    takeoverAhead(site: string, items: readonly string[]): TakeoverAhead {
        const ready = this.makeReady(site, items);
        // Whoever takes over asks again, and is told why it is not.
        ready.catch(() => undefined);
        return {
            take: async (item, by, onLine) => {
                try {
                    return await (await ready).take(item, by, onLine);
                } catch (error) {
                    if (!(error instanceof ProjectProblem)) {
                        throw error;
                    }
                    return { is: "left", why: error.message };
                }
            },
        };
    }

    private async makeReady(name: string, items: readonly string[]): Promise<TakeoverAhead> {
        const fault = versionFault(this.pair.project.folder);
        if (fault !== undefined) {
            throw new ProjectProblem(fault);
        }
        const { EngineAhead, aheadInProcess } = await import("../takeoverAhead.js");
        const { stack, ...place } = placesOfPair(this.pair, {}).find(({ site }) => site === name)!;
        const { namespace, values, items: configured } = stack!;
        if (await this.pair.project.isRunning(stack!.name)) {
            throw new ProjectProblem(`another run of stack ${stack!.name} is under way`);
        }
        const recordNamespaceOf = (item: string) => configured.get(item)?.recordNamespace;
        return EngineAhead.prepare(
            { ...place, namespace, values, recordNamespaceOf },
            items,
            aheadInProcess(this.interrupted),
        );
    }

    private withNamespace(changes: readonly Change[]): Change[] {
        return changes.map(({ key, value }) => ({ key: `${this.pair.namespace}:${key}`, value }));
    }

    private stackOf(site: string): string {
        return this.sites.find(({ name }) => name === site)!.stack;
    }
}
