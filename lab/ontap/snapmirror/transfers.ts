import { randomUUID } from "node:crypto";
import { Cluster, refer } from "../cluster";
import { OntapFailure, PeerUnreachable } from "../errors";
import { frozen, Volumes } from "../data/volumes";
import { blockSize, defaultBandwidth } from "../options";
import { Link } from "../peering/link";
import { FileEntry, Policy, Relationship, Snapshot, Transfer, TransferState, TransferType, Volume } from "../state";
import { PlannedFile, PlannedSnapshot, Source, SourceCalls, TransferPlan } from "./source";

const chunk = 2 ** 20;
const keptMilliseconds = 24 * 3600 * 1000;
const concurrentTransfers = 16;
/** Milliseconds after which the bytes that have come are counted. */
const longestPause = 250;

/** How a transfer is asked for. */
export interface TransferRequest {
    type: TransferType;
    sourceSnapshot?: string;
    throttle?: number;
    /** Keep destination snapshots that are newer than the common one (resync). */
    preserve?: boolean;
}

/** A transfer under way. */
interface Running {
    transfer: Transfer;
    abort: AbortController;
    abortedAs?: TransferState;
    end: Promise<void>;
}

/** The destination's half of SnapMirror: fetches what the source planned, at a bandwidth, and applies policy retention. */
export class Transfers {
    private readonly running = new Map<string, Running>();
    /** The last transfer's farewell to the source; nobody waits for it but the next transfer. */
    private readonly closing = new Map<string, Promise<unknown>>();
    private active = 0;
    private waiting: (() => void)[] = [];

    constructor(
        private readonly cluster: Cluster,
        private readonly volumes: Volumes,
        private readonly link: Link,
        private readonly localSource: Source,
    ) {}

    /** Transfers that the last process left behind have failed; the next one starts from the last exported snapshot. */
    failInterrupted(): void {
        for (const transfer of this.cluster.state.transfers) {
            if (transfer.state === "queued" || transfer.state === "transferring") {
                this.finish(transfer, "failed", {
                    code: "6620046",
                    message: "Transfer aborted: the node was restarted.",
                });
                const relationship = this.cluster.state.relationships.find(
                    ({ uuid }) => uuid === transfer.relationship,
                );
                if (relationship) {
                    this.setUnhealthy(relationship, transfer.error ?? { code: "6620046", message: "Transfer aborted" });
                }
            }
        }
    }

    of(relationship: Relationship): Transfer | undefined {
        return this.running.get(relationship.uuid)?.transfer;
    }

    /** Resolves when no transfer of the relationship runs any more. */
    async idle(relationship: Relationship): Promise<void> {
        await this.running.get(relationship.uuid)?.end;
    }

    /** The calls to a relationship's source, wherever it is. */
    source(relationship: Relationship, signal?: AbortSignal): SourceCalls {
        const cluster = relationship.sourceCluster?.uuid;
        if (cluster === undefined) {
            return this.localSource;
        }
        const call =
            <T>(operation: string) =>
            (body: object) =>
                this.link.call<T>(cluster, operation, body, signal);
        return {
            volumeInfo: call("volumeInfo"),
            transferOpen: call("transferOpen"),
            transferRead: call("transferRead"),
            transferClose: call("transferClose"),
            release: call("release"),
        };
    }

    /** Asks the source for a plan, without starting anything: the checks that belong to a job. */
    async open(relationship: Relationship, request: TransferRequest, signal?: AbortSignal): Promise<TransferPlan> {
        await this.closing.get(relationship.uuid);
        const volume = this.cluster.volume(relationship.destinationVolume);
        const svm = this.cluster.svm(volume.svm);
        const policy = this.policy(relationship);
        return this.source(relationship, signal).transferOpen({
            relationship: relationship.uuid,
            type: request.type,
            sourceSvm: relationship.sourceSvm.uuid,
            sourceVolume: relationship.sourceVolume.name,
            destination: { svm: refer(svm), volume: volume.name, msid: volume.msid },
            selection: {
                copyAll: policy.copyAll,
                copyLatest: policy.copyLatest,
                createOnSource: policy.createOnSource,
                labels: policy.retention.map(({ label }) => label),
                policyType: policy.type,
            },
            sourceSnapshot: request.sourceSnapshot,
            held: volume.snapshots.map(({ versionUuid }) => versionUuid),
            exported: relationship.exported?.versionUuid,
        });
    }

    private policy(relationship: Relationship): Policy {
        const policy = this.cluster.state.policies.find(({ uuid }) => uuid === relationship.policy);
        if (!policy) {
            throw new OntapFailure(400, "13303821", "The SnapMirror policy does not exist.");
        }
        return policy;
    }

    /**
     * Starts a transfer and returns its record at once. `plan` is the source's answer when it was asked already.
     * `before` runs at the destination once the plan is there: a resync's way back to the common snapshot.
     */
    start(
        relationship: Relationship,
        request: TransferRequest,
        plan?: TransferPlan,
        before?: (plan: TransferPlan) => Promise<void>,
    ): Transfer {
        const now = this.cluster.clock.now();
        const { state } = this.cluster;
        const transfer: Transfer = {
            uuid: randomUUID(),
            relationship: relationship.uuid,
            type: request.type,
            state: "queued",
            bytes: 0,
            checkpoint: 0,
            throttle: request.throttle ?? relationship.throttle,
            startedAt: now,
            updatedAt: now,
        };
        state.transfers = state.transfers.filter(
            (one) => now - (one.endedAt ?? now) < keptMilliseconds || this.isLast(one.uuid),
        );
        state.transfers.push(transfer);
        relationship.lastTransfer = transfer.uuid;
        const running: Running = { transfer, abort: new AbortController(), end: Promise.resolve() };
        this.running.set(relationship.uuid, running);
        running.end = this.run(relationship, request, running, plan, before);
        return transfer;
    }

    private isLast(uuid: string): boolean {
        return this.cluster.state.relationships.some(({ lastTransfer }) => lastTransfer === uuid);
    }

    /** Stops a transfer; what it had not finished is thrown away. */
    abort(relationship: Relationship, as: "aborted" | "hard_aborted"): void {
        const running = this.running.get(relationship.uuid);
        if (running) {
            running.abortedAs = as;
            running.abort.abort();
        }
    }

    private async run(
        relationship: Relationship,
        request: TransferRequest,
        running: Running,
        opened: TransferPlan | undefined,
        before: ((plan: TransferPlan) => Promise<void>) | undefined,
    ): Promise<void> {
        const { transfer, abort } = running;
        let plan = opened;
        let settled = false;
        try {
            await this.turn(abort.signal);
            transfer.state = "transferring";
            await this.cluster.clock.pause(this.cluster.clock.scaled(2), abort.signal);
            plan ??= await this.open(relationship, request, abort.signal);
            abort.signal.throwIfAborted();
            await before?.(plan);
            await this.fetchAll(relationship, plan, running);
            abort.signal.throwIfAborted();
            settled = true;
            await this.settle(relationship, request, plan, transfer);
        } catch (error) {
            this.fail(relationship, running, error);
        } finally {
            this.running.delete(relationship.uuid);
            this.next();
        }
        await this.cluster.save();
        if (plan) {
            const close = { relationship: relationship.uuid, succeeded: settled, target: plan.target };
            const closing = this.source(relationship)
                .transferClose(close)
                .catch(() => undefined);
            this.closing.set(relationship.uuid, closing);
        }
    }

    /** Waits for a free place: surplus transfers queue. */
    private async turn(signal: AbortSignal): Promise<void> {
        this.active++;
        if (this.active > concurrentTransfers) {
            await new Promise<void>((resolve) => {
                this.waiting.push(resolve);
                signal.addEventListener("abort", () => resolve(), { once: true });
            });
        }
    }

    private next(): void {
        this.active--;
        this.waiting.shift()?.();
    }

    private async fetchAll(relationship: Relationship, plan: TransferPlan, running: Running): Promise<void> {
        const volume = this.cluster.volume(relationship.destinationVolume);
        let before = volume.snapshots.find(({ versionUuid }) => versionUuid === plan.base);
        for (const planned of plan.snapshots) {
            const present = volume.snapshots.find(({ versionUuid }) => versionUuid === planned.versionUuid);
            before = present ?? (await this.fetchSnapshot(relationship, volume, plan, planned, before, running));
        }
    }

    private async fetchSnapshot(
        relationship: Relationship,
        volume: Volume,
        plan: TransferPlan,
        planned: PlannedSnapshot,
        before: Snapshot | undefined,
        running: Running,
    ): Promise<Snapshot> {
        running.transfer.snapshot = planned.name;
        const files: FileEntry[] = [];
        for (const file of planned.files) {
            const earlier = before?.files.find(({ name }) => name === file.name);
            files.push(await this.fetchFile(relationship, volume, plan, planned, file, earlier, running));
        }
        const { name, createdAt, versionUuid, label, comment, madeBy } = planned;
        const snapshot: Snapshot = {
            uuid: randomUUID(),
            name,
            createdAt,
            versionUuid,
            label,
            comment,
            madeBy,
            files: files.map((file) => frozen(file)),
            heldBy: [],
            provenanceVolume: plan.volume.uuid,
        };
        volume.snapshots.push(snapshot);
        return snapshot;
    }

    private async fetchFile(
        relationship: Relationship,
        volume: Volume,
        plan: TransferPlan,
        planned: PlannedSnapshot,
        file: PlannedFile,
        earlier: FileEntry | undefined,
        running: Running,
    ): Promise<FileEntry> {
        const { blobs } = this.volumes;
        const { transfer, abort } = running;
        const source = this.source(relationship, abort.signal);
        if (earlier && earlier.length === file.length && file.keep === file.length) {
            return earlier;
        }
        const kept = earlier && file.keep > 0 ? { ...earlier, length: file.keep } : undefined;
        let entry = await blobs.own(volume, file.name, kept);
        let counted = Math.floor(file.keep / blockSize) * blockSize;
        while (entry.length < file.length) {
            abort.signal.throwIfAborted();
            this.checkFaults(relationship, volume, transfer);
            const bytes = await source.transferRead({
                relationship: relationship.uuid,
                volume: plan.volume.uuid,
                snapshot: planned.uuid,
                file: file.name,
                offset: entry.length,
                length: Math.min(chunk, file.length - entry.length),
            });
            entry = await blobs.append(volume, file.name, entry, bytes);
            const blocks = Math.ceil(entry.length / blockSize) * blockSize;
            await this.spend(blocks - counted, transfer, abort.signal);
            counted = blocks;
        }
        return entry;
    }

    private checkFaults(relationship: Relationship, volume: Volume, transfer: Transfer): void {
        const occasion = { path: relationship.destinationPath };
        const fault = this.cluster.faults.stands("transferFailure", occasion);
        if (fault && transfer.bytes >= fault.bytes) {
            this.cluster.faults.strike("transferFailure", occasion);
            throw new OntapFailure(500, fault.code, fault.message);
        }
        if (this.cluster.faults.stands("space", { path: volume.name })) {
            throw new OntapFailure(507, "6619352", `No space left on volume "${volume.name}".`);
        }
    }

    /**
     * Takes the time that so many bytes need, and counts them as they come: a transfer of hours shows where it is, and
     * goes by another bandwidth from the moment that there is one.
     */
    private async spend(bytes: number, transfer: Transfer, signal: AbortSignal): Promise<void> {
        const { clock } = this.cluster;
        for (let left = bytes; left > 0 && !signal.aborted;) {
            const milliseconds = clock.scaled(left / this.rate(transfer));
            const part =
                milliseconds <= longestPause ? left : Math.max(1, Math.floor((left * longestPause) / milliseconds));
            if (milliseconds >= 1) {
                await clock.pause(Math.min(milliseconds, longestPause), signal);
            }
            left -= part;
            transfer.bytes += part;
            transfer.updatedAt = clock.now();
        }
    }

    /** Bytes in a real-world second, by the bandwidth of the link and the throttle in KB/s. */
    private rate({ throttle }: Transfer): number {
        const link = this.cluster.faults.stands("bandwidth")?.bytesPerSecond ?? defaultBandwidth;
        return throttle > 0 ? Math.min(link, throttle * 1024) : link;
    }

    /** The transfer brought everything: export the new snapshot, and keep of the old ones what the policy says. */
    private async settle(
        relationship: Relationship,
        request: TransferRequest,
        plan: TransferPlan,
        transfer: Transfer,
    ): Promise<void> {
        const volume = this.cluster.volume(relationship.destinationVolume);
        const target = volume.snapshots.find(({ versionUuid }) => versionUuid === plan.target);
        if (!target) {
            throw new OntapFailure(500, "13303844", "The exported Snapshot copy is missing at the destination.");
        }
        const previous = relationship.exported?.versionUuid;
        this.export(relationship, volume, target);
        volume.size = Math.max(volume.size, plan.size);
        relationship.mirror = "snapmirrored";
        relationship.sourceVolume = plan.volume;
        relationship.healthy = true;
        relationship.unhealthyReason = [];
        relationship.lastTransferType = request.type;
        if (!request.preserve) {
            await this.volumes.dropSnapshots(volume, this.expired(relationship, volume, plan, previous));
        }
        // Last: whoever sees that it has ended may break the relationship at once.
        this.finish(transfer, "success");
        relationship.totalBytes += transfer.bytes;
        relationship.totalMilliseconds += (transfer.endedAt ?? 0) - transfer.startedAt;
    }

    /** Makes a snapshot the one that readers of the destination see. */
    export(relationship: Relationship, volume: Volume, snapshot: Snapshot): void {
        for (const one of volume.snapshots) {
            one.heldBy = one.heldBy.filter((uuid) => uuid !== relationship.uuid);
        }
        snapshot.heldBy.push(relationship.uuid);
        relationship.exported = {
            name: snapshot.name,
            versionUuid: snapshot.versionUuid,
            createdAt: snapshot.createdAt,
        };
        this.volumes.revertFiles(volume, snapshot);
    }

    private expired(
        relationship: Relationship,
        volume: Volume,
        plan: TransferPlan,
        previous: string | undefined,
    ): (snapshot: Snapshot) => boolean {
        const policy = this.policy(relationship);
        const kept = new Set([plan.target, ...(previous === undefined ? [] : [previous])]);
        if (policy.copyAll) {
            const previousOne = volume.snapshots.find(({ versionUuid }) => versionUuid === previous);
            const present = new Set([
                ...plan.present,
                plan.target,
                ...(previousOne?.madeBy ? [previousOne.versionUuid] : []),
            ]);
            return (snapshot) =>
                snapshot.heldBy.length === 0 &&
                (!present.has(snapshot.versionUuid) ||
                    (snapshot.madeBy === relationship.uuid && !kept.has(snapshot.versionUuid)));
        }
        for (const { label, count } of policy.retention.filter((rule) => rule.label !== "sm_created")) {
            const matching = volume.snapshots.filter((snapshot) => snapshot.label === label);
            matching.slice(-Number(count)).forEach(({ versionUuid }) => kept.add(versionUuid));
        }
        return (snapshot) => snapshot.heldBy.length === 0 && !kept.has(snapshot.versionUuid);
    }

    private fail(relationship: Relationship, running: Running, error: unknown): void {
        const { transfer, abortedAs } = running;
        if (abortedAs) {
            this.finish(transfer, abortedAs, { code: "6620046", message: "Transfer aborted" });
            return;
        }
        const reason = {
            code: error instanceof OntapFailure ? error.code : error instanceof PeerUnreachable ? "262224" : "13",
            message: error instanceof Error ? error.message : String(error),
        };
        this.finish(transfer, "failed", reason);
        this.setUnhealthy(relationship, reason);
    }

    setUnhealthy(relationship: Relationship, reason: { code: string; message: string }): void {
        relationship.healthy = false;
        relationship.unhealthyReason = [{ code: "6621444", message: "Transfer failed." }, reason];
    }

    private finish(transfer: Transfer, state: TransferState, error?: { code: string; message: string }): void {
        const now = this.cluster.clock.now();
        transfer.state = state;
        transfer.endedAt = now;
        transfer.updatedAt = now;
        transfer.checkpoint = state === "aborted" || state === "failed" ? transfer.bytes : 0;
        transfer.error = error;
    }
}
