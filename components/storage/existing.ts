import type { ExistingObject } from "../../provider/resources/declaredObjects";
import { objectNameProblems } from "../validation/names";
import { didYouMean, type Problem } from "../validation/problems";
import { tridentBackendObject } from "./backendObject";

/** Something that somebody else made and keeps: it is read and checked, and never written. */
export interface ExistingArgs {
    /** Its name. */
    existing: string;
}

/** Provisioner of Trident's StorageClasses, and driver of its VolumeSnapshotClasses. */
export const tridentDriver = "csi.trident.netapp.io";
/** The driver whose volumes are mirrored. */
export const nasDriver = "ontap-nas";

const clusterAdministrator = "whoever administers the cluster";
const secretKeeper = "whoever keeps the cluster's Secrets (External Secrets, for instance)";

export function isExisting(args: unknown): args is ExistingArgs {
    return typeof args === "object" && args !== null && (args as Partial<ExistingArgs>).existing !== undefined;
}

/** What exists has no other settings than its name: they would change nothing. */
export function existingProblems(key: string, args: ExistingArgs, others: readonly string[] = []): Problem[] {
    const known = ["existing", ...others];
    return [
        ...objectNameProblems(`${key}.existing`, args.existing),
        ...Object.entries(args)
            .filter(([field, value]) => value !== undefined && !known.includes(field))
            .map(([field]) => ({
                key: `${key}.${field}`,
                expected: "no such key beside existing: what exists is used as it is",
                found: field + didYouMean(field, known),
            })),
    ];
}

export function existingStorageClass(name: string, key: string): ExistingObject {
    return {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        plural: "storageclasses",
        name,
        key,
        maker: clusterAdministrator,
        expects: [{ at: ["provisioner"], values: [tridentDriver], why: "since only Trident's volumes are mirrored" }],
    };
}

export function existingSnapshotClass(name: string, key: string): ExistingObject {
    return {
        apiVersion: "snapshot.storage.k8s.io/v1",
        kind: "VolumeSnapshotClass",
        plural: "volumesnapshotclasses",
        name,
        key,
        maker: clusterAdministrator,
        expects: [{ at: ["driver"], values: [tridentDriver], why: "since Trident takes the volumes' snapshots" }],
    };
}

export function existingBackend(
    { existing: name }: ExistingArgs,
    { key, namespace, svm }: { key: string; namespace: string; svm: string },
): ExistingObject {
    return {
        ...tridentBackendObject(name, namespace),
        key,
        maker: "whoever configures Trident",
        expects: [
            {
                at: ["spec", "storageDriverName"],
                values: [nasDriver],
                why: "the driver whose volumes are mirrored here",
            },
            {
                at: ["spec", "svm"],
                values: [svm],
                optional: true,
                why: "the SVM on which this stack looks for the volumes",
            },
            {
                at: ["spec", "replicationPolicy"],
                why: "a policy that copies all snapshots, such as MirrorAllSnapshots: under the array's own default the snapshot that a switch names can be gone",
            },
        ],
    };
}

/** @param keys of its data, none of which may be empty */
export function existingSecret(
    name: string,
    { key, namespace, keys, why }: { key: string; namespace: string; keys: readonly string[]; why: string },
): ExistingObject {
    return {
        apiVersion: "v1",
        kind: "Secret",
        plural: "secrets",
        namespace,
        name,
        key,
        maker: secretKeeper,
        expects: keys.map((one) => ({ at: ["data", one], why })),
    };
}

/** @param secret the only Secret to which it may refer; with none, the cluster's own identity opens the bucket */
export function existingVault(
    { existing: name }: ExistingArgs,
    { key, namespace, secret }: { key: string; namespace: string; secret: string | undefined },
): ExistingObject {
    return {
        apiVersion: "protect.trident.netapp.io/v1",
        kind: "AppVault",
        plural: "appvaults",
        namespace,
        name,
        key,
        maker: "whoever configures Trident Protect",
        expects: [
            {
                at: ["spec", "providerCredentials", "*", "valueFromSecret", "name"],
                values: secret === undefined ? [] : [secret],
                why:
                    secret === undefined
                        ? "since no credentialsSecret is declared: declare the one to which it refers, which is read to claim epochs in the bucket"
                        : "the credentialsSecret that is declared",
            },
        ],
    };
}
