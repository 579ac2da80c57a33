import type { Cluster } from "../clients/kubernetes/cluster";
import type { Step } from "../roles/steps";
import { openVault, type Vault } from "../vaults/appVault";
import { claimedEpochs, claimEpoch, forgetClaims } from "../vaults/claims";
import { VaultError } from "../clients/s3/objectStore";

type ClaimStep = Extract<Step, { do: "claim" }>;
type ForgetStep = Extract<Step, { do: "forget-claims" }>;

/** Somebody else began the epoch; nothing was done in its name here. */
export class EpochTaken extends Error {
    constructor(message: string) {
        super(message);
        this.name = "EpochTaken";
    }
}

/** Claims epochs in the vaults that a plan names. */
export class EpochClaims {
    constructor(
        private readonly cluster: Cluster,
        private readonly settings: {
            application: string;
            site: string;
            protectNamespace: string;
            vaults: Readonly<Record<string, string>>;
        },
    ) {}

    callsOf(step: ClaimStep): string[] {
        return this.inOrder(step).map(
            (vault) =>
                `PUT ${this.settings.vaults[vault.site]} trident-dr/${this.settings.application}/epoch-${step.epoch}.json, if none is there${vault.must ? "" : " (if it answers)"}`,
        );
    }

    /** Returns whether the servers guard against two runs at once. Throws {@link EpochTaken}. */
    async claim(step: ClaimStep, progress: (line: string) => void): Promise<{ guarded: boolean }> {
        let guarded = true;
        for (const vault of this.inOrder(step)) {
            try {
                guarded = (await this.claimIn(vault.site, step, vault.must ? mustBudget : mayBudget)) && guarded;
            } catch (thrown) {
                if (vault.must || !(thrown instanceof VaultError)) {
                    throw thrown;
                }
                progress(`${thrown.message}; epoch ${step.epoch} is claimed without it`);
            }
        }
        return { guarded };
    }

    /** Numbers of the epochs that are claimed in the own vault; undefined when it does not answer. */
    async left(): Promise<number[] | undefined> {
        const { application, site } = this.settings;
        try {
            return await claimedEpochs(await this.open(site, mayBudget), application);
        } catch (thrown) {
            if (thrown instanceof VaultError) {
                return undefined;
            }
            throw thrown;
        }
    }

    callsOfForgetting({ epochs }: ForgetStep): string[] {
        const { application, site, vaults } = this.settings;
        return epochs.map((epoch) => `DELETE ${vaults[site]} trident-dr/${application}/epoch-${epoch}.json`);
    }

    async forget({ epochs }: ForgetStep): Promise<void> {
        const { application, site } = this.settings;
        await forgetClaims(await this.open(site, mustBudget), application, epochs);
    }

    private open(site: string, budget: number): Promise<Vault> {
        const { protectNamespace, vaults } = this.settings;
        return openVault(this.cluster, protectNamespace, vaults[site]!, budget);
    }

    private async claimIn(site: string, step: ClaimStep, budget: number): Promise<boolean> {
        const { application } = this.settings;
        const vault = await this.open(site, budget);
        const outcome = await claimEpoch(vault, {
            application,
            epoch: step.epoch,
            began: step.began,
            site: this.settings.site,
            time: new Date().toISOString(),
        });
        if (!outcome.won) {
            const { by } = outcome;
            throw new EpochTaken(
                `${application} at ${this.settings.site}: epoch ${step.epoch} was begun by ${by.site} (${by.began}) at ${by.time}. Nothing was done in its name at ${this.settings.site}. pulumi up at ${by.site} first, then pulumi preview here`,
            );
        }
        return outcome.guarded;
    }

    /** Both sites ask the vaults in the same order, so that the first one that answers both decides. */
    private inOrder(step: ClaimStep) {
        return [...step.vaults].sort((left, right) => (left.site < right.site ? -1 : 1));
    }
}

/** Milliseconds for a vault that must answer, and for one that may be at a dead site. */
const mustBudget = 15_000;
const mayBudget = 2_000;
