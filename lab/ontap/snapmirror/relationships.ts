import { randomUUID } from "node:crypto";
import { Cluster, refer } from "../cluster";
import { OntapFailure, PeerUnreachable } from "../errors";
import { Volumes } from "../data/volumes";
import { NamedReference, Policy, Relationship, SvmPeer, Transfer, Volume } from "../state";
import { TransferPlan } from "./source";
import { TransferRequest, Transfers } from "./transfers";

export type RequestedState = "snapmirrored" | "paused" | "broken_off";

/** What a change of state may carry with it. */
interface StateOptions {
    preserve?: boolean;
    restoreToSnapshot?: string;
    force?: boolean;
}

export interface CreateRequest {
    sourcePath: string;
    destinationPath: string;
    policy?: string;
    schedule?: string | null;
    throttle?: number;
    backoffLevel?: string;
    createDestination?: { size?: number };
}

/** Real-world seconds during which a new relationship does not show up in a GET yet. */
const hiddenSeconds = 0.5;
/** Real-world seconds that a pause waits for a running transfer. */
const quiesceSeconds = 300;

/**
 * Relationships, seen from their destination (docs/facts/ontap.md#relationship-states). Like the CLI, this keeps the
 * state of the mirror (`mirror`) apart from whether it is quiesced; `stateOf` folds both into the one state of REST.
 */
export class Relationships {
    constructor(
        private readonly cluster: Cluster,
        private readonly volumes: Volumes,
        readonly transfers: Transfers,
    ) {}

    stateOf(relationship: Relationship): string {
        if (relationship.mirror === "broken_off") {
            return "broken_off";
        }
        if (relationship.quiesced && !this.transfers.of(relationship)) {
            return "paused";
        }
        return relationship.mirror;
    }

    policyNamed(name: string | undefined, uuid: string | undefined, svm: string): Policy {
        const found = this.cluster.state.policies.filter(
            (policy) =>
                (uuid === undefined ? policy.name === (name ?? "Asynchronous") : policy.uuid === uuid) &&
                (policy.svm === undefined || policy.svm === svm),
        );
        const policy = found.find((one) => one.svm === svm) ?? found[0];
        if (!policy) {
            throw new OntapFailure(
                400,
                "13303821",
                `The SnapMirror policy "${name ?? uuid}" does not exist.`,
                "policy",
            );
        }
        if (policy.type !== "async") {
            throw new OntapFailure(
                400,
                "13303866",
                `The policy "${policy.name}" is not valid for these endpoints.`,
                "policy",
            );
        }
        return policy;
    }

    /** The schedule that a body names: null takes it away. */
    scheduleNamed(
        reference: { name?: string | null; uuid?: string | null } | null | undefined,
    ): string | null | undefined {
        if (reference === undefined) {
            return undefined;
        }
        if (reference === null || (!reference.name && !reference.uuid)) {
            return null;
        }
        const schedule = this.cluster.state.schedules.find((one) =>
            reference.uuid ? one.uuid === reference.uuid : one.name === reference.name,
        );
        if (!schedule) {
            throw new OntapFailure(
                400,
                "6619699",
                `Schedule "${reference.name ?? reference.uuid}" not found.`,
                "transfer_schedule",
            );
        }
        if (!schedule.cron) {
            throw new OntapFailure(
                400,
                "6619714",
                `Schedule "${schedule.name}" is an interval schedule.`,
                "transfer_schedule",
            );
        }
        return schedule.uuid;
    }

    /** Checks a new relationship before its job starts; the job then calls `create`. */
    prepare(request: CreateRequest): Relationship {
        const { state } = this.cluster;
        if (!request.destinationPath.includes(":")) {
            throw new OntapFailure(400, "13303852", 'The destination path lacks ":".', "destination.path");
        }
        if (request.sourcePath === request.destinationPath) {
            throw new OntapFailure(400, "6619441", "Source and destination are the same.", "destination.path");
        }
        const [svmName = "", volumeName = ""] = request.destinationPath.split(":");
        const [sourceSvmName = "", sourceVolumeName = ""] = request.sourcePath.split(":");
        if (!volumeName || !sourceVolumeName || volumeName.includes("/") || sourceVolumeName.includes("/")) {
            throw new OntapFailure(400, "13303841", "Only FlexVol endpoints are supported here.", "destination.path");
        }
        const svm = this.cluster.svmNamed(svmName);
        if (!svm) {
            throw new OntapFailure(400, "2621462", `SVM "${svmName}" does not exist.`, "destination.path");
        }
        const volume = this.cluster.volumeNamed(svm.uuid, volumeName);
        if (!volume && !request.createDestination) {
            throw new OntapFailure(404, "6619337", `Volume "${volumeName}" does not exist.`, "destination.path");
        }
        if (state.relationships.some(({ destinationPath }) => destinationPath === request.destinationPath)) {
            throw new OntapFailure(
                409,
                "6619637",
                `Relationship with destination "${request.destinationPath}" already exists.`,
            );
        }
        const source = this.sourceSvm(svm.uuid, sourceSvmName);
        const now = this.cluster.clock.now();
        return {
            uuid: randomUUID(),
            sourcePath: request.sourcePath,
            sourceSvm: source.svm,
            sourceVolume: { uuid: "", name: sourceVolumeName },
            sourceCluster: source.cluster,
            destinationPath: request.destinationPath,
            destinationVolume: volume?.uuid ?? "",
            policy: request.policy ?? this.policyNamed(undefined, undefined, svm.uuid).uuid,
            schedule: request.schedule,
            throttle: request.throttle ?? 0,
            backoffLevel: request.backoffLevel ?? "high",
            mirror: "uninitialized",
            quiesced: false,
            healthy: true,
            unhealthyReason: [],
            totalBytes: 0,
            totalMilliseconds: 0,
            createdAt: now,
            visibleAt: now,
        };
    }

    private sourceSvm(destinationSvm: string, name: string): { svm: NamedReference; cluster?: NamedReference } {
        const local = this.cluster.svmNamed(name);
        if (local) {
            return { svm: refer(local) };
        }
        const usable = (peer: SvmPeer) => peer.svm === destinationSvm && peer.name === name && peer.state === "peered";
        const peer = this.cluster.state.svmPeers.find(
            (one) => usable(one) && (one.applications.includes("snapmirror") || one.applications.length === 0),
        );
        if (!peer) {
            throw new OntapFailure(400, "13303886", `No SVM peering for SnapMirror with "${name}".`, "source.path");
        }
        return { svm: peer.peerSvm, cluster: peer.peerCluster };
    }

    /** A FlexGroup is mirrored into a FlexGroup, a FlexVol into a FlexVol; no code of its own is documented for that. */
    private checkStyles({ destinationVolume }: Relationship, source: string): void {
        const destination = destinationVolume === "" ? undefined : this.cluster.volume(destinationVolume);
        // What is made on demand is a FlexVol here.
        const style = destination?.style ?? "flexvol";
        if (style !== source) {
            throw new OntapFailure(
                400,
                "13303841",
                `The endpoints are not supported: the source is a ${source}, the destination a ${style}.`,
            );
        }
    }

    /** The job behind a POST. */
    async create(relationship: Relationship, request: CreateRequest, state?: RequestedState): Promise<void> {
        const info = await this.askSource(relationship);
        relationship.sourceVolume = info.volume;
        this.checkStyles(relationship, info.style);
        const { relationships } = this.cluster.state;
        if (relationships.some(({ destinationPath }) => destinationPath === relationship.destinationPath)) {
            throw new OntapFailure(
                409,
                "6619637",
                `Relationship with destination "${request.destinationPath}" already exists.`,
            );
        }
        if (relationship.destinationVolume === "") {
            const [svmName = "", volumeName = ""] = relationship.destinationPath.split(":");
            const svm = this.cluster.svmNamed(svmName);
            const aggregate = this.cluster.state.aggregates[0];
            if (!svm || !aggregate) {
                throw new OntapFailure(400, "13303868", "The destination volume cannot be made.");
            }
            const size = request.createDestination?.size ?? info.size;
            const volume = this.volumes.create(svm, volumeName, aggregate.uuid, {
                type: "dp",
                size,
                snapshotPolicy: "none",
            });
            relationship.destinationVolume = volume.uuid;
        }
        const { clock } = this.cluster;
        relationship.visibleAt = clock.now() + clock.scaled(hiddenSeconds);
        relationships.push(relationship);
        if (state) {
            await this.setState(relationship, state, {});
        }
    }

    private async askSource(
        relationship: Relationship,
    ): Promise<{ volume: NamedReference; size: number; style: string }> {
        try {
            return await this.transfers.source(relationship).volumeInfo({
                svm: relationship.sourceSvm.uuid,
                volume: relationship.sourceVolume.name,
            });
        } catch (error) {
            if (error instanceof PeerUnreachable) {
                throw new OntapFailure(
                    500,
                    "13303892",
                    `Fetching information from the peer failed. Reason: ${error.message}`,
                );
            }
            throw error;
        }
    }

    /** Refuses, before a job starts, a change that can never be made from here. */
    checkState(relationship: Relationship, wanted: string): void {
        const now = this.stateOf(relationship);
        if (["in_sync", "out_of_sync", "synchronizing"].includes(wanted)) {
            throw new OntapFailure(400, "13303831", `The state "${wanted}" is not for asynchronous policies.`, "state");
        }
        if (wanted === "uninitialized" || wanted === "expanding" || wanted === "shrinking") {
            throw new OntapFailure(400, "13303830", `The state "${wanted}" cannot be requested.`, "state");
        }
        const stopped = relationship.quiesced || now === "broken_off" || now === "uninitialized";
        if (wanted === "snapmirrored" && !stopped) {
            throw new OntapFailure(400, "13303832", "The relationship is already initialized.", "state");
        }
        const impossible =
            (now === "broken_off" && wanted !== "snapmirrored") ||
            (relationship.mirror === "uninitialized" && wanted === "broken_off" && !this.transfers.of(relationship));
        if (impossible) {
            throw new OntapFailure(400, "13303818", `The state cannot go from "${now}" to "${wanted}".`, "state");
        }
    }

    /** The job behind a PATCH of the state. Its success says that the change was triggered. */
    async setState(relationship: Relationship, wanted: RequestedState, options: StateOptions): Promise<void> {
        if (!this.cluster.state.relationships.includes(relationship)) {
            throw new OntapFailure(404, "4", "entry doesn't exist", "uuid");
        }
        if (wanted === "paused") {
            return this.pause(relationship);
        }
        if (wanted === "broken_off") {
            return this.breakOff(relationship, options);
        }
        if (relationship.mirror === "snapmirrored") {
            relationship.quiesced = false;
            return;
        }
        await this.mirror(relationship, options);
    }

    /** Stops new transfers and waits for the running one. */
    private async pause(relationship: Relationship): Promise<void> {
        relationship.quiesced = true;
        await this.cluster.save();
        const limit = this.cluster.clock.pause(this.cluster.clock.scaled(quiesceSeconds, 10_000));
        await Promise.race([this.transfers.idle(relationship), limit]);
        if (this.transfers.of(relationship)) {
            throw new OntapFailure(500, "13303823", "Quiescing timed out: a transfer is still running.");
        }
    }

    private async breakOff(relationship: Relationship, options: StateOptions): Promise<void> {
        const fault = options.force
            ? undefined
            : this.cluster.faults.strike("breakNeedsPeer", { path: relationship.destinationPath });
        if (fault) {
            await this.cluster.clock.pause(fault.milliseconds);
            throw new OntapFailure(
                500,
                "262224",
                `Failed to contact peer cluster "${relationship.sourceCluster?.name}". RPC: Remote system error`,
            );
        }
        if (this.transfers.of(relationship)) {
            throw new OntapFailure(
                409,
                "13303808",
                "Failed to break the relationship. Reason: Another transfer is in progress.",
            );
        }
        if (relationship.mirror !== "snapmirrored") {
            throw new OntapFailure(409, "13303808", "Failed to break the relationship. Reason: It is not initialized.");
        }
        const volume = this.cluster.volume(relationship.destinationVolume);
        const { restoreToSnapshot } = options;
        const target = volume.snapshots.find(({ name }) => name === restoreToSnapshot);
        if (restoreToSnapshot !== undefined && !target) {
            throw new OntapFailure(
                404,
                "13303808",
                `Failed to break the relationship. Reason: Snapshot "${restoreToSnapshot}" does not exist.`,
            );
        }
        relationship.mirror = "broken_off";
        volume.type = "rw";
        if (target) {
            this.volumes.revertFiles(volume, target);
            const later = new Set(volume.snapshots.slice(volume.snapshots.indexOf(target) + 1));
            await this.volumes.dropSnapshots(volume, (snapshot) => later.has(snapshot));
        }
    }

    /** Initializes, or resynchronizes when there is something to lose or to build on. */
    private async mirror(relationship: Relationship, options: StateOptions): Promise<void> {
        if (this.transfers.of(relationship)) {
            throw new OntapFailure(409, "13303812", "Another transfer is in progress.");
        }
        const volume = this.cluster.volume(relationship.destinationVolume);
        const resync = relationship.mirror === "broken_off" || volume.type === "rw";
        const request: TransferRequest = { type: resync ? "resync" : "initialize", preserve: options.preserve };
        const plan = await this.openForJob(relationship, request);
        relationship.quiesced = false;
        this.transfers.start(
            relationship,
            request,
            plan,
            resync ? (opened) => this.goBack(relationship, volume, opened, options.preserve ?? false) : undefined,
        );
    }

    private async openForJob(relationship: Relationship, request: TransferRequest): Promise<TransferPlan> {
        try {
            return await this.transfers.open(relationship, request);
        } catch (error) {
            if (error instanceof OntapFailure || error instanceof PeerUnreachable) {
                const verb = request.type === "resync" ? "resync" : "initialize";
                throw new OntapFailure(409, "13303810", `Failed to ${verb} the relationship. Reason: ${error.message}`);
            }
            throw error;
        }
    }

    /** A resync's first half: the destination goes back to the common snapshot, and what came after it is lost. */
    private async goBack(
        relationship: Relationship,
        volume: Volume,
        plan: TransferPlan,
        preserve: boolean,
    ): Promise<void> {
        const common = volume.snapshots.find(({ versionUuid }) => versionUuid === plan.base);
        if (!common) {
            throw new OntapFailure(409, "13303810", "No common Snapshot copy found between source and destination.");
        }
        volume.type = "dp";
        this.transfers.export(relationship, volume, common);
        relationship.mirror = "snapmirrored";
        const later = new Set(preserve ? [] : volume.snapshots.slice(volume.snapshots.indexOf(common) + 1));
        await this.volumes.dropSnapshots(volume, (snapshot) => later.has(snapshot));
    }

    /** POST transfers: initialize or update, as the state is. */
    startTransfer(relationship: Relationship, sourceSnapshot?: string, throttle?: number): Transfer {
        const initialize = relationship.mirror === "uninitialized";
        const code = initialize ? "13303812" : "13303844";
        const refuse = (reason: string, status = 409) =>
            new OntapFailure(status, code, `Failed to start the transfer. Reason: ${reason}`);
        if (this.transfers.of(relationship)) {
            throw refuse("Another transfer is in progress.");
        }
        if (relationship.mirror === "broken_off") {
            throw refuse("The relationship is broken off.");
        }
        if (relationship.quiesced) {
            throw refuse("The relationship is quiesced.");
        }
        if (initialize && this.cluster.volume(relationship.destinationVolume).type !== "dp") {
            throw new OntapFailure(
                400,
                "6619546",
                "The destination must be a data-protection volume.",
                "destination.path",
            );
        }
        const peer = this.cluster.state.clusterPeers.find(
            ({ remote }) => remote?.uuid === relationship.sourceCluster?.uuid,
        );
        if (peer?.status === "unavailable") {
            this.transfers.setUnhealthy(relationship, { code, message: `Peer cluster "${peer.name}" is unavailable.` });
            throw refuse(`Peer cluster "${peer.name}" is unavailable.`);
        }
        return this.transfers.start(relationship, {
            type: initialize ? "initialize" : "update",
            sourceSnapshot,
            throttle,
        });
    }

    /** The schedule of a relationship: its own, else its policy's. */
    scheduleOf(relationship: Relationship): string | undefined {
        if (relationship.schedule !== undefined) {
            return relationship.schedule ?? undefined;
        }
        const policy = this.cluster.state.policies.find(({ uuid }) => uuid === relationship.policy);
        return this.cluster.state.schedules.find(({ name }) => name === policy?.transferSchedule)?.uuid;
    }

    /** A schedule's moment: an update, unless the last one still runs. */
    tick(schedule: string): void {
        for (const relationship of this.cluster.state.relationships) {
            const due = this.scheduleOf(relationship) === schedule && relationship.mirror === "snapmirrored";
            if (due && !relationship.quiesced && !this.transfers.of(relationship)) {
                this.transfers.start(relationship, { type: "update" });
            }
        }
    }

    /** The job behind a DELETE at the destination. */
    async remove(relationship: Relationship, destinationOnly: boolean): Promise<void> {
        if (this.transfers.of(relationship)) {
            throw new OntapFailure(409, "6619715", "Modification in progress: a transfer is running. Try again.");
        }
        if (!destinationOnly) {
            try {
                await this.transfers.source(relationship).release({ relationship: relationship.uuid, infoOnly: false });
            } catch (error) {
                const why = error instanceof Error ? error.message : String(error);
                throw new OntapFailure(500, "13303822", `Failed to release the relationship. Reason: ${why}`);
            }
        }
        const { state } = this.cluster;
        state.relationships = state.relationships.filter(({ uuid }) => uuid !== relationship.uuid);
        state.transfers = state.transfers.filter((transfer) => transfer.relationship !== relationship.uuid);
        const volume = state.volumes.find(({ uuid }) => uuid === relationship.destinationVolume);
        if (volume) {
            for (const snapshot of volume.snapshots) {
                snapshot.heldBy = snapshot.heldBy.filter((uuid) => uuid !== relationship.uuid);
            }
            if (!destinationOnly) {
                await this.volumes.dropSnapshots(
                    volume,
                    ({ madeBy, heldBy }) => madeBy === relationship.uuid && heldBy.length === 0,
                );
            }
        }
    }
}
