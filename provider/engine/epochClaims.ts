import type { Cluster } from "../clients/kubernetes/cluster";
import { VaultError } from "../clients/s3/objectStore";
import type { Action } from "../drivers/action";
import { previewCommand, upCommand } from "../roles/messages/commands";
import { MessageError, text } from "../roles/messages/message";
import type { ClaimVault } from "../roles/steps";
import { openVault, type Vault } from "../vaults/appVault";
import { claimedEpochs, claimEpoch, forgetClaims } from "../vaults/claims";
import type { ClaimActions, Claims, ClaimStep, ForgetStep } from "./claims";

/** Whose epochs are claimed, and in which vaults. */
export interface ClaimSettings {
    application: string;
    site: string;
    /** AppVault name at this site for each site's vault. */
    vaults: Readonly<Record<string, string>>;
}

/** Milliseconds for a vault that must answer, and for one that may be at a dead site. */
const requiredBudget = 15_000;
const optionalBudget = 2_000;

/** Claims epochs by conditional writes to the vaults that a plan names. */
export class EpochClaims implements Claims {
    /** @param open the vault of a site; `budget` is in milliseconds for each of its calls */
    constructor(
        private readonly settings: ClaimSettings,
        private readonly open: (site: string, budget: number) => Promise<Vault>,
    ) {}

    /** Claims in the buckets of the AppVaults at this site. */
    static inBuckets(cluster: Cluster, settings: ClaimSettings & { protectNamespace: string }): EpochClaims {
        const { protectNamespace, vaults } = settings;
        return new EpochClaims(settings, (site, budget) => openVault(cluster, protectNamespace, vaults[site]!, budget));
    }

    claim(step: ClaimStep): ClaimActions {
        let guarded = true;
        const actions = inOrder(step).map((vault) =>
            this.claimAction(vault, step, (byServer) => {
                guarded &&= byServer;
            }),
        );
        return { actions, guarded: () => guarded };
    }

    async left(): Promise<number[] | undefined> {
        const { application, site } = this.settings;
        try {
            return await claimedEpochs(await this.open(site, optionalBudget), application);
        } catch (error) {
            if (error instanceof VaultError) {
                return undefined;
            }
            throw error;
        }
    }

    forget({ epochs }: ForgetStep): Action[] {
        const { application, site, vaults } = this.settings;
        return epochs.map((epoch) => ({
            call: `DELETE ${vaults[site]} ${keyOf(application, epoch)}`,
            effect: "write",
            run: async () => forgetClaims(await this.open(site, requiredBudget), application, [epoch]),
        }));
    }

    private claimAction(vault: ClaimVault, step: ClaimStep, report: (guarded: boolean) => void): Action {
        const { application, vaults } = this.settings;
        return {
            call: `PUT ${vaults[vault.site]} ${keyOf(application, step.epoch)}, if none is there`,
            effect: "write",
            ...(vault.required ? {} : { when: "if it answers" }),
            run: async (progress) => {
                try {
                    report(await this.claimIn(vault.site, step, vault.required ? requiredBudget : optionalBudget));
                } catch (error) {
                    if (vault.required || !(error instanceof VaultError)) {
                        throw error;
                    }
                    progress(`${error.message}; epoch ${step.epoch} is claimed without it`);
                }
            },
        };
    }

    private async claimIn(site: string, step: ClaimStep, budget: number): Promise<boolean> {
        const { application, site: own } = this.settings;
        const outcome = await claimEpoch(await this.open(site, budget), {
            application,
            epoch: step.epoch,
            began: step.began,
            site: own,
            time: new Date().toISOString(),
        });
        if (!outcome.won) {
            const { by } = outcome;
            throw new MessageError(
                text`${application} at ${own}: epoch ${step.epoch} was begun by ${by.site} (${by.began}) at ${by.time}. Nothing was done in its name at ${own}. Run ${upCommand(by.site)}, then ${previewCommand(own)}`,
            );
        }
        return outcome.guarded;
    }
}

/** Both sites ask the vaults in the same order, so that the first one that answers both decides. */
function inOrder(step: ClaimStep): ClaimVault[] {
    return [...step.vaults].sort((left, right) => (left.site < right.site ? -1 : 1));
}

function keyOf(application: string, epoch: number): string {
    return `trident-dr/${application}/epoch-${epoch}.json`;
}
