import { isoDuration, isoTime } from "../clock";
import { addDefaultPolicy, exportPolicyNamed, refer, rootVolume } from "../cluster";
import { missingValue, OntapFailure } from "../errors";
import { duration, flag, integer, oneOf, parseSize, reference, shown, size, text, time } from "../http/fields";
import { Resource } from "../http/resource";
import { blockSize } from "../options";
import { Snapshot, State, Svm, Volume } from "../state";
import { randomUUID } from "node:crypto";
import { Context, Reference, resolve, startJob } from "./context";

export function svms(context: Context): Resource {
    const { cluster } = context;
    const view = (svm: Svm) => {
        const protectedVolumes = cluster.state.sourceRecords.filter((record) =>
            cluster.state.volumes.some(({ uuid, svm: owner }) => uuid === record.volume && owner === svm.uuid),
        );
        return {
            uuid: svm.uuid,
            name: svm.name,
            state: svm.state,
            subtype: svm.subtype,
            language: svm.language,
            comment: svm.comment,
            ipspace: { name: "Default" },
            aggregates: cluster.state.aggregates.map(refer),
            snapmirror: { is_protected: protectedVolumes.length > 0, protected_volumes_count: protectedVolumes.length },
            nfs: { enabled: true, allowed: true },
        };
    };
    const find = (found: Record<string, unknown>) => cluster.svm(String(found["uuid"]));
    return {
        path: "/svm/svms",
        keys: ["uuid"],
        lists: ["aggregates"],
        fields: {
            uuid: text({ ...shown, always: true }),
            name: text({ always: true, required: true, longest: 47 }),
            state: oneOf(["starting", "running", "stopping", "stopped", "deleting", "initializing"]),
            subtype: oneOf(["default", "dp_destination", "sync_source", "sync_destination", "data_engine"], {
                createOnly: true,
            }),
            language: oneOf(languages),
            comment: text(),
            ...reference("ipspace", { createOnly: true }),
            ...reference("aggregates"),
            "snapmirror.is_protected": flag(shown),
            "snapmirror.protected_volumes_count": integer(shown),
            "nfs.enabled": flag(),
            "nfs.allowed": flag(),
        },
        list: () => cluster.state.svms.map(view),
        create: (call) => {
            const body = call.body as { name: string; subtype?: string; language?: string; comment?: string };
            if (cluster.svmNamed(body.name)) {
                throw new OntapFailure(409, "13434908", `SVM "${body.name}" exists already.`, "name");
            }
            const svm: Svm = {
                uuid: randomUUID(),
                name: body.name,
                state: "running",
                subtype: body.subtype ?? "default",
                language: body.language ?? "c.utf_8",
                comment: body.comment,
                createdAt: cluster.clock.now(),
            };
            const job = startJob(context, call, 5, () => {
                const [aggregate] = cluster.state.aggregates;
                cluster.state.svms.push(svm);
                addDefaultPolicy(cluster.state, svm.uuid);
                cluster.state.volumes.push(rootVolume(svm, aggregate?.uuid ?? "", cluster.clock.now()));
            });
            return { key: [svm.uuid], record: () => view(svm), job };
        },
        modify: (call, found) => {
            const svm = find(found);
            const job = startJob(context, call, 1, () => {
                Object.assign(svm, call.body);
            });
            return { job };
        },
        remove: (call, found) => {
            const svm = find(found);
            const job = startJob(context, call, 3, async () => {
                const own = cluster.state.volumes.filter((volume) => volume.svm === svm.uuid);
                if (own.some(({ isRoot }) => !isRoot) || cluster.state.svmPeers.some((peer) => peer.svm === svm.uuid)) {
                    throw new OntapFailure(409, "8", `SVM "${svm.name}" has volumes or peers.`);
                }
                for (const volume of own) {
                    await context.volumes.remove(volume);
                }
                cluster.state.svms.splice(cluster.state.svms.indexOf(svm), 1);
            });
            return { job };
        },
    };
}

interface VolumeBody {
    name?: string;
    svm?: Reference;
    aggregates?: Reference[];
    type?: Volume["type"];
    style?: "flexvol" | "flexgroup";
    state?: Volume["state"];
    size?: number | string;
    space?: { size?: number | string; snapshot?: { reserve_percent?: number } };
    comment?: string;
    language?: string;
    guarantee?: { type?: string };
    snapshot_policy?: Reference;
    tiering?: { policy?: string };
    _tags?: string[];
    nas?: {
        path?: string | null;
        export_policy?: Reference;
        security_style?: string;
        unix_permissions?: number;
    };
    clone?: {
        is_flexclone?: boolean;
        parent_volume?: Reference;
        parent_snapshot?: Reference;
        parent_svm?: Reference;
    };
}

const localLanguages =
    "ar cs da de en en_us es fi fr he hr hu it ja ja_jp.932 ja_jp.pck ja_jp.pck_v2 ja_v1 ko nl no pl pt ro ru sk sl sv tr zh zh.gbk zh_tw zh_tw.big5";
/** Languages of SVMs and volumes; each but the last two exists in UTF-8 as well. */
const languages = [...localLanguages.split(" ").flatMap((one) => [one, `${one}.utf_8`]), "c", "c.utf_8", "utf8mb4"];

/** ONTAP makes room for one file in so many bytes of a volume. */
const bytesForEachFile = 32 * 1024;
/** Smallest FlexVol. */
const smallestVolume = 20 * 2 ** 20;

export function volumes(context: Context): Resource {
    const { cluster } = context;
    const find = (found: Record<string, unknown>) => cluster.volume(String(found["uuid"]));
    const svmOf = (body: VolumeBody) => {
        const svm = resolve(cluster.state.svms, body.svm);
        if (!svm) {
            throw body.svm
                ? new OntapFailure(400, "917505", "SVM does not exist.", "svm.name")
                : missingValue("svm.name");
        }
        return svm;
    };
    return {
        path: "/storage/volumes",
        keys: ["uuid"],
        lists: ["aggregates", "_tags", "tiering.object_tags"],
        parameters: {
            PATCH: [
                "restore_to.snapshot.name",
                "restore_to.snapshot.uuid",
                "nvfail",
                "sizing_method",
                "scheduled_snapshot_naming_scheme",
            ],
            DELETE: ["force"],
        },
        fields: {
            uuid: text({ ...shown, always: true }),
            name: text({ always: true, required: true, longest: 203 }),
            ...reference("svm", { always: true, createOnly: true }),
            ...reference("aggregates", { createOnly: true }),
            type: oneOf(["rw", "dp", "ls"], { createOnly: true }),
            state: oneOf(["online", "offline", "restricted", "error", "mixed"]),
            style: oneOf(["flexvol", "flexgroup"], { createOnly: true }),
            size: size(),
            comment: text(),
            language: oneOf(languages, { createOnly: true }),
            create_time: time(shown),
            is_svm_root: flag(shown),
            msid: integer(shown),
            snapshot_count: integer(shown),
            svm_dr_protection: oneOf(["unprotected", "protected"]),
            "space.size": size(),
            "space.used": size(shown),
            "space.available": size(shown),
            "space.afs_total": size(shown),
            "space.logical_space.used": size(shown),
            "space.logical_space.reporting": flag(),
            "space.logical_space.enforcement": flag(),
            "space.snapshot.reserve_percent": integer({ minimum: 0, maximum: 90 }),
            "space.snapshot.used": size(shown),
            "guarantee.type": oneOf(["none", "volume"]),
            "guarantee.honored": flag(shown),
            ...reference("snapshot_policy"),
            snapshot_directory_access_enabled: flag(),
            "snapmirror.is_protected": flag(shown),
            "snapmirror.destinations.is_ontap": flag(shown),
            "snapmirror.destinations.is_cloud": flag(shown),
            "nas.path": text(),
            "nas.export_policy.name": text(),
            "nas.export_policy.id": integer(),
            "nas.security_style": oneOf(["unix", "ntfs", "mixed", "unified"]),
            "nas.unix_permissions": integer(),
            "nas.gid": integer(),
            "nas.uid": integer(),
            "tiering.policy": oneOf(["all", "auto", "none", "snapshot_only"]),
            "encryption.enabled": flag(),
            "tiering.object_tags": text(),
            "efficiency.compression": oneOf(["inline", "background", "both", "none", "mixed"]),
            "files.maximum": integer(),
            "files.used": integer(shown),
            "efficiency.state": oneOf(["disabled", "enabled", "mixed"], shown),
            "autosize.mode": oneOf(["grow", "grow_shrink", "off"]),
            "autosize.maximum": size(),
            "qos.policy.name": text(),
            "qos.policy.uuid": text(),
            "snaplock.type": oneOf(["compliance", "enterprise", "non_snaplock"], { createOnly: true }),
            _tags: text(),
            "clone.is_flexclone": flag(),
            "clone.split_initiated": flag(),
            ...reference("clone.parent_volume"),
            ...reference("clone.parent_snapshot"),
            ...reference("clone.parent_svm"),
        },
        list: () => cluster.state.volumes.map((volume) => volumeView(context, volume)),
        create: (call) => {
            const body = call.body as VolumeBody;
            const svm = svmOf(body);
            const name = body.name ?? "";
            if (cluster.volumeNamed(svm.uuid, name)) {
                throw new OntapFailure(409, "917526", `Volume "${name}" exists already.`, "name");
            }
            if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
                throw new OntapFailure(400, "917888", `"${name}" is no name of a volume.`, "name");
            }
            return body.clone?.is_flexclone
                ? cloneVolume(context, call, svm, body)
                : createVolume(context, call, svm, body);
        },
        modify: (call, found) => {
            const volume = find(found);
            const body = call.body as VolumeBody;
            checkSize(body);
            const { own } = call.query;
            const restore: Reference = {
                name: own["restore_to.snapshot.name"],
                uuid: own["restore_to.snapshot.uuid"],
            };
            const job = startJob(context, call, 1, async () => {
                if (restore.name !== undefined || restore.uuid !== undefined) {
                    await restoreVolume(context, volume, restore);
                }
                modifyVolume(context, volume, body);
            });
            return { job };
        },
        remove: (call, found) => {
            const volume = find(found);
            return { job: startJob(context, call, 2, () => removeVolume(context, volume)) };
        },
    };
}

function volumeView({ cluster, volumes: service }: Context, volume: Volume): object {
    const used = service.used(volume);
    const { sourceRecords } = cluster.state;
    const isSource = sourceRecords.some((record) => record.volume === volume.uuid);
    const active = volume.files.reduce((sum, { length }) => sum + length, 0);
    return {
        uuid: volume.uuid,
        name: volume.name,
        svm: refer(cluster.svm(volume.svm)),
        aggregates: cluster.state.aggregates.filter(({ uuid }) => uuid === volume.aggregate).map(refer),
        type: volume.type,
        state: volume.state,
        style: volume.style ?? "flexvol",
        size: volume.size,
        comment: volume.comment ?? "",
        language: volume.language,
        create_time: isoTime(volume.createdAt),
        is_svm_root: volume.isRoot,
        msid: volume.msid,
        snapshot_count: volume.snapshots.length,
        svm_dr_protection: "unprotected",
        space: {
            size: volume.size,
            used,
            available: Math.max(0, volume.size - used),
            afs_total: volume.size,
            logical_space: { used: active, reporting: false, enforcement: false },
            snapshot: { reserve_percent: volume.snapshotReservePercent, used: Math.max(0, used - active) },
        },
        guarantee: { type: volume.guarantee, honored: true },
        snapshot_policy: { name: volume.snapshotPolicy },
        snapshot_directory_access_enabled: true,
        snapmirror: { is_protected: isSource, destinations: { is_ontap: isSource, is_cloud: false } },
        nas: {
            path: volume.junctionPath,
            export_policy: { name: volume.exportPolicy },
            security_style: volume.securityStyle,
            unix_permissions: volume.unixPermissions,
        },
        tiering: { policy: volume.tieringPolicy },
        encryption: { enabled: false },
        efficiency: { state: "disabled", compression: "none" },
        files: { maximum: Math.floor(volume.size / bytesForEachFile), used: volume.files.length },
        snaplock: { type: "non_snaplock" },
        _tags: volume.tags,
        clone: volume.clone
            ? {
                  is_flexclone: true,
                  parent_volume: volume.clone.parentVolume,
                  parent_snapshot: volume.clone.parentSnapshot,
                  parent_svm: volume.clone.parentSvm,
              }
            : { is_flexclone: false },
    };
}

function checkSize(body: VolumeBody): number | undefined {
    const bytes = parseSize(body.size ?? body.space?.size);
    if (bytes !== undefined && bytes < smallestVolume) {
        throw new OntapFailure(400, "917534", "The size is too small: at least 20 MB.", "size");
    }
    return bytes;
}

function checkJunction({ cluster }: Context, svm: string, path: string, own?: Volume): void {
    const taken = cluster.state.volumes.find((one) => one.svm === svm && one.junctionPath === path && one !== own);
    if (!path.startsWith("/") || taken) {
        throw new OntapFailure(
            400,
            "918236",
            `The junction path "${path}" is ${taken ? "in use" : "invalid"}.`,
            "nas.path",
        );
    }
}

function createVolume(context: Context, call: Parameters<typeof startJob>[1], svm: Svm, body: VolumeBody) {
    const { cluster } = context;
    const isFlexGroup = body.style === "flexgroup";
    const { aggregates = [] } = body;
    if (aggregates.length === 0 || (!isFlexGroup && aggregates.length > 1)) {
        throw new OntapFailure(400, "918242", "Exactly one aggregate is needed.", "aggregates");
    }
    const aggregate = resolve(cluster.state.aggregates, aggregates[0]);
    if (!aggregate) {
        throw new OntapFailure(400, "917508", "The aggregate does not exist.", "aggregates.name");
    }
    const bytes = checkSize(body) ?? smallestVolume;
    checkExportPolicy(context, svm.uuid, body);
    const type = body.type ?? "rw";
    const path = body.nas?.path ?? undefined;
    if (path !== undefined) {
        if (type === "dp") {
            throw new OntapFailure(
                400,
                "917536",
                "A data-protection volume cannot be mounted when it is made.",
                "nas.path",
            );
        }
        checkJunction(context, svm.uuid, path);
    }
    const uuid = randomUUID();
    const job = startJob(
        context,
        call,
        1.5,
        () => {
            const name = body.name ?? "";
            if (cluster.volumeNamed(svm.uuid, name)) {
                throw new OntapFailure(409, "917526", `Volume "${name}" exists already.`);
            }
            context.volumes.create(svm, name, aggregate.uuid, {
                uuid,
                type,
                ...(isFlexGroup ? { style: "flexgroup" as const } : {}),
                size: bytes,
                comment: body.comment,
                junctionPath: path,
                exportPolicy: body.nas?.export_policy?.name ?? "default",
                securityStyle: body.nas?.security_style ?? "unix",
                unixPermissions: body.nas?.unix_permissions ?? 755,
                snapshotPolicy: body.snapshot_policy?.name ?? (type === "dp" ? "none" : "default"),
                snapshotReservePercent: body.space?.snapshot?.reserve_percent ?? 5,
                guarantee: body.guarantee?.type ?? "volume",
                tieringPolicy: body.tiering?.policy ?? "none",
                tags: body._tags ?? [],
            });
        },
        { svm: refer(svm) },
    );
    return { key: [uuid], record: () => ({ uuid, name: body.name, svm: refer(svm) }), job };
}

function cloneVolume(context: Context, call: Parameters<typeof startJob>[1], svm: Svm, body: VolumeBody) {
    const { cluster } = context;
    const parent = resolve(
        cluster.state.volumes.filter((one) => one.svm === svm.uuid),
        body.clone?.parent_volume,
    );
    if (!parent) {
        throw new OntapFailure(404, "4", "entry doesn't exist", "clone.parent_volume");
    }
    const wanted = body.clone?.parent_snapshot;
    const snapshot = wanted && resolve(parent.snapshots, wanted);
    if (wanted && !snapshot) {
        throw new OntapFailure(404, "4", "entry doesn't exist", "clone.parent_snapshot");
    }
    if (!snapshot && parent.type === "dp") {
        throw new OntapFailure(
            400,
            "13001",
            "A clone of a data-protection volume needs a snapshot.",
            "clone.parent_snapshot",
        );
    }
    const path = body.nas?.path ?? undefined;
    if (path !== undefined) {
        checkJunction(context, svm.uuid, path);
    }
    const uuid = randomUUID();
    const job = startJob(
        context,
        call,
        1.5,
        async () => {
            const frozen = snapshot ?? (await context.volumes.snapshot(parent, `clone_${body.name}.${Date.now()}.0`));
            const clone = context.volumes.create(svm, body.name ?? "", parent.aggregate, {
                uuid,
                size: parent.size,
                junctionPath: path,
                snapshotPolicy: body.snapshot_policy?.name ?? parent.snapshotPolicy,
                exportPolicy: body.nas?.export_policy?.name ?? parent.exportPolicy,
                comment: body.comment,
                tags: body._tags ?? [],
                clone: { parentVolume: refer(parent), parentSnapshot: refer(frozen), parentSvm: refer(svm) },
            });
            await context.volumes.fillFrom(parent, frozen.files, clone);
        },
        { svm: refer(svm) },
    );
    return { key: [uuid], record: () => ({ uuid, name: body.name, svm: refer(svm) }), job };
}

/** ONTAP documents no code of its own for this: that of anything that does not exist. */
function checkExportPolicy({ cluster }: Context, svm: string, { nas }: VolumeBody): void {
    const name = nas?.export_policy?.name;
    if (name !== undefined && exportPolicyNamed(cluster.state, svm, name) === undefined) {
        throw new OntapFailure(404, "4", `The export policy "${name}" doesn't exist`, "nas.export_policy.name");
    }
}

function modifyVolume(context: Context, volume: Volume, body: VolumeBody): void {
    const { cluster } = context;
    const path = body.nas?.path;
    if (path !== undefined) {
        if (path === null || path === "") {
            volume.junctionPath = undefined;
        } else {
            const ready = cluster.state.relationships.some(
                (one) => one.destinationVolume === volume.uuid && one.exported,
            );
            if (volume.type === "dp" && !ready && !volume.snapshots.length) {
                throw new OntapFailure(
                    409,
                    "917536",
                    `Volume "${volume.name}" is a DP volume that is not initialized.`,
                );
            }
            checkJunction(context, volume.svm, path, volume);
            volume.junctionPath = path;
        }
    }
    checkExportPolicy(context, volume.svm, body);
    if (body.name !== undefined && body.name !== volume.name) {
        if (cluster.volumeNamed(volume.svm, body.name)) {
            throw new OntapFailure(409, "917526", `Volume "${body.name}" exists already.`);
        }
        volume.name = body.name;
    }
    if (body.clone && "split_initiated" in body.clone) {
        volume.clone = undefined;
    }
    volume.size = checkSize(body) ?? volume.size;
    volume.state = body.state ?? volume.state;
    volume.comment = body.comment ?? volume.comment;
    volume.exportPolicy = body.nas?.export_policy?.name ?? volume.exportPolicy;
    volume.securityStyle = body.nas?.security_style ?? volume.securityStyle;
    volume.unixPermissions = body.nas?.unix_permissions ?? volume.unixPermissions;
    volume.snapshotPolicy = body.snapshot_policy?.name ?? volume.snapshotPolicy;
    volume.snapshotReservePercent = body.space?.snapshot?.reserve_percent ?? volume.snapshotReservePercent;
    volume.guarantee = body.guarantee?.type ?? volume.guarantee;
    volume.tieringPolicy = body.tiering?.policy ?? volume.tieringPolicy;
    volume.tags = body._tags ?? volume.tags;
}

/** Takes a volume back to one of its snapshots; later ones go, and none of those may be held. */
async function restoreVolume(context: Context, volume: Volume, reference: Reference): Promise<void> {
    const snapshot = resolve(volume.snapshots, reference);
    if (!snapshot) {
        throw new OntapFailure(404, "4", "entry doesn't exist", "restore_to.snapshot");
    }
    if (volume.type !== "rw") {
        throw new OntapFailure(400, "917617", `Volume "${volume.name}" is a DP volume and cannot be changed so.`);
    }
    const later = new Set(volume.snapshots.slice(volume.snapshots.indexOf(snapshot) + 1));
    if ([...later].some(({ heldBy }) => heldBy.length > 0)) {
        throw new OntapFailure(409, "1638543", "A later snapshot has an owner: SnapMirror needs it.");
    }
    context.volumes.revertFiles(volume, snapshot);
    await context.volumes.dropSnapshots(volume, (one) => later.has(one));
}

async function removeVolume(context: Context, volume: Volume): Promise<void> {
    const { state } = context.cluster;
    const isEndpoint =
        state.relationships.some((one) => one.destinationVolume === volume.uuid) ||
        state.sourceRecords.some((record) => record.volume === volume.uuid);
    if (isEndpoint) {
        throw new OntapFailure(
            409,
            "917858",
            `Volume "${volume.name}" is the source or destination endpoint of one or more SnapMirror relationships. Before you delete the volume, you must release or delete the source or destination endpoints of the SnapMirror relationships.`,
        );
    }
    if (state.volumes.some((one) => one.clone?.parentVolume.uuid === volume.uuid)) {
        throw new OntapFailure(409, "524615", `Volume "${volume.name}" has clones.`);
    }
    if (volume.isRoot) {
        throw new OntapFailure(409, "917597", `Volume "${volume.name}" is the root volume of its SVM.`);
    }
    await context.volumes.remove(volume);
    forgetContents(state, volume.uuid);
}

/** What was in a volume goes with it. */
function forgetContents(state: State, volume: string): void {
    const gone = new Set(state.devices.filter((one) => one.volume === volume).map(({ uuid }) => uuid));
    state.maps = state.maps.filter(({ device }) => !gone.has(device));
    state.devices = state.devices.filter(({ uuid }) => !gone.has(uuid));
    state.qtrees = state.qtrees.filter((one) => one.volume !== volume);
}

/** Bytes of the active files' blocks that the snapshot does not have. */
function changedSince(volume: Volume, snapshot: Snapshot): number {
    const blocks = (bytes: number) => Math.ceil(bytes / blockSize);
    return volume.files.reduce((sum, { name, blob, length }) => {
        const before = snapshot.files.find((file) => file.name === name);
        const kept = before?.blob === blob ? Math.floor(before.length / blockSize) : 0;
        return sum + (before?.blob === blob && before.length === length ? 0 : blocks(length) - kept) * blockSize;
    }, 0);
}

export function snapshots(context: Context): Resource {
    const { cluster } = context;
    const owners = (volume: Volume, snapshot: Snapshot) => [
        ...(snapshot.heldBy.length > 0 ? ["snapmirror"] : []),
        ...(cluster.state.volumes.some(({ clone }) => clone?.parentSnapshot.uuid === snapshot.uuid)
            ? ["volume_clone"]
            : []),
    ];
    const view = (volume: Volume, snapshot: Snapshot) => ({
        uuid: snapshot.uuid,
        name: snapshot.name,
        create_time: isoTime(snapshot.createdAt),
        version_uuid: snapshot.versionUuid,
        state: "valid",
        size: snapshot.files.reduce((sum, { length }) => sum + length, 0),
        logical_size: snapshot.files.reduce((sum, { length }) => sum + length, 0),
        snapmirror_label: snapshot.label,
        comment: snapshot.comment,
        expiry_time: snapshot.expiresAt === undefined ? undefined : isoTime(snapshot.expiresAt),
        owners: owners(volume, snapshot),
        provenance_volume: { uuid: snapshot.provenanceVolume },
        delta: {
            size_consumed: changedSince(volume, snapshot),
            time_elapsed: isoDuration(cluster.clock.now() - snapshot.createdAt),
        },
        volume: refer(volume),
        svm: refer(cluster.svm(volume.svm)),
    });
    const parts = (params: Record<string, string>, found?: Record<string, unknown>) => {
        const volume = cluster.volume(params["volume"] ?? "");
        const snapshot = volume.snapshots.find(({ uuid }) => uuid === found?.["uuid"]);
        return { volume, snapshot: snapshot as Snapshot };
    };
    return {
        path: "/storage/volumes/:volume/snapshots",
        keys: ["uuid"],
        lists: ["owners"],
        fields: {
            uuid: text({ ...shown, always: true }),
            name: text({ always: true, required: true, longest: 255 }),
            create_time: time(shown),
            version_uuid: text(shown),
            state: oneOf(["valid", "invalid", "partial", "unknown", "pre_conversion"], shown),
            size: size(shown),
            logical_size: size(shown),
            snapmirror_label: text({ shortest: 1, longest: 31 }),
            comment: text({ longest: 255 }),
            expiry_time: time(),
            snaplock_expiry_time: time(),
            owners: text(shown),
            "provenance_volume.uuid": text(shown),
            "delta.size_consumed": size({ ...shown, expensive: true }),
            "delta.time_elapsed": duration({ ...shown, expensive: true }),
            ...reference("volume", { always: true }),
            ...reference("svm"),
        },
        list: ({ params }) => {
            const volume = cluster.volume(params["volume"] ?? "");
            return volume.snapshots.map((snapshot) => view(volume, snapshot));
        },
        create: (call) => {
            const { volume } = parts(call.params);
            const body = call.body as {
                name: string;
                snapmirror_label?: string;
                comment?: string;
                expiry_time?: string;
            };
            if (volume.type !== "rw") {
                throw new OntapFailure(400, "1638461", "Snapshots can be made on read-write volumes only.");
            }
            if (volume.snapshots.some(({ name }) => name === body.name)) {
                throw new OntapFailure(409, "525059", `Snapshot "${body.name}" exists already.`, "name");
            }
            const uuid = randomUUID();
            const job = startJob(
                context,
                call,
                0.5,
                async () => {
                    await context.volumes.snapshot(volume, body.name, {
                        uuid,
                        label: body.snapmirror_label,
                        comment: body.comment,
                        expiresAt: body.expiry_time === undefined ? undefined : Date.parse(body.expiry_time),
                    });
                },
                { svm: refer(cluster.svm(volume.svm)) },
            );
            return { key: [uuid], record: () => ({ uuid, name: body.name, volume: refer(volume) }), job };
        },
        modify: (call, found) => {
            const { volume, snapshot } = parts(call.params, found);
            const body = call.body as {
                name?: string;
                snapmirror_label?: string;
                comment?: string;
                expiry_time?: string;
            };
            if (body.name !== undefined && volume.snapshots.some((one) => one !== snapshot && one.name === body.name)) {
                throw new OntapFailure(409, "525059", `Snapshot "${body.name}" exists already.`, "name");
            }
            snapshot.name = body.name ?? snapshot.name;
            snapshot.label = body.snapmirror_label ?? snapshot.label;
            snapshot.comment = body.comment ?? snapshot.comment;
            snapshot.expiresAt = body.expiry_time === undefined ? snapshot.expiresAt : Date.parse(body.expiry_time);
            return { job: startJob(context, call, 0.2, () => undefined) };
        },
        remove: (call, found) => {
            const { volume, snapshot } = parts(call.params, found);
            if (volume.type !== "rw") {
                throw new OntapFailure(400, "1638521", "Snapshots can be deleted on read-write volumes only.");
            }
            const owner = owners(volume, snapshot)[0];
            if (owner !== undefined) {
                throw new OntapFailure(409, "1638543", `Snapshot "${snapshot.name}" has an owner: "${owner}".`);
            }
            if ((snapshot.expiresAt ?? 0) > cluster.clock.now()) {
                throw new OntapFailure(409, "1638555", `Snapshot "${snapshot.name}" is locked until it expires.`);
            }
            const job = startJob(context, call, 0.5, () =>
                context.volumes.dropSnapshots(
                    volume,
                    ({ uuid, heldBy }) => uuid === snapshot.uuid && heldBy.length === 0,
                ),
            );
            return { job };
        },
    };
}
