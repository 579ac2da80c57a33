import { isDeepStrictEqual } from "node:util";
import type { ParsedSettings } from "../../components/settings/schema";
import { configuredOf, itemsIn, withoutDecided } from "./place";
import type { Reading } from "./sites";
import { atSite, type AtSite, type ItemView } from "./view";

/**
 * What one command remembers while it runs, and forgets when it ends: which site has seen what. Everything else is read
 * from the stacks each time.
 */
export class Session {
    /** By site and item: the serial that the other site's record had when this site last ran. */
    private readonly seen = new Map<string, Map<string, number>>();
    /** By site: the settings, but for what verbs decide, with which its stack had nothing to do. */
    private readonly declared = new Map<string, object>();

    /** A run at a site went well that began when both were as in this reading. */
    ran(site: string, reading: Reading): void {
        const peer = Object.keys(reading).find((name) => name !== site)!;
        const items = Object.keys(reading[site]!.items);
        this.seen.set(site, new Map(items.map((item) => [item, serialOf(reading, peer, item)])));
    }

    /** A site's configuration was changed, which takes effect with its next run. */
    changed(site: string): void {
        this.seen.delete(site);
    }

    /** Its stack had nothing to do with these settings: what its last run left at the site is what they declare. */
    isAsDeclared(site: string, settings: ParsedSettings): void {
        this.declared.set(site, withoutDecided(settings));
    }

    /** Whether that is so, and its configuration says the same but for what verbs decide. */
    knowsAsDeclared(site: string, settings: ParsedSettings): boolean {
        const then = this.declared.get(site);
        return then !== undefined && isDeepStrictEqual(then, withoutDecided(settings));
    }

    view(item: string, reading: Reading): ItemView {
        const names = Object.keys(reading);
        const sites = names.map((name) =>
            this.site(
                item,
                name,
                names.find((one) => one !== name)!,
                reading,
            ),
        );
        return { item, sites: Object.fromEntries(sites.map((site) => [site.name, site])) };
    }

    private site(item: string, name: string, peer: string, reading: Reading): AtSite {
        const { settings, items } = reading[name]!;
        const { record, unreadable, establishing = false } = items[item] ?? {};
        const configured = configuredOf(
            settings,
            itemsIn(settings).find((one) => one.name === item)!,
        );
        const caughtUp = this.seen.get(name)?.get(item) === serialOf(reading, peer, item);
        return atSite({ name, peer }, record, { unreadable, establishing, configured, caughtUp });
    }
}

function serialOf(reading: Reading, site: string, item: string): number {
    return reading[site]!.items[item]?.record?.serial ?? 0;
}
