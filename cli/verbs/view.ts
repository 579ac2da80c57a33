import { type Beginning, compareEpochs } from "../../provider/roles/epoch";
import { wasUnmanaged } from "../../provider/roles/planner/predicates";
import { ownKeys } from "../../provider/roles/situation";
import type { Role, RoleRecord, Verb as RoleVerb } from "../../provider/roles/record";

/** What a person asks for, by the names of the runbooks. */
export const verbs = ["switch", "failover", "rejoin", "resync", "failback", "unprotect"] as const;
export type Verb = (typeof verbs)[number];

/** Where one application, or group of volumes, stands at both sites. */
export interface ItemView {
    readonly item: string;
    readonly sites: Readonly<Record<string, AtSite>>;
}

/** What is known of an item at one site: what its stack published, and what that stack is configured with. */
export interface AtSite {
    readonly name: string;
    readonly peer: string;
    readonly role: Role;
    readonly epoch: number;
    readonly began: Beginning;
    /** The site that serves in this epoch. */
    readonly activeSite: string;
    /** Whether it serves from a mirror that is promoted and still there. */
    readonly mirrorKept: boolean;
    /** What a run began and did not finish. */
    readonly underWay?: { readonly verb: RoleVerb; readonly epoch: number };
    /** Whether a copy to this site goes on by itself. */
    readonly establishing: boolean;
    /** Whether the item was let go of with its mirror as it was. */
    readonly unmanaged: boolean;
    /** When it last took over without a token; absent if it never did. */
    readonly tookOverAt?: string;
    /** Grows with each change of the record. */
    readonly serial: number;
    /** Why its record cannot be read. */
    readonly unreadable?: string;
    readonly configured: Configured;
    /** Whether a run here has seen what the other site has published since. */
    readonly caughtUp: boolean;
}

/** The values that a verb sets, as they are in effect for the item. */
export interface Configured {
    readonly active: string;
    readonly takeover?: number;
    readonly recoverTo?: string;
    readonly discard?: string;
    readonly lag?: string;
    readonly fullCopy?: number;
    readonly warnings?: number;
    readonly unprotect?: boolean;
    readonly unmanage?: boolean;
}
export type ConfiguredKey = keyof Configured;

/** Those that accept something. */
export const acknowledgements = ownKeys.filter((key) => key !== "active");

/** One site's part of a view. A stack that was never deployed has no record. */
export function atSite(
    names: { name: string; peer: string },
    record: RoleRecord | undefined,
    rest: Pick<AtSite, "establishing" | "configured" | "caughtUp"> & { unreadable?: string | undefined },
): AtSite {
    const { unreadable, ...others } = rest;
    const takeover = record?.history.findLast(({ verb }) => verb === "take over without a token");
    return {
        ...names,
        role: record?.role ?? "none",
        epoch: record?.epoch ?? 0,
        began: record?.began ?? "init",
        activeSite: record?.activeSite ?? "",
        mirrorKept: record?.mirrorKept === true,
        unmanaged: record !== undefined && wasUnmanaged(record),
        serial: record?.serial ?? 0,
        ...(record?.underWay === undefined
            ? {}
            : { underWay: { verb: record.underWay.verb, epoch: record.underWay.epoch } }),
        ...(takeover === undefined ? {} : { tookOverAt: takeover.at }),
        ...(unreadable === undefined ? {} : { unreadable }),
        ...others,
    };
}

export function namesOf(view: ItemView): [string, string] {
    const [first, second] = Object.keys(view.sites);
    return [first!, second!];
}

export function both(view: ItemView): [AtSite, AtSite] {
    const [first, second] = namesOf(view);
    return [view.sites[first]!, view.sites[second]!];
}

/** Negative, zero or positive if the first is in an older, the same or a newer epoch than the second. */
export function compareSites(left: AtSite, right: AtSite): number {
    return compareEpochs(epochAt(left), epochAt(right));
}

function epochAt({ epoch, began, activeSite }: AtSite) {
    return { number: epoch, began, site: activeSite };
}

/** One site serves and the other one is its standby site. */
export function isSettled(serving: AtSite, other: AtSite): boolean {
    return (
        serving.role === "active" &&
        other.role === "standby" &&
        compareSites(serving, other) === 0 &&
        serving.underWay === undefined &&
        other.underWay === undefined
    );
}

/** The site that serves in the newest epoch, if there is one. */
export function servingSite(view: ItemView): AtSite | undefined {
    const [first, second] = both(view);
    const [newer, older] = compareSites(first, second) >= 0 ? [first, second] : [second, first];
    return newer.role === "active" ? newer : older.role === "active" ? older : undefined;
}

export function otherThan(view: ItemView, name: string): AtSite {
    return view.sites[view.sites[name]!.peer]!;
}
