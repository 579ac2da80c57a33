import type { RunContext } from "./site";
import { peerBudget, vaultAnswers, type VaultCluster } from "../vaults/appVault";

/** An AppVault by its name. */
export interface VaultName {
    namespace: string;
    name: string;
}

/**
 * Begins to ask the other site's vault whether it answers. The plan needs to know, and where the site is dead it takes
 * the whole budget: what Pulumi does until then runs meanwhile.
 */
export function askAhead({ silence }: Pick<RunContext, "silence">, cluster: VaultCluster, vault: VaultName): void {
    // Whoever needs the answer asks again, and reports what goes wrong.
    vaultAnswers(cluster, vault.namespace, vault.name, peerBudget, silence).catch(() => undefined);
}
