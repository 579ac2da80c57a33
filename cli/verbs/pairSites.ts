import type { Pair } from "../project/pair";
import { publishedIn } from "../project/published";
import { resolveAgain } from "../project/pair";
import type { BothSites, Change, Outcome, Reading, SiteReading, SiteStack } from "./sites";

/** The two stacks of a user's project. */
export class PairSites implements BothSites {
    readonly project: string;
    readonly keyPrefix: string;
    readonly sites: readonly SiteStack[];

    constructor(private readonly pair: Pair) {
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

    up(site: string, onLine: (line: string) => void): Promise<Outcome> {
        return this.pair.project.up(this.stackOf(site), onLine);
    }

    private withNamespace(changes: readonly Change[]): Change[] {
        return changes.map(({ key, value }) => ({ key: `${this.pair.namespace}:${key}`, value }));
    }

    private stackOf(site: string): string {
        return this.sites.find(({ name }) => name === site)!.stack;
    }
}
