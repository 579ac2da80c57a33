import { z } from "zod";
import type { Cluster, KubernetesObject } from "../../clients/kubernetes/cluster";
import { kinds } from "../../clients/kubernetes/kinds";
import { type Kind, pathOfObject } from "../../clients/kubernetes/objects";
import type { OtherClass } from "../../roles/situation";
import { belongsToApplication, isChosen, notChosen, reasonLeftOut, type Selection } from "./selection";
import type { ApplicationSettings } from "./settings";

/** A claim whose volume is mirrored. */
export interface ClaimedVolume {
    /** `<namespace>/<claim>`: the same at both sites. */
    claim: string;
    /** Name of its FlexVol, as Trident keeps it in the PersistentVolume. */
    volume: string;
    /** Trident's backend that it is on. */
    backendUuid: string | undefined;
}

/** A claim in the application's namespaces that is not mirrored, and that nothing depends on. */
export interface IgnoredClaim {
    claim: string;
    /** A clause: `its volume belongs to ebs.csi.aws.com`. */
    why: string;
    /** Whether it lacks the labels of `labelSelector`, so that it may be another application's. Default: it has them. */
    isUnchosen?: true;
}

/** The claims in an application's namespaces. */
export interface Claims {
    mirrored: readonly ClaimedVolume[];
    ignored: readonly IgnoredClaim[];
}

type ReadingCluster = Pick<Cluster, "get" | "list">;
type ClaimSettings = Pick<ApplicationSettings, "namespaces"> & Selection;
type ApplicationNamespaces = Pick<ApplicationSettings, "namespaces">;

/** CSI driver of the volumes that Trident makes. */
export const tridentDriver = "csi.trident.netapp.io";

export async function readClaims(cluster: ReadingCluster, settings: ClaimSettings): Promise<Claims> {
    const [claims, mirrors] = await Promise.all([
        readVolumeClaims(cluster, settings),
        // Only what a filter excludes can be mirrored all the same.
        settings.resourceFilter === undefined ? [] : listAll(cluster, kinds.tridentMirror, settings),
    ]);
    const volumes = await Promise.all(
        claims.map((claim) => {
            const name = isChosen(settings, claim) ? volumeNameOf(claim) : undefined;
            return name === undefined ? undefined : cluster.get(kinds.volume, { name });
        }),
    );
    return sortClaims({ claims, volumes: volumes.filter((volume) => volume !== undefined), mirrors }, settings);
}

/** Every claim in the application's namespaces, mirrored or not. */
export function readVolumeClaims(
    cluster: ReadingCluster,
    settings: ApplicationNamespaces,
): Promise<KubernetesObject[]> {
    return listAll(cluster, kinds.volumeClaim, settings);
}

/**
 * The claims that mirrors of Trident's name: all that a copy is made of, whether or not they have a volume yet. In a
 * namespace of several applications a mirror may be into a claim of another one.
 */
export async function readMirroredClaims(cluster: ReadingCluster, settings: ClaimSettings): Promise<string[]> {
    const [mirrors, claims] = await Promise.all([
        listAll(cluster, kinds.tridentMirror, settings),
        settings.labelSelector === undefined ? [] : readVolumeClaims(cluster, settings),
    ]);
    const others = new Set(claims.filter((claim) => !isChosen(settings, claim)).map(pathOfObject));
    return mirrors.flatMap(claimsOfMirror).filter((claim) => !others.has(claim));
}

/**
 * By `<namespace>/<claim>`, the claims whose class is not the one that a mirror gives to all: Trident Protect may make
 * them anew (docs/facts/trident-protect.md#reversing-the-mirror).
 */
export function otherClasses(
    claims: readonly KubernetesObject[],
    { storageClass }: Pick<ApplicationSettings, "storageClass">,
): Map<string, OtherClass> {
    return new Map(
        claims
            .map((claim) => ({ claim: pathOfObject(claim), has: classOf(claim) }))
            .filter(({ has }) => has !== storageClass)
            .map(({ claim, has }) => [claim, { has, gets: storageClass }]),
    );
}

async function listAll(
    cluster: ReadingCluster,
    kind: Kind,
    { namespaces }: ApplicationNamespaces,
): Promise<KubernetesObject[]> {
    return (await Promise.all(namespaces.map((namespace) => cluster.list(kind, namespace)))).flat();
}

/**
 * Which claims count: those that a mirror of Trident's names, and those whose volume Trident made and whose claim belongs
 * to the application. Whatever else is in the namespaces is no reason to stop a takeover. Where labels choose what belongs
 * to it, a mirror of Trident's into another claim is another application's.
 */
export function sortClaims(
    found: {
        claims: readonly KubernetesObject[];
        volumes: readonly KubernetesObject[];
        mirrors: readonly KubernetesObject[];
    },
    selection: Selection,
): Claims {
    const volumes = new Map(found.volumes.map((volume) => [volume.metadata.name, volume]));
    const named = new Set(found.mirrors.flatMap(claimsOfMirror));
    const mirrored: ClaimedVolume[] = [];
    const ignored: IgnoredClaim[] = [];
    for (const object of found.claims) {
        const claim = `${object.metadata.namespace}/${object.metadata.name}`;
        const bound = volumeNameOf(object);
        const volume = bound === undefined ? undefined : volumes.get(bound);
        const made = readVolume(volume);
        if (!isChosen(selection, object)) {
            ignored.push({ claim, why: notChosen(selection), isUnchosen: true });
        } else if (bound === undefined) {
            ignored.push({ claim, why: "it is not bound to a volume" });
        } else if (volume === undefined) {
            ignored.push({ claim, why: `its PersistentVolume ${bound} does not exist` });
        } else if (made?.driver !== tridentDriver) {
            const owner = made === undefined ? "no CSI driver" : made.driver;
            ignored.push({ claim, why: `its volume belongs to ${owner}, not to Trident` });
        } else if (made.internalName === undefined) {
            ignored.push({ claim, why: `its PersistentVolume ${bound} names no volume of an array` });
        } else if (named.has(claim) || belongsToApplication(selection, object)) {
            mirrored.push({ claim, volume: made.internalName, backendUuid: made.backendUUID });
        } else {
            ignored.push({ claim, why: "resourceFilter excludes it" });
        }
    }
    return { mirrored, ignored };
}

const claimSpec = z.object({ volumeName: z.string().optional(), storageClassName: z.string().nullish() });

/** The annotation is older than the field, and counts where both are there. Empty for a claim of no class. */
function classOf({ metadata, spec }: KubernetesObject): string {
    const annotated = metadata.annotations?.["volume.beta.kubernetes.io/storage-class"];
    return annotated ?? claimSpec.parse(spec ?? {}).storageClassName ?? "";
}

function volumeNameOf(claim: KubernetesObject): string | undefined {
    const name = claimSpec.parse(claim.spec ?? {}).volumeName;
    return name === "" ? undefined : name;
}

const volumeSpec = z.object({
    csi: z.object({ driver: z.string(), volumeAttributes: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

function readVolume(volume: KubernetesObject | undefined) {
    const { csi } = volumeSpec.parse(volume?.spec ?? {});
    const attribute = (name: string) => {
        const value = csi?.volumeAttributes?.[name];
        return typeof value === "string" && value !== "" ? value : undefined;
    };
    return csi === null || csi === undefined
        ? undefined
        : { driver: csi.driver, internalName: attribute("internalName"), backendUUID: attribute("backendUUID") };
}

const mirrorSpec = z.object({ volumeMappings: z.array(z.object({ localPVCName: z.string() })).nullish() });

function claimsOfMirror({ metadata, spec }: KubernetesObject): string[] {
    return (mirrorSpec.parse(spec ?? {}).volumeMappings ?? []).map(
        ({ localPVCName }) => `${metadata.namespace}/${localPVCName}`,
    );
}

/**
 * Why a claim that is not bound need not be waited for; undefined when it must be, since a snapshot would leave it out.
 *
 * @param storageClass the claim's class; undefined where it has none, or none of that name is there
 * @param used whether a pod mounts it
 */
export function reasonNotToAwait(
    claim: KubernetesObject,
    storageClass: KubernetesObject | undefined,
    used: boolean,
    selection: Selection,
): string | undefined {
    const leftOut = reasonLeftOut(selection, claim);
    if (leftOut !== undefined) {
        return leftOut;
    }
    if (storageClass?.provisioner !== undefined && storageClass.provisioner !== tridentDriver) {
        return `its volume is to come from ${storageClass.provisioner}, not from Trident`;
    }
    const waitsForPod = storageClass === undefined || storageClass.volumeBindingMode === "WaitForFirstConsumer";
    return waitsForPod && !used ? "no pod uses it, so that it has no volume yet" : undefined;
}
