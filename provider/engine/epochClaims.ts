import type { Cluster } from "../clients/kubernetes/cluster";
import { isSilence, type ObjectStore, VaultError, type Written } from "../clients/buckets/objectStore";
import type { Action, Progress } from "../drivers/action";
import { previewCommand, upCommand } from "../roles/messages/commands";
import { MessageError, text } from "../roles/messages/message";
import type { ObservedClaim } from "../roles/situation";
import type { ClaimVault } from "../roles/steps";
import { noSeal, type Seal } from "../support/seal";
import { Silence } from "../support/silence";
import { openVault, peerBudget, type Vault } from "../vaults/appVault";
import {
    type Claimable,
    claimedEpochs,
    claimEpoch,
    claimKey,
    forgetClaims,
    type Guarded,
    probeKey,
    readClaim,
    removeUnlessAuthentic,
} from "../vaults/claims";
import type { ClaimActions, Claims, ClaimStep, ForgetStep } from "./claims";

/** Whose epochs are claimed, and in which vaults. */
export interface ClaimSettings {
    application: string;
    site: string;
    /** AppVault name at this site for each site's vault. */
    vaults: Readonly<Record<string, string>>;
}

/** Milliseconds for a vault that must answer, and for one that may be at a dead site; each for all of a lookup's requests. */
const requiredBudget = 15_000;
const optionalBudget = peerBudget;

/** Claims epochs by conditional writes to the vaults that a plan names. */
export class EpochClaims implements Claims {
    /** @param open the vault of a site; `budget` is in milliseconds for each of its calls */
    constructor(
        private readonly settings: ClaimSettings,
        private readonly open: (site: string, budget: number) => Promise<Vault>,
        private readonly seal: Seal = noSeal,
        private readonly silence = new Silence(),
    ) {}

    /** Claims in the buckets of the AppVaults at this site. */
    static inBuckets(
        cluster: Cluster,
        settings: ClaimSettings & { protectNamespace: string },
        seal: Seal = noSeal,
        silence = new Silence(),
    ): EpochClaims {
        const { protectNamespace, vaults } = settings;
        const open = (site: string, budget: number) => openVault(cluster, protectNamespace, vaults[site]!, budget);
        return new EpochClaims(settings, open, seal, silence);
    }

    probe(): ClaimActions {
        const shown = new Evidence();
        const sites = Object.keys(this.settings.vaults).sort();
        return { actions: sites.flatMap((site) => this.probeOf(site, shown)), guarded: () => shown.guarded };
    }

    claim(step: ClaimStep): ClaimActions {
        const shown = new Evidence();
        const actions = inOrder(step).flatMap((vault) => [
            ...this.removals(vault, step),
            this.claimAction(vault, step, (guarded) => shown.add(guarded)),
        ]);
        return { actions, guarded: () => shown.guarded };
    }

    left(): Promise<number[] | undefined> {
        const { application, site } = this.settings;
        return this.ifItAnswers(site, async () => claimedEpochs(await this.open(site, optionalBudget), application));
    }

    async read(epoch: number): Promise<ObservedClaim[]> {
        const found: ObservedClaim[] = [];
        for (const site of Object.keys(this.settings.vaults).sort()) {
            const claim = await this.ifItAnswers(site, () => this.readIn(site, epoch));
            found.push(...(claim === undefined ? [] : [claim]));
        }
        return found;
    }

    forget({ epochs }: ForgetStep): Action[] {
        const { application, site, vaults } = this.settings;
        return epochs.map((epoch) => ({
            call: `DELETE ${vaults[site]} ${keyOf(application, epoch)}`,
            effect: "write",
            run: async () => forgetClaims(await this.open(site, requiredBudget), application, [epoch]),
        }));
    }

    /** A vault that does not answer is not tried: its server is nothing that an epoch could be claimed in now. */
    private probeOf(site: string, shown: Evidence): Action[] {
        const { application, vaults } = this.settings;
        const name = vaults[site]!;
        const key = `trident-dr/${application}/probe.json`;
        const found: (Written | undefined)[] = [];
        const within = (work: (vault: Vault, store: ObjectStore) => Promise<void>) => async (progress: Progress) => {
            await this.ifItAnswers(site, async () => {
                const vault = await this.open(site, optionalBudget);
                if (vault.store === undefined) {
                    shown.add(false);
                    progress(
                        `${name} is opened by the cluster's identity, which this process does not have: ${unguarded}`,
                    );
                } else {
                    await work(vault, vault.store);
                }
            });
        };
        const write = within(async (vault, store) => {
            found.push(await store.putIfAbsent(probeKey(vault, application), "{}\n"));
        });
        const conclude = (progress: Progress) => {
            const guarded = found.includes("exists") ? true : found.length < 2 ? undefined : false;
            shown.add(guarded);
            if (guarded === false) {
                const why = found.includes("unsupported") ? "does not know" : "ignores";
                progress(`the server of ${name} ${why} the condition "if none is there": ${unguarded}`);
            }
        };
        return [
            {
                call: `PUT ${name} ${key}, if none is there: to try whether its server heeds that`,
                effect: "write",
                when: "if it answers",
                run: write,
            },
            {
                call: `PUT ${name} ${key}, if none is there: once more`,
                effect: "write",
                when: "if its server ignores that",
                run: async (progress) => {
                    if (found.length > 0) {
                        await write(progress);
                        conclude(progress);
                    }
                },
            },
            {
                call: `DELETE ${name} ${key}`,
                effect: "write",
                when: "if it was written",
                run: async (progress) => {
                    if (found.some((written) => written !== "unsupported")) {
                        await within((vault, store) => store.remove(probeKey(vault, application)))(progress);
                    }
                },
            },
        ];
    }

    private async readIn(site: string, epoch: number): Promise<ObservedClaim | undefined> {
        const vault = await this.open(site, optionalBudget);
        const found = await readClaim(vault, this.claimable(epoch), this.seal);
        if (found === undefined) {
            return undefined;
        }
        const { application } = this.settings;
        return {
            epoch,
            site,
            place: placeOf(vault, application, epoch),
            is:
                found.is === "claim"
                    ? { claimedBy: found.claim.site }
                    : found.is === "absent"
                      ? found.is
                      : { notAuthentic: found.why },
        };
    }

    /** Before the claim, what is in its place without being one: looked at again, since another run may have made its own. */
    private removals({ site }: ClaimVault, { epoch, replaces = [] }: ClaimStep): Action[] {
        const { application, vaults } = this.settings;
        return replaces
            .filter((replaced) => replaced.site === site)
            .map(({ why }) => ({
                call: `DELETE ${vaults[site]} ${keyOf(application, epoch)}, which is not a claim of this pair: ${why}`,
                effect: "write",
                run: async () =>
                    removeUnlessAuthentic(await this.open(site, requiredBudget), this.claimable(epoch), this.seal),
            }));
    }

    private claimable(epoch: number): Claimable {
        const { application, vaults } = this.settings;
        return { application, epoch, sites: Object.keys(vaults) };
    }

    private claimAction(vault: ClaimVault, step: ClaimStep, report: (guarded: Guarded) => void): Action {
        const { application, vaults } = this.settings;
        return {
            call: `PUT ${vaults[vault.site]} ${keyOf(application, step.epoch)}, if none is there`,
            effect: "write",
            ...(vault.required ? {} : { when: "if it answers" }),
            run: async (progress) => {
                try {
                    report(await this.claimAt(vault, step));
                } catch (error) {
                    if (!(error instanceof VaultError)) {
                        throw error;
                    }
                    if (vault.required || !error.unreachable) {
                        throw this.notClaimed(vault, step, error);
                    }
                    progress(`${error.message}; epoch ${step.epoch} is claimed without it`);
                }
            },
        };
    }

    private claimAt({ site, required }: ClaimVault, step: ClaimStep): Promise<Guarded> {
        return required
            ? this.claimIn(site, step, requiredBudget)
            : this.unlessSilent(site, () => this.claimIn(site, step, optionalBudget));
    }

    /** A vault that refuses may hold the other site's claim: only one that does not answer is done without. */
    private notClaimed({ site: owner }: ClaimVault, { epoch }: ClaimStep, error: VaultError): MessageError {
        const { application, site } = this.settings;
        const remedy = error.unreachable
            ? text`Once it answers, run ${upCommand(site)}`
            : text`Correct sites.${owner}.vault or vaultCredentials.${owner} of the stack of ${site}; or, if that bucket is lost for good, declare another one for ${owner}. Then run ${upCommand(site)}`;
        return new MessageError(
            text`${application} at ${site}: epoch ${epoch} cannot be claimed: ${error.message}. Nothing was done in its name, and no data was touched. ${remedy}`,
        );
    }

    /** Undefined where a vault does not answer. */
    private async ifItAnswers<T>(site: string, ask: () => Promise<T>): Promise<T | undefined> {
        try {
            return await this.unlessSilent(site, ask);
        } catch (error) {
            if (error instanceof VaultError) {
                return undefined;
            }
            throw error;
        }
    }

    private unlessSilent<T>(site: string, ask: () => Promise<T>): Promise<T> {
        return this.silence.unless(this.settings.vaults[site]!, ask, isSilence);
    }

    private async claimIn(site: string, step: ClaimStep, budget: number): Promise<Guarded> {
        const { application, site: own, vaults } = this.settings;
        const { epoch, began } = step;
        const vault = await this.open(site, budget);
        const claim = { application, epoch, began, site: own, time: new Date().toISOString() };
        const outcome = await claimEpoch(vault, claim, Object.keys(vaults), this.seal);
        if ("notAuthentic" in outcome) {
            const place = placeOf(vault, application, epoch);
            throw new MessageError(
                text`${application} at ${own}: in the place of the claim of epoch ${epoch} there is something that no site of this pair wrote: ${place}: ${outcome.notAuthentic}. Nothing was done in the name of that epoch at ${own}. Run ${previewCommand(own)}, which says how to go on`,
            );
        }
        if (!outcome.won) {
            const { by } = outcome;
            throw new MessageError(
                text`${application} at ${own}: epoch ${epoch} was begun by ${by.site} (${by.began}) at ${by.time}. Nothing was done in its name at ${own}. Run ${upCommand(by.site)}, then ${previewCommand(own)}`,
            );
        }
        return outcome.guarded;
    }
}

/** What servers have shown of themselves: one that does not guard is enough. */
class Evidence {
    guarded: Guarded;

    add(guarded: Guarded): void {
        this.guarded = guarded === undefined ? this.guarded : guarded && this.guarded !== false;
    }
}

const unguarded = "runs at both sites at the same instant are not guarded against each other";

/** Both sites ask the vaults in the same order, so that the first one that answers both decides. */
function inOrder(step: ClaimStep): ClaimVault[] {
    return [...step.vaults].sort((left, right) => (left.site < right.site ? -1 : 1));
}

function placeOf(vault: Vault, application: string, epoch: number): string {
    const bucket = vault.bucket === undefined ? "" : ` of bucket ${vault.bucket}`;
    return `object ${claimKey(vault, application, epoch)}${bucket} (vault ${vault.name})`;
}

function keyOf(application: string, epoch: number): string {
    return `trident-dr/${application}/epoch-${epoch}.json`;
}
