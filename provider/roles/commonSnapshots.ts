import type { HeldVolume } from "./record";
import type { CommonSnapshot } from "./situation";

/** For each volume here, the newest snapshot whose content the other site holds as well. */
export function commonSnapshotsOf(here: readonly HeldVolume[], there: readonly HeldVolume[]): CommonSnapshot[] {
    return here.map(({ volume, snapshots }) => {
        const heldThere = new Set(
            there
                .filter((other) => other.volume === volume)
                .flatMap((other) => other.snapshots.map(({ versionUuid }) => versionUuid)),
        );
        return { volume, common: snapshots.filter(({ versionUuid }) => heldThere.has(versionUuid)).at(-1) };
    });
}
