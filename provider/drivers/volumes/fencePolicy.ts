import type { Volume } from "../../clients/ontap";
import type { VolumesSettings } from "./settings";

type PolicySettings = Pick<VolumesSettings, "fencePolicy" | "exportPolicy">;

export function exportPolicyOf(volume: Volume): string | undefined {
    return volume.nas?.export_policy?.name;
}

/** Whether a volume's export policy is one that fences. */
export function isBehindFencePolicy(volume: Volume, { fencePolicy }: PolicySettings): boolean {
    const policy = exportPolicyOf(volume) ?? "";
    return policy === fencePolicy || policy.startsWith(`${fencePolicy}-`);
}

/**
 * The export policy without rules that fences a volume. Where none is declared for volumes that serve, its name ends in
 * that of the policy which it replaces: whoever opens the volume again, after whatever interruption, reads it there.
 */
export function fencePolicyOf(volume: Volume, settings: PolicySettings): string {
    const current = exportPolicyOf(volume);
    if (current === undefined || isBehindFencePolicy(volume, settings)) {
        return current ?? settings.fencePolicy;
    }
    return settings.exportPolicy === undefined ? `${settings.fencePolicy}-${current}` : settings.fencePolicy;
}

/** The export policy of a volume while it serves; undefined when it stays as it is, or is not known. */
export function servingPolicyOf(volume: Volume, { fencePolicy, exportPolicy }: PolicySettings): string | undefined {
    const current = exportPolicyOf(volume) ?? "";
    const prefix = `${fencePolicy}-`;
    return exportPolicy ?? (current.startsWith(prefix) ? current.slice(prefix.length) : undefined);
}
