import { z } from "zod";
import { fences } from "../../provider/drivers/volumes/settings";
import { type CronTimes, cronProblems } from "../schedules/cron";
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
    oneOfProblems,
    recordNamespaceProblems,
} from "../validation/names";
import {
    dailyProblems,
    type DailyArgs,
    namespacesProblems,
    type ResourceFilter,
    retentionProblems,
} from "../mirroredApplication";
import { fencePolicyProblems, volumesProblems } from "../mirroredVolumes";
import { describe, type Problem } from "../validation/problems";
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
} from "../acknowledgements";
import { type VaultArgs, vaultProblems } from "../vaults/vault";

/** A value that one of our own checks accepts. */
function checked<T>(problemsOf: (key: string, value: unknown) => Problem[]) {
    return z.custom<T>().superRefine((value, context) => {
        for (const { key, expected, found } of problemsOf("", value)) {
            context.addIssue({ code: "custom", params: { key, expected, found } });
        }
    });
}

/** An object with these keys and no others. The message lists the known keys, for `validate` to suggest one. */
function fields<Shape extends z.ZodRawShape>(shape: Shape) {
    return z.strictObject(shape, {
        error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(" ") : undefined),
    });
}

const text = checked<string>(nonEmptyStringProblems);
const flag = checked<boolean>(booleanProblems);
const choice = <T extends string>(...values: T[]) => checked<T>((key, value) => oneOfProblems(key, value, values));
const duration = checked<string>(durationProblems);
const addresses = checked<string[]>((key, value) =>
    Array.isArray(value)
        ? value.flatMap((address, index) => addressProblems(`${key}[${index}]`, address))
        : [{ key, expected: "a list of IP addresses", found: describe(value) }],
);
const interval = checked<string>((key, value) => {
    const parsed = typeof value === "string" ? parseEvery(value) : undefined;
    return parsed === undefined
        ? [{ key, expected: "a number of minutes, hours or days, such as 5 minutes", found: describe(value) }]
        : everyProblems(key, parsed.amount, parsed.unit);
}).transform((value) => parseEvery(value) as { amount: number; unit: TimeUnit });

const site = fields({
    kubernetes: fields({
        context: text.optional(),
        kubeconfig: checked<string>(kubeconfigProblems).optional(),
    }).optional(),
    ontap: fields({
        url: checked<string>(httpsUrlProblems),
        certificate: checked<string>(certificateProblems).optional(),
        verification: choice("verify", "none").optional(),
        svm: text,
        cluster: text.optional(),
        dataLif: checked<string>(hostProblems),
        interclusterAddresses: addresses.default([]),
        aggregate: text.optional(),
        tridentUsername: text.optional(),
    }),
    vault: checked<VaultArgs>(vaultProblems),
    storageClass: fields({
        name: text.optional(),
        default: flag.optional(),
        reclaimPolicy: choice("Delete", "Retain").optional(),
    }).optional(),
    snapshotClass: fields({ name: text.optional(), default: flag.optional() }).optional(),
});

const acknowledgements = {
    takeover: checked<number>(takeoverProblems).optional(),
    recoverTo: checked<string>(recoverToProblems).optional(),
    discard: checked<string>((key, value) => discardProblems(key, value, [])).optional(),
    lag: checked<string>(lagProblems).optional(),
    fullCopy: checked<number>(fullCopyProblems).optional(),
};

const application = fields({
    name: checked<string>((key, value) => nameProblems(key, value, "the name of an application")),
    namespaces: checked<string[]>(namespacesProblems),
    active: text.optional(),
    ...acknowledgements,
    unprotect: flag.optional(),
    after: checked<string[]>((key, value) =>
        Array.isArray(value)
            ? value.flatMap((name, index) => nameProblems(`${key}[${index}]`, name, "the name of an application"))
            : [{ key, expected: "a list of names of applications", found: describe(value) }],
    ).optional(),
    every: interval.optional().default({ amount: 5, unit: "minutes" }),
    recurrenceRule: checked<string>(snapshotRuleProblems).optional(),
    mirrorRecurrenceRule: checked<string>(mirrorRuleProblems).optional(),
    snapshotRetention: checked<number>(retentionProblems).optional(),
    daily: checked<DailyArgs>((key, value) =>
        typeof value === "object" && value !== null
            ? dailyProblems(key, value as DailyArgs)
            : [{ key, expected: "an object with hour, minute and keep", found: describe(value) }],
    ).optional(),
    resourceFilter: checked<ResourceFilter>((key, value) =>
        typeof value === "object" && value !== null
            ? []
            : [{ key, expected: "an object as in an Application's resourceFilter", found: describe(value) }],
    ).optional(),
    promoteAnnotations: checked<Record<string, string>>((key, value) =>
        typeof value === "object" && value !== null && Object.values(value).every((one) => typeof one === "string")
            ? []
            : [{ key, expected: "an object of texts", found: describe(value) }],
    ).optional(),
    maxLag: duration.optional(),
    timeouts: fields({
        establish: duration.optional(),
        promote: duration.optional(),
        snapshot: duration.optional(),
    }).optional(),
    protect: flag.optional(),
});

const volumes = fields({
    name: checked<string>((key, value) => nameProblems(key, value, "the name of a group of volumes")),
    volumes: checked<string[]>(volumesProblems),
    active: text.optional(),
    ...acknowledgements,
    unprotect: flag.optional(),
    policy: text.optional(),
    schedule: checked<string | CronTimes>(cronProblems).optional(),
    fence: choice(...fences).optional(),
    fencePolicy: checked<string>(fencePolicyProblems).optional(),
    exportPolicy: text.optional(),
    // Checked in `relations.ts`, together with the names of the volumes.
    junctionPaths: z.custom<Record<string, string>>().optional(),
    maxLag: duration.optional(),
    adopt: flag.optional(),
    recordNamespace: text.optional(),
    timeouts: fields({
        establish: duration.optional(),
        promote: duration.optional(),
        snapshot: duration.optional(),
    }).optional(),
});

/** Keys with secrets are known here; their values are checked in `relations.ts`, and never shown. */
const secret = z.unknown();

/** The whole configuration. What depends on more than one value is checked in `relations.ts`. */
export const settingsSchema = fields({
    site: checked<string>((key, value) => nameProblems(key, value, "the name of this stack's site")),
    active: checked<string>((key, value) => nameProblems(key, value, "the name of the site that is to serve")),
    ...acknowledgements,
    peerStack: text.optional(),
    recordNamespace: checked<string>(recordNamespaceProblems).optional(),
    sites: z.record(z.string(), site),
    applications: z.array(application),
    volumes: z.array(volumes).optional().default([]),
    ontapUsername: secret.optional(),
    ontapPassword: secret.optional(),
    ontapClientCertificate: secret.optional(),
    ontapClientKey: secret.optional(),
    tridentPassword: secret.optional(),
    peeringPassphrase: secret.optional(),
    pairKey: secret.optional(),
    previousPairKey: secret.optional(),
    acceptUnauthenticated: flag.optional(),
    vaultCredentials: secret.optional(),
});

export const secretKeys = [
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
