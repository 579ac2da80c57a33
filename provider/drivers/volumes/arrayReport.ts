import type { VolumeState } from "./observe";
import { mountedAt } from "./service";

/** What goes into the state: only what changes when somebody changes it, so neither lag nor transfers. */
export function shownOf(volumes: readonly VolumeState[]): Record<string, Record<string, string>> {
    return Object.fromEntries(volumes.map((item) => [item.name, shown(item)]));
}

function shown({ volume, into }: VolumeState): Record<string, string> {
    if (volume === undefined) {
        return { volume: "absent" };
    }
    const mirror: Record<string, string> =
        into === undefined
            ? { mirror: "none" }
            : {
                  mirror: into.state ?? "",
                  source: into.source.path,
                  policy: into.policy?.name ?? "",
                  schedule: into.transfer_schedule?.name ?? "",
              };
    return {
        volume: volume.type ?? "",
        state: volume.state ?? "",
        mountedAt: mountedAt(volume),
        exportPolicy: volume.nas?.export_policy?.name ?? "",
        ...mirror,
    };
}
