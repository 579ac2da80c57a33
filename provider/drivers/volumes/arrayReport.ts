import { complete, type VolumeCopy } from "../../roles/copy";
import { upCommand } from "../../roles/messages/commands";
import { text, type Message } from "../../roles/messages/message";
import type { RoleRecord } from "../../roles/record";
import { whyUnhealthy } from "../../clients/ontap";
import { transferOf } from "../array";
import type { ArrayFault, VolumeSpace } from "../driver";
import { isMirrored, isTransferring } from "./establish";
import { isFenced } from "./fence";
import type { VolumeState } from "./observe";
import { mountedAt } from "./service";
import type { VolumesSettings } from "./settings";

/** What goes into the state: only what changes when somebody changes it, so neither lag nor transfers. */
export function shownOf(volumes: readonly VolumeState[]): Record<string, Record<string, string>> {
    return Object.fromEntries(volumes.map((item) => [item.name, shown(item)]));
}

/** What does not fit the role: volumes that clients can write to at a site that has stopped serving. */
export function openVolumes(
    { role }: Pick<RoleRecord, "role">,
    volumes: readonly VolumeState[],
    settings: VolumesSettings,
): Message[] {
    const { site, application, fence } = settings;
    const open = volumes.filter((item) => !isFenced(item, settings)).map(({ name }) => name);
    return (role !== "stood-down" && role !== "displaced") || open.length === 0
        ? []
        : [
              text`${site} does not serve ${application}, but clients that have volume ${open.join(", ")} mounted can write to it, and what they write is discarded when ${site} rejoins: it is not behind its fence (${fence}). Stop them; ${upCommand(site)} closes it when ${site} rejoins`,
          ];
}

/** Mirrors that do not bring anything any more: a plan leaves them alone, since only whoever looks can repair them. */
export function unhealthyMirrors(
    { role }: Pick<RoleRecord, "role">,
    volumes: readonly VolumeState[],
    { site }: VolumesSettings,
): ArrayFault[] {
    return volumes.flatMap(({ path, into }) =>
        role !== "standby" || into === undefined || into.healthy !== false
            ? []
            : [
                  {
                      what: `the mirror into volume ${path} is not healthy: ${whyUnhealthy(into)}; what a takeover would lose grows until it is. At the array of ${site}: snapmirror show -destination-path ${path}`,
                      endangers: false,
                  },
              ],
    );
}

/** The other site's volume is made as a FlexVol, and SnapMirror joins like with like (docs/facts/ontap.md#flexgroups). */
export function unmirrorable(volumes: readonly VolumeState[]): Message[] {
    return volumes
        .filter(({ volume }) => volume?.style === "flexgroup")
        .map(({ path }) => `volume ${path} is a FlexGroup`);
}

/** How full the volumes are. */
export function spaceOf(volumes: readonly VolumeState[]): VolumeSpace[] {
    return volumes.flatMap(({ name, volume }) => {
        const { used: usedBytes, size: sizeBytes } = volume?.space ?? {};
        return usedBytes === undefined || sizeBytes === undefined ? [] : [{ volume: name, usedBytes, sizeBytes }];
    });
}

/** How far each volume is while a copy to this site is being made; undefined when none is. */
export function copyOf(volumes: readonly VolumeState[]): VolumeCopy[] | undefined {
    const isOpen = ({ into }: VolumeState) =>
        into !== undefined && !isMirrored(into) && (into.state === "uninitialized" || isTransferring(into));
    return volumes.some(isOpen)
        ? volumes.map(({ name, into }) => ({
              volume: name,
              ...(isMirrored(into)
                  ? { state: complete }
                  : ((into && transferOf(into)) ?? { state: into?.state ?? "without a mirror" })),
          }))
        : undefined;
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
