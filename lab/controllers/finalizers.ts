import type { Cluster } from "./cluster";
import { type Kind, type KubeObject, refOf } from "./objects";

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
    return object.metadata.finalizers?.includes(finalizer) ?? false;
}

export function isDeleting(object: KubeObject): boolean {
    return object.metadata.deletionTimestamp !== undefined;
}

/** Adds the finalizer if it is missing; an object under deletion gets none any more. */
export async function addFinalizer(cluster: Cluster, object: KubeObject, finalizer: string): Promise<void> {
    if (hasFinalizer(object, finalizer) || isDeleting(object)) {
        return;
    }
    await cluster.modify(kindOf(object), refOf(object), (found) => {
        if (hasFinalizer(found, finalizer) || isDeleting(found)) {
            return false;
        }
        found.metadata.finalizers = [...(found.metadata.finalizers ?? []), finalizer];
        return true;
    });
}

/** Removes the finalizer; an object that is gone, or another one of the same name, is left alone. */
export async function removeFinalizer(cluster: Cluster, object: KubeObject, finalizer: string): Promise<void> {
    await cluster.modify(kindOf(object), refOf(object), (found) => {
        if (!hasFinalizer(found, finalizer) || found.metadata.uid !== object.metadata.uid) {
            return false;
        }
        found.metadata.finalizers = found.metadata.finalizers?.filter((name) => name !== finalizer);
        return true;
    });
}

function kindOf(object: KubeObject): Kind {
    return { apiVersion: object.apiVersion ?? "v1", kind: object.kind ?? "" };
}
