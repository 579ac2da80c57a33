import type { HeldVolume } from "./record";
import type { WayBack } from "./situation";

/** For each volume here the newest snapshot whose content the other site holds as well. */
export function wayBackOf(here: readonly HeldVolume[], there: readonly HeldVolume[]): WayBack[] {
    return here.map(({ volume, snapshots }) => {
        const known = new Set(
            there.filter((other) => other.volume === volume).flatMap((other) => other.snapshots.map(versionOf)),
        );
        return { volume, common: snapshots.filter((snapshot) => known.has(versionOf(snapshot))).at(-1) };
    });
}

function versionOf({ versionUuid }: { versionUuid: string }): string {
    return versionUuid;
}
