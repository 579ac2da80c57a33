import { type KubeObject, type Ref, ownerReference, refOf } from "../controllers";
import type { ArchivedVolume } from "./archive";
import type { Context } from "./context";
import { type DestinationVolume, type Existing, type Mirror, type VolumeMirror, kinds } from "./kinds";
import { joinedName, shortHash } from "./names";
import { mappedNamespace } from "./resources";

/** Names the AppMirrorRelationship, by its UID, that an object of Trident or an AppMirrorUpdate serves. */
export const mirrorLabel = "protect.trident.netapp.io/mirror-uid";
/** `namespace/name` of that AppMirrorRelationship, so that a change finds its way back. */
const mirrorAnnotation = "protect.trident.netapp.io/mirror";
/** Trident's own: which mirror a claim's volume receives. */
const receivingAnnotation = "trident.netapp.io/mirrorRelationship";

/** What marks an object as one of a mirror's, and which mirror it is. */
export function belongingTo(mirror: Existing<Mirror>, namespace: string): Partial<KubeObject["metadata"]> {
    const { uid, name } = mirror.metadata;
    return {
        labels: { [mirrorLabel]: uid },
        annotations: { [mirrorAnnotation]: `${mirror.metadata.namespace}/${name}` },
        // An owner must be in the same namespace as what it owns.
        ownerReferences: namespace === mirror.metadata.namespace ? [ownerReference(mirror)] : undefined,
    };
}

/** The mirror that an object was made for. */
export function mirrorOf(object: KubeObject): Ref[] {
    const [namespace, name] = (object.metadata.annotations?.[mirrorAnnotation] ?? "").split("/");
    return namespace && name ? [{ namespace, name }] : [];
}

export async function volumeMirrors(context: Context, mirror: Existing<Mirror>): Promise<VolumeMirror[]> {
    const labelSelector = `${mirrorLabel}=${mirror.metadata.uid}`;
    return context.cluster.list<VolumeMirror>(kinds.volumeMirror, { labelSelector });
}

/** What Trident says of a mirror, once it has seen the spec as it is now. */
export function volumeMirrorState({ metadata, status }: VolumeMirror): { state: string; message: string } {
    const { state = "", message = "", observedGeneration } = status?.conditions?.[0] ?? {};
    const seen = observedGeneration === undefined || observedGeneration >= (metadata.generation ?? 0);
    return { state: seen ? state : "", message };
}

export function isMirroring(volumeMirror: VolumeMirror): boolean {
    return ["established", "reestablished"].includes(volumeMirrorState(volumeMirror).state);
}

/** What goes wrong with volumes, for `status.error`; empty when nothing does. */
export function volumeTrouble(volumeMirrors: VolumeMirror[]): string {
    return volumeMirrors
        .map((found) => ({ name: found.metadata.name, ...volumeMirrorState(found) }))
        .filter(({ state }) => state === "failed" || state === "invalid")
        .map(({ name, state, message }) => `TridentMirrorRelationship ${name} is ${state}: ${message}`)
        .join("; ");
}

/**
 * Sees to a mirror for one volume: a claim that is not there yet is made to receive it; one that is there is brought back
 * to the last snapshot that both sides have, and its newer data is lost.
 */
export async function ensureVolumeMirror(
    context: Context,
    mirror: Existing<Mirror>,
    volume: ArchivedVolume,
    archivedClaim: KubeObject,
): Promise<DestinationVolume> {
    const { cluster } = context;
    const namespace = mappedNamespace(volume.claim.namespace, mirror.spec.namespaceMapping ?? []);
    const claimRef = { namespace, name: volume.claim.name };
    const name = joinedName(volume.claim.name, shortHash(mirror.metadata.uid));
    const ref = { namespace, name };

    const claim = await cluster.get(kinds.volumeClaim, claimRef);
    const existing = await cluster.get<VolumeMirror>(kinds.volumeMirror, ref);
    if (existing === undefined) {
        const state = claim === undefined ? "established" : "reestablished";
        const mapping = { localPVCName: claimRef.name, remoteVolumeHandle: volume.volumeHandle };
        await cluster.ensure({
            ...kinds.volumeMirror,
            metadata: { ...ref, ...belongingTo(mirror, namespace) },
            spec: { state, volumeMappings: [mapping] },
        });
    }
    if (claim === undefined) {
        await cluster.ensure({
            ...kinds.volumeClaim,
            metadata: {
                ...claimRef,
                labels: archivedClaim.metadata.labels,
                annotations: { [receivingAnnotation]: name },
            },
            spec: {
                accessModes: archivedClaim.spec.accessModes,
                resources: archivedClaim.spec.resources,
                volumeMode: archivedClaim.spec.volumeMode,
                storageClassName: mirror.spec.storageClassName,
            },
        });
    } else if (claim.metadata.annotations?.[receivingAnnotation] !== name) {
        const annotations = { [receivingAnnotation]: name };
        await cluster.mergePatch(kinds.volumeClaim, claimRef, { metadata: { annotations } });
    }
    return {
        sourcePVC: volume.claim,
        destinationPVC: claimRef,
        destinationTMR: ref,
        destinationStorageClass: mirror.spec.storageClassName,
        sourceSnapshotHandle: volume.snapshotHandle,
    };
}

/** Asks for another state of a volume's mirror; one that is asked for already is left alone. */
export async function turnVolumeMirror(
    context: Context,
    volumeMirror: VolumeMirror,
    state: "promoted" | "reestablished",
    promotedSnapshotHandle?: string,
): Promise<void> {
    await context.cluster.modify<VolumeMirror>(kinds.volumeMirror, refOf(volumeMirror), (found) => {
        const { promotedSnapshotHandle: old, ...mapping } = found.spec.volumeMappings[0] ?? { localPVCName: "" };
        if (found.spec.state === state && old === promotedSnapshotHandle) {
            return false;
        }
        found.spec.state = state;
        found.spec.volumeMappings = [
            promotedSnapshotHandle === undefined ? mapping : { ...mapping, promotedSnapshotHandle },
        ];
        return true;
    });
}

/** Removes everything of Trident's that serves the mirror; true once it is gone. Trident makes the volumes writable first. */
export async function removeVolumeMirrors(context: Context, mirror: Existing<Mirror>): Promise<boolean> {
    const { cluster } = context;
    const labelSelector = `${mirrorLabel}=${mirror.metadata.uid}`;
    const kindsToGo = [kinds.mirrorUpdate, kinds.volumeMirrorUpdate, kinds.volumeMirror];
    const left = await Promise.all(
        kindsToGo.map(async (kind) => {
            const objects = await cluster.list(kind, { labelSelector });
            await Promise.all(
                objects
                    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
                    .map((object) => cluster.delete(kind, refOf(object))),
            );
            return objects.length;
        }),
    );
    return left.every((count) => count === 0);
}

/** A missing namespace is never made by a mirror. */
export async function missingNamespaces(context: Context, namespaces: readonly string[]): Promise<string[]> {
    const found = await Promise.all(namespaces.map((name) => context.cluster.get(kinds.namespace, { name })));
    return namespaces.filter((_, index) => found[index] === undefined);
}
