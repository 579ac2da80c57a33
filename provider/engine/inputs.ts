import { z } from "zod";
import { clusterReferenceSchema } from "../clients/kubernetes/reference";
import { hookActions, hookStages } from "../drivers/applications/settings";
import { fences } from "../drivers/volumes/settings";
import { parseDiscard } from "../roles/acknowledgement";
import { ownKeys } from "../roles/situation";
import { durationPattern, expectedDuration } from "../support/duration";
import { parseJson } from "../support/json";
import { kubeconfigPathProblem } from "../support/kubeconfigPath";
import { labelSelectorSchema } from "../support/labelSelector";
import { isMergePatch } from "../support/mergePatch";

const siteName = z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "expected a lower-case name such as east");

/** A time span such as `30s`, `10m` or `2h`. */
const duration = z.string().regex(durationPattern, expectedDuration);

/** Not its contents, which Pulumi's Kubernetes provider accepts as well: the state would hold them in plain text. */
const kubeconfigPath = z.string().refine((value) => kubeconfigPathProblem(value) === undefined, {
    error: ({ input }) => `expected the path of a kubeconfig; found ${kubeconfigPathProblem(String(input))}`,
});

/** Where the record of another item is, and where earlier versions kept it. */
const recordPlace = z.object({ application: z.string(), namespace: z.string(), before: z.string().optional() });

/** A record, or its text, as which Pulumi carries it as one value. States of 0.2.0 have it as it is. */
const recordOrText = z.unknown().transform((value, context) => {
    const record = typeof value === "string" ? parseJson(value) : value;
    if (typeof value === "string" && record === undefined) {
        context.addIssue({ code: "custom", message: "expected the JSON of a record" });
    }
    return record;
});

/** What a role is for, whichever kind of mirror it is. */
const common = {
    site: siteName,
    peerSite: siteName,
    /** Name of the site that is to serve. */
    active: siteName,
    acknowledgements: z
        .object({
            takeover: z.coerce.number().int().positive().optional(),
            /** The name of an archive folder, or a time. */
            recoverTo: z.string().min(1).optional(),
            /** `<site>@<epoch>`. */
            discard: z
                .string()
                .refine((text) => parseDiscard(text) !== undefined, "expected <site>@<epoch>, for example east@3")
                .optional(),
            lag: z.string().min(1).optional(),
            /** The epoch that may be joined by copying everything. */
            fullCopy: z.coerce.number().int().positive().optional(),
            /** The epoch whose final snapshot may have warnings. */
            warnings: z.coerce.number().int().positive().optional(),
        })
        .optional(),
    /** The site's Kubernetes cluster: a context of a kubeconfig. Default: the current context of `KUBECONFIG`. */
    cluster: clusterReferenceSchema.extend({ kubeconfig: kubeconfigPath.optional() }),
    /** Whether both sites are on that cluster. Default false. */
    sharedCluster: z.boolean().optional(),
    /** Namespace of Trident Protect. Default `trident-protect`. */
    protectNamespace: z.string().optional(),
    /** What the peer's stack outputs say of this application. */
    peerRecord: z.discriminatedUnion("known", [
        z.object({ known: z.literal(true), record: recordOrText, establishing: z.literal(true).optional() }),
        z.object({ known: z.literal(false), why: z.string() }),
    ]),
    /** The site's own array. */
    ontap: z.object({
        endpoint: z.object({
            url: z.string(),
            certificate: z.string().optional(),
            verification: z.enum(["verify", "none"]).optional(),
        }),
        svm: z.string(),
        /** Where the account is that signs in there. Default: in the stack's configuration. */
        accountSecret: z.object({ namespace: z.string().min(1), name: z.string().min(1) }).optional(),
    }),
    /** What somebody else made of what the site uses, as far as the account's rights depend on it. Default nothing. */
    access: z
        .object({
            tridentBackends: z.array(z.string()).optional(),
            tridentSecrets: z.array(z.string()).optional(),
            existing: z
                .object({
                    objects: z.array(z.string()).optional(),
                    tridentSecrets: z.array(z.string()).optional(),
                    vaultSecrets: z.array(z.string()).optional(),
                })
                .optional(),
        })
        .optional(),
    /** Take the application out of the mirror. Default false. */
    unprotect: z.boolean().optional(),
    /** Let go of the application, with its mirror as it is. Default false. */
    unmanage: z.boolean().optional(),
    /** Where the stack's configuration keeps what is the application's own, such as `applications[0]`. */
    path: z.string().optional(),
    /** Of what may be said for all, that which is the application's own. Default nothing. */
    ownKeys: z.array(z.enum(ownKeys)).optional(),
    /** Namespace of the stack's configuration, with the credentials in it. Default `trident-dr`, else the project's. */
    configNamespace: z.string().min(1).optional(),
    /** Name of the stack of each site whose stack is not named like it. */
    stacks: z.record(z.string(), z.string()).optional(),
    /** Where the application stands among those of its pair. */
    order: z
        .object({
            /** Whether it is one of several: its failure is then told at the end, when the others have been served. */
            together: z.boolean(),
            /** Those that must serve here before it takes over. */
            before: z.array(recordPlace),
            /** Those that must not serve here any more before it stands down. */
            after: z.array(recordPlace),
            /** Roles that Pulumi orders before this one. */
            waitsFor: z.array(z.string()),
        })
        .optional(),
    /** A switch is refused when replication is older than this. Default three intervals. */
    maxLag: duration.optional(),
    /** Wait for a copy to the end, however long it takes. Default false. */
    wait: z.boolean().optional(),
    timeouts: z
        .object({
            /** Until the first replication runs; with `wait`, until it is complete. Default `30m`. */
            establish: duration.optional(),
            /** How long a run waits for a copy that goes on by itself. Default `2m`. */
            copy: duration.optional(),
            /** From the order to promote until the volumes are writable. Default `60m`. */
            promote: duration.optional(),
            /** One application snapshot. Default `120m`. */
            snapshot: duration.optional(),
        })
        .optional(),
};

const applicationInputs = z.object({
    ...common,
    /** A state of before there were others has no kind. */
    kind: z.literal("application").optional(),
    /** Name of the application, and of its Application, AppMirrorRelationship and Schedules. */
    application: z.string(),
    /** The first is where the Application, its Schedules and the mirror live, and in earlier versions the record. */
    namespaces: z.array(z.string()).min(1),
    /** Those of the other site, each for that in its place. Default: the same. */
    peerNamespaces: z.array(z.string()).min(1).optional(),
    /** Namespace of the record. A state of before there was one has none: the first of the application's. */
    recordNamespace: z.string().optional(),
    /** Name of the AppVault at this site for each site's vault. */
    vaults: z.record(z.string(), z.string()),
    /** The TridentBackendConfig that must be bound before the site takes up a role. */
    tridentBackend: z.object({ name: z.string(), namespace: z.string() }).optional(),
    storageClass: z.string(),
    /** RRULE texts with DTSTART: when snapshots are taken, and when they are fetched. */
    recurrence: z.object({ snapshot: z.string(), mirror: z.string() }),
    /** How many of those snapshots are kept: each is a point that can be recovered to. Default 2. */
    snapshotRetention: z.coerce.number().int().min(2).optional(),
    /** The daily snapshots that keep a common base for a cheap way back. */
    daily: z.object({ hour: z.string(), minute: z.string(), keep: z.coerce.number().int().positive() }),
    /** Schedules beside those two. Default none. */
    schedules: z
        .array(
            z.object({
                name: z.string(),
                vault: z.string().optional(),
                spec: z.record(z.string(), z.union([z.string(), z.boolean()])),
            }),
        )
        .optional(),
    resourceFilter: z.record(z.string(), z.unknown()).optional(),
    /** By which labels objects belong to it, in each namespace, at both sites. Default: by any. */
    labelSelector: labelSelectorSchema.optional(),
    /** What Trident Protect gets as it is: of the Application, the mirror and the snapshots. Default nothing. */
    includedClusterScopedResources: z.array(z.record(z.string(), z.unknown())).optional(),
    transformations: z.array(z.record(z.string(), z.unknown())).optional(),
    transformationsRef: z.object({ kind: z.string(), name: z.string() }).optional(),
    snapshotTimeouts: z
        .object({
            completion: duration.optional(),
            volumeSnapshotsCreated: duration.optional(),
            volumeSnapshotsReadyToUse: duration.optional(),
        })
        .optional(),
    snapshotReclaimPolicy: z.enum(["Retain", "Delete"]).optional(),
    /** Annotations that a promotion at a named point gives the mirror; a resync removes them. */
    promoteAnnotations: z.record(z.string(), z.string()).optional(),
    /** Names of its AppMirrorRelationship and its Schedules, where they are not made of the application's. */
    names: z
        .object({ mirror: z.string().optional(), schedule: z.string().optional(), daily: z.string().optional() })
        .optional(),
    /** What the user changes of declared objects, by `<kind> <name>`: texts of JSON merge patches. Default nothing. */
    transformed: z
        .record(
            z.string(),
            z.string().refine((text) => isMergePatch(parseJson(text)), "expected the text of a JSON merge patch"),
        )
        .optional(),
    /** Whether what somebody else created under these names is taken over. Default false. */
    adopt: z.boolean().optional(),
    /** Its ExecHooks. Default: they are not looked at. */
    hooks: z
        .array(
            z.object({
                name: z.string().min(1),
                action: z.enum(hookActions),
                stage: z.enum(hookStages),
                /** The script itself. */
                source: z.string().min(1),
                arguments: z.array(z.string()).optional(),
                /** Minutes. */
                timeout: z.number().int().positive().optional(),
                matchingCriteria: z.array(z.object({ type: z.string(), value: z.string() })).optional(),
            }),
        )
        .optional(),
});

const times = z.array(z.number().int()).optional();

const volumesInputs = z.object({
    ...common,
    kind: z.literal("volumes"),
    /** Name of the group of volumes; in the names of its record, its claims and its snapshots. */
    application: z.string(),
    /** Names of the FlexVols, the same at both sites. */
    volumes: z.array(z.string()).min(1),
    /** Namespace of the record. */
    recordNamespace: z.string(),
    /** Name of the AppVault at this site for each site's vault; without any no epoch is claimed. */
    vaults: z.record(z.string(), z.string()).optional(),
    /** The other site's SVM, by its own name. */
    peerSvm: z.string(),
    /** SnapMirror policy of the site's mirrors. */
    policy: z.string(),
    /** Cron schedule of the site's array, made there when its times are given. */
    schedule: z.object({
        name: z.string(),
        cron: z.object({ minutes: times, hours: times, days: times, months: times, weekdays: times }).optional(),
    }),
    fence: z.enum(fences),
    /** Export policy without rules, for `fence: exportPolicy`. */
    fencePolicy: z.string(),
    /** Export policy of a volume that serves. Default: it stays as it is. */
    exportPolicy: z.string().optional(),
    /** Where each volume is mounted while it serves; empty: nowhere. */
    junctionPaths: z.record(z.string(), z.string()),
    /** Whether what is there before the first `up` is taken over. */
    adopt: z.boolean(),
});

export type RecordPlace = z.infer<typeof recordPlace>;
export type ApplicationInputs = z.infer<typeof applicationInputs>;
export type VolumesInputs = z.infer<typeof volumesInputs>;
export type MirrorRoleInputs = ApplicationInputs | VolumesInputs;

/** What the engine asks of a site: the inputs of its role, or that it leaves because its resource is removed. */
export type RoleRequest = MirrorRoleInputs & { removes?: true };

export type ParsedInputs =
    { ok: true; inputs: MirrorRoleInputs } | { ok: false; failures: { property: string; reason: string }[] };

/** Validates what a program passes, once, where it comes in. */
export function parseInputs(value: unknown): ParsedInputs {
    const isVolumes = (value as { kind?: unknown } | null | undefined)?.kind === "volumes";
    const parsed = (isVolumes ? volumesInputs : applicationInputs).safeParse(value);
    return parsed.success
        ? { ok: true, inputs: parsed.data }
        : {
              ok: false,
              failures: parsed.error.issues.map((issue) => ({
                  property: issue.path.map(String).join("."),
                  reason: issue.message,
              })),
          };
}
