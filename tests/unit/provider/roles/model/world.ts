import type { RoleRecord } from "../../../../../provider/roles/record";
import { noSeal, Seal } from "../../../../../provider/support/seal";
import type { Claim } from "../../../../../provider/vaults/claims";

/**
 * Two sites as the planner's model sees them: what runs where, what has been written, and what was announced as lost.
 * A set of writes is a bit mask: the n-th write that was acknowledged anywhere is bit n.
 */
export const siteNames = ["east", "west"] as const;
export type SiteName = (typeof siteNames)[number];
export type Writes = bigint;

export const application = "shop";
export const maxLagSeconds = 900;

/** An application snapshot with its archive in the vault of the site that took it. */
export interface ModelSnapshot {
    name: string;
    /** UID of the Application that it is of. */
    of: string;
    writes: Writes;
    /** Seconds since the model's time began. */
    at: number;
    /** Taken while the application's objects were gone: nothing would run after it is promoted. */
    empty: boolean;
}

/** The relationship at the standby site. */
export interface ModelMirror {
    /** By which the source's array remembers it, from its first transfer on. */
    uuid: string;
    sourceUid: string;
    desired: "Established" | "Promoted";
    state: "" | "Established" | "Promoted";
    last?: ModelSnapshot;
    /** What is to be promoted, once that has begun. */
    promoting?: ModelSnapshot | undefined;
}

export interface StackConfiguration {
    active: string;
    takeover?: number;
    discard?: string;
    lag?: string;
    recoverTo?: string;
    warnings?: number;
    fullCopy?: number;
    unprotect?: boolean;
    unmanage?: boolean;
}

export interface ModelSite {
    name: SiteName;
    alive: boolean;
    applicationUid?: string;
    /** `gone`: a ShutdownSnapshot deleted the objects, or they never were there. */
    workloads: "running" | "stopped" | "gone";
    /** Since when no pod starts. */
    forbidden?: number | undefined;
    /** Whether somebody else let pods start again where the site does not serve. */
    lifted?: boolean;
    /** Whether what runs was brought back by others, after somebody else had let it. */
    byOthers?: boolean;
    schedules: boolean;
    writes: Writes;
    /** What the volumes held is being overwritten and cannot be used. */
    garbled: boolean;
    writable: boolean;
    /** Whether its volumes have nothing in common with those of the other site any more. */
    baseless?: boolean;
    snapshots: ModelSnapshot[];
    mirror?: ModelMirror | undefined;
    /** What the site's array remembers of mirrors out of its volumes. */
    sources: Set<string>;
    /** Name of a ShutdownSnapshot that was begun and is not complete. */
    shuttingDown?: string | undefined;
    /** The ConfigMap. */
    record?: string | undefined;
    /** The one where earlier versions kept it, where others can write. */
    earlier?: string | undefined;
    /** The record in the stack's state. */
    state?: RoleRecord | undefined;
    /** What the stack's outputs have said, the newest last. */
    outputs: RoleRecord[];
    /** The vault's objects. */
    vault: Map<string, string>;
    /** What the stack's configuration has been, the newest last. */
    configurations: StackConfiguration[];
    /** Whether it was taken out of the mirror while it did not serve, so that whoever serves here deploys it. */
    left?: boolean;
    /** The epoch in whose name the site's application runs. */
    servesIn: number;
    /** Whether somebody else set its mirror going while it served by it, and nobody was told. */
    resumedByOthers?: "untold" | "told" | undefined;
    /** Whether somebody else promoted its mirror, so that it is not a run of ours that it serves by. */
    promotedByOthers?: boolean;
}

export interface Violation {
    property: Property;
    what: string;
}

export const properties = [
    "never two active sites without a recorded override",
    "no epoch is begun twice while the sites reach each other",
    "a switch loses no write",
    "announced loss is not less than real loss",
    "an override begins the very epoch that was acknowledged, and no other",
    "a switch begins only within the lag gate",
    "everything is copied only with consent",
    "a site changes its role only as its configuration asks",
    "an epoch never goes back",
    "what serves is whole",
    "what serves is protected",
    "a split is told where it is seen",
    "a dead site is not waited for",
    "what leaves the mirror goes on serving",
    "what is let go of stays as it is",
    "what mirrors is not forgotten at its source",
    "what leaves the mirror leaves nothing behind",
    "what is asked for is reached",
    "a second run makes no write",
    "what others wrote decides nothing",
] as const;
export type Property = (typeof properties)[number];

export class World {
    readonly sites: Readonly<Record<SiteName, ModelSite>>;
    /** Seconds. */
    now = 0;
    /** Whether the sites reach each other's vaults and arrays. */
    linked = true;
    /** When the sites last did not reach each other. */
    apartAt = -1;
    /** Whether a copy takes longer than a run waits for it. */
    copiesAreLong = false;
    /** Writes that were announced as lost before they were. */
    announced: Writes = 0n;
    /** Writes that others caused, where our barrier would have kept them out: a takeover cannot know of them. */
    byOthers: Writes = 0n;
    /** When each write was acknowledged. */
    readonly writtenAt: number[] = [];
    /** Every epoch that was claimed in some vault. */
    readonly claims: (Claim & { at: number; replaces: boolean })[] = [];
    readonly violations: Violation[] = [];
    /** Calls that changed something. */
    changes = 0;
    /** Epochs in the place of whose claim others put something else. */
    readonly tampered = new Set<number>();
    /** Sites and epochs, `"west 2"`, of which a vault had the other site's claim when the site last looked. */
    readonly seenTaken = new Set<string>();
    /** How many overrides were begun. */
    overrides = 0;
    private uids = 0;

    /** How both sites authenticate records and claims. */
    readonly seal: Seal;

    /**
     * @param guarded whether the vaults' servers honour conditional writes
     * @param keyed whether the pair has a key
     */
    constructor(
        readonly guarded: boolean,
        keyed: boolean,
    ) {
        this.seal = keyed ? new Seal({ current: pairKey }) : noSeal;
        this.sites = { east: newSite("east"), west: newSite("west") };
    }

    site(name: SiteName): ModelSite {
        return this.sites[name];
    }

    peerOf(site: Readonly<ModelSite>): ModelSite {
        return this.sites[site.name === "east" ? "west" : "east"];
    }

    reaches(site: ModelSite): boolean {
        return this.linked && site.alive && this.peerOf(site).alive;
    }

    newUid(site: ModelSite): string {
        return `uid-${site.name}-${++this.uids}`;
    }

    pass(seconds: number): void {
        this.now += seconds;
        if (!this.linked || !this.sites.east.alive || !this.sites.west.alive) {
            this.apartAt = this.now;
        }
    }

    violate(property: Property, what: string): void {
        this.violations.push({ property, what });
    }

    serves(site: ModelSite): boolean {
        return site.alive && site.workloads === "running" && site.writable && !site.garbled;
    }

    /** Writes at the site that would be nowhere else if it lost them. */
    onlyAt(site: ModelSite): Writes {
        const elsewhere = this.peerOf(site);
        return site.writes & ~(elsewhere.garbled ? 0n : elsewhere.writes);
    }

    time(seconds = this.now): Date {
        return new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
    }

    /** Somebody promotes the mirror of a standby site, at the newest snapshot or at an older one, and the application runs. */
    promoteByHand(site: ModelSite, older: boolean): void {
        const { mirror } = site;
        const last = mirror?.last;
        if (!site.alive || mirror?.state !== "Established" || mirror.desired !== "Established" || last === undefined) {
            return;
        }
        const before = this.peerOf(site).snapshots.filter(
            (item) => item.of === mirror.sourceUid && !item.empty && item.at < last.at,
        );
        const point = (older ? before.at(-1) : undefined) ?? last;
        if (!point.empty) {
            site.promotedByOthers = true;
            mirror.desired = "Promoted";
            mirror.promoting = point;
            this.finishOrders(site);
        }
    }

    /** Somebody sets the mirror of a serving site going again: what the other site has replaces what was written here. */
    resumeByHand(site: ModelSite): void {
        const { mirror } = site;
        if (!site.alive || mirror?.state !== "Promoted" || mirror.desired !== "Promoted") {
            return;
        }
        site.resumedByOthers = "untold";
        mirror.desired = "Established";
        mirror.state = "";
        mirror.promoting = undefined;
        site.writable = false;
        // Who does so is told of it as soon as a run here sees it, and not before.
        this.announced |= this.onlyAt(site);
    }

    /** Does as a site that refuses to serve so says: the mirror is promoted as it is. */
    stopByHand(site: ModelSite): void {
        const { mirror } = site;
        if (mirror === undefined || site.resumedByOthers === undefined) {
            return;
        }
        site.resumedByOthers = undefined;
        mirror.desired = "Promoted";
        mirror.promoting = mirror.last;
        this.finishOrders(site);
    }

    // What happens by itself ----------------------------------------------------------------------------------------

    /** The application writes wherever it can. */
    write(site: ModelSite): void {
        if (this.serves(site)) {
            const bit = 1n << BigInt(this.writtenAt.length);
            site.writes |= bit;
            this.byOthers |= site.byOthers === true ? bit : 0n;
            this.writtenAt.push(this.now);
        }
    }

    /** GitOps, an operator, a CronJob brings back what is gone, unless no pod may start. */
    selfHeal(site: ModelSite): void {
        if (!site.alive || site.workloads === "running" || site.forbidden !== undefined) {
            return;
        }
        site.byOthers = site.lifted === true;
        site.workloads = "running";
        this.noteEpoch(site);
        this.checkTwoActive();
    }

    /** A Schedule fires. */
    fire(site: ModelSite): void {
        if (site.alive && site.schedules && site.applicationUid !== undefined) {
            this.takeSnapshot(site, `custom-${this.now}-${site.snapshots.length}`);
        }
    }

    takeSnapshot(site: ModelSite, name: string, of: Partial<ModelSnapshot> = {}): void {
        site.snapshots.push({
            name,
            of: site.applicationUid!,
            writes: site.writes,
            at: this.now,
            empty: site.workloads === "gone",
            ...of,
        });
    }

    /** A mirror transfers the newest snapshot of its source. */
    transfer(site: ModelSite): void {
        const { mirror } = site;
        if (mirror?.state !== "Established" || mirror.desired !== "Established" || !this.reaches(site)) {
            return;
        }
        const newest = this.newestFor(site, mirror);
        if (newest !== undefined && newest !== mirror.last) {
            mirror.last = newest;
            site.writes = newest.writes;
        }
    }

    /** Whether there is a copy to be made, and something to make it of. */
    canCopy(site: ModelSite): boolean {
        const { mirror } = site;
        return mirror?.desired === "Established" && this.reaches(site) && this.newestFor(site, mirror) !== undefined;
    }

    /** All that a copy is made of has arrived. */
    completeCopy(site: ModelSite): void {
        const { mirror } = site;
        if (mirror === undefined || mirror.state === "Established" || !this.canCopy(site)) {
            return;
        }
        const first = this.newestFor(site, mirror)!;
        mirror.state = "Established";
        mirror.last = first;
        this.peerOf(site).sources.add(mirror.uuid);
        site.baseless = false;
        site.writes = first.writes;
        site.garbled = false;
    }

    newestFor(site: ModelSite, mirror: ModelMirror): ModelSnapshot | undefined {
        return this.peerOf(site)
            .snapshots.filter((item) => item.of === mirror.sourceUid)
            .at(-1);
    }

    /** Whether a mirror has what it is to promote; if not, it waits for its source. */
    hasArrived({ last }: ModelMirror, target: ModelSnapshot): boolean {
        return last !== undefined && target.at <= last.at;
    }

    /** What was ordered of the site's controllers ends, whether or not anybody waits for it. */
    finishOrders(site: ModelSite): void {
        const { mirror } = site;
        if (site.alive && site.shuttingDown !== undefined) {
            this.takeSnapshot(site, site.shuttingDown, { empty: false });
            site.shuttingDown = undefined;
        }
        if (!site.alive || mirror?.desired !== "Promoted" || mirror.state === "Promoted") {
            return;
        }
        const target = mirror.promoting;
        if (target !== undefined && !this.hasArrived(mirror, target)) {
            if (!this.reaches(site)) {
                return;
            }
            mirror.last = target;
        }
        mirror.state = "Promoted";
        site.writes = target?.writes ?? 0n;
        site.garbled = false;
        site.writable = true;
        if (target === undefined || target.empty) {
            this.violate("what serves is whole", `${site.name} promoted a snapshot without the application's objects`);
        } else if (site.promotedByOthers === true && site.forbidden !== undefined) {
            // Its objects are there, and no pod of them may start.
            site.workloads = "stopped";
        } else {
            this.beginToServe(site);
        }
    }

    /** The application runs from now on; what must be true of it when it does. */
    beginToServe(site: ModelSite): void {
        this.noteEpoch(site);
        site.workloads = "running";
        site.byOthers = false;
        if (site.garbled || !site.writable) {
            this.violate("what serves is whole", `${site.name} runs on volumes that are being overwritten`);
        }
        if (site.forbidden !== undefined) {
            this.violate("what serves is whole", `${site.name} begins to serve, and no pod may start there`);
        }
        this.checkTwoActive();
    }

    private noteEpoch(site: ModelSite): void {
        const began = [...this.claims].reverse().find((claim) => claim.site === site.name);
        if (began !== undefined) {
            site.servesIn = Math.max(site.servesIn, began.epoch);
        }
    }

    /** Checked whenever a site may have begun to serve. */
    checkTwoActive(): void {
        const { east, west } = this.sites;
        if (
            !this.serves(east) ||
            !this.serves(west) ||
            [east, west].some((site) => site.promotedByOthers === true || site.byOthers === true)
        ) {
            return;
        }
        const [older, newer] = [east.servesIn, west.servesIn].sort((left, right) => left - right) as [number, number];
        const overridden = this.claims.some(
            ({ epoch, began, replaces }) =>
                (began === "takeover" || began === "discard" || replaces) &&
                (epoch > older || older === newer) &&
                epoch >= older &&
                epoch <= newer,
        );
        if (!overridden) {
            this.violate(
                "never two active sites without a recorded override",
                `east serves in epoch ${east.servesIn}, west in epoch ${west.servesIn}`,
            );
        }
    }
}

/** What both sites have, and nobody else. */
const pairKey = "the key of the model's two sites only";

function newSite(name: SiteName): ModelSite {
    return {
        name,
        alive: true,
        workloads: "gone",
        schedules: false,
        writes: 0n,
        garbled: false,
        writable: true,
        snapshots: [],
        sources: new Set(),
        outputs: [],
        vault: new Map(),
        configurations: [{ active: "east" }],
        servesIn: 0,
    };
}

export function configurationOf(site: ModelSite): StackConfiguration {
    return site.configurations.at(-1)!;
}
