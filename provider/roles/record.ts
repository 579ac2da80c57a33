import { z } from "zod";
import { beginnings, type Epoch } from "./epoch";

/**
 * What a site is for one application, written down: in the stack's outputs, where the peer reads it, and in a
 * ConfigMap at the site. Of the two the newer (the higher `serial`) counts.
 */
export const roles = ["none", "active", "stood-down", "standby", "displaced"] as const;
export type Role = (typeof roles)[number];

/** What a run may be in the middle of. */
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
] as const;
export type Verb = (typeof verbs)[number];

/** The most changes that a record remembers: a record does not grow without bound. */
export const historyLimit = 20;

const time = z.iso.datetime({ offset: true });

const recoveryPoint = z.object({
    /** Name of the application snapshot. */
    snapshot: z.string(),
    /** When its volumes were frozen: everything acknowledged before is in it. ISO 8601. */
    takenAt: time,
});

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
    /** Of mirrored volumes: the content's identity (`version_uuid`) of each volume's final snapshot. */
    versions: z.record(z.string(), z.string()).optional(),
    time,
});

const unreplicated = z.object({
    /** What the other site has, and nothing after it; absent when no record tells where the sites parted. */
    since: recoveryPoint.optional(),
    /** When it was counted; nothing wrote any more by then. */
    countedAt: time,
    /** The most that was written, in seconds of writes. */
    seconds: z.number().nonnegative().optional(),
    /** What changed on the volumes, as far as the array can tell. */
    bytes: z.number().nonnegative().optional(),
});

/** A snapshot on a volume, as the array knows it. */
const heldSnapshot = z.object({
    name: z.string(),
    /** `version_uuid`: identifies the content, at both ends of a mirror (docs/facts/ontap.md#snapshots). */
    versionUuid: z.string(),
    takenAt: time,
});

const heldVolume = z.object({
    /** `<namespace>/<claim>`, or the volume's own name: the same at both sites. */
    volume: z.string(),
    /** The newest ones, oldest first. */
    snapshots: z.array(heldSnapshot),
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
    /** What was announced as the most that could be lost, in seconds of writes. */
    lossBoundSeconds: z.number().nonnegative().optional(),
    /** What was written at this site and not at the other one, and is given up with this change. */
    unreplicated: unreplicated.optional(),
    /** Seconds that each step took. */
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
    /** The verb that a run had begun and not finished. */
    underWay: z
        .object({
            verb: z.enum(verbs),
            epoch: z.int().nonnegative(),
            began: z.enum(beginnings),
            /** Whether the epoch is known to be this site's; until then nothing is done in its name. */
            claimed: z.boolean().optional(),
            /** The token by which it was begun: it is used whatever the peer's outputs say later. */
            token: token.optional(),
        })
        .optional(),
    /** UID of the Application at this site while it serves: a mirror names it. */
    applicationUid: z.string().optional(),
    /** The base snapshot of this epoch, complete in this site's vault. */
    baseSnapshot: z.string().optional(),
    /** What this site's volumes held when it began to serve: what the other site has in common with it. */
    holds: z.array(heldVolume).optional(),
    /** Whether this site serves from a mirror that is promoted but still there. */
    mirrorKept: z.boolean().optional(),
    token: token.optional(),
    recoveryPoint: recoveryPoint.optional(),
    /** What this site wrote and the other one does not have, until this site rejoins. */
    unreplicated: unreplicated.optional(),
    /** Whether the vaults' servers honour a conditional write; absent as long as it was not tried. */
    guardedClaims: z.boolean().optional(),
    history: z.array(change).max(historyLimit),
});

export type RoleRecord = z.infer<typeof schema>;
export type HandOverToken = z.infer<typeof token>;
export type RecoveryPoint = z.infer<typeof recoveryPoint>;
export type HeldSnapshot = z.infer<typeof heldSnapshot>;
export type HeldVolume = z.infer<typeof heldVolume>;
export type Unreplicated = z.infer<typeof unreplicated>;
export type RoleChange = z.infer<typeof change>;

/** A record that was never written: the site is nothing yet for the application. */
export function emptyRecord(application: string, site: string, peer: string): RoleRecord {
    return {
        schema: 1,
        application,
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

export type ParsedRecord = { ok: true; record: RoleRecord } | { ok: false; why: string };

/** Validates a record that came from state, from the peer's outputs or from a ConfigMap. */
export function parseRecord(value: unknown): ParsedRecord {
    const parsed = schema.safeParse(value);
    if (parsed.success) {
        return { ok: true, record: parsed.data };
    }
    const issue = parsed.error.issues[0]!;
    return { ok: false, why: `${issue.path.join(".") || "the record"}: ${issue.message}` };
}

/** The epoch that a record stands for, or undefined for a site that is nothing yet. */
export function epochOf(record: RoleRecord): Epoch | undefined {
    return record.epoch === 0 ? undefined : { number: record.epoch, began: record.began, site: record.activeSite };
}

/** The same record with a change remembered; the oldest change is forgotten beyond {@link historyLimit}. */
export function withChange(record: RoleRecord, entry: RoleChange): RoleRecord {
    return { ...record, history: [...record.history, entry].slice(-historyLimit) };
}
