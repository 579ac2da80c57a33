import type { OntapClient, Volume } from "../../clients/ontap";
import type { Action } from "../action";
import { volumeCall } from "./calls";
import { exportPolicyOf, isBehindFencePolicy, servingPolicyOf } from "./fencePolicy";
import type { VolumeState } from "./observe";
import type { VolumesSettings } from "./settings";

/** Where a volume is mounted; empty when it is not. */
export function mountedAt(volume: Volume): string {
    return volume.nas?.path ?? "";
}

export function unmount(name: string, volume: Volume, client: OntapClient): Action {
    return {
        call: volumeCall("PATCH", name, `unmounted from ${mountedAt(volume)}`),
        effect: "write",
        run: () => client.volumes.unmount(volume.uuid, name),
    };
}

function mount(name: string, { uuid }: Volume, path: string, client: OntapClient): Action {
    return {
        call: volumeCall("PATCH", name, `mounted at ${path}`),
        effect: "write",
        run: () => client.volumes.mount(uuid, path, name),
    };
}

export function online(name: string, { uuid }: Volume, client: OntapClient): Action {
    return {
        call: volumeCall("PATCH", name, "online"),
        effect: "write",
        run: () => client.volumes.bringOnline(uuid, name),
    };
}

export function setExportPolicy(name: string, { uuid }: Volume, policy: string, client: OntapClient): Action {
    return {
        call: volumeCall("PATCH", name, `export policy ${policy}`),
        effect: "write",
        run: () => client.volumes.setExportPolicy(uuid, policy, name),
    };
}

/** Opens a volume for serving, as declared. */
export function open({ volume, name }: VolumeState, settings: VolumesSettings, client: OntapClient): Action[] {
    if (volume === undefined) {
        return [];
    }
    const path = settings.junctionPaths[name] ?? "";
    const policy = servingPolicyOf(volume, settings);
    return [
        ...(volume.state === "offline" ? [online(name, volume, client)] : []),
        ...(policy !== undefined && exportPolicyOf(volume) !== policy
            ? [setExportPolicy(name, volume, policy, client)]
            : []),
        ...(path !== "" && mountedAt(volume) === "" ? [mount(name, volume, path, client)] : []),
    ];
}

/** Why a volume cannot serve as it is, or undefined. */
export function whyNotServing(item: VolumeState, settings: VolumesSettings): string | undefined {
    const { volume, name, into } = item;
    const path = settings.junctionPaths[name] ?? "";
    if (volume === undefined) {
        return `${name} does not exist in SVM ${settings.svm}`;
    }
    if (volume.type !== "rw") {
        const mirror =
            into === undefined ? "no relationship leads into it" : `a mirror of ${into.source.path} leads into it`;
        return `${name} is read-only (${volume.type}): ${mirror}`;
    }
    if (into !== undefined && into.state !== "broken_off") {
        return `a relationship into ${name} is ${into.state}`;
    }
    if (volume.state !== "online") {
        return `${name} is ${volume.state}`;
    }
    if (isBehindFencePolicy(volume, settings)) {
        return `${name} is behind export policy ${exportPolicyOf(volume)}, which admits nobody, and exportPolicy does not say which one is to serve`;
    }
    const mounted = mountedAt(volume);
    if (mounted !== path) {
        return `${name} is ${mounted === "" ? "not mounted" : `mounted at ${mounted}`}; declared: ${path === "" ? "not mounted" : path}`;
    }
    return undefined;
}
