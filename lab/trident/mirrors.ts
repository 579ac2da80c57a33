import {
    addFinalizer,
    type Cluster,
    type Controller,
    delay,
    isDeleting,
    type KubeObject,
    messageOf,
    type ReconcileResult,
    type Ref,
    refOf,
    removeFinalizer,
    runController,
    scaled,
    timestamp,
} from "../controllers";
import type { Backend, Backends } from "./backends";
import { kinds, type Mirror, type MirrorCondition, type PersistentVolume, type Pvc, tridentFinalizer } from "./kinds";
import {
    isTransferring,
    type MirrorGoal,
    type MirrorSituation,
    nextMirrorStep,
    objection,
    runningGoal,
    transitionTo,
} from "./mirrorSteps";
import { junctionPath, parseSnapshotHandle, volumePath } from "./names";
import { codes, OntapError, type Relationship, type Volume } from "./ontap";

const pollMs = 5_000;
const retryMs = 30_000;
const shortestPollMs = 200;
/** More steps than any way to a goal has: a mirror that takes more is looked at again later. */
const stepsAtOnce = 8;
const looksForSettling = 25;

/** The local end of a mirror. */
export interface MirrorPlace {
    backend: Backend;
    flexvol: string;
    /** `<svm>:<flexvol>` */
    path: string;
}

/** Brings TridentMirrorRelationships to their desired states by SnapMirror on this cluster's ONTAP. */
export class Mirrors {
    /** Generation at which a mirror was last brought to its goal by this process. */
    private readonly settled = new Map<string, number>();

    constructor(
        private readonly cluster: Cluster,
        private readonly backends: Backends,
        private readonly speed: number,
    ) {}

    run(): Controller {
        return runController<Mirror>({
            cluster: this.cluster,
            kind: kinds.mirror,
            concurrency: 8,
            reconcile: (mirror) => this.reconcile(mirror),
            triggers: [{ kind: kinds.pvc, concerns: mirrorOfPvc }],
        });
    }

    /** The volume that a mirror receives into; undefined while its PVC is missing or not bound. */
    async placeOf(mirror: Mirror): Promise<MirrorPlace | "unsupported" | undefined> {
        const namespace = mirror.metadata.namespace;
        const name = mirror.spec.volumeMappings[0]?.localPVCName ?? "";
        const pvc = await this.cluster.get<Pvc>(kinds.pvc, { namespace, name });
        if (pvc?.status?.phase !== "Bound" || pvc.spec.volumeName === undefined) {
            return undefined;
        }
        const pv = await this.cluster.get<PersistentVolume>(kinds.pv, { name: pvc.spec.volumeName });
        if (pv === undefined) {
            return undefined;
        }
        const volume = this.backends.volumeOf(pv);
        return volume === undefined
            ? "unsupported"
            : { ...volume, path: volumePath(volume.backend.svm, volume.flexvol) };
    }

    private async reconcile(mirror: Mirror): Promise<ReconcileResult> {
        if (isDeleting(mirror)) {
            return this.remove(mirror);
        }
        await addFinalizer(this.cluster, mirror, tridentFinalizer);
        const before = mirror.status?.conditions?.[0];
        const running = runningGoal(before?.state);
        if (running === undefined) {
            const trouble = objection(mirror.spec, before);
            if (trouble !== undefined) {
                await this.report(mirror, trouble);
                return undefined;
            }
        }
        const desired = mirror.spec.state ?? "";
        // A transition is finished before anything else that was asked for meanwhile.
        const goal = running ?? (desired === "" ? undefined : (desired as MirrorGoal));
        if (goal === undefined || this.isSettled(mirror, goal)) {
            return undefined;
        }
        const place = await this.placeOf(mirror);
        if (place === undefined) {
            return { requeueAfterMs: this.pause(retryMs) };
        }
        if (place === "unsupported") {
            await this.report(mirror, { state: "invalid", message: "the volume's backend does not support mirroring" });
            return undefined;
        }
        return this.approach(mirror, place, goal);
    }

    private isSettled(mirror: Mirror, goal: MirrorGoal): boolean {
        const { uid = "", generation = 0 } = mirror.metadata;
        return mirror.status?.conditions?.[0]?.state === goal && this.settled.get(uid) === generation;
    }

    /** Takes steps until the goal is reached or there is something to wait for. */
    private async approach(mirror: Mirror, place: MirrorPlace, goal: MirrorGoal): Promise<ReconcileResult> {
        const before = mirror.status?.conditions?.[0];
        const failedAlready = before?.state === "failed" && before.observedGeneration === mirror.metadata.generation;
        const handles = { localVolumeHandle: place.path };
        try {
            if (goal === "promoted" && (await this.readsAsPromoted(place))) {
                await this.settle(mirror, goal, handles);
                return undefined;
            }
            if (before?.state !== goal && !failedAlready) {
                await this.report(mirror, { ...handles, state: transitionTo(goal), message: before?.message ?? "" });
            }
            for (let steps = 0; steps < stepsAtOnce; steps++) {
                const next = nextMirrorStep(await this.situation(mirror, place, goal));
                switch (next.step) {
                    case "done":
                        await this.settle(mirror, goal, handles);
                        // The spec may ask for something else by now.
                        return goal === mirror.spec.state ? undefined : { requeueAfterMs: 1 };
                    case "wait":
                        await this.report(mirror, { ...handles, state: transitionTo(goal), message: next.message });
                        return { requeueAfterMs: this.pause(pollMs) };
                    case "fail":
                        await this.report(mirror, { ...handles, state: "failed", message: next.message });
                        return { requeueAfterMs: this.pause(retryMs) };
                    case "initialize-again":
                        await this.report(mirror, { ...handles, state: "failed", message: next.message });
                        await this.initialize(place);
                        return { requeueAfterMs: this.pause(retryMs) };
                    case "discard":
                        await this.discard(place);
                        await this.report(mirror, { ...handles, state: "failed", message: next.message });
                        return { requeueAfterMs: this.pause(retryMs) };
                    case "create":
                        await this.create(mirror, place);
                        break;
                    case "initialize":
                        await this.initialize(place);
                        return { requeueAfterMs: this.pause(pollMs) };
                    case "resync":
                        await this.resync(place);
                        return { requeueAfterMs: this.pause(pollMs) };
                    case "resume":
                        await this.patch(place, { state: "snapmirrored" });
                        break;
                    case "break":
                        await this.breakMirror(place, next.restoreTo);
                        break;
                    case "delete":
                        await this.discard(place);
                        break;
                    case "mount":
                        await this.mount(place);
                        break;
                }
            }
            return { requeueAfterMs: this.pause(pollMs) };
        } catch (error) {
            if (!(error instanceof OntapError)) {
                throw error;
            }
            if (inProgress.includes(error.code)) {
                return { requeueAfterMs: this.pause(pollMs) };
            }
            const verb = { established: "establish", reestablished: "reestablish", promoted: "promote" }[goal];
            const message = `could not ${verb} mirror: ${messageOf(error)}`;
            await this.report(mirror, { ...handles, state: "failed", message });
            return { requeueAfterMs: this.pause(retryMs) };
        }
    }

    /**
     * Trident's own reading: a question about the relationship that fails, otherwise than by "there is none", is taken
     * for a promoted mirror. So a mirror can be called promoted while nothing was broken off.
     */
    private async readsAsPromoted(place: MirrorPlace): Promise<boolean> {
        try {
            await place.backend.ontap.relationshipInto(place.path);
            return false;
        } catch (error) {
            if (error instanceof OntapError) {
                return !error.notFound;
            }
            throw error;
        }
    }

    private async situation(
        mirror: Mirror,
        place: MirrorPlace,
        goal: MirrorGoal,
        ignoreHandle = false,
    ): Promise<MirrorSituation> {
        const { ontap } = place.backend;
        const [relationship, volume] = [await ontap.relationshipInto(place.path), await this.volume(place)];
        const handle = ignoreHandle ? "" : (mirror.spec.volumeMappings[0]?.promotedSnapshotHandle ?? "");
        let awaited: MirrorSituation["awaited"];
        if (goal === "promoted" && handle !== "") {
            const arraySnapshot = arraySnapshotOf(handle);
            const arrived = (await ontap.snapshot(volume.uuid, arraySnapshot)) !== undefined;
            awaited = { handle, arraySnapshot, arrived };
        }
        const type = volume.type === "dp" ? "dp" : "rw";
        return { goal, relationship, volume: { type, mounted: (volume.nas?.path ?? "") !== "" }, awaited };
    }

    private async volume(place: MirrorPlace): Promise<Volume> {
        const { ontap, svm } = place.backend;
        const volume = await ontap.volume(svm, place.flexvol);
        if (volume === undefined) {
            throw new OntapError("GET /storage/volumes", "4", `there is no volume ${place.path}`);
        }
        return volume;
    }

    private async create(mirror: Mirror, place: MirrorPlace): Promise<void> {
        const { ontap } = place.backend;
        const policy = await this.policyFor(mirror, place.backend);
        const schedule = await this.scheduleFor(mirror, place.backend);
        await ontap.createRelationship({
            source: { path: mirror.spec.volumeMappings[0]?.remoteVolumeHandle },
            destination: { path: place.path },
            ...(policy === undefined ? {} : { policy: { name: policy } }),
            ...(schedule === undefined ? {} : { transfer_schedule: { name: schedule } }),
        });
    }

    /** The mirror's policy if it is one that Trident can use, else the backend's; none leaves the choice to ONTAP. */
    private async policyFor(mirror: Mirror, backend: Backend): Promise<string | undefined> {
        for (const name of [mirror.spec.replicationPolicy, backend.replicationPolicy]) {
            const policy = name === undefined || name === "" ? undefined : await backend.ontap.policy(name);
            if (policy?.type === "sync" || (policy?.type === "async" && policy.copy_all_source_snapshots === true)) {
                return name;
            }
        }
        return undefined;
    }

    private async scheduleFor(mirror: Mirror, backend: Backend): Promise<string | undefined> {
        for (const name of [mirror.spec.replicationSchedule, backend.replicationSchedule]) {
            if (name !== undefined && name !== "" && (await backend.ontap.scheduleExists(name))) {
                return name;
            }
        }
        return undefined;
    }

    private async initialize(place: MirrorPlace): Promise<void> {
        const relationship = await place.backend.ontap.relationshipInto(place.path);
        if (relationship === undefined) {
            return;
        }
        try {
            await place.backend.ontap.startTransfer(relationship.uuid);
        } catch (error) {
            if (!(error instanceof OntapError && error.code === codes.initializeRefused)) {
                throw error;
            }
        }
    }

    private async resync(place: MirrorPlace): Promise<void> {
        try {
            await this.patch(place, { state: "snapmirrored" });
        } catch (error) {
            if (error instanceof OntapError && error.code !== "" && !inProgress.includes(error.code)) {
                // As Trident does: what cannot be resynchronised is taken away, and the next attempt starts afresh.
                await this.discard(place);
            }
            throw error;
        }
    }

    private async breakMirror(place: MirrorPlace, restoreTo: string | undefined): Promise<void> {
        const { ontap } = place.backend;
        const found = await ontap.relationshipInto(place.path);
        if (found === undefined) {
            return;
        }
        if (found.state !== "paused" && found.state !== "uninitialized") {
            await ontap.patchRelationship(found.uuid, { state: "paused" }).catch((error: unknown) => {
                // A transfer that outlasts the quiescing is aborted next; anything else matters.
                if (!(error instanceof OntapError && error.code !== "")) {
                    throw error;
                }
            });
        }
        const quiet = await this.untilRelationship(place, async (relationship) => {
            if (!isTransferring(relationship)) {
                return true;
            }
            if (relationship.transfer?.uuid !== undefined) {
                await ontap.abortTransfer(found.uuid, relationship.transfer.uuid);
            }
            return false;
        });
        if (quiet === undefined || quiet.state === "uninitialized") {
            return;
        }
        const restore = restoreTo === undefined ? {} : { restore_to_snapshot: restoreTo };
        await ontap.patchRelationship(found.uuid, { state: "broken_off", ...restore });
        await this.untilRelationship(place, async (relationship) => relationship.state === "broken_off");
    }

    /** Forgets the relationship: here for certain, and what there is of it as a source if that can be reached. */
    private async discard(place: MirrorPlace): Promise<void> {
        const { ontap } = place.backend;
        const relationship = await ontap.relationshipInto(place.path);
        if (relationship === undefined) {
            return;
        }
        await ontap.deleteRelationship(relationship.uuid, "destination_only");
        await ontap.deleteRelationship(relationship.uuid, "source_info_only").catch((error: unknown) => {
            if (!(error instanceof OntapError)) {
                throw error;
            }
        });
        await this.untilRelationship(place, async () => false);
    }

    private async patch(place: MirrorPlace, body: object): Promise<void> {
        const relationship = await place.backend.ontap.relationshipInto(place.path);
        if (relationship !== undefined) {
            await place.backend.ontap.patchRelationship(relationship.uuid, body);
        }
    }

    private async mount(place: MirrorPlace): Promise<void> {
        const volume = await this.volume(place);
        await place.backend.ontap.mountVolume(volume.uuid, junctionPath(place.flexvol));
    }

    /** Looks at the relationship until it is as wanted or gone; what was seen last. */
    private async untilRelationship(
        place: MirrorPlace,
        wanted: (relationship: Relationship) => Promise<boolean>,
    ): Promise<Relationship | undefined> {
        let seen: Relationship | undefined;
        for (let looks = 0; looks < looksForSettling; looks++) {
            seen = await place.backend.ontap.relationshipInto(place.path);
            if (seen === undefined || (await wanted(seen))) {
                return seen;
            }
            await delay(shortestPollMs / 2);
        }
        return seen;
    }

    private async remove(mirror: Mirror): Promise<ReconcileResult> {
        const place = await this.placeOf(mirror);
        if (place !== undefined && place !== "unsupported") {
            const before = mirror.status?.conditions?.[0];
            if (before?.state !== "promoted" && (before?.state ?? "") !== "") {
                const promoted = await this.promoteForRemoval(mirror, place);
                if (!promoted) {
                    return { requeueAfterMs: this.pause(pollMs) };
                }
            } else {
                await this.release(place);
            }
        }
        this.settled.delete(mirror.metadata.uid ?? "");
        await removeFinalizer(this.cluster, mirror, tridentFinalizer);
        return undefined;
    }

    /** Promotes whatever state the mirror is in, without waiting for any snapshot. Whether it is through. */
    private async promoteForRemoval(mirror: Mirror, place: MirrorPlace): Promise<boolean> {
        for (let steps = 0; steps < stepsAtOnce; steps++) {
            const next = nextMirrorStep(await this.situation(mirror, place, "promoted", true));
            switch (next.step) {
                case "break":
                    await this.breakMirror(place, undefined);
                    break;
                case "delete":
                    await this.discard(place);
                    break;
                case "mount":
                    await this.mount(place);
                    break;
                case "wait":
                    return false;
                default:
                    return true;
            }
        }
        return false;
    }

    /** Cleans what ONTAP still remembers of the volume as a source. */
    private async release(place: MirrorPlace): Promise<void> {
        for (const relationship of await place.backend.ontap.relationshipsOutOf(place.path)) {
            try {
                await place.backend.ontap.deleteRelationship(relationship.uuid, "source_only");
            } catch (error) {
                if (!(error instanceof OntapError && error.code === codes.releaseRefused)) {
                    throw error;
                }
            }
        }
    }

    private async settle(mirror: Mirror, goal: MirrorGoal, handles: { localVolumeHandle: string }): Promise<void> {
        this.settled.set(mirror.metadata.uid ?? "", mirror.metadata.generation ?? 0);
        await this.report(mirror, { ...handles, state: goal, message: "" });
    }

    /** Writes the one condition, unless it says so already. */
    private async report(mirror: Mirror, news: MirrorCondition): Promise<void> {
        await this.cluster.modifyStatus<Mirror>(kinds.mirror, refOf(mirror), (found) => {
            const before = found.status?.conditions?.[0];
            const mapping = mirror.spec.volumeMappings[0];
            const refused = news.state === "failed" || news.state === "invalid";
            const condition: MirrorCondition = {
                state: news.state,
                message: news.message ?? "",
                lastTransitionTime: before?.state === news.state ? before?.lastTransitionTime : timestamp(),
                observedGeneration: mirror.metadata.generation,
                // What a refused change asked for must not become what later changes are compared with.
                localPVCName: (refused ? before?.localPVCName : undefined) ?? mapping?.localPVCName,
                localVolumeHandle: news.localVolumeHandle ?? before?.localVolumeHandle ?? "",
                remoteVolumeHandle:
                    (refused ? before?.remoteVolumeHandle : undefined) ?? mapping?.remoteVolumeHandle ?? "",
                replicationPolicy:
                    (refused ? before?.replicationPolicy : undefined) ?? mirror.spec.replicationPolicy ?? "",
                replicationSchedule:
                    (refused ? before?.replicationSchedule : undefined) ?? mirror.spec.replicationSchedule ?? "",
            };
            if (sameCondition(before, condition)) {
                return false;
            }
            found.status = { ...found.status, conditions: [condition] };
            return true;
        });
    }

    private pause(realMs: number): number {
        return Math.max(shortestPollMs, scaled(realMs, this.speed));
    }
}

/** Codes that say "not now, a transfer is going on". */
const inProgress: string[] = [codes.breakRefused, codes.initializeRefused, codes.volumeNotInitialized];

function arraySnapshotOf(handle: string): string {
    try {
        return parseSnapshotHandle(handle).arraySnapshot;
    } catch {
        // Not a handle at all: no snapshot has such a name, so it is waited for like any other wrong one.
        return handle;
    }
}

function mirrorOfPvc(pvc: KubeObject): Ref[] {
    const name = pvc.metadata.annotations?.["trident.netapp.io/mirrorRelationship"];
    return name === undefined ? [] : [{ namespace: pvc.metadata.namespace, name }];
}

function sameCondition(a: MirrorCondition | undefined, b: MirrorCondition): boolean {
    const fields = Object.keys(b) as (keyof MirrorCondition)[];
    return a !== undefined && fields.every((field) => (a[field] ?? "") === (b[field] ?? ""));
}
