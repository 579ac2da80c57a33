import { z } from "zod";
import type { Cluster } from "../../kubernetes/cluster";
import { volume, volumeClaim } from "../../kubernetes/kinds";
import type { AppMirrorSettings } from "./settings";

/** What the array says of the volumes behind the application's claims: a status is a claim, the array is the truth. */
export interface Volumes {
    /** The array answers and knows every volume. */
    requireReachable(): Promise<void>;
    /** Every volume is read-only and a healthy relationship leads into it. */
    requireMirrored(): Promise<void>;
    /** Every volume is writable and no relationship leads into it. */
    requireWritable(): Promise<void>;
}

/** The one thing that is asked of an array. */
export interface StorageArray {
    /** Name and type of volumes by name; a volume that does not exist is left out. */
    volumes(svm: string, names: readonly string[]): Promise<readonly { name: string; type: string; state: string }[]>;
    /** Relationships whose destination is one of the volumes. */
    relationshipsInto(
        svm: string,
        names: readonly string[],
    ): Promise<readonly { volume: string; state: string; healthy: boolean; why: string }[]>;
}

/** Asks the site's array about the volumes behind the claims in the application's namespaces. */
export function volumesOf(cluster: Cluster, settings: AppMirrorSettings, array: StorageArray): Volumes {
    const { site } = settings;
    const { svm } = settings.ontap;
    const requireAll = async () => {
        const names = await volumeNames(cluster, settings);
        const found = await array.volumes(svm, names);
        const missing = names.filter((name) => !found.some((item) => item.name === name));
        if (missing.length > 0) {
            throw new Error(`${site}: its array has no volume ${missing.join(", ")} in SVM ${svm}`);
        }
        return { names, found };
    };
    return {
        async requireReachable() {
            await requireAll();
        },
        async requireMirrored() {
            const { names } = await requireAll();
            const relationships = await array.relationshipsInto(svm, names);
            for (const name of names) {
                const into = relationships.find((item) => item.volume === name);
                if (into === undefined || !into.healthy) {
                    throw new Error(
                        `${site}: the mirror of ${settings.application} says Established, but on the array volume ${name} ${into === undefined ? "has no relationship" : `is not healthy: ${into.why}`}. It is not protected; pulumi up again once that is mended`,
                    );
                }
            }
        },
        async requireWritable() {
            const { names, found } = await requireAll();
            const locked = found.filter((item) => item.type !== "rw" || item.state !== "online");
            const into = await array.relationshipsInto(svm, names);
            const left = into.filter((item) => item.state !== "broken_off");
            if (locked.length > 0 || left.length > 0) {
                const what = [
                    ...locked.map((item) => `${item.name} is ${item.type}, ${item.state}`),
                    ...left.map((item) => `a relationship into ${item.volume} is ${item.state}`),
                ];
                throw new Error(
                    `${site}: the mirror of ${settings.application} says Promoted, but on the array ${what.join("; ")}. The application must not be trusted there yet; pulumi up again`,
                );
            }
        },
    };
}

const claimSpec = z.object({ volumeName: z.string().optional() });
const volumeSpec = z.object({
    csi: z.object({ volumeAttributes: z.object({ internalName: z.string() }) }).optional(),
});

/** Trident names its FlexVol in the PersistentVolume's `internalName`. */
async function volumeNames(cluster: Cluster, settings: AppMirrorSettings): Promise<string[]> {
    const claims = (
        await Promise.all(settings.namespaces.map((namespace) => cluster.list(volumeClaim, namespace)))
    ).flat();
    const names = await Promise.all(
        claims.map(async (claim) => {
            const { volumeName } = claimSpec.parse(claim.spec);
            const found = volumeName === undefined ? undefined : await cluster.get(volume, { name: volumeName });
            return found === undefined ? undefined : volumeSpec.parse(found.spec).csi?.volumeAttributes.internalName;
        }),
    );
    return names.filter((name) => name !== undefined);
}
