import {
    addFinalizer,
    type Cluster,
    type Controller,
    isDeleting,
    messageOf,
    type ReconcileResult,
    refOf,
    removeFinalizer,
    runController,
    scaled,
    timestamp,
} from "../controllers";
import { kinds, type Mirror, type MirrorUpdate, type MirrorUpdateStatus, tridentFinalizer } from "./kinds";
import { isTransferring, unhealthyReason } from "./mirrorSteps";
import type { MirrorPlace, Mirrors } from "./mirrors";
import { parseSnapshotHandle } from "./names";
import { OntapError, type Relationship } from "./ontap";

const pollMs = 5_000;
const shortestPollMs = 200;

/** Updates that this process has begun. What another process left in progress is not known to go on. */
interface Running {
    place: MirrorPlace;
    /** Time of the transfer before, to tell ours from it. */
    previous?: string;
    asked: boolean;
    /** How often the relationship was seen idle since. */
    idleLooks: number;
}

/** ONTAP's times have whole seconds: after this many looks an idle relationship with an unchanged time has had its transfer. */
const idleLooksEnough = 5;

/** One-shot updates: the mirror is brought up to a snapshot, once, and what came of it is written down. */
export class MirrorUpdates {
    private readonly running = new Map<string, Running>();

    constructor(
        private readonly cluster: Cluster,
        private readonly mirrors: Mirrors,
        private readonly speed: number,
    ) {}

    run(): Controller {
        return runController<MirrorUpdate>({
            cluster: this.cluster,
            kind: kinds.mirrorUpdate,
            concurrency: 8,
            reconcile: (update) => this.reconcile(update),
        });
    }

    private async reconcile(update: MirrorUpdate): Promise<ReconcileResult> {
        const uid = update.metadata.uid ?? "";
        if (isDeleting(update)) {
            this.running.delete(uid);
            await removeFinalizer(this.cluster, update, tridentFinalizer);
            return undefined;
        }
        const state = update.status?.state;
        if (state === "Succeeded" || state === "Failed") {
            return undefined;
        }
        const known = this.running.get(uid);
        if (state === "In progress" && known === undefined) {
            await this.finish(update, "Failed", "Trident was restarted while the mirror was being updated");
            return undefined;
        }
        try {
            const running = known ?? (await this.begin(update));
            if (running === undefined) {
                return undefined;
            }
            return await this.follow(update, running);
        } catch (error) {
            if (!(error instanceof OntapError)) {
                throw error;
            }
            await this.finish(update, "Failed", messageOf(error));
            return undefined;
        }
    }

    /** Checks the mirror and notes that the update is in progress; undefined when it failed at once. */
    private async begin(update: MirrorUpdate): Promise<Running | undefined> {
        await addFinalizer(this.cluster, update, tridentFinalizer);
        const name = update.spec?.tridentMirrorRelationshipName ?? "";
        const namespace = update.metadata.namespace;
        const mirror = name === "" ? undefined : await this.cluster.get<Mirror>(kinds.mirror, { namespace, name });
        if (mirror === undefined) {
            await this.finish(update, "Failed", `there is no TridentMirrorRelationship ${namespace}/${name}`);
            return undefined;
        }
        const condition = mirror.status?.conditions?.[0];
        if (condition?.state !== "established" && condition?.state !== "reestablished") {
            const found = condition?.state ?? "none yet";
            await this.finish(update, "Failed", `the mirror ${name} is not established, its state is ${found}`);
            return undefined;
        }
        const place = await this.mirrors.placeOf(mirror);
        if (place === undefined || place === "unsupported") {
            await this.finish(update, "Failed", `the mirror ${name} has no volume`);
            return undefined;
        }
        const relationship = await place.backend.ontap.relationshipInto(place.path);
        if (relationship?.policy?.type === "sync") {
            await this.finish(update, "Failed", "a synchronous mirror cannot be updated by hand");
            return undefined;
        }
        const previous = relationship?.transfer?.end_time;
        const running: Running = { place, asked: false, idleLooks: 0, ...(previous === undefined ? {} : { previous }) };
        this.running.set(update.metadata.uid ?? "", running);
        await this.write(update, {
            state: "In progress",
            message: "",
            localVolumeHandle: place.path,
            remoteVolumeHandle: condition.remoteVolumeHandle,
            snapshotHandle: update.spec?.snapshotHandle ?? "",
            ...(previous === undefined ? {} : { previousTransferTime: previous }),
        });
        return running;
    }

    private async follow(update: MirrorUpdate, running: Running): Promise<ReconcileResult> {
        const { ontap } = running.place.backend;
        const handle = update.spec?.snapshotHandle ?? "";
        const relationship = await ontap.relationshipInto(running.place.path);
        if (relationship === undefined) {
            await this.finish(update, "Failed", `the mirror into ${running.place.path} is gone`);
            return undefined;
        }
        if (handle !== "" && (await this.hasArrived(running.place, handle)) && !isTransferring(relationship)) {
            await this.finish(update, "Succeeded", "");
            return undefined;
        }
        if (isTransferring(relationship)) {
            return this.later();
        }
        if (!running.asked) {
            const snapshot = handle === "" ? {} : { source_snapshot: parseSnapshotHandle(handle).arraySnapshot };
            await ontap.startTransfer(relationship.uuid, snapshot);
            running.asked = true;
            return this.later();
        }
        running.idleLooks++;
        const changed = relationship.transfer?.end_time !== running.previous;
        const outcome = changed || running.idleLooks >= idleLooksEnough ? outcomeOf(relationship) : undefined;
        if (outcome === undefined) {
            return this.later();
        }
        const missing = handle !== "" && outcome === "" ? `the transfer ended without the snapshot ${handle}` : outcome;
        await this.finish(update, missing === "" ? "Succeeded" : "Failed", missing);
        return undefined;
    }

    private async hasArrived(place: MirrorPlace, handle: string): Promise<boolean> {
        const { ontap, svm } = place.backend;
        const volume = await ontap.volume(svm, place.flexvol);
        const { arraySnapshot } = parseSnapshotHandle(handle);
        return volume !== undefined && (await ontap.snapshot(volume.uuid, arraySnapshot)) !== undefined;
    }

    private async finish(update: MirrorUpdate, state: "Succeeded" | "Failed", message: string): Promise<void> {
        await this.write(update, { state, message, completionTime: timestamp() });
        this.running.delete(update.metadata.uid ?? "");
    }

    /** The kind has no status subresource: its status is written like any other field. */
    private async write(update: MirrorUpdate, status: MirrorUpdateStatus): Promise<void> {
        await this.cluster.mergePatch(kinds.mirrorUpdate, refOf(update), { status });
    }

    private later(): ReconcileResult {
        return { requeueAfterMs: Math.max(shortestPollMs, scaled(pollMs, this.speed)) };
    }
}

/** Empty for a transfer that went well, else what went wrong; undefined when none is known. */
function outcomeOf({ healthy, transfer, ...relationship }: Relationship): string | undefined {
    if (healthy === false) {
        return unhealthyReason(relationship);
    }
    if (transfer?.state === undefined) {
        return undefined;
    }
    return transfer.state === "success" ? "" : `the transfer ended as ${transfer.state}`;
}
