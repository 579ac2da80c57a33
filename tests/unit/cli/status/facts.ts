import type { HealthFacts, ItemFacts, RecordFacts, SiteFacts } from "../../../../cli/status/facts";
import type { Role } from "../../../../provider/roles/record";

/** What a look at a pair gave, as tests tell it: what they do not mention is as in a healthy pair. */
export const now = new Date("2026-11-22T03:00:00Z");

export const unreachable = { unknown: "the Kubernetes API of the site does not answer" };

export const quiet: HealthFacts = { maxLagSeconds: 900, workloads: [], barrierStands: true, faults: [], notes: [] };

/** Complete at the standby site; begun 150 s before `now`. */
export const mirrored: HealthFacts = {
    ...quiet,
    mirror: {
        state: "established",
        recoveryPoint: { snapshot: "custom-1", takenAt: "2026-11-22T02:57:30Z" },
        transferredAt: "2026-11-22T02:58:00Z",
    },
};

export function record(site: string, role: Role, epoch: number, more: Partial<RecordFacts> = {}): RecordFacts {
    const other = site === "east" ? "west" : "east";
    const activeSite = role === "active" || role === "stood-down" ? site : other;
    return { role, epoch, began: "init", activeSite, ...more };
}

export function siteFacts(
    site: string,
    { role, epoch = 1 }: { role: Role; epoch?: number },
    more: Partial<SiteFacts> = {},
): SiteFacts {
    return {
        site,
        record: record(site, role, epoch),
        health: role === "standby" ? mirrored : quiet,
        due: { is: "nothing" },
        next: "",
        commands: commandsOf(site),
        ...more,
    };
}

export function unknownSite(site: string, more: Partial<SiteFacts> = {}): SiteFacts {
    return {
        site,
        record: unreachable,
        health: unreachable,
        due: unreachable,
        next: "",
        commands: commandsOf(site),
        ...more,
    };
}

export function itemFacts(east: SiteFacts, west: SiteFacts, item = "shop"): ItemFacts {
    return { item, kind: "application", sites: [east, west] };
}

/** East serves, west is its standby site. */
export function healthy(item = "shop"): ItemFacts {
    return itemFacts(
        siteFacts("east", { role: "active" }, { health: { ...quiet, workloads: [`Deployment ${item}/web`] } }),
        siteFacts("west", { role: "standby" }),
        item,
    );
}

function commandsOf(site: string) {
    return {
        up: `pulumi up --stack ${site}`,
        preview: `pulumi preview --stack ${site}`,
        rights: `trident-dr rights ${site}`,
        takeover: `trident-dr takeover shop --site ${site}`,
    };
}
