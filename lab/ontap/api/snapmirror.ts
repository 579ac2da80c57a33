import { randomUUID } from "node:crypto";
import { isoDuration, isoTime } from "../clock";
import { missingEntry, OntapFailure } from "../errors";
import { duration, flag, integer, oneOf, parseSize, reference, shown, size, text, time } from "../http/fields";
import { isSet } from "../http/query";
import { Call, Outcome, Resource } from "../http/resource";
import { refer } from "../cluster";
import { CreateRequest, RequestedState } from "../snapmirror/relationships";
import { Policy, Relationship, RetentionRule, SourceRecord, Transfer, Volume } from "../state";
import { Context, Reference, resolve, startJob } from "./context";

const relationshipStates = [
    "uninitialized",
    "snapmirrored",
    "broken_off",
    "paused",
    "in_sync",
    "out_of_sync",
    "synchronizing",
    "expanding",
    "shrinking",
];
const identityPreservations = ["full", "exclude_network_config", "exclude_network_and_protocol_config"];
const transferStates = ["queued", "transferring", "success", "failed", "aborted", "hard_aborted"];

interface RetentionBody {
    label?: string;
    count?: string | number;
    preserve?: boolean;
    warn?: number;
    prefix?: string;
    period?: string;
}

interface PolicyBody {
    name: string;
    svm?: Reference;
    type?: Policy["type"];
    sync_type?: string;
    copy_all_source_snapshots?: boolean;
    copy_latest_source_snapshot?: boolean;
    create_snapshot_on_source?: boolean;
    retention?: RetentionBody[];
    transfer_schedule?: Reference;
    throttle?: number;
    comment?: string;
}

export function policies(context: Context): Resource {
    const { cluster } = context;
    const view = (policy: Policy) => ({
        uuid: policy.uuid,
        name: policy.name,
        scope: policy.svm === undefined ? "cluster" : "svm",
        svm: policy.svm === undefined ? undefined : refer(cluster.svm(policy.svm)),
        type: policy.type,
        sync_type: policy.syncType,
        copy_all_source_snapshots: policy.copyAll ? true : undefined,
        copy_latest_source_snapshot: policy.copyLatest ? true : undefined,
        create_snapshot_on_source: policy.createOnSource ? undefined : false,
        retention: policy.retention.map((rule) => ({ ...rule })),
        transfer_schedule: cluster.state.schedules.filter(({ name }) => name === policy.transferSchedule).map(refer)[0],
        throttle: policy.throttle,
        network_compression_enabled: false,
        identity_preservation: "exclude_network_and_protocol_config",
        comment: policy.comment,
    });
    const find = (found: Record<string, unknown>) =>
        cluster.state.policies.find(({ uuid }) => uuid === found["uuid"]) as Policy;
    const rules = (list: RetentionBody[]): RetentionRule[] =>
        list.map(({ label = "", count = "1", preserve = false, warn = 0, prefix, period }) => ({
            label,
            count: String(count),
            preserve,
            warn,
            prefix,
            period,
        }));
    return {
        path: "/snapmirror/policies",
        keys: ["uuid"],
        lists: ["retention"],
        fields: {
            uuid: text({ ...shown, always: true }),
            name: text({ always: true, required: true, createOnly: true }),
            scope: oneOf(["svm", "cluster"], shown),
            ...reference("svm", { createOnly: true }),
            type: oneOf(["async", "sync", "continuous"], { createOnly: true }),
            sync_type: oneOf(["sync", "strict_sync", "automated_failover", "automated_failover_duplex"], {
                createOnly: true,
            }),
            copy_all_source_snapshots: flag({ createOnly: true }),
            copy_latest_source_snapshot: flag({ createOnly: true }),
            create_snapshot_on_source: flag({ createOnly: true }),
            "retention.label": text(),
            "retention.count": { type: "any" },
            "retention.period": text(),
            "retention.preserve": flag(),
            "retention.warn": integer(),
            "retention.prefix": text(),
            ...reference("retention.creation_schedule"),
            ...reference("transfer_schedule"),
            throttle: integer({ minimum: 0 }),
            network_compression_enabled: flag(),
            identity_preservation: oneOf(identityPreservations),
            comment: text(),
        },
        list: () => cluster.state.policies.map(view),
        create: (call) => {
            const body = call.body as unknown as PolicyBody;
            const exclusive = [
                body.copy_all_source_snapshots,
                body.copy_latest_source_snapshot,
                body.create_snapshot_on_source === false ? true : undefined,
            ].filter((one) => one === true);
            const invalid =
                body.copy_all_source_snapshots === false ||
                body.copy_latest_source_snapshot === false ||
                body.create_snapshot_on_source === true;
            if (exclusive.length > 1 || invalid) {
                throw new OntapFailure(
                    400,
                    "13304084",
                    "These fields exclude each other, or have a value they cannot have.",
                );
            }
            const svm = body.svm ? resolve(cluster.state.svms, body.svm) : undefined;
            if (body.svm && !svm) {
                throw new OntapFailure(400, "2621462", "SVM does not exist.", "svm.name");
            }
            if (cluster.state.policies.some(({ name, svm: owner }) => name === body.name && owner === svm?.uuid)) {
                throw new OntapFailure(409, "6621060", `Policy "${body.name}" exists already.`, "name");
            }
            const schedule = body.transfer_schedule && context.relationships.scheduleNamed(body.transfer_schedule);
            const made: RetentionRule = { label: "sm_created", count: "1", preserve: false, warn: 0 };
            const all: RetentionRule = { label: "all_source_snapshots", count: "1", preserve: false, warn: 0 };
            const policy: Policy = {
                uuid: randomUUID(),
                name: body.name,
                svm: svm?.uuid,
                type: body.type ?? "async",
                syncType: body.sync_type ?? (body.type === "sync" ? "sync" : undefined),
                copyAll: body.copy_all_source_snapshots === true,
                copyLatest: body.copy_latest_source_snapshot === true,
                createOnSource: body.create_snapshot_on_source !== false,
                retention: [
                    ...(body.create_snapshot_on_source === false ? [] : [made]),
                    ...(body.copy_all_source_snapshots ? [all] : []),
                    ...rules(body.retention ?? []),
                ],
                transferSchedule: cluster.state.schedules.find(({ uuid }) => uuid === schedule)?.name,
                throttle: body.throttle ?? 0,
                comment: body.comment ?? "",
                builtIn: false,
            };
            const job = startJob(context, call, 1, () => {
                cluster.state.policies.push(policy);
            });
            return { key: [policy.uuid], record: () => view(policy), job };
        },
        modify: (call, found) => {
            const policy = find(found);
            const body = call.body as unknown as PolicyBody;
            const schedule = body.transfer_schedule && context.relationships.scheduleNamed(body.transfer_schedule);
            const job = startJob(context, call, 1, () => {
                policy.comment = body.comment ?? policy.comment;
                policy.throttle = body.throttle ?? policy.throttle;
                policy.retention = body.retention ? rules(body.retention) : policy.retention;
                if (body.transfer_schedule !== undefined) {
                    policy.transferSchedule = cluster.state.schedules.find(({ uuid }) => uuid === schedule)?.name;
                }
            });
            return { job };
        },
        remove: (call, found) => {
            const policy = find(found);
            const used = cluster.state.relationships.some((one) => one.policy === policy.uuid);
            if (used || policy.builtIn) {
                throw new OntapFailure(
                    409,
                    "8",
                    `Policy "${policy.name}" ${used ? "is in use" : "belongs to the system"}.`,
                );
            }
            const job = startJob(context, call, 1, () => {
                cluster.state.policies.splice(cluster.state.policies.indexOf(policy), 1);
            });
            return { job };
        },
    };
}

interface RelationshipBody {
    source?: { path?: string };
    destination?: { path?: string };
    policy?: Reference;
    transfer_schedule?: { name?: string | null; uuid?: string | null } | null;
    throttle?: number;
    backoff_level?: string;
    state?: string;
    preserve?: boolean;
    quick_resync?: boolean;
    recover_after_break?: boolean;
    restore_to_snapshot?: string;
    restore?: boolean;
    create_destination?: { enabled?: boolean; size?: number | string };
}

export function relationships(context: Context): Resource {
    const { cluster } = context;
    return {
        path: "/snapmirror/relationships",
        keys: ["uuid"],
        lists: [
            "source.consistency_group_volumes",
            "destination.consistency_group_volumes",
            "unhealthy_reason",
            "unhealthy_reason.arguments",
        ],
        parameters: {
            GET: ["list_destinations_only"],
            POST: ["validate_only"],
            PATCH: ["failover", "force_failover", "force-failover", "failback", "force", "validate_only"],
            DELETE: [
                "destination_only",
                "source_only",
                "source_info_only",
                "failover",
                "force-failover",
                "failback",
                "delete_lun_maps_in_destination",
                "unmap_namespace",
            ],
        },
        fields: {
            uuid: text({ ...shown, always: true }),
            "source.path": text({ always: true, required: true }),
            ...reference("source.svm"),
            ...reference("source.cluster"),
            "source.consistency_group_volumes.name": text({ expensive: true }),
            "destination.path": text({ always: true, required: true }),
            ...reference("destination.svm"),
            ...reference("destination.cluster"),
            "destination.ipspace": text({ expensive: true }),
            "destination.consistency_group_volumes.name": text({ expensive: true }),
            ...reference("policy"),
            "policy.type": oneOf(["async", "sync", "continuous"], shown),
            ...reference("transfer_schedule"),
            throttle: integer({ minimum: 0 }),
            backoff_level: oneOf(["high", "medium", "none"]),
            state: oneOf(relationshipStates),
            healthy: flag(shown),
            "unhealthy_reason.code": text(shown),
            "unhealthy_reason.message": text(shown),
            "unhealthy_reason.arguments": { type: "any", readOnly: true },
            lag_time: duration(shown),
            exported_snapshot: text(shown),
            group_type: oneOf(["none", "svm_dr", "consistency_group", "flexgroup", "coordination_group"], shown),
            last_transfer_type: oneOf(["initialize", "update", "resync", "restore"], shown),
            last_transfer_network_compression_ratio: text(shown),
            restore: flag({ createOnly: true }),
            preserve: flag({ expensive: true }),
            quick_resync: flag({ expensive: true }),
            recover_after_break: flag({ expensive: true }),
            restore_to_snapshot: text({ expensive: true }),
            "create_destination.enabled": flag({ expensive: true, createOnly: true }),
            "create_destination.size": size({ expensive: true, createOnly: true }),
            "create_destination.snapshot_locking_enabled": flag({ expensive: true, createOnly: true }),
            "create_destination.tiering.policy": text({ expensive: true, createOnly: true }),
            "create_destination.tiering.supported": flag({ expensive: true, createOnly: true }),
            "create_destination.storage_service.enabled": flag({ expensive: true, createOnly: true }),
            "create_destination.storage_service.name": text({ expensive: true, createOnly: true }),
            "create_destination.storage_service.enforce_performance": flag({ expensive: true, createOnly: true }),
            identity_preservation: oneOf(identityPreservations),
            "transfer.uuid": text(shown),
            "transfer.state": oneOf(transferStates, shown),
            "transfer.type": oneOf(["initialize", "update", "resync", "restore"], shown),
            "transfer.bytes_transferred": size(shown),
            "transfer.total_duration": duration(shown),
            "transfer.end_time": time(shown),
            "transfer.last_updated_time": time(shown),
            total_transfer_bytes: size(shown),
            total_transfer_duration: duration(shown),
        },
        list: ({ query, method }) => {
            const atSource =
                query.own["list_destinations_only"] !== undefined && isSet(query, "list_destinations_only");
            const isRelease = method === "DELETE" && (isSet(query, "source_only") || isSet(query, "source_info_only"));
            const own = cluster.state.relationships.map((one) => relationshipView(context, one));
            const sources = cluster.state.sourceRecords.map((one) => sourceView(context, one));
            if (isRelease) {
                const ids = new Set(cluster.state.sourceRecords.map(({ uuid }) => uuid));
                return [...sources, ...own.filter((view) => !ids.has((view as Relationship).uuid))];
            }
            return atSource ? sources : own;
        },
        visible: (view) => {
            const relationship = cluster.state.relationships.find(({ uuid }) => uuid === (view as Relationship).uuid);
            return !relationship || relationship.visibleAt <= cluster.clock.now();
        },
        create: (call) => createRelationship(context, call),
        modify: (call, found) => modifyRelationship(context, call, found),
        remove: (call, found) => removeRelationship(context, call, found),
    };
}

function relationshipView({ cluster, relationships: service }: Context, one: Relationship): object {
    const policy = cluster.state.policies.find(({ uuid }) => uuid === one.policy);
    const volume = cluster.state.volumes.find(({ uuid }) => uuid === one.destinationVolume);
    const svm = volume && refer(cluster.svm(volume.svm));
    const scheduleUuid = service.scheduleOf(one);
    const transfer = cluster.state.transfers.find(({ uuid }) => uuid === one.lastTransfer);
    const running = service.transfers.of(one);
    const state = service.stateOf(one);
    const showsLag = one.exported && state !== "broken_off";
    return {
        uuid: one.uuid,
        source: { path: one.sourcePath, svm: one.sourceSvm, cluster: one.sourceCluster },
        destination: { path: one.destinationPath, svm },
        policy: policy && { ...refer(policy), type: policy.type },
        transfer_schedule: cluster.state.schedules.filter(({ uuid }) => uuid === scheduleUuid).map(refer)[0],
        throttle: one.throttle,
        backoff_level: one.backoffLevel,
        state,
        healthy: one.healthy,
        unhealthy_reason: one.unhealthyReason.length > 0 ? one.unhealthyReason : undefined,
        lag_time: showsLag && one.exported ? isoDuration(cluster.clock.now() - one.exported.createdAt) : undefined,
        exported_snapshot: one.exported?.name,
        group_type: groupTypeOf(cluster.state.volumes.find(({ uuid }) => uuid === one.destinationVolume)),
        last_transfer_type: one.lastTransferType,
        restore: false,
        identity_preservation: undefined,
        transfer: transfer && {
            uuid: running ? transfer.uuid : undefined,
            state: transfer.state,
            type: transfer.type,
            bytes_transferred: transfer.bytes,
            total_duration: isoDuration((transfer.endedAt ?? cluster.clock.now()) - transfer.startedAt),
            end_time: transfer.endedAt === undefined ? undefined : isoTime(transfer.endedAt),
            last_updated_time: isoTime(transfer.updatedAt),
        },
        total_transfer_bytes: one.totalBytes,
        total_transfer_duration: isoDuration(one.totalMilliseconds),
    };
}

/** What the source knows: neither state nor health, which live at the destination. */
function sourceView({ cluster }: Context, record: SourceRecord): object {
    const volume = cluster.state.volumes.find(({ uuid }) => uuid === record.volume);
    const svm = volume && cluster.svm(volume.svm);
    return {
        uuid: record.uuid,
        source: { path: `${svm?.name ?? ""}:${volume?.name ?? ""}`, svm: svm && refer(svm) },
        destination: {
            path: record.destinationPath,
            svm: record.destinationSvm,
            cluster: record.destinationCluster,
        },
        policy: { type: record.policyType },
        group_type: groupTypeOf(volume),
    };
}

function groupTypeOf(volume: Volume | undefined): string {
    return volume?.style ?? "none";
}

function createRelationship(context: Context, call: Call): Outcome {
    const { cluster, relationships: service } = context;
    const body = call.body as RelationshipBody;
    const createDestination = body.create_destination?.enabled === true;
    if (body.state !== undefined && !createDestination) {
        throw new OntapFailure(400, "13303873", 'The state can be given only with "create_destination".', "state");
    }
    const destinationPath = body.destination?.path ?? "";
    const svm = cluster.svmNamed(destinationPath.split(":")[0] ?? "");
    const policy = service.policyNamed(body.policy?.name, body.policy?.uuid, svm?.uuid ?? "");
    const request: CreateRequest = {
        sourcePath: body.source?.path ?? "",
        destinationPath,
        policy: policy.uuid,
        schedule: service.scheduleNamed(body.transfer_schedule),
        throttle: body.throttle,
        backoffLevel: body.backoff_level,
        createDestination: createDestination ? { size: parseSize(body.create_destination?.size) } : undefined,
    };
    const relationship = service.prepare(request);
    const state = body.state as RequestedState | undefined;
    if (state !== undefined && state !== "snapmirrored") {
        throw new OntapFailure(400, "13303874", `The state "${state}" cannot be given here.`, "state");
    }
    if (isSet(call.query, "validate_only")) {
        return {};
    }
    const job = startJob(context, call, 2, () => service.create(relationship, request, state), {
        svm: svm && refer(svm),
    });
    return { key: [relationship.uuid], record: () => relationshipView(context, relationship), job };
}

function checkFlags(body: RelationshipBody): void {
    if (body.recover_after_break !== undefined) {
        throw new OntapFailure(400, "13303834", '"recover_after_break" is for FlexGroups only.', "recover_after_break");
    }
    const ofResync = body.preserve !== undefined || body.quick_resync !== undefined;
    const ofBreak = body.restore_to_snapshot !== undefined;
    if ((ofResync || ofBreak) && body.state === undefined) {
        throw new OntapFailure(400, "13303837", "The flag needs a state.", "state");
    }
    if (ofResync && body.state !== "snapmirrored") {
        throw new OntapFailure(400, "13303836", '"preserve" and "quick_resync" belong to a resync.', "state");
    }
    if (ofBreak && body.state !== "broken_off") {
        throw new OntapFailure(400, "13303835", '"restore_to_snapshot" belongs to a break.', "state");
    }
}

function modifyRelationship(context: Context, call: Call, found: Record<string, unknown>): Outcome {
    const { cluster, relationships: service } = context;
    const body = call.body as RelationshipBody;
    const relationship = cluster.state.relationships.find(({ uuid }) => uuid === found["uuid"]);
    if (!relationship) {
        throw missingEntry();
    }
    checkFlags(body);
    if (["failover", "failback", "force_failover", "force-failover"].some((name) => isSet(call.query, name))) {
        throw new OntapFailure(400, "13303833", "Failover and failback are for SVM relationships only.");
    }
    const { source, destination } = body;
    if (source?.path !== undefined || destination?.path !== undefined) {
        const same = source?.path === relationship.sourcePath && destination?.path === relationship.destinationPath;
        if (!same) {
            throw new OntapFailure(
                400,
                "13304120",
                "The paths are not those of the relationship; make the reverse relationship at the new destination.",
                "source.path",
            );
        }
    }
    const [svmName = ""] = relationship.destinationPath.split(":");
    const svm = cluster.svmNamed(svmName);
    const policy = body.policy ? service.policyNamed(body.policy.name, body.policy.uuid, svm?.uuid ?? "") : undefined;
    const schedule = service.scheduleNamed(body.transfer_schedule);
    const { state } = body;
    if (state !== undefined) {
        service.checkState(relationship, state);
    }
    if (isSet(call.query, "validate_only")) {
        return {};
    }
    const job = startJob(
        context,
        call,
        1,
        async () => {
            relationship.policy = policy?.uuid ?? relationship.policy;
            relationship.throttle = body.throttle ?? relationship.throttle;
            relationship.backoffLevel = body.backoff_level ?? relationship.backoffLevel;
            if (schedule !== undefined) {
                relationship.schedule = schedule;
            }
            if (state !== undefined) {
                await service.setState(relationship, state as RequestedState, {
                    preserve: body.preserve,
                    restoreToSnapshot: body.restore_to_snapshot,
                    force: isSet(call.query, "force"),
                });
            }
        },
        { svm: svm && refer(svm) },
    );
    return { job };
}

function removeRelationship(context: Context, call: Call, found: Record<string, unknown>): Outcome {
    const { cluster, relationships: service, source } = context;
    const flags = ["destination_only", "source_only", "source_info_only"].filter((name) => isSet(call.query, name));
    if (flags.length > 1) {
        throw new OntapFailure(400, "13304082", `The fields "${flags.join('", "')}" exclude each other.`);
    }
    const [flagName] = flags;
    const relationship = cluster.state.relationships.find(({ uuid }) => uuid === found["uuid"]);
    if (flagName === "source_only" || flagName === "source_info_only") {
        const request = { relationship: String(found["uuid"]), infoOnly: flagName === "source_info_only" };
        const atSource = cluster.state.sourceRecords.some(({ uuid }) => uuid === found["uuid"]);
        if (!atSource && (!relationship || flagName === "source_only")) {
            throw missingEntry();
        }
        const job = startJob(context, call, 1, async () => {
            await (atSource || !relationship ? source : service.transfers.source(relationship)).release(request);
        });
        return { job };
    }
    if (!relationship) {
        throw missingEntry();
    }
    const job = startJob(context, call, 1, () => service.remove(relationship, flagName === "destination_only"));
    return { job };
}

export function transfers(context: Context): Resource {
    const { cluster, relationships: service } = context;
    const owner = ({ params }: Call) => {
        const found = cluster.state.relationships.find(({ uuid }) => uuid === params["relationship"]);
        if (!found) {
            throw missingEntry();
        }
        return found;
    };
    const view = (relationship: Relationship, one: Transfer) => ({
        uuid: one.uuid,
        state: one.state,
        bytes_transferred: one.bytes,
        checkpoint_size: one.checkpoint,
        snapshot: one.snapshot,
        throttle: one.throttle,
        total_duration: isoDuration((one.endedAt ?? cluster.clock.now()) - one.startedAt),
        end_time: one.endedAt === undefined ? undefined : isoTime(one.endedAt),
        last_updated_time: isoTime(one.updatedAt),
        error_info: one.error && { code: Number(one.error.code), message: one.error.message },
        relationship: {
            uuid: relationship.uuid,
            destination: { path: relationship.destinationPath },
        },
    });
    return {
        path: "/snapmirror/relationships/:relationship/transfers",
        keys: ["uuid"],
        lists: ["files"],
        fields: {
            uuid: text({ ...shown, always: true }),
            state: oneOf(transferStates),
            bytes_transferred: size(shown),
            checkpoint_size: size(shown),
            snapshot: text(shown),
            source_snapshot: text({ expensive: true, createOnly: true }),
            throttle: integer({ minimum: 0, createOnly: true }),
            total_duration: duration(shown),
            end_time: time(shown),
            last_updated_time: time(shown),
            "error_info.code": integer(shown),
            "error_info.message": text(shown),
            "relationship.uuid": text({ ...shown, always: true }),
            "relationship.destination.path": text(shown),
            storage_efficiency_enabled: flag({ expensive: true, createOnly: true }),
            on_demand_attrs: oneOf(["off", "read_write_with_user_data_pull"], { expensive: true, createOnly: true }),
            "files.source_path": text({ expensive: true, createOnly: true }),
            "files.destination_path": text({ expensive: true, createOnly: true }),
        },
        list: (call) => {
            const relationship = owner(call);
            return cluster.state.transfers
                .filter((one) => one.relationship === relationship.uuid && one.state !== "queued")
                .map((one) => view(relationship, one));
        },
        create: (call) => {
            const relationship = owner(call);
            const body = call.body as { source_snapshot?: string; throttle?: number; files?: unknown };
            if (body.files !== undefined) {
                throw new OntapFailure(
                    400,
                    "13303846",
                    "Single files are transferred in restore relationships only.",
                    "files",
                );
            }
            const transfer = service.startTransfer(relationship, body.source_snapshot, body.throttle);
            return { key: [transfer.uuid], record: () => view(relationship, transfer) };
        },
        modify: async (call, found) => {
            const relationship = owner(call);
            const { state } = call.body as { state?: string };
            const running = service.transfers.of(relationship);
            if ((state !== "aborted" && state !== "hard_aborted") || running?.uuid !== found["uuid"]) {
                throw new OntapFailure(400, "13303849", "The transfer cannot be changed so.", "state");
            }
            service.transfers.abort(relationship, state);
            await service.transfers.idle(relationship);
            return {};
        },
    };
}
