import * as k8s from "@pulumi/kubernetes";
import type { DeclaredObject } from "../../provider/resources/declaredObjects";
import { type Declaring, transformed } from "../transform/transform";
import { nasDriver, tridentDriver } from "./existing";

/** A StorageClass. */
export interface StorageClassArgs {
    /** Its name. @default trident-dr */
    name?: string;
    /** Whether claims without a class use it. @default false */
    default?: boolean;
    /** What happens to a volume whose claim is deleted. @default Delete */
    reclaimPolicy?: "Delete" | "Retain";
    /** Name of the backend on which its volumes are made. @default any of Trident's `ontap-nas` backends */
    backend?: string;
    /** Labels of a backend or pool, such as `tier=gold`. @default any */
    selector?: string;
    /** Mount options of its volumes. @default the backend's */
    mountOptions?: string[];
}

/** One class of several: an application names it. */
export type NamedStorageClassArgs = StorageClassArgs & { name: string };

/** A VolumeSnapshotClass. */
export interface SnapshotClassArgs {
    /** Its name. @default trident-dr */
    name?: string;
    /** Whether snapshots without a class use it. @default false */
    default?: boolean;
}

export const defaultClassName = "trident-dr";

/** What the API server knows a declared class by. */
export function storageClassObject({ name = defaultClassName }: StorageClassArgs): DeclaredObject {
    return { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", plural: "storageclasses", name };
}

/** The same for snapshots. */
export function snapshotClassObject({ name = defaultClassName }: SnapshotClassArgs): DeclaredObject {
    return {
        apiVersion: "snapshot.storage.k8s.io/v1",
        kind: "VolumeSnapshotClass",
        plural: "volumesnapshotclasses",
        name,
    };
}

/** @param resource name of the Pulumi resource */
export function makeStorageClass(
    resource: string,
    { name = defaultClassName, default: isDefault, reclaimPolicy = "Delete", ...rest }: StorageClassArgs,
    { options, transform }: Declaring,
): void {
    new k8s.storage.v1.StorageClass(
        resource,
        transformed(transform, "StorageClass", {
            metadata: { name, ...annotated("storageclass.kubernetes.io/is-default-class", isDefault) },
            provisioner: tridentDriver,
            parameters: {
                backendType: nasDriver,
                ...(rest.backend === undefined ? {} : { storagePools: `${rest.backend}:.*` }),
                ...(rest.selector === undefined ? {} : { selector: rest.selector }),
            },
            allowVolumeExpansion: true,
            reclaimPolicy,
            ...(rest.mountOptions === undefined ? {} : { mountOptions: rest.mountOptions }),
        }),
        options,
    );
}

/** @param resource name of the Pulumi resource */
export function makeSnapshotClass(
    resource: string,
    { name = defaultClassName, default: isDefault }: SnapshotClassArgs,
    { options, transform }: Declaring,
): void {
    new k8s.apiextensions.CustomResource(
        resource,
        transformed(transform, "VolumeSnapshotClass", {
            apiVersion: "snapshot.storage.k8s.io/v1",
            kind: "VolumeSnapshotClass",
            metadata: { name, ...annotated("snapshot.storage.kubernetes.io/is-default-class", isDefault) },
            // This kind has no spec: these are beside metadata.
            driver: tridentDriver,
            deletionPolicy: "Delete",
        }),
        options,
    );
}

/** Empty annotations would appear as a change in every preview. */
function annotated(annotation: string, given: boolean | undefined): { annotations?: Record<string, string> } {
    return given === true ? { annotations: { [annotation]: "true" } } : {};
}
