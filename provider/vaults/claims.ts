import { z } from "zod";
import { beginnings } from "../roles/epoch";
import { parseJson } from "../support/json";
import { VaultError, type ObjectStore } from "../clients/s3/objectStore";
import type { Vault } from "./appVault";

const claimSchema = z.object({
    application: z.string(),
    epoch: z.int().positive(),
    began: z.enum(beginnings),
    site: z.string(),
    time: z.string(),
});

/** What is written into a vault before anything is done in the name of an epoch. */
export type Claim = z.infer<typeof claimSchema>;

type ClaimOutcome =
    /** The epoch is this site's: from now on, or since an interrupted run. */
    { won: true; guarded: boolean } | { won: false; by: Claim };

/**
 * Claims an epoch by a conditional write (`If-None-Match: *`): of two simultaneous runs one wins, and the other learns who.
 * `guarded` tells whether the server honours the condition, which is tested by repeating the write.
 */
export async function claimEpoch(vault: Vault, claim: Claim): Promise<ClaimOutcome> {
    if (vault.store === undefined) {
        return { won: true, guarded: false };
    }
    const key = claimKey(vault, claim.application, claim.epoch);
    const body = `${JSON.stringify(claim)}\n`;
    if (await vault.store.putIfAbsent(key, body)) {
        return { won: true, guarded: !(await vault.store.putIfAbsent(key, body)) };
    }
    const existing = await readClaim(vault.store, vault.name, key);
    return existing.site === claim.site ? { won: true, guarded: true } : { won: false, by: existing };
}

/** Numbers of the epochs that are claimed in a vault, in order. */
export async function claimedEpochs(vault: Vault, application: string): Promise<number[]> {
    const folder = `${vault.prefix}trident-dr/${application}/`;
    const names = (await vault.store?.names(folder)) ?? [];
    return names
        .flatMap((name) => /^epoch-([1-9]\d*)\.json$/.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((left, right) => left - right);
}

/** Removes the claims of epochs; that one is already gone is no error. */
export async function forgetClaims(vault: Vault, application: string, epochs: readonly number[]): Promise<void> {
    for (const epoch of epochs) {
        await vault.store?.remove(claimKey(vault, application, epoch));
    }
}

/** The key that holds the claim of an epoch. */
export function claimKey(vault: Vault, application: string, epoch: number): string {
    return `${vault.prefix}trident-dr/${application}/epoch-${epoch}.json`;
}

async function readClaim(store: ObjectStore, vault: string, key: string): Promise<Claim> {
    const text = await store.get(key);
    const parsed = text === undefined ? undefined : claimSchema.safeParse(parseJson(text));
    if (parsed?.success !== true) {
        throw new VaultError(
            `vault ${vault}: ${key} is not a claim of an epoch; inspect it, and delete it if it does not belong there`,
            false,
        );
    }
    return parsed.data;
}
