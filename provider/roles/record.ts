import { z } from "zod";
import { beginnings, type Epoch } from "./epoch";

/**
 * A site's role for one protected item, written down twice: in the stack's outputs, where the peer reads it, and in a
 * ConfigMap at the site. The newer of the two (the higher `serial`) counts. The schema is that of 0.1.0; its
 * `application` is the item's name, whatever the item is.
 */
export const roles = ["none", "active", "stood-down", "standby", "displaced"] as const;
export type Role = (typeof roles)[number];

/** What a run may be in the middle of: what a plan does, as one word for people and in records. */
export const verbs = [
    "serve first",
    "become standby",
    "hold",
    "stand down",
    "take over with a token",
    "take over without a token",
    "change of mind",
    "stand aside",
    "serve by discard",
    "resync",
    "release the mirror",
    "rejoin",
    "abandon",
    "unmanage",
] as const;
export type Verb = (typeof verbs)[number];

/** How many changes a record remembers: it must not grow without bound. */
export const historyLimit = 20;

/** How many of the newest a stack's state and its outputs have, of which Pulumi passes, compares and logs every value. */
export const publishedLimit = 4;

const time = z.iso.datetime({ offset: true });

const recoveryPoint = z.object({
    /** Name of the application snapshot. */
    snapshot: z.string(),
    /** When its volumes were frozen: everything acknowledged before then is in it. ISO 8601. */
    takenAt: time,
});

/** A recovery point with the folder of its archive, by which a mirror is promoted at it. */
const archivedPoint = recoveryPoint.extend({ folder: z.string() });

const token = z.object({
    application: z.string(),
    epoch: z.int().positive(),
    from: z.string(),
    to: z.string(),
    /** The archive folder's basename: what `promotedSnapshot` wants, not a `metadata.name`. */
    finalSnapshot: z.string(),
    /** Path of the same archive in the vault of the site that stood down. */
    archivePath: z.string(),
    applicationUid: z.string(),
    /** Mirrored volumes only: for each volume the identity (`version_uuid`) of its final snapshot's content. */
    versions: z.record(z.string(), z.string()).optional(),
    time,
});

const unreplicated = z.object({
    /** The newest state that the other site has; absent when no record shows which that is. */
    since: recoveryPoint.optional(),
    /** When it was counted; by then nothing was writing any more. */
    countedAt: time,
    /** Upper bound of what was written, in seconds of writes. */
    seconds: z.number().nonnegative().optional(),
    /** What changed on the volumes, where the array can report it. */
    bytes: z.number().nonnegative().optional(),
});

/** A snapshot on a volume, as the array knows it. */
const heldSnapshot = z.object({
    name: z.string(),
    /** Identity of its content, equal at both ends of a mirror: ONTAP's `version_uuid`. */
    versionUuid: z.string(),
    takenAt: time,
});

const heldVolume = z.object({
    /** `<namespace>/<claim>` by its name at the site of the record, or the name of the volume. */
    volume: z.string(),
    /** The newest ones, oldest first. */
    snapshots: z.array(heldSnapshot),
    /** What it held: by that the other site estimates how much there is to copy. Absent in records of 0.2.0. */
    usedBytes: z.number().nonnegative().optional(),
});

const change = z.object({
    epoch: z.int().nonnegative(),
    from: z.enum(roles),
    to: z.enum(roles),
    verb: z.enum(verbs),
    at: time,
    /** The token's final snapshot, or the acknowledgement, that allowed it. */
    by: z.string().optional(),
    recoveryPoint: recoveryPoint.optional(),
    /** The loss bound that was announced, in seconds of writes. */
    lossBoundSeconds: z.number().nonnegative().optional(),
    /** What this site wrote that the other one does not have, and that this change discards. */
    unreplicated: unreplicated.optional(),
    /** Seconds that all its steps took. Absent in records of 0.2.0. */
    seconds: z.number().nonnegative().optional(),
    /** Seconds that each step took: of the newest change only, since each run reads, compares and writes what is here. */
    stages: z.array(z.object({ step: z.string(), seconds: z.number().nonnegative() })),
});

const schema = z.object({
    schema: z.literal(1),
    application: z.string(),
    site: z.string(),
    peer: z.string(),
    role: z.enum(roles),
    epoch: z.int().nonnegative(),
    began: z.enum(beginnings),
    /** Name of the site that serves in this epoch. */
    activeSite: z.string(),
    /** Grows with each write of this record. */
    serial: z.int().nonnegative(),
    /** The verb that a run began and did not finish. */
    underWay: z
        .object({
            verb: z.enum(verbs),
            epoch: z.int().nonnegative(),
            began: z.enum(beginnings),
            /** Whether the epoch is known to be this site's; until it is, nothing is done in its name. */
            claimed: z.boolean().optional(),
            /** The token with which it began: it is used whatever the peer's outputs show later. */
            token: token.optional(),
            /** The point that was chosen for a takeover, if it is not the newest one. */
            point: archivedPoint.optional(),
            /** The acknowledgement with which something else in the claim's place was replaced: it was an override. */
            by: z.string().optional(),
        })
        .optional(),
    /** Identity of what is mirrored from this site while it serves, such as the Application's UID: a mirror names it. */
    applicationUid: z.string().optional(),
    /** The base snapshot of this epoch, complete in this site's vault. */
    baseSnapshot: z.string().optional(),
    /** The snapshots on this site's volumes when it began to serve: the other site may have some in common. */
    holds: z.array(heldVolume).optional(),
    /** What the mirror of a standby site was created from: the `applicationUid` of the other site then. */
    mirrorSource: z.string().optional(),
    /** Whether this site serves from a mirror that is promoted but still there. */
    mirrorKept: z.boolean().optional(),
    /** Published by a site that stood down. */
    token: token.optional(),
    /** Nothing writes or reads it. It is in the schema of 0.1.0: a record that has one is kept as it is. */
    recoveryPoint: recoveryPoint.optional(),
    /** What this site wrote that the other one does not have, until this site rejoins. */
    unreplicated: unreplicated.optional(),
    /** Whether the vaults' servers honour conditional writes; absent until that was tried. */
    guardedClaims: z.boolean().optional(),
    /** The item's namespaces at this site and at the other one, each for that in its place; absent where they are the same. */
    namespaces: z.object({ own: z.array(z.string()), peer: z.array(z.string()) }).optional(),
    /** By which labels objects belong to the item, as `kubectl get -l` takes them; absent where they belong by any. */
    labelSelector: z.string().optional(),
    /** The namespace that it is kept in, out of the application's; absent in records of 0.1.0 and 0.2.0. */
    keptIn: z.string().optional(),
    history: z.array(change).max(historyLimit),
    /** Under the pair's key, over all the rest, the token included; absent where a pair has no key. */
    mac: z.string().optional(),
});

export type RoleRecord = z.infer<typeof schema>;
export type HandOverToken = z.infer<typeof token>;
export type RecoveryPoint = z.infer<typeof recoveryPoint>;
export type ArchivedPoint = z.infer<typeof archivedPoint>;
export type HeldSnapshot = z.infer<typeof heldSnapshot>;
export type HeldVolume = z.infer<typeof heldVolume>;
export type Unreplicated = z.infer<typeof unreplicated>;
export type RoleChange = z.infer<typeof change>;

/** The record of a site that has had no role yet. It is not written. */
export function emptyRecord(item: string, site: string, peer: string): RoleRecord {
    return {
        schema: 1,
        application: item,
        site,
        peer,
        role: "none",
        epoch: 0,
        began: "init",
        activeSite: "",
        serial: 0,
        history: [],
    };
}

type ParsedRecord = { ok: true; record: RoleRecord } | { ok: false; why: string };

/**
 * Validates a record from the state, the peer's outputs or a ConfigMap. What a later version added stays in it: its MAC
 * covers that, too.
 */
export function parseRecord(value: unknown): ParsedRecord {
    const parsed = schema.safeParse(value);
    if (parsed.success) {
        return { ok: true, record: value as RoleRecord };
    }
    const issue = parsed.error.issues[0]!;
    return { ok: false, why: `${issue.path.join(".") || "the record"}: ${issue.message}` };
}

/** The epoch that a record belongs to, or undefined for a site that has had no role yet. */
export function epochOf(record: RoleRecord): Epoch | undefined {
    return record.epoch === 0 ? undefined : { number: record.epoch, began: record.began, site: record.activeSite };
}

/**
 * The same record with one more change, without the stages of those before it, and without the oldest ones beyond
 * {@link historyLimit}.
 */
export function withChange(record: RoleRecord, entry: RoleChange): RoleRecord {
    const earlier = record.history.map((change) => ({ ...change, stages: [] }));
    return { ...record, history: [...earlier, entry].slice(-historyLimit) };
}

/**
 * The record with its newest {@link publishedLimit} changes, and the newest takeover of either kind, by which the other
 * site knows whether writes were lost and since when. The same one where that is all of them.
 */
export function withNewestChanges(record: RoleRecord): RoleRecord {
    const { history } = record;
    const takeovers = [lastOf(history, "take over with a token"), lastOf(history, "take over without a token")];
    const newest = history.filter((change, at) => at >= history.length - publishedLimit || takeovers.includes(change));
    return newest.length === history.length ? record : { ...record, history: newest };
}

function lastOf(history: readonly RoleChange[], verb: Verb): RoleChange | undefined {
    return history.findLast((change) => change.verb === verb);
}
