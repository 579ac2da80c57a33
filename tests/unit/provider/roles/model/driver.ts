import { VaultError, type ObjectStore } from "../../../../../provider/clients/buckets/objectStore";
import { ifComplete, type Action } from "../../../../../provider/drivers/action";
import {
    type ArrayReport,
    type Driver,
    type DriverStep,
    type Facts,
    isDriverStep,
    type ShownReport,
    type SiteView,
} from "../../../../../provider/drivers/driver";
import type { ClaimActions, Claims, ClaimStep, ForgetStep } from "../../../../../provider/engine/claims";
import { EpochClaims } from "../../../../../provider/engine/epochClaims";
import type {
    HandOverToken,
    HeldVolume,
    RecoveryPoint,
    RoleRecord,
    Unreplicated,
} from "../../../../../provider/roles/record";
import type { Observed, ObservedClaim, ObservedMirror } from "../../../../../provider/roles/situation";
import type { MirrorWay, SourceRecord, Step } from "../../../../../provider/roles/steps";
import type { Seal } from "../../../../../provider/support/seal";
import type { Vault } from "../../../../../provider/vaults/appVault";
import {
    application,
    configurationOf,
    type ModelMirror,
    type ModelSite,
    type ModelSnapshot,
    type World,
} from "./world";

const epochStart = new Date(0).toISOString();

/** Waits for the model's leave before each effect: between any two of them others may act, or the run be cut off. */
export type Gate = () => Promise<void>;

/** What a driver must make of each step, done to a {@link World}. */
export class ModelDriver implements Driver {
    constructor(
        private readonly world: World,
        private readonly site: ModelSite,
        private readonly gate: Gate,
    ) {}

    async observe(): Promise<ModelView> {
        await this.gate();
        if (!this.site.alive) {
            throw new Error(`${this.site.name} does not answer`);
        }
        return new ModelView(this.world, this.site, this.gate);
    }
}

/** A site as it was when it was read; its actions are done to the site as it is by then, effect by effect. */
export class ModelView implements SiteView {
    readonly observed: Observed;
    private readonly then: Readonly<ModelSite>;

    constructor(
        private readonly world: World,
        private readonly site: ModelSite,
        private readonly gate: Gate,
        /** As it was read before a step that may have changed it. */
        private readonly stale?: Readonly<ModelSite>,
    ) {
        this.then = stale ?? {
            ...site,
            sources: new Set(site.sources),
            snapshots: [...site.snapshots],
            mirror: site.mirror && { ...site.mirror },
        };
        this.observed = {
            mirror: site.mirror === undefined ? undefined : this.summary(site.mirror),
            peerAnswers: world.reaches(site),
            workloads: site.workloads === "running" ? ["Deployment shop/shop"] : [],
            ...(site.mirror?.desired === "Promoted" ? { changed: ["the mirror was promoted"] } : {}),
            ...(site.mirror?.desired === "Established"
                ? { bringing: { what: "the mirror is Established", stop: "promote it" } }
                : {}),
            barrier:
                site.forbidden === undefined
                    ? { stands: false }
                    : { stands: true, since: world.time(site.forbidden).toISOString() },
        };
    }

    actions(step: DriverStep): Action[] {
        const { world, site, then } = this;
        const unless = (there: boolean, run: () => Promise<unknown>): Action[] =>
            there ? [] : [{ call: step.do, effect: "write", run: async () => void (await run()) }];
        switch (step.do) {
            case "declare-application":
                return unless(then.applicationUid !== undefined && then.left !== true, () => this.declare());
            case "take-base-snapshot":
                return unless(
                    then.snapshots.some((item) => item.name === baseName(step.epoch)),
                    () => this.change(() => world.takeSnapshot(site, baseName(step.epoch))),
                );
            case "start-schedules":
                return unless(then.schedules, () => this.change(() => (site.schedules = true)));
            case "stop-schedules":
            case "delete-schedules":
                return unless(!then.schedules, () => this.change(() => (site.schedules = false)));
            case "establish-mirror":
                return unless(then.mirror?.sourceUid === step.sourceUid && then.mirror.desired === "Established", () =>
                    this.establish(step.sourceUid, step.way),
                );
            case "await-copy": {
                const isWhole = then.mirror?.sourceUid === step.sourceUid && then.mirror.state === "Established";
                return unless(isWhole, () => this.awaitCopy()).map((action) => ({ ...action, unlessLong: ifComplete }));
            }
            case "release-replaced":
                return [];
            case "forbid-pods":
                return unless(then.forbidden !== undefined, () =>
                    this.change(() => {
                        site.forbidden = world.now;
                        site.lifted = false;
                    }),
                );
            case "allow-pods":
                return unless(then.forbidden === undefined, () =>
                    this.change(() => {
                        site.forbidden = undefined;
                        site.lifted = false;
                        // The objects of what others promoted are there: their controllers start the pods.
                        if (site.promotedByOthers === true && site.workloads === "stopped") {
                            world.beginToServe(site);
                        }
                    }),
                );
            case "take-shutdown-snapshot":
                return unless(
                    then.snapshots.some((item) => item.name === shutdownName(step.epoch)),
                    () => this.shutDown(step.epoch),
                );
            case "promote":
                return unless(then.mirror === undefined || then.mirror.state === "Promoted", () =>
                    this.promote(step.token),
                );
            case "remove-mirror":
                return unless(then.mirror === undefined, () => this.removeMirror());
            case "forget-snapshots":
                return unless(obsolete(then, step.before).length === 0, () => this.forget(step.before));
            case "stop-workloads":
                return unless(then.workloads !== "running", () => this.change(() => this.stop("stopped")));
            case "restore-application":
                return unless(then.workloads === "running", () => this.restore(step.archivePath));
            case "release-sources":
                return unless(
                    step.sources.every(({ uuid }) => !then.sources.has(uuid)),
                    () => this.change(() => step.sources.forEach(({ uuid }) => this.release(uuid))),
                );
            case "tidy-up":
            case "adopt-objects":
            case "disown-objects":
            case "declare-hooks":
            case "delete-hooks":
                return [];
            case "verify-writable":
                return unless(false, () => this.require(() => site.writable, "the volumes are not writable"));
            case "verify-unmirrored":
                return unless(false, () => this.require(() => site.mirror === undefined, "a mirror is left"));
        }
    }

    facts(epoch: number): Facts {
        const { then } = this;
        const base = then.snapshots.find((item) => item.name === baseName(epoch));
        const token = tokenOf(this.world, then, epoch);
        return {
            ...(then.applicationUid === undefined ? {} : { applicationUid: then.applicationUid }),
            ...(base === undefined ? {} : { baseSnapshot: base.name }),
            ...(token === undefined ? {} : { token }),
        };
    }

    after(): ModelView {
        return new ModelView(this.world, this.site, this.gate, this.then);
    }

    async freshFor(step: Step): Promise<ModelView> {
        if (
            this.stale === undefined ||
            !(isDriverStep(step) || step.do === "record" || step.do === "count-unreplicated")
        ) {
            return this;
        }
        await this.effect();
        return new ModelView(this.world, this.site, this.gate);
    }

    shown(): Promise<ShownReport> {
        return this.arrayReport();
    }

    async replicationLag(): Promise<number | undefined> {
        await this.effect();
        const { world, site } = this;
        const standby = world.peerOf(site).mirror;
        const newest = standby?.sourceUid === site.applicationUid ? standby?.last : undefined;
        return newest === undefined || !world.reaches(site) ? undefined : world.now - newest.at;
    }

    /** One snapshot, in common until it is lost. */
    async heldSnapshots(): Promise<HeldVolume[]> {
        await this.effect();
        const versionUuid = this.site.baseless === true ? `only at ${this.site.name}` : "first";
        return [{ volume: "shop/data", snapshots: [{ name: "first", versionUuid, takenAt: epochStart }] }];
    }

    async copies(): Promise<string[]> {
        await this.effect();
        const { mirror, applicationUid, writable } = this.site;
        return mirror === undefined && applicationUid !== undefined && writable ? ["shop/data"] : [];
    }

    handedOver(): Promise<undefined> {
        return Promise.resolve(undefined);
    }

    points(): Promise<undefined> {
        return Promise.resolve(undefined);
    }

    lacking(): Promise<undefined> {
        return Promise.resolve(undefined);
    }

    async sources(): Promise<SourceRecord[]> {
        await this.effect();
        return this.sourcesNow();
    }

    async unreplicated(since: RecoveryPoint | undefined): Promise<Unreplicated> {
        await this.effect();
        const { world, site } = this;
        world.announced |= world.onlyAt(site);
        const bytes = since === undefined ? undefined : this.writtenSince(since);
        return {
            countedAt: world.time().toISOString(),
            ...(since === undefined ? {} : { since }),
            ...(bytes === undefined ? {} : { bytes }),
        };
    }

    async changedBytes(since: RecoveryPoint): Promise<number | undefined> {
        await this.effect();
        return this.writtenSince(since);
    }

    /** One byte for each write. */
    private writtenSince({ snapshot }: RecoveryPoint): number | undefined {
        const from = this.site.snapshots.find(({ name }) => name === snapshot);
        return from === undefined ? undefined : count(this.site.writes & ~from.writes);
    }

    async arrayReport(): Promise<ArrayReport> {
        await this.effect();
        return { shown: {}, sources: this.sourcesNow(), warnings: () => [] };
    }

    private sourcesNow(): SourceRecord[] {
        return [...this.site.sources].map((uuid) => ({ uuid, source: this.site.name, destination: "" }));
    }

    private summary(mirror: ModelMirror): ObservedMirror {
        const settled = mirror.state === mirror.desired;
        const promoted = mirror.desired === "Promoted" ? mirror.promoting : undefined;
        const awaits =
            promoted !== undefined && !settled && !this.world.hasArrived(mirror, promoted) ? promoted : undefined;
        const point = awaits === undefined ? (promoted ?? mirror.last) : mirror.last;
        const at = (snapshot: ModelSnapshot) => ({
            snapshot: snapshot.name,
            takenAt: this.world.time(snapshot.at).toISOString(),
        });
        return {
            state: !settled ? "unsettled" : mirror.state === "Promoted" ? "promoted" : "established",
            sourceApplicationUid: mirror.sourceUid,
            namedSource: mirror.sourceUid,
            ...(point === undefined ? {} : { recoveryPoint: at(point) }),
            ...(mirror.last === undefined ? {} : { newest: at(mirror.last) }),
            ...(promoted === undefined ? {} : { promotedPoint: promoted.name }),
            ...(awaits === undefined ? {} : { awaits: awaits.name }),
        };
    }

    private async require(holds: () => boolean, otherwise: string): Promise<void> {
        await this.effect();
        if (!holds()) {
            throw new Error(otherwise);
        }
    }

    private declare(): Promise<void> {
        const { world, site } = this;
        return this.change(() => {
            site.applicationUid ??= world.newUid(site);
            if (site.servesIn === 0 || site.left === true) {
                // Who deploys it anew sees to its data.
                site.left = false;
                site.garbled = false;
                site.writable = true;
                world.beginToServe(site);
            }
        });
    }

    private removeMirror(): Promise<void> {
        const { site } = this;
        return this.change(() => {
            site.mirror = undefined;
            site.resumedByOthers = undefined;
            site.writable = true;
            site.left = site.workloads !== "running";
        });
    }

    private forget(before: number): Promise<void> {
        const { site } = this;
        return this.change(() => {
            const gone = obsolete(site, before);
            site.snapshots = site.snapshots.filter((item) => !gone.includes(item));
        });
    }

    private release(uuid: string): void {
        const { world, site } = this;
        const peer = world.peerOf(site);
        site.sources.delete(uuid);
        const given = configurationOf(site).discard?.startsWith(`${peer.name}@`);
        // A run that is under way there meanwhile has told nobody yet.
        const told = ((JSON.parse(peer.record ?? "{}") as Partial<RoleRecord>).role ?? "none") !== "none";
        if (peer.mirror?.uuid === uuid && told && given !== true) {
            world.violate("what mirrors is not forgotten at its source", `${site.name} forgets ${uuid}`);
        }
    }

    private stop(how: "stopped" | "gone"): void {
        this.site.workloads = how;
        this.site.byOthers = false;
    }

    // Steps of more than one effect ---------------------------------------------------------------------------------

    private async establish(sourceUid: string, way: MirrorWay): Promise<void> {
        const { world, site } = this;
        if (site.mirror !== undefined && (site.mirror.sourceUid !== sourceUid || site.mirror.desired === "Promoted")) {
            if (way === "resync") {
                site.mirror.sourceUid = sourceUid;
            } else {
                await this.change(() => (site.mirror = undefined));
            }
        }
        if (site.mirror?.desired !== "Established") {
            return this.change(() => {
                const lost = world.onlyAt(site) & ~world.announced;
                if (lost !== 0n) {
                    world.violate(
                        "announced loss is not less than real loss",
                        `${site.name} is overwritten (${way}) with ${count(lost)} writes that nobody announced`,
                    );
                }
                if (site.schedules) {
                    world.violate("what serves is whole", `${site.name} becomes standby while its Schedules run`);
                }
                site.mirror = { uuid: world.newUid(site), sourceUid, desired: "Established", state: "" };
                site.applicationUid ??= world.newUid(site);
                this.stop("gone");
                site.promotedByOthers = false;
                site.resumedByOthers = undefined;
                site.garbled = true;
                site.writable = false;
            });
        }
    }

    /** A short copy is waited for; a long one goes on, and is completed by the world. */
    private async awaitCopy(): Promise<void> {
        const { world, site } = this;
        await this.effect();
        if (!world.canCopy(site)) {
            throw new Error("waited for the first transfer in vain");
        }
        if (!world.copiesAreLong) {
            world.completeCopy(site);
        }
    }

    private async shutDown(epoch: number): Promise<void> {
        const { world, site } = this;
        if (site.workloads === "running") {
            await this.change(() => {
                this.stop("gone");
                site.shuttingDown = shutdownName(epoch);
            });
        }
        await this.effect();
        world.finishOrders(site);
    }

    private async promote(token: HandOverToken | undefined): Promise<void> {
        const { world, site } = this;
        const peer = world.peerOf(site);
        const mirror = site.mirror!;
        const final = token && peer.snapshots.find((item) => item.name === token.finalSnapshot);
        const { promoting } = mirror;
        if (site.resumedByOthers === "untold") {
            const what = `${site.name} promotes what others had it overwritten with, and tells nobody`;
            world.violate("announced loss is not less than real loss", what);
        }
        const awaited = promoting !== undefined && !world.hasArrived(mirror, promoting) ? promoting : undefined;
        if (mirror.desired !== "Promoted" || (awaited !== undefined && awaited !== final)) {
            if (mirror.desired !== "Promoted" && mirror.state !== "Established") {
                world.violate("what serves is whole", `${site.name} promotes a copy that is not complete`);
            }
            if (token !== undefined && final === undefined) {
                await this.effect();
                throw new Error("waited for the final snapshot in vain");
            }
            await this.change(() => {
                mirror.desired = "Promoted";
                mirror.promoting = token === undefined ? mirror.last : final;
                const lost = peer.writes & ~(mirror.promoting?.writes ?? 0n) & ~world.announced & ~world.byOthers;
                const loses = lost !== 0n || (world.serves(peer) && peer.byOthers !== true);
                if (token !== undefined && loses && !this.isOverriddenOutOfSight(token)) {
                    world.violate(
                        "a switch loses no write",
                        `${site.name} promotes ${final!.name} without ${count(lost)} writes of ${peer.name}`,
                    );
                }
                if (token === undefined) {
                    this.announceByRecoveryPoint(lost);
                }
            });
        }
        await this.effect();
        world.finishOrders(site);
        if (mirror.state !== "Promoted") {
            throw new Error("waited for the final snapshot in vain");
        }
    }

    /** Whether the other site made the epoch its own by a recorded override, which no vault told this one when it looked. */
    private isOverriddenOutOfSight({ epoch }: HandOverToken): boolean {
        const { world, site } = this;
        const overrides = world.claims
            .filter(({ replaces }) => replaces)
            .map((claim) => `${claim.site} ${claim.epoch}`);
        return (
            !world.seenTaken.has(`${site.name} ${epoch + 1}`) &&
            overrides.includes(`${world.peerOf(site).name} ${epoch + 1}`)
        );
    }

    /** A takeover announces the writes since the recovery point as lost, and no others. */
    private announceByRecoveryPoint(lost: bigint): void {
        const { world, site } = this;
        const since = site.mirror?.promoting?.at;
        world.writtenAt.forEach((at, index) => {
            const bit = 1n << BigInt(index);
            if ((lost & bit) === 0n) {
                return;
            }
            if (since === undefined || at < since) {
                world.violate(
                    "announced loss is not less than real loss",
                    `${site.name} takes over without a write of second ${at}; the recovery point is of ${since}`,
                );
            }
            world.announced |= bit;
        });
        if (since === undefined) {
            world.violate("what serves is whole", `${site.name} takes over with nothing`);
        }
    }

    private async restore(archivePath: string | undefined): Promise<void> {
        const { world, site } = this;
        if (site.workloads === "stopped") {
            return this.change(() => world.beginToServe(site));
        }
        await this.effect();
        world.finishOrders(site);
        const shutdowns = site.snapshots.filter((item) => item.name.startsWith("shutdown-"));
        const from =
            archivePath === undefined
                ? shutdowns.at(-1)
                : shutdowns.find((item) => archivePathOf(item.name) === archivePath);
        await this.effect();
        if (from === undefined) {
            throw new Error("there is nothing to restore from");
        }
        // The objects are restored, the data left alone (docs/facts/trident-protect.md#restore-in-place).
        world.changes++;
        world.beginToServe(site);
    }

    // Effects -------------------------------------------------------------------------------------------------------

    private async change(act: () => unknown): Promise<void> {
        await this.effect();
        this.world.changes++;
        act();
    }

    private async effect(): Promise<void> {
        await this.gate();
        if (!this.site.alive) {
            throw new Error(`${this.site.name} does not answer`);
        }
    }
}

/** What was taken for role changes of epochs that have passed. */
function obsolete(site: Readonly<ModelSite>, before: number): ModelSite["snapshots"] {
    return site.snapshots.filter(({ name }) => Number(/^(?:base|shutdown)-(\d+)$/.exec(name)?.[1] ?? before) < before);
}

/** The token that a site which stood down publishes. */
function tokenOf(world: World, site: Readonly<ModelSite>, epoch: number): HandOverToken | undefined {
    const final = site.snapshots.find((item) => item.name === shutdownName(epoch));
    return (
        final && {
            application,
            epoch,
            from: site.name,
            to: world.peerOf(site).name,
            finalSnapshot: final.name,
            archivePath: archivePathOf(final.name),
            applicationUid: final.of,
            time: world.time(final.at).toISOString(),
        }
    );
}

/** The product's claims in the model's vaults, with each epoch that is begun noted. */
export class ModelClaims implements Claims {
    private readonly claims: EpochClaims;

    constructor(
        private readonly world: World,
        private readonly site: ModelSite,
        private readonly gate: Gate,
        seal: Seal,
    ) {
        const peer = world.peerOf(site).name;
        this.claims = new EpochClaims(
            { application, site: site.name, vaults: { [site.name]: site.name, [peer]: peer } },
            (vault) => Promise.resolve(this.vaultOf(vault)),
            seal,
        );
    }

    /** Tried before there is anything to lose: nothing of it concerns the model. */
    probe(): ClaimActions {
        return { actions: [], guarded: () => undefined };
    }

    claim(step: ClaimStep): ClaimActions {
        const { actions, guarded } = this.claims.claim(step);
        const note = { call: "note", effect: "read" as const, run: () => Promise.resolve(this.note(step)) };
        return { actions: [...actions, note], guarded };
    }

    forget(step: ForgetStep): Action[] {
        return this.claims.forget(step);
    }

    left(): Promise<number[] | undefined> {
        return this.claims.left();
    }

    async read(epoch: number): Promise<ObservedClaim[]> {
        const { world, site } = this;
        const found = await this.claims.read(epoch);
        const isTaken = found.some(
            ({ is }) => typeof is === "object" && "claimedBy" in is && is.claimedBy !== site.name,
        );
        world.seenTaken[isTaken ? "add" : "delete"](`${site.name} ${epoch}`);
        return found;
    }

    private vaultOf(name: string): Vault {
        return { name, prefix: "", store: this.storeOf(name) };
    }

    private storeOf(vault: string): ObjectStore {
        const { world, site } = this;
        const holder = world.site(vault as ModelSite["name"]);
        const reach = async () => {
            await this.gate();
            if (!site.alive || !holder.alive || (holder !== site && !world.linked)) {
                throw new VaultError(`vault ${vault} does not answer`, true);
            }
        };
        return {
            putIfAbsent: async (key, body) => {
                await reach();
                const absent = !holder.vault.has(key) || !world.guarded;
                if (absent) {
                    world.changes++;
                    holder.vault.set(key, body);
                }
                return absent ? "written" : "exists";
            },
            put: () => Promise.reject(new Error("nothing is written without its condition")),
            get: async (key) => {
                await reach();
                return holder.vault.get(key);
            },
            folders: () => Promise.resolve([]),
            names: async (prefix) => {
                await reach();
                return [...holder.vault.keys()]
                    .filter((key) => key.startsWith(prefix))
                    .map((key) => key.slice(prefix.length));
            },
            remove: async (key) => {
                await reach();
                world.changes++;
                holder.vault.delete(key);
            },
        };
    }

    /** An epoch that is claimed is begun: by nobody else, unless the sites did not reach each other. */
    private note(step: ClaimStep): void {
        const { world, site } = this;
        const same = world.claims.filter(({ epoch }) => epoch === step.epoch);
        if (!same.some((claim) => claim.site === site.name && claim.began === step.began)) {
            const { epoch, began } = step;
            const time = world.time().toISOString();
            world.claims.push({
                application,
                epoch,
                began,
                site: site.name,
                time,
                at: world.now,
                replaces: (JSON.parse(site.record ?? "{}") as Partial<RoleRecord>).underWay?.by !== undefined,
            });
        }
        const other = same.find((claim) => claim.site !== site.name);
        const isClaimed = world.guarded && !world.tampered.has(step.epoch);
        if (other !== undefined && isClaimed && world.apartAt < other.at) {
            world.violate(
                "no epoch is begun twice while the sites reach each other",
                `epoch ${step.epoch} by ${other.site} (${other.began}) and by ${site.name} (${step.began})`,
            );
        }
    }
}

function baseName(epoch: number): string {
    return `base-${epoch}`;
}

function shutdownName(epoch: number): string {
    return `shutdown-${epoch}`;
}

function archivePathOf(name: string): string {
    return `shop/snapshots/${name}`;
}

function count(writes: bigint): number {
    return [...writes.toString(2)].filter((digit) => digit === "1").length;
}
