import { z } from "zod";
import { hookActions, hookStages } from "../../provider/drivers/applications/settings";
import { fences } from "../../provider/drivers/volumes/settings";
import { type CronTimes, cronProblems } from "../schedules/cron";
import { criterionTypes, defaultLockLimit } from "../hooks/hooks";
import { argumentsProblems, fileProblems, sourceProblems } from "../hooks/problems";
import { recipeNames } from "../hooks/recipes";
import { arrayNameProblems } from "../validation/arrayNames";
import {
    addressProblems,
    booleanProblems,
    certificateProblems,
    durationProblems,
    hostProblems,
    httpsUrlProblems,
    kubeconfigProblems,
    nameProblems,
    nonEmptyStringProblems,
    objectNameProblems,
    oneOfProblems,
    recordNamespaceProblems,
    longestObjectName,
    wholeNumberProblems,
} from "../validation/names";
import { labelOperators, patchOperations, transformationKinds } from "../applicationFields";
import { dailyLimits, retentionProblems } from "../mirroredApplication";
import { type NamespacesOfSites, namespacesOfSitesProblems } from "../namespaces";
import { defaultFence, fencePolicyProblems, volumesProblems } from "../mirroredVolumes";
import { describe, type Problem } from "../validation/problems";
import {
    dataMovers,
    granularities,
    reclaimPolicies,
    scheduleNumberProblems,
    scheduleRanges,
} from "../schedules/further";
import {
    everyProblems,
    mirrorRuleProblems,
    parseEvery,
    snapshotRuleProblems,
    type TimeUnit,
} from "../schedules/recurrence";
import {
    discardProblems,
    fullCopyProblems,
    lagProblems,
    recoverToProblems,
    takeoverProblems,
    warningsProblems,
} from "../acknowledgements";
import type { ExistingArgs } from "../storage/existing";
import { type MoreBackendArgs, moreBackendForm, moreBackendProblems } from "../storage/moreBackends";
import { backendArgsProblems, type TridentBackendArgs, tridentBackendForm } from "../storage/backendArgs";
import { type SiteVaultArgs, vaultForm, vaultProblems } from "../vaults/vault";

/**
 * How a value looks in `trident-dr.schema.json`, as far as JSON Schema can say it. What is refused beyond that is up to the
 * check beside it.
 */
export type JsonForm = Readonly<Record<string, unknown>>;

/** A value that one of our own checks accepts. */
function checked<T>(problemsOf: (key: string, value: unknown) => Problem[], form: JsonForm) {
    return z
        .custom<T>()
        .superRefine((value, context) => {
            for (const { key, expected, found } of problemsOf("", value)) {
                context.addIssue({ code: "custom", params: { key, expected, found } });
            }
        })
        .meta(form);
}

/** An object with these keys and no others. The message lists the known keys, for `validate` to suggest one. */
function fields<Shape extends z.ZodRawShape>(shape: Shape) {
    return z.strictObject(shape, {
        error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(" ") : undefined),
    });
}

/** A key that may be left out: what it is, and what holds without it, in words. */
function optional<T extends z.ZodType>(schema: T, what: string, standard = "none") {
    return schema.meta({ description: what, [standardKey]: standard }).optional();
}

function required<T extends z.ZodType>(schema: T, what: string): T {
    return schema.meta({ description: what });
}

/** Under which the schema has a default in words: not all of them are values. */
export const standardKey = "x-default";
/** Marks what is a secret: it is never shown, and in a stack's file it may be encrypted. */
export const secretKey = "x-secret";

const words: JsonForm = { type: "string", minLength: 1 };
const label: JsonForm = { type: "string", pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", maxLength: 63 };
const span: JsonForm = { type: "string", pattern: "^[1-9][0-9]*(s|m|h)$", examples: ["15m"] };
const epoch: JsonForm = { type: "integer", minimum: 1 };

const text = checked<string>(nonEmptyStringProblems, words);
const objectName = checked<string>(objectNameProblems, {
    type: "string",
    pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    maxLength: longestObjectName,
});
const texts = z.array(text);
const arrayName = checked<string>(arrayNameProblems, words);
const flag = checked<boolean>(booleanProblems, { type: "boolean" });
const duration = checked<string>(durationProblems, span);
const choice = <T extends string>(...values: T[]) =>
    checked<T>((key, value) => oneOfProblems(key, value, values), { type: "string", enum: values });
const nameOf = (what: string) => checked<string>((key, value) => nameProblems(key, value, what), label);
const whole = (least: number, most: number) =>
    checked<number>((key, value) => wholeNumberProblems(key, value, least, most), {
        type: "integer",
        minimum: least,
        maximum: most,
    });
const addresses = checked<string[]>(
    (key, value) =>
        Array.isArray(value)
            ? value.flatMap((address, index) => addressProblems(`${key}[${index}]`, address))
            : [{ key, expected: "a list of IP addresses", found: describe(value) }],
    { type: "array", items: words },
);
const interval = checked<string>(
    (key, value) => {
        const parsed = typeof value === "string" ? parseEvery(value) : undefined;
        return parsed === undefined
            ? [{ key, expected: "a number of minutes, hours or days, such as 5 minutes", found: describe(value) }]
            : everyProblems(key, parsed.amount, parsed.unit);
    },
    {
        type: "string",
        pattern: "^\\s*[1-9][0-9]*\\s*([Mm]inutes?|[Hh]ours?|[Dd]ays?)\\s*$",
        examples: ["5 minutes", "1 hour"],
        description: "how often a snapshot is taken and fetched; five minutes at least",
        [standardKey]: "`5 minutes`",
    },
).transform((value) => parseEvery(value) as { amount: number; unit: TimeUnit });
const stringMap = checked<Record<string, string>>(
    (key, value) =>
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        Object.values(value).every((one) => typeof one === "string")
            ? []
            : [{ key, expected: "an object of texts", found: describe(value) }],
    { type: "object", additionalProperties: { type: "string" } },
);

const acknowledgements = {
    takeover: optional(
        checked<number>(takeoverProblems, epoch),
        "number of the epoch that an unplanned takeover starts",
        "it is refused",
    ),
    recoverTo: optional(
        checked<string>(recoverToProblems, words),
        "with `takeover`: the older point to promote, an archive folder or a time",
        "the newest",
    ),
    discard: optional(
        checked<string>((key, value) => discardProblems(key, value, []), {
            type: "string",
            pattern: "^[^@]+@[0-9]+$",
            examples: ["east@3"],
        }),
        "`<site>@<epoch>`: writes that are discarded",
    ),
    lag: optional(
        checked<string>(lagProblems, words),
        "the reason why a switch may proceed although replication is older than `maxLag`",
        "it is refused",
    ),
    fullCopy: optional(
        checked<number>(fullCopyProblems, epoch),
        "number of the epoch that a site may join by copying everything",
        "it is refused",
    ),
    warnings: optional(
        checked<number>(warningsProblems, epoch),
        "number of the epoch whose final snapshot may have warnings",
        "it is refused",
    ),
};

const storageClass = fields({
    existing: optional(
        objectName,
        "name of a class that somebody else made: it is checked, and never changed",
        "none: one is declared",
    ),
    name: optional(text, "name of the class", "`trident-dr`"),
    default: optional(flag, "whether claims that name no class get it", "`false`"),
    reclaimPolicy: optional(choice("Delete", "Retain"), "what becomes of a volume whose claim is deleted", "`Delete`"),
    backend: optional(text, "name of the backend on which its volumes are made", "any"),
    selector: optional(text, "labels of a backend or pool, such as `tier=gold`", "any"),
    mountOptions: optional(texts, "mount options of its volumes", "the backend's"),
});

const tridentBackend = checked<TridentBackendArgs | ExistingArgs>(
    // What exists has no other keys: see `relations.ts`.
    backendArgsProblems,
    tridentBackendForm,
);

const site = fields({
    kubernetes: optional(
        fields({
            context: optional(text, "context of the kubeconfig", "its current one"),
            kubeconfig: optional(
                checked<string>(kubeconfigProblems, words),
                "path of a kubeconfig; its contents are refused here: they are the secret `kubeconfig`",
                "`KUBECONFIG`, or `~/.kube/config`",
            ),
        }),
        "the site's cluster",
        "the current context",
    ),
    ontap: required(
        fields({
            url: required(
                checked<string>(httpsUrlProblems, { type: "string", pattern: "^https://[^/@]+/?$" }),
                "https URL of the management interface",
            ),
            certificate: optional(
                checked<string>(certificateProblems, { type: "string", pattern: "-----BEGIN CERTIFICATE-----" }),
                "PEM of its CA, or of the certificate itself",
                "the system's CAs",
            ),
            verification: optional(choice("verify", "none"), "`none` only without a certificate", "`verify`"),
            svm: required(arrayName, "the SVM"),
            cluster: optional(arrayName, "name of the ONTAP cluster", "found by its addresses"),
            dataLif: optional(
                checked<string>(hostProblems, words),
                "address of the SVM's data interface",
                "Trident asks the SVM for one",
            ),
            peering: optional(
                choice("existing"),
                "`existing`: the storage team manages the peering, which is checked and never made",
                "this program makes the site's half",
            ),
            interclusterAddresses: addresses
                .meta({
                    description:
                        "at which the other site's array reaches this one; required unless the sites share an array, or `peering` is `existing` at the other site",
                    [standardKey]: "none",
                })
                .default([]),
            aggregate: optional(arrayName, "where Trident makes volumes", "Trident chooses"),
            tridentUsername: optional(text, "Trident's own account", "the program's"),
            accountSecret: optional(
                objectName,
                "Secret in Trident's namespace with the program's account: `username` and `password`, or `tls.crt` and `tls.key`; Trident then needs an account of its own",
                "`ontapUsername` and `ontapPassword`",
            ),
        }),
        "the site's ONTAP cluster and SVM",
    ),
    vault: required(checked<SiteVaultArgs>(vaultProblems, vaultForm), "the site's bucket"),
    tridentBackend: optional(tridentBackend, "the TridentBackendConfig", "one called `trident-dr-ontap` is declared"),
    moreBackends: optional(
        z.array(checked<MoreBackendArgs>(moreBackendProblems, moreBackendForm)),
        "more backends on the SVM, with the account of the first",
    ),
    moreStorageClasses: optional(z.array(storageClass), "more StorageClasses: an application chooses one"),
    storageClass: optional(
        storageClass,
        "the StorageClass of the applications' volumes",
        "one called `trident-dr` is declared",
    ),
    snapshotClass: optional(
        storageClass.omit({ reclaimPolicy: true, backend: true, selector: true, mountOptions: true }),
        "the VolumeSnapshotClass of their snapshots",
        "one called `trident-dr` is declared",
    ),
});

const timeouts = fields({
    establish: optional(duration, "until a first copy's transfers run", "`30m`"),
    copy: optional(duration, "how long `up` waits for a first copy that goes on by itself", "`2m`"),
    promote: optional(duration, "until a promotion is complete", "`60m`"),
    snapshot: optional(duration, "until a snapshot is complete", "`120m`"),
});

/** What applications and groups of volumes have in common. */
const item = {
    active: optional(text, "the site that serves this one", "the pair's"),
    ...acknowledgements,
    unprotect: optional(flag, "take it out of the mirror; set it at both sites", "`false`"),
    unmanage: optional(flag, "let go of it with its mirror as it is; set it at both sites", "`false`"),
    maxLag: optional(duration, "age of replication beyond which a switch is refused", "three intervals"),
    maxRpo: optional(
        duration,
        "how old the standby site's data may become; a schedule that cannot keep it is refused",
        "no limit",
    ),
    wait: optional(flag, "whether `up` waits until a first copy is complete", "`false`"),
    timeouts: optional(timeouts, "how long a run waits"),
};

const matcher = fields({
    group: optional(z.string(), "API group"),
    version: optional(text, "API version"),
    kind: optional(text, "kind"),
    names: optional(texts, "names of objects"),
    namespaces: optional(texts, "namespaces of objects"),
    labelSelectors: optional(texts, "label selectors"),
});

const hook = fields({
    name: optional(
        objectName,
        "name of the ExecHook; with a recipe, what the names of its ExecHooks begin with",
        "required, or the recipe's name",
    ),
    recipe: optional(choice(...recipeNames), "what a database wants before and after a snapshot (docs/hooks.md)"),
    action: optional(choice(...hookActions), "what it belongs to", "required without a recipe"),
    stage: optional(choice(...hookStages), "before it or after it", "required without a recipe"),
    source: optional(
        checked<string>(sourceProblems, { type: "string", pattern: "^#!" }),
        "the script itself; no secret",
        "`file`",
    ),
    file: optional(checked<string>(fileProblems, words), "path of the script, from the program's folder", "`source`"),
    arguments: optional(
        checked<string[]>(argumentsProblems, { type: "array", items: { type: "string" }, maxItems: 127 }),
        "what the script is given",
    ),
    timeout: optional(whole(1, 1_440), "minutes that each run of it may take", "`25`"),
    user: optional(text, "with a recipe for a database: its user", "of the container's environment"),
    lockLimit: optional(
        whole(1, 3_600),
        "with a recipe that locks: seconds after which it gives the lock up",
        `\`${defaultLockLimit}\``,
    ),
    matchingCriteria: optional(
        z
            .array(
                fields({
                    type: required(choice(...criterionTypes), "what of a container is compared"),
                    value: required(text, "regular expression (RE2); with `podLabel` a label"),
                }),
            )
            .max(10),
        "containers that meet all of them",
        "every container of the application; required with a recipe",
    ),
});

const daily = fields({
    hour: required(whole(...dailyLimits.hour), "0 to 23, UTC"),
    minute: required(whole(...dailyLimits.minute), "0 to 59"),
    keep: required(whole(...dailyLimits.keep), "how many are kept"),
});

const ranged = (field: keyof typeof scheduleRanges) => {
    const [minimum, maximum] = scheduleRanges[field];
    return checked<number>((key, value) => scheduleNumberProblems(key, field, value), {
        type: "integer",
        minimum,
        maximum,
        ...(field === "dayOfMonth" ? { not: { const: 0 } } : {}),
    });
};

const schedule = fields({
    name: required(objectName, "name of the Schedule"),
    granularity: required(choice(...granularities), "which of the fields below say when it fires"),
    minute: optional(ranged("minute"), "0 to 59; for all but `Custom`"),
    hour: optional(ranged("hour"), "0 to 23, UTC; for `Daily`, `Weekly` and `Monthly`"),
    dayOfWeek: optional(ranged("dayOfWeek"), "0 to 7, 0 and 7 are Sunday; for `Weekly`"),
    dayOfMonth: optional(ranged("dayOfMonth"), "1 to 31, or -1 for the last; for `Monthly`"),
    recurrenceRule: optional(
        checked<string>(snapshotRuleProblems, words),
        "for `Custom`: a rule of RFC 5545 with DTSTART",
    ),
    snapshotRetention: optional(ranged("snapshotRetention"), "how many of its snapshots are kept", "`0`"),
    backupRetention: optional(ranged("backupRetention"), "how many of its backups are kept", "`0`: it makes none"),
    snapshotReclaimPolicy: optional(
        choice(...reclaimPolicies),
        "what becomes of a snapshot's archive in the bucket when the Snapshot is deleted",
        "`Delete`",
    ),
    backupReclaimPolicy: optional(
        choice(...reclaimPolicies),
        "what becomes of a backup in the bucket when the Backup is deleted",
        "`Retain`",
    ),
    dataMover: optional(
        choice(...dataMovers),
        "what copies a backup's data; it cannot be changed",
        "Trident Protect's",
    ),
    vault: optional(text, "site in whose vault its snapshots and backups are", "the site that serves"),
    enabled: optional(flag, "whether it fires", "`true`"),
});

const labelSelector = fields({
    matchLabels: optional(stringMap, "labels with these values"),
    matchExpressions: optional(
        z.array(
            fields({
                key: required(text, "the label"),
                operator: required(choice(...labelOperators), "how it is compared"),
                values: optional(texts, "for `In` and `NotIn`"),
            }),
        ),
        "labels that have, or have not, one of some values, or any",
    ),
});

const clusterScoped = fields({
    groupVersionKind: required(
        fields({
            group: optional(z.string(), "API group", "the core group"),
            version: required(text, "API version"),
            kind: required(text, "kind"),
        }),
        "the kind of object",
    ),
    labelSelector: optional(labelSelector, "which of them", "all of that kind"),
});

const transformation = fields({
    resource: required(
        fields({
            group: optional(z.string(), "API group"),
            version: optional(text, "API version"),
            kind: required(text, "kind; not PersistentVolumeClaim and not Namespace"),
            name: optional(text, "name", "all of that kind"),
        }),
        "which objects",
    ),
    operations: required(
        z.array(
            fields({
                op: required(choice(...patchOperations), "operation of RFC 6902"),
                path: required(text, "such as `/spec/rules/0/host`"),
                from: optional(text, "for `move` and `copy`"),
                value: optional(z.unknown(), "for `add`, `replace` and `test`"),
            }),
        ),
        "what is changed, in order",
    ),
});

const namespaceList: JsonForm = {
    type: "array",
    items: { ...label, minLength: 2 },
    minItems: 1,
    uniqueItems: true,
};

const application = fields({
    name: required(nameOf("the name of an application"), "the same at both sites"),
    namespaces: required(
        checked<NamespacesOfSites>(namespacesOfSitesProblems, {
            anyOf: [namespaceList, { type: "object", minProperties: 2, additionalProperties: namespaceList }],
        }),
        "the same at both sites; or by site, each for that in the same place of the other site's list",
    ),
    ...item,
    after: optional(
        checked<string[]>(
            (key, value) =>
                Array.isArray(value)
                    ? value.flatMap((name, index) =>
                          nameProblems(`${key}[${index}]`, name, "the name of an application"),
                      )
                    : [{ key, expected: "a list of names of applications", found: describe(value) }],
            { type: "array", items: label },
        ),
        "applications that must serve at a site before this one does",
    ),
    every: interval.optional().default({ amount: 5, unit: "minutes" }),
    recurrenceRule: optional(
        checked<string>(snapshotRuleProblems, words),
        "in place of `every`: a rule of RFC 5545 with DTSTART for snapshots",
    ),
    mirrorRecurrenceRule: optional(
        checked<string>(mirrorRuleProblems, words),
        "with `recurrenceRule`: when the other site looks for new snapshots",
        "every five minutes",
    ),
    snapshotRetention: optional(
        checked<number>(retentionProblems, { type: "integer", minimum: 2, maximum: 1000 }),
        "how many replicated snapshots are kept: points to recover to",
        "2",
    ),
    daily: optional(daily, "snapshots that keep a common base", "0:30 to 0:59, seven"),
    schedules: optional(z.array(schedule), "further Schedules of the site that serves, of snapshots and backups"),
    resourceFilter: optional(
        fields({
            resourceSelectionCriteria: required(
                choice("Include", "Exclude"),
                "whether what matches is all that belongs to the application, or does not belong to it",
            ),
            resourceMatchers: required(z.array(matcher), "an object matches when any of these does"),
        }),
        "as in an `Application` of Trident Protect",
        "everything",
    ),
    labelSelector: optional(
        labelSelector,
        "by which labels objects of its namespaces belong to it; it cannot be changed (docs/namespaces.md)",
        "all of them",
    ),
    includedClusterScopedResources: optional(
        z.array(clusterScoped),
        "objects outside its namespaces that belong to it; it cannot be changed",
        "those that refer to its namespaces",
    ),
    transformations: optional(z.array(transformation), "what a promotion changes of the objects that it brings back"),
    transformationsRef: optional(
        fields({
            kind: required(choice(...transformationKinds), "kind of the object with the rules"),
            name: required(objectName, "its name, the same at both sites"),
        }),
        "the same by rules in an object of their own",
    ),
    snapshotTimeouts: optional(
        fields({
            completion: optional(duration, "all of it; shorter than `timeouts.snapshot`", "Trident Protect's, `60m`"),
            volumeSnapshotsCreated: optional(duration, "until VolumeSnapshots are made", "Trident Protect's, `5m`"),
            volumeSnapshotsReadyToUse: optional(duration, "until they can be used", "Trident Protect's, `30m`"),
        }),
        "how long Trident Protect gives the base and the final snapshot of an epoch",
    ),
    snapshotReclaimPolicy: optional(
        choice(...reclaimPolicies),
        "what becomes of a snapshot's archive in the bucket when the Snapshot is deleted; not for `schedules`",
        "`Delete`",
    ),
    promoteAnnotations: optional(stringMap, "annotations of the mirror when an older point is promoted (`recoverTo`)"),
    storageClass: optional(text, "name of the StorageClass of its volumes, one of each site's", "the site's first"),
    names: optional(
        fields({
            mirror: optional(objectName, "the AppMirrorRelationship", "the application's name"),
            schedule: optional(objectName, "the Schedule whose snapshots are replicated", "`<name>-replication`"),
            daily: optional(objectName, "the Schedule of daily snapshots", "`<name>-daily`"),
        }),
        "names of its objects; the Application has the application's own name",
        "made of the application's name",
    ),
    adopt: optional(
        flag,
        "take over, as it is, what somebody else created under these names, before the site's first role",
        "`false`: it is refused",
    ),
    hooks: optional(
        z.array(hook),
        "its ExecHooks, in its first namespace; an empty list removes those that were declared before (docs/hooks.md)",
        "none are looked at",
    ),
    protect: optional(flag, "whether Pulumi itself refuses to take its namespaces out", "`false`"),
});

const times = (least: number, most: number): JsonForm => ({
    type: "array",
    items: { type: "integer", minimum: least, maximum: most },
    minItems: 1,
});

const volumes = fields({
    name: required(nameOf("the name of a group of volumes"), "of the group; not that of an application"),
    volumes: required(
        checked<string[]>(volumesProblems, {
            type: "array",
            items: { type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_]{0,202}$" },
            minItems: 1,
            uniqueItems: true,
        }),
        "names of FlexVols, the same at both sites; they exist at the site that serves first",
    ),
    ...item,
    policy: optional(arrayName, "SnapMirror policy", "`MirrorAllSnapshots`"),
    schedule: optional(
        checked<string | CronTimes>(cronProblems, {
            anyOf: [
                words,
                {
                    type: "object",
                    properties: {
                        minutes: times(0, 59),
                        hours: times(0, 23),
                        days: times(1, 31),
                        months: times(1, 12),
                        weekdays: times(0, 6),
                    },
                    required: ["minutes"],
                    additionalProperties: false,
                },
            ],
        }),
        "cron schedule of the array, or `minutes`, `hours`, `days`, `months`, `weekdays`",
        "`5min`",
    ),
    fence: optional(
        choice(...fences),
        "what keeps a volume that stood down from being written to",
        `\`${defaultFence}\``,
    ),
    fencePolicy: optional(
        checked<string>(fencePolicyProblems, { type: "string", pattern: "^\\S{1,100}$" }),
        "export policy of a fenced volume",
        "`trident-dr-fenced`, with the name of the policy that it replaces",
    ),
    exportPolicy: optional(arrayName, "export policy of a volume that serves", "it keeps its own"),
    // Checked in `relations.ts`, together with the names of the volumes.
    junctionPaths: optional(
        z.custom<Record<string, string>>().meta({ type: "object", additionalProperties: { type: "string" } }),
        'by volume, where it is mounted while it serves; `""`: nowhere',
        "`/<volume>`",
    ),
    adopt: optional(flag, "whether existing destinations and relationships are adopted", "`false`"),
    recordNamespace: optional(text, "where the record is kept", "`trident-protect`"),
});

/** Keys with secrets are known here; their values are checked in `relations.ts`, and never shown. */
const secret = (what: string, standard: string) =>
    z
        .unknown()
        .meta({ type: "string", minLength: 1, description: what, [standardKey]: standard, [secretKey]: true })
        .optional();

/** The whole configuration. What depends on more than one value is checked in `relations.ts`. */
export const settingsSchema = fields({
    site: required(nameOf("the name of this stack's site"), "name of this stack's site, one of `sites`"),
    active: required(
        nameOf("the name of the site that is to serve"),
        "name of the site that serves: the value to flip",
    ),
    ...acknowledgements,
    peerStack: optional(
        text,
        "full name of the peer's stack, or `none`; messages name it in their commands",
        "the stack of this project that is named like the peer",
    ),
    recordNamespace: optional(
        checked<string>(recordNamespaceProblems, { ...label, minLength: 2 }),
        "namespace of the applications' role records",
        "`trident-dr`",
    ),
    sharedCluster: optional(
        flag,
        "whether both sites are on one cluster: every name that is made there then ends with the site's, and `namespaces` are by site",
        "`false`",
    ),
    sites: required(z.record(z.string(), site), "the two sites, by name"),
    applications: required(z.array(application), "applications of Trident Protect"),
    volumes: z
        .array(volumes)
        .meta({ description: "groups of FlexVols", [standardKey]: "none" })
        .optional()
        .default([]),
    kubeconfig: secret(
        "contents of the kubeconfig of this stack's site, in place of the path in `sites`",
        "none: the path in `sites`, `KUBECONFIG`, or `~/.kube/config`",
    ),
    ontapUsername: secret(
        "this program's account on this site's ONTAP",
        "required, or `TRIDENT_DR_ONTAP_USERNAME` where Trident has an account of its own; none with `accountSecret`",
    ),
    ontapPassword: secret(
        "its password",
        "required, or `TRIDENT_DR_ONTAP_PASSWORD` where Trident has an account of its own; none with `accountSecret`",
    ),
    ontapClientCertificate: secret(
        "PEM of a client certificate, in place of user name and password; Trident then needs an account of its own",
        "`TRIDENT_DR_ONTAP_CLIENT_CERTIFICATE`, or none",
    ),
    ontapClientKey: secret("its key", "`TRIDENT_DR_ONTAP_CLIENT_KEY`, or none"),
    tridentPassword: secret("password of `tridentUsername`", "required with `tridentUsername`"),
    peeringPassphrase: secret(
        "the passphrase of the cluster peering, the same at both sites",
        "required, or `TRIDENT_DR_PEERING_PASSPHRASE`; none with `peering: existing`",
    ),
    pairKey: secret(
        "32 characters or more, such as `openssl rand -base64 32`: authenticates records and claims; the same at both sites",
        "`TRIDENT_DR_PAIR_KEY`, or none: each run says that nothing is authenticated",
    ),
    previousPairKey: secret("the key before, while it is being rotated", "`TRIDENT_DR_PREVIOUS_PAIR_KEY`, or none"),
    acceptUnauthenticated: optional(flag, "`true` while a pair that exists is given its first key", "`false`"),
    vaultCredentials: z
        .unknown()
        .meta({
            type: "object",
            description: "by site, the credentials of its bucket",
            [standardKey]: "required, except with `useIAM`, `create`, `credentialsSecret` or `existing`",
            [secretKey]: true,
        })
        .optional(),
});

export const secretKeys = [
    "kubeconfig",
    "ontapUsername",
    "ontapPassword",
    "ontapClientCertificate",
    "ontapClientKey",
    "tridentPassword",
    "peeringPassphrase",
    "pairKey",
    "previousPairKey",
    "vaultCredentials",
] as const;

export type ParsedSettings = z.infer<typeof settingsSchema>;
