import type { KubeObject } from "../controllers";
import { type Application, type Mirror, type Restore, type Schedule, protectNamespace } from "./kinds";
import { mirrorRuleErrors, timetableErrors } from "./recurrence";

/** One of Trident Protect's admission webhooks: what it looks at, and what it finds wrong. */
export interface Rule {
    name: string;
    operations: readonly ("CREATE" | "UPDATE")[];
    /** Plurals. */
    resources: readonly string[];
    /** Reasons for a refusal; empty when the object may pass. */
    check: (object: KubeObject) => string[];
}

const restores = ["snapshotrestores", "snapshotinplacerestores", "backuprestores", "backupinplacerestores"];
const snapshots = ["snapshots", "shutdownsnapshots"];

/** Kinds of an application; none of them may live beside Trident Protect itself. */
const applicationKinds = [
    "applications",
    ...snapshots,
    ...restores,
    "backups",
    "schedules",
    "appmirrorrelationships",
    "appmirrorupdates",
    "exechooks",
    "exechooksruns",
];

/** Kinds that name AppVaults: whoever writes them must be allowed to read those. */
export const vaultUsers = [...snapshots, ...restores, "backups", "schedules", "appmirrorrelationships"];

/** AppVaults that an object names. */
export function namedVaults({ spec }: KubeObject): string[] {
    const names = [spec?.appVaultRef, spec?.sourceAppVaultRef, spec?.destinationAppVaultRef] as (string | undefined)[];
    return [...new Set(names.filter((name) => name !== undefined && name !== ""))] as string[];
}

/** The webhooks that need no more than the object; `vappvault-access` has to ask the API server. */
export const rules: readonly Rule[] = [
    {
        name: "vcr-namespace-creation",
        operations: ["CREATE"],
        resources: applicationKinds,
        check: ({ kind, metadata }) =>
            metadata.namespace === protectNamespace
                ? [`${kind ?? "the object"} is not allowed in namespace ${protectNamespace}`]
                : [],
    },
    {
        name: "vappvault-creation",
        operations: ["CREATE", "UPDATE"],
        resources: ["appvaults"],
        check: ({ metadata }) =>
            metadata.namespace === protectNamespace
                ? []
                : [`metadata.namespace: expected ${protectNamespace}, found ${metadata.namespace}`],
    },
    {
        name: "vapplication",
        operations: ["CREATE"],
        resources: ["applications"],
        check: (object) => {
            const { metadata, spec } = object as Application;
            const namespaces = spec.includedNamespaces?.map(({ namespace }) => namespace);
            return namespaces === undefined || namespaces.includes(metadata.namespace ?? "")
                ? []
                : [
                      `spec.includedNamespaces: expected the application's own namespace ${metadata.namespace} ` +
                          `among them, found ${namespaces.join(", ") || "none"}`,
                  ];
        },
    },
    {
        name: "vschedule-creation",
        operations: ["CREATE", "UPDATE"],
        resources: ["schedules"],
        check: (object) => [...timetableErrors((object as Schedule).spec), ...exclusiveVaults(object)],
    },
    {
        name: "vsnapshot-creation",
        operations: ["CREATE", "UPDATE"],
        resources: snapshots,
        check: exclusiveVaults,
    },
    {
        name: "vbackup-creation",
        operations: ["CREATE", "UPDATE"],
        resources: ["backups"],
        check: exclusiveVaults,
    },
    {
        name: "vrestore-creation",
        operations: ["CREATE"],
        resources: ["appmirrorrelationships", ...restores],
        check: (object) => {
            const { kind, spec } = object as Mirror | Restore;
            const rule =
                kind === "AppMirrorRelationship" ? mirrorRuleErrors((spec as Mirror["spec"]).recurrenceRule) : [];
            const untold = spec.transformations?.length
                ? ["spec.transformations: this stand-in of Trident Protect does not apply any"]
                : [];
            return [...rule, ...untold, ...mappingErrors(object as Mirror | Restore)];
        },
    },
];

function exclusiveVaults({ spec }: KubeObject): string[] {
    const given = [spec.appVaultRef, spec.appVaultTargetsRef].filter((name) => name !== undefined && name !== "");
    return given.length === 1
        ? []
        : [`spec: expected one of appVaultRef and appVaultTargetsRef, found ${given.length === 0 ? "none" : "both"}`];
}

function mappingErrors({ spec }: Mirror | Restore): string[] {
    const sources = spec.namespaceMapping?.map(({ source }) => source) ?? [];
    const twice = sources.filter((source, index) => sources.indexOf(source) !== index);
    return twice.map((source) => `spec.namespaceMapping: namespace ${source} is mapped more than once`);
}
