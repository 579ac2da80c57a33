import { recordOf } from "../roles/situation";
import type { Seal } from "../support/seal";
import { peerBudget, vaultAnswers, type VaultCluster } from "../vaults/appVault";
import { configurationOf, peerViewOf } from "./configuration";
import type { ApplicationInputs } from "./inputs";
import type { RunContext } from "./site";

/** Milliseconds, for a vault of which a takeover needs nothing. */
const shortPatience = 1_000;

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

/**
 * Milliseconds to wait for the other site's vault. An acknowledged takeover from a site that served needs nothing that is
 * in there: it asks only whether the site is alive after all, and each second counts. A site that has handed over may have
 * the final snapshot there, which must not count as lost because its vault is slow.
 */
export function patienceWithPeer(inputs: ApplicationInputs, seal: Seal): number {
    const { active, site, acknowledgements } = configurationOf(inputs);
    const takesOver = active === site && acknowledgements.takeover !== undefined;
    return takesOver && recordOf(peerViewOf(inputs, seal))?.role === "active" ? shortPatience : peerBudget;
}
