import type { Volume } from "../../clients/ontap";
import { upCommand } from "../../roles/messages/commands";
import { join, MessageError, text, type Message } from "../../roles/messages/message";
import { type Action, inParallel } from "../action";
import { admits, throughQtrees } from "./access";
import { volumeCall } from "./calls";
import type { VolumesContext } from "./context";
import { exportPolicyOf, fencePolicyOf, isBehindFencePolicy } from "./fencePolicy";
import { readVolumes, type VolumesState, type VolumeState } from "./observe";
import { mountedAt, online, setExportPolicy, unmount } from "./service";
import type { VolumesSettings } from "./settings";

/** Whether the fence is closed. A mirror's destination needs none: it is read-only. */
export function isFenced({ volume }: VolumeState, settings: VolumesSettings): boolean {
    if (volume === undefined || volume.type === "dp" || settings.fence === "none") {
        return true;
    }
    const isReachable = settings.fence !== "exportPolicy" && mountedAt(volume) !== "";
    return isBehindFencePolicy(volume, settings) && !isReachable;
}

/**
 * Keeps every volume from being written to, in phases that end with the array's own word for it. Nothing is changed at a
 * volume that is fenced.
 */
export function fenceAll(context: VolumesContext, state: VolumesState): Action[][] {
    const open = state.volumes.filter((item) => !isFenced(item, context.settings));
    return [
        createFencePolicies(context, state, open),
        ...inParallel(state.volumes.map((item) => fence(context, item))),
        confirmFence(context, state),
    ];
}

/** The export policies without rules that these volumes need and the array does not have. */
export function createFencePolicies(
    { client, settings }: VolumesContext,
    { access }: VolumesState,
    items: readonly VolumeState[],
): Action[] {
    const existing = new Set(access.policies.map(({ name }) => name));
    const needed = new Set(items.map(({ volume }) => fencePolicyOf(volume!, settings)));
    return [...needed]
        .filter((name) => !existing.has(name))
        .map((name) => ({
            call: `POST /protocols/nfs/export-policies: ${name}, without rules, so that it admits nobody`,
            effect: "write",
            run: () => client.access.createExportPolicy(settings.svm, name),
        }));
}

/** Puts a volume behind the export policy that fences it; nothing for one that is. */
export function closeToNfs({ client, settings }: VolumesContext, name: string, volume: Volume): Action[] {
    return isBehindFencePolicy(volume, settings)
        ? []
        : [setExportPolicy(name, volume, fencePolicyOf(volume, settings), client)];
}

function fence(context: VolumesContext, item: VolumeState): Action[] {
    const { client, settings } = context;
    const { volume, name } = item;
    if (volume === undefined || isFenced(item, settings)) {
        return volume?.state === "offline" && settings.fence === "offline" ? [online(name, volume, client)] : [];
    }
    const closing = closeToNfs(context, name, volume);
    if (settings.fence === "exportPolicy" || mountedAt(volume) === "") {
        const isOffline = volume.state === "offline" && settings.fence === "offline";
        return isOffline ? [...closing, online(name, volume, client)] : closing;
    }
    return settings.fence === "offline"
        ? [
              ...closing,
              {
                  // In one call, so that a volume that is found unmounted is known to have no sessions left.
                  call: volumeCall(
                      "PATCH",
                      name,
                      `unmounted from ${mountedAt(volume)} and offline, which ends every session`,
                  ),
                  effect: "write",
                  run: () => client.volumes.takeOffline(volume.uuid, name),
              },
              online(name, volume, client),
          ]
        : [...closing, unmount(name, volume, client)];
}

/** Throws unless the array confirms, for each volume that can be written to, that nobody is admitted to it. */
function confirmFence(context: VolumesContext, { volumes }: VolumesState): Action[] {
    const { settings } = context;
    if (settings.fence === "none") {
        return [];
    }
    let found: Promise<FenceState> | undefined;
    return volumes
        .filter(({ volume }) => volume !== undefined && volume.type !== "dp")
        .map(({ name, volume }) => ({
            call: volumeCall(
                "GET",
                name,
                `behind export policy ${fencePolicyOf(volume!, settings)}, which admits nobody`,
            ),
            effect: "read",
            run: async () => {
                const why = whyOpen(name, settings, await (found ??= readFence(context)));
                if (why.length > 0) {
                    throw new MessageError(
                        text`${settings.site}: ${join(why, "; ")}. The run stopped before anything relied on the fence: what clients write now is not lost. Close it on the array, then ${upCommand(settings.site)}`,
                    );
                }
            },
        }));
}

type FenceState = Awaited<ReturnType<typeof readFence>>;

async function readFence({ client, settings }: VolumesContext) {
    const volumes = await readVolumes(client, settings);
    const policies = volumes.flatMap(({ volume }) => (volume && exportPolicyOf(volume)) ?? []);
    const [existing, qtrees] = await Promise.all([
        client.access.exportPolicies(settings.svm, [...new Set(policies)]),
        client.access.qtrees(settings.svm, settings.volumes),
    ]);
    return { volumes, existing, qtrees };
}

function whyOpen(name: string, settings: VolumesSettings, { volumes, existing, qtrees }: FenceState): Message[] {
    const item = volumes.find((one) => one.name === name)!;
    const policy = item.volume && exportPolicyOf(item.volume);
    if (!isFenced(item, settings)) {
        return [
            `volume ${name} was opened again: its export policy is ${policy ?? "unknown"}${item.volume && mountedAt(item.volume) !== "" ? `, and it is mounted at ${mountedAt(item.volume)}` : ""}`,
        ];
    }
    const found = existing.find((one) => one.name === policy);
    return [
        ...(found === undefined
            ? [`the array does not show export policy ${policy ?? "unknown"} of volume ${name}`]
            : []),
        ...(found !== undefined && found.rules.length > 0 ? [admits(found, settings.svm)] : []),
        ...throughQtrees(item, qtrees),
    ];
}
