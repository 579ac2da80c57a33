/**
 * What of an object a user's `transform` may not change, by its kind: paths below the object, with what to use in their
 * place. Roles read and write them, or the other site goes by them.
 */
export interface Guard {
    path: string;
    /** Completes "expected … since …". */
    why: string;
}

/** Of each object, whatever its kind. Labels and annotations are guarded apart: those that are declared stay. */
export const commonGuards: readonly Guard[] = [
    { path: "apiVersion", why: "it is what the object is" },
    { path: "kind", why: "it is what the object is" },
    { path: "metadata.name", why: "it is found by its name" },
    { path: "metadata.namespace", why: "it is found in its namespace" },
    { path: "status", why: "controllers write it" },
];

export const guardsOfKind: Readonly<Record<string, readonly Guard[]>> = {
    Application: guarded("spec", {
        includedNamespaces: "both sites go by it: use namespaces and labelSelector",
        includedVirtualMachines: "an application is made of namespaces here",
        includedClusterScopedResources: "Trident Protect does not let it change: use includedClusterScopedResources",
        resourceFilter: "what is stopped and counted is chosen by it: use resourceFilter",
    }),
    Schedule: guarded("spec", {
        applicationRef: "it is found by its application",
        appVaultRef: "the mirror reads the vault: use vault of schedules",
        appVaultTargetsRef: "it excludes the vault",
        enabled: "a site that stands down changes it: use enabled of schedules",
        granularity: "maxLag follows from it: use every, recurrenceRule, daily or schedules",
        recurrenceRule: "maxLag follows from it: use every, recurrenceRule, daily or schedules",
        minute: "its times are arguments: use daily or schedules",
        hour: "its times are arguments: use daily or schedules",
        dayOfWeek: "its times are arguments: use daily or schedules",
        dayOfMonth: "its times are arguments: use daily or schedules",
        snapshotRetention: "a volume holds no more than are counted: use snapshotRetention, daily.keep or schedules",
        backupRetention: "a backup takes a snapshot, which is counted: use schedules",
        runImmediately: "a Schedule is made anew with each takeover, and would run in the middle of it",
    }),
    AppMirrorRelationship: guarded("spec", {
        desiredState: "a role change writes it",
        promotedSnapshot: "a role change writes it",
        sourceAppVaultRef: "it is the other site's vault",
        destinationAppVaultRef: "it is the site's own vault",
        sourceApplicationName: "it is the other site's application",
        sourceApplicationUID: "it is the other site's application",
        namespaceMapping: "both sites go by it: use namespaces",
        recurrenceRule: "maxLag follows from it: use mirrorRecurrenceRule",
        storageClassName: "whether a full copy is announced depends on it",
        storageClassMapping: "whether a full copy is announced depends on it",
    }),
    AppVault: guarded("spec", {
        providerType: "epochs are claimed in the bucket: use sites.<site>.vault",
        providerConfig: "epochs are claimed in the bucket: use sites.<site>.vault",
        providerCredentials: "epochs are claimed in the bucket: use sites.<site>.vault",
        prefix: "epochs are claimed under it: use sites.<site>.vault",
    }),
    TridentBackendConfig: guarded("spec", {
        version: "it is the form of the rest",
        backendName: "Trident knows the volumes by it",
        storageDriverName: "Trident knows the volumes by it",
        svm: "the volumes are asked for at this SVM",
        replicationPolicy: "a switch promotes a snapshot by name, and this policy keeps all",
        credentials: "Trident signs in by them: use credentials or tridentBackend.credentialsSecret",
    }),
    Secret: guarded("", {
        type: "it is what the object is",
        data: "what is in it comes from the configuration",
        stringData: "what is in it comes from the configuration",
    }),
    StorageClass: guarded("", { provisioner: "only volumes of Trident are mirrored" }),
    VolumeSnapshotClass: guarded("", {
        driver: "only volumes of Trident are mirrored",
        deletionPolicy: "snapshots that are forgotten have to go from the array",
    }),
};

function guarded(below: string, reasons: Readonly<Record<string, string>>): Guard[] {
    return Object.entries(reasons).map(([field, why]) => ({ path: below === "" ? field : `${below}.${field}`, why }));
}
