import { defined } from "../support/defined";
import type { HeldVolume } from "./record";
import type { CommonSnapshot, OtherClass } from "./situation";

/** For each volume here, the newest snapshot whose content the other site holds as well, and whether its class is another. */
export function commonSnapshotsOf(
    here: readonly HeldVolume[],
    there: readonly HeldVolume[],
    classes: ReadonlyMap<string, OtherClass> = new Map(),
): CommonSnapshot[] {
    return here.map(({ volume, snapshots }) => {
        const heldThere = new Set(
            there
                .filter((other) => other.volume === volume)
                .flatMap((other) => other.snapshots.map(({ versionUuid }) => versionUuid)),
        );
        return {
            volume,
            common: snapshots.filter(({ versionUuid }) => heldThere.has(versionUuid)).at(-1),
            ...defined({ otherClass: classes.get(volume) }),
        };
    });
}
