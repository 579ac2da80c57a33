/**
 * How each field of Trident Protect's and Trident's definitions is expressed, by kind and path; a path stands for all
 * fields below it that have no entry of their own. Kept by hand: a test holds it against the definitions and the
 * configuration's schema.
 */
export interface FieldUse {
    /** Keys of the configuration that express it. */
    keys?: readonly string[];
    /** What is done with it, or why nothing is. */
    what: string;
}

export interface KindUse {
    /** Which part it has in mirroring. */
    what: string;
    fields: Readonly<Record<string, FieldUse>>;
}

const app = (...keys: string[]) => keys.map((key) => `applications[].${key}`);
const vault = (...keys: string[]) => keys.map((key) => `sites.<name>.vault.${key}`);
const set = (what: string): FieldUse => ({ what: `set by the role: ${what}` });
const by = (keys: readonly string[], what = ""): FieldUse => ({ keys, what });
const read = (what: string): FieldUse => ({ what: `read: ${what}` });
const none = (why: string): FieldUse => ({ what: `none: ${why}` });

const conditions = none("their types and reasons are not documented; states and errors are read instead");
const service = none("belongs to NetApp's Backup and Recovery service");
const hookResults = read("a hook that failed is reported with its own output");
const machines = none(
    "an application is made of namespaces or of virtual machines, never of both (definition of Application, 26.05). Until 26.06 a mirror of virtual machines that was reversed or resynced made their claims anew and wrongly (release notes); the definitions of 26.06 are not public, and what a ShutdownSnapshot does to a virtual machine is documented nowhere. An Application that has them is refused where it would be adopted",
);
const report = none("nothing depends on it; `kubectl` shows it");
const transient = none("it is made by the controller for each transfer");

const snapshotFields: KindUse["fields"] = {
    "spec.applicationRef": set("the application"),
    "spec.appVaultRef": set("the vault of the site that serves"),
    "spec.appVaultTargetsRef": service,
    "spec.reclaimPolicy": by(app("snapshotReclaimPolicy")),
    "spec.completionTimeout": by(app("snapshotTimeouts.completion")),
    "spec.volumeSnapshotsCreatedTimeout": by(app("snapshotTimeouts.volumeSnapshotsCreated")),
    "spec.volumeSnapshotsReadyToUseTimeout": by(app("snapshotTimeouts.volumeSnapshotsReadyToUse")),
    "spec.cleanupSnapshot": none("the snapshot is what the other site needs"),
    "spec.replicateSnapshotReclaimPolicy": service,
    "status.state": read("whether it is complete, or failed"),
    "status.appArchivePath": read("the archive, by which a mirror promotes it"),
    "status.appVaultRef": report,
    "status.completionTimestamp": report,
    "status.error": read("why it failed, in the refusal"),
    "status.warnings": read("a final snapshot with warnings is handed over only with `warnings: <epoch>`"),
    "status.restoreSize": report,
    "status.volumeSnapshots": none("the archive has the handles"),
    "status.volumeInfos": none("the array is asked for its volumes"),
    "status.preSnapshotExecHooksRunResults": hookResults,
    "status.postSnapshotExecHooksRunResults": hookResults,
    "status.vmSnapshotProgress": machines,
    "status.conditions": conditions,
};

const restoreStatus: KindUse["fields"] = {
    "status.state": read("whether the objects are back"),
    "status.error": read("why they are not"),
    "status.warnings": report,
    "status.completionTimestamp": report,
    "status.sourceSnapshot": report,
    "status.postRestoreExecHooksRunResults": hookResults,
    "status.conditions": conditions,
};

/** By kind. What is in none of the definitions is in `laterFields`. */
export const crdFields: Readonly<Record<string, KindUse>> = {
    Application: {
        what: "What is mirrored and switched as one. At the standby site the mirror makes it.",
        fields: {
            "spec.includedNamespaces[].namespace": by(app("namespaces")),
            "spec.includedNamespaces[].labelSelector": by(
                app("labelSelector"),
                "of every namespace; an Application that has another one is refused where it would be adopted",
            ),
            "spec.includedVirtualMachines": machines,
            "spec.includedClusterScopedResources[].groupVersionKind": by(
                app("includedClusterScopedResources[].groupVersionKind"),
            ),
            "spec.includedClusterScopedResources[].labelSelector": by(
                app("includedClusterScopedResources[].labelSelector"),
            ),
            "spec.resourceFilter.resourceSelectionCriteria": by(app("resourceFilter.resourceSelectionCriteria")),
            "spec.resourceFilter.resourceMatchers": by(
                app("resourceFilter.resourceMatchers"),
                "the record, the quota and the rights are left out in any case",
            ),
            "status.protectionState": report,
            "status.protectionStateDetails": report,
            "status.protectionHealthState": report,
            "status.resourceCount": report,
            "status.storageCapacityBytes": report,
            "status.storageUsedCapacityBytes": report,
            "status.conditions": conditions,
        },
    },
    AppMirrorRelationship: {
        what: "The mirror, at the site that receives.",
        fields: {
            "spec.desiredState": by(["active", ...app("active")], "written by the role changes"),
            "spec.promotedSnapshot": by(["recoverTo", ...app("recoverTo")], "else that of the token, or the newest"),
            "spec.sourceAppVaultRef": by(vault("name", "existing"), "the other site's"),
            "spec.destinationAppVaultRef": by(vault("name", "existing"), "this site's own"),
            "spec.sourceApplicationName": by(app("name")),
            "spec.sourceApplicationUID": set("what the other site's record says"),
            "spec.namespaceMapping": by(app("namespaces"), "each into that in its place at the other site"),
            "spec.storageClassName": by([
                "sites.<name>.storageClass.name",
                "sites.<name>.storageClass.existing",
                "sites.<name>.moreStorageClasses",
                ...app("storageClass"),
            ]),
            "spec.recurrenceRule": by(app("mirrorRecurrenceRule")),
            "spec.transformations": by(app("transformations")),
            "spec.transformationsRef": by(app("transformationsRef")),
            "status.state": read("whether it is established or promoted"),
            "status.error": read("in waits and refusals"),
            "status.destinationApplicationRef": none("the Application has the application's name"),
            "status.destinationNamespaces": none("they are declared"),
            "status.lastTransfer": none("it says nothing of how old what was transferred is"),
            "status.lastTransferredSnapshot": read("the recovery point"),
            "status.conditions": conditions,
        },
    },
    AppMirrorUpdate: {
        what: "One transfer of an application's snapshot; the controller makes it.",
        fields: {
            spec: transient,
            status: none("how far a copy is, the array and the AppMirrorRelationship say"),
        },
    },
    AppVault: {
        what: "A site's bucket, as each site's cluster knows it.",
        fields: {
            "spec.providerType": by(vault("type")),
            "spec.providerConfig.s3.bucketName": by(vault("bucket")),
            "spec.providerConfig.s3.endpoint": by(vault("endpoint")),
            "spec.providerConfig.s3.proxyURL": by(vault("proxyURL")),
            "spec.providerConfig.s3.rootCA": by(vault("rootCA")),
            "spec.providerConfig.s3.secure": by(vault("secure")),
            "spec.providerConfig.s3.skipCertValidation": by(vault("skipCertValidation")),
            "spec.providerConfig.s3.useIAM": by(vault("useIAM")),
            "spec.providerConfig.azure.accountName": by(vault("accountName")),
            "spec.providerConfig.azure.bucketName": by(vault("bucket")),
            "spec.providerConfig.azure.endpoint": by(vault("endpoint")),
            "spec.providerConfig.gcp.bucketName": by(vault("bucket")),
            "spec.providerConfig.gcp.projectID": by(vault("projectID")),
            "spec.providerCredentials": by(
                ["vaultCredentials", ...vault("credentialsSecret", "credentialsKeys")],
                "in a Secret that is declared, or in the one that somebody else keeps",
            ),
            "spec.dataMoverPasswordSecretRef": by(vault("dataMoverPasswordSecretRef")),
            "spec.prefix": by(vault("prefix")),
            "status.state": read("whether it can be used, before a site's first role"),
            "status.error": read("why it cannot"),
            "status.message": report,
            "status.uid": none("what it identifies is not documented"),
        },
    },
    Schedule: {
        what: "When snapshots and backups are taken, at the site that serves ([schedules and backups](schedules.md)).",
        fields: {
            "spec.applicationRef": set("the application"),
            "spec.appVaultRef": by(app("schedules[].vault"), "else the vault of the site that serves"),
            "spec.appVaultTargetsRef": service,
            "spec.enabled": by(app("schedules[].enabled"), "a site that stands down disables all"),
            "spec.runImmediately": none(
                "a Schedule is made anew with each takeover, and would run in the middle of it",
            ),
            "spec.granularity": by(app("schedules[].granularity")),
            "spec.minute": by(app("daily.minute", "schedules[].minute")),
            "spec.hour": by(app("daily.hour", "schedules[].hour")),
            "spec.dayOfWeek": by(app("schedules[].dayOfWeek")),
            "spec.dayOfMonth": by(app("schedules[].dayOfMonth")),
            "spec.recurrenceRule": by(app("every", "recurrenceRule", "schedules[].recurrenceRule")),
            "spec.snapshotRetention": by(app("snapshotRetention", "daily.keep", "schedules[].snapshotRetention")),
            "spec.backupRetention": by(app("schedules[].backupRetention"), "the two that mirroring needs make none"),
            "spec.replicationRetention": service,
            "spec.snapshotReclaimPolicy": by(app("snapshotReclaimPolicy", "schedules[].snapshotReclaimPolicy")),
            "spec.backupReclaimPolicy": by(app("schedules[].backupReclaimPolicy")),
            "spec.replicateSnapshotReclaimPolicy": service,
            "spec.dataMover": by(app("schedules[].dataMover"), "`CBS` belongs to the Backup and Recovery service"),
            status: report,
        },
    },
    Snapshot: { what: "The base of an epoch, and what Schedules take.", fields: snapshotFields },
    ShutdownSnapshot: {
        what: "The final snapshot of an epoch, which takes the application down.",
        fields: snapshotFields,
    },
    Backup: {
        what: "A copy of the application with its volumes' data in a bucket; a Schedule with `backupRetention` makes it.",
        fields: {
            spec: none("a Schedule makes it, or you; no role change reads or makes one"),
            status: none("no role change depends on a backup"),
        },
    },
    SnapshotInplaceRestore: {
        what: "Brings back the objects of an application whose site serves again; its volumes stay as they are.",
        fields: {
            "spec.appVaultRef": set("the own vault"),
            "spec.appArchivePath": set("the archive of the ShutdownSnapshot"),
            "spec.resourceFilter": set("all but claims and volumes"),
            "spec.namespaceMapping": none("objects come back to where they were"),
            "spec.includedVirtualMachines": machines,
            "spec.runArchivedExecHooks": none("hooks run as Trident Protect does it by default"),
            "spec.cleanUpArchivedExecHooks": none("hooks run as Trident Protect does it by default"),
            "spec.cleanUpAdditionalExecHooks": none("no hooks are added to a restore"),
            "spec.additionalExecHooks": none("no hooks are added to a restore"),
            "spec.transformations": none("the objects are this site's own: they come back unchanged"),
            "spec.transformationsRef": none("the objects are this site's own: they come back unchanged"),
            "status.disabledScheduleNames": none("Schedules are started by the role"),
            ...restoreStatus,
        },
    },
    SnapshotRestore: {
        what: "Restores into other namespaces: no part of a role change.",
        fields: { spec: none("a takeover promotes the mirror"), status: none("a takeover promotes the mirror") },
    },
    ExecHook: {
        what: "A script that runs in an application's containers; the role makes it at the site that serves.",
        fields: {
            "spec.applicationRef": set("the application"),
            "spec.action": by(app("hooks[].action", "hooks[].recipe")),
            "spec.stage": by(app("hooks[].stage", "hooks[].recipe")),
            "spec.enabled": set("always"),
            "spec.hookSource": by(app("hooks[].source", "hooks[].file", "hooks[].recipe")),
            "spec.timeout": by(app("hooks[].timeout")),
            "spec.arguments": by(app("hooks[].arguments")),
            "spec.matchingCriteria": by(app("hooks[].matchingCriteria")),
            status: report,
        },
    },
    ExecHooksRun: {
        what: "One run of the hooks of an application; Trident Protect makes it.",
        fields: {
            spec: none("a run belongs to a snapshot, a restore or a failover"),
            "status.state": read("whether the hooks of a failover are done"),
            "status.error": read("why they are not"),
            "status.matchingContainers": read("a hook that failed is reported with its own output"),
            status: report,
        },
    },
    TridentMirrorRelationship: {
        what: "The mirror of one claim; Trident Protect makes it for each.",
        fields: {
            "spec.state": none("Trident Protect writes it; the array is asked what became of it"),
            "spec.replicationPolicy": none(
                "the backend's holds: `MirrorAllSnapshots`, since a switch promotes by name",
            ),
            "spec.replicationSchedule": none("transfers are Trident Protect's"),
            "spec.volumeMappings[].localPVCName": read("which claims are mirrored"),
            "spec.volumeMappings[].remoteVolumeHandle": none("the array says of which volume it is a mirror"),
            "spec.volumeMappings[].promotedSnapshotHandle": none("Trident Protect writes it"),
            "status.conditions[].state": read("in the explanation of a promotion that hangs"),
            "status.conditions[].message": read("in the explanation of a promotion that hangs"),
            "status.conditions": none("the array is asked what became of it"),
        },
    },
    TridentBackendConfig: {
        what: "The array, for Trident. The definition has no fields: what Trident reads is in its documentation.",
        fields: {
            "": by(
                [
                    ...["url", "svm", "dataLif", "aggregate", "certificate"].map((key) => `sites.<name>.ontap.${key}`),
                    "sites.<name>.tridentBackend",
                    "sites.<name>.moreBackends",
                ],
                "and Trident's account; what has no key of its own by `spec` of the backend ([backends](backends.md)). Whether it is bound is read before a site's first role",
            ),
        },
    },
    TridentBackend: {
        what: "A backend as Trident knows it. The definition has no fields.",
        fields: { "": none("which volumes are on the SVM, the array says") },
    },
    TridentVersion: {
        what: "Trident's version. The definition has no fields.",
        fields: { "": read("whether it is new enough, before a site's first role") },
    },
    TridentActionMirrorUpdate: {
        what: "One transfer of one volume. The definition has no fields.",
        fields: { "": transient },
    },
    TridentActionSnapshotRestore: {
        what: "Restores one volume from a snapshot of its own. The definition has no fields.",
        fields: { "": none("volumes go back by a resync of their mirror") },
    },
};

/** Fields of versions after those of the definitions: nothing here can be held against them. */
export const laterFields: Readonly<Record<string, FieldUse>> = {
    "AppMirrorRelationship `spec.storageClassMapping` (26.06)": none(
        "26.05 does not know the field and would drop it without a word; claims that it does not name get the cluster's default class, and a change of it can delete the claims at the destination and copy everything again. An application has one class at each site",
    ),
};
