import { z } from "zod";
import { beginnings } from "../roles/epoch";
import { parseJson } from "../support/json";
import { printable } from "../support/printable";
import { noSeal, type Seal } from "../support/seal";
import { VaultError } from "../clients/buckets/objectStore";
import type { Vault } from "./appVault";

const claimSchema = z.object({
    application: z.string(),
    epoch: z.int().positive(),
    began: z.enum(beginnings),
    site: z.string(),
    time: z.iso.datetime({ offset: true }),
});

/** What is written into a vault before anything is done in the name of an epoch. */
export type Claim = z.infer<typeof claimSchema>;

/** The place of a claim, and who can have made it. Whoever can write to the bucket can put anything there. */
export interface Claimable {
    application: string;
    epoch: number;
    /** The two sites of the pair. */
    sites: readonly string[];
}

/** What is in a claim's place. Of what is not authentic, `why` may be shown, and nothing else. */
export type ClaimReading = { is: "absent" } | { is: "claim"; claim: Claim } | { is: "not authentic"; why: string };

type ClaimOutcome =
    /** The epoch is this site's: from now on, or since an interrupted run. */
    { won: true; guarded: Guarded } | { won: false; by: Claim } | { won: false; notAuthentic: string };

/** Whether a server guards a claim against another at the same instant; undefined where nothing has shown it. */
export type Guarded = boolean | undefined;

/**
 * Claims an epoch by a conditional write: of two simultaneous runs one wins, and the other learns who. Not every server
 * heeds the condition. Therefore it is read first what is there, which is never replaced, and afterwards whose claim it
 * has become.
 *
 * @param sites the two sites of the pair
 */
export async function claimEpoch(
    vault: Vault,
    claim: Claim,
    sites: readonly string[],
    seal: Seal = noSeal,
): Promise<ClaimOutcome> {
    const { store } = vault;
    if (store === undefined) {
        return { won: true, guarded: false };
    }
    const key = claimKey(vault, claim.application, claim.epoch);
    const read = () => readClaim(vault, { application: claim.application, epoch: claim.epoch, sites }, seal);
    const before = await read();
    if (before?.is !== "absent") {
        return outcomeOf(before, claim, undefined) ?? goneAgain(vault, key);
    }
    const body = `${JSON.stringify(seal.on("claim", claim))}\n`;
    const written = await store.putIfAbsent(key, body);
    if (written === "unsupported") {
        await store.put(key, body);
    }
    const guarded = written === "exists" ? true : written === "unsupported" ? false : undefined;
    return outcomeOf(await read(), claim, guarded) ?? goneAgain(vault, key);
}

function outcomeOf(found: ClaimReading | undefined, claim: Claim, guarded: Guarded): ClaimOutcome | undefined {
    switch (found?.is) {
        case "claim":
            return found.claim.site === claim.site ? { won: true, guarded } : { won: false, by: found.claim };
        case "not authentic":
            return { won: false, notAuthentic: found.why };
        default:
            return undefined;
    }
}

function goneAgain({ name }: Vault, key: string): never {
    throw new VaultError(`vault ${name}: ${key} was there and is gone; nothing was claimed`, false);
}

/** What is in the place of an epoch's claim; undefined for a vault in which epochs cannot be claimed. */
export async function readClaim(
    vault: Vault,
    expected: Claimable,
    seal: Seal = noSeal,
): Promise<ClaimReading | undefined> {
    if (vault.store === undefined) {
        return undefined;
    }
    const text = await vault.store.get(claimKey(vault, expected.application, expected.epoch));
    return text === undefined ? { is: "absent" } : parseClaim(text, expected, seal);
}

/** Checks every field: a claim of another application, epoch or pair proves nothing, and neither does one that lacks its MAC. */
export function parseClaim(
    text: string,
    { application, epoch, sites }: Claimable,
    seal: Seal = noSeal,
): Exclude<ClaimReading, { is: "absent" }> {
    const notAuthentic = (why: string) => ({ is: "not authentic", why: printable(why) }) as const;
    const raw = text.length > longestClaim ? undefined : parseJson(text);
    const parsed = claimSchema.safeParse(raw);
    if (!parsed.success) {
        return notAuthentic("it is not a claim of an epoch");
    }
    const claim = parsed.data;
    if (claim.application !== application) {
        return notAuthentic(`it is for ${claim.application}, and not for ${application}`);
    }
    if (claim.epoch !== epoch) {
        return notAuthentic(`it is for epoch ${claim.epoch}, and not for epoch ${epoch}`);
    }
    if (!sites.includes(claim.site)) {
        return notAuthentic(`it is of ${claim.site}, which is not a site of this pair`);
    }
    const verdict = seal.hasKey ? seal.verdict("claim", raw as object) : "current";
    if (verdict === "wrong") {
        return notAuthentic("its MAC does not match");
    }
    return verdict === "missing" && !seal.acceptsMissing ? notAuthentic("it carries no MAC") : { is: "claim", claim };
}

/** Numbers of the epochs that are claimed in a vault, in order. */
export async function claimedEpochs(vault: Vault, application: string): Promise<number[]> {
    const folder = `${vault.prefix}trident-dr/${application}/`;
    const names = (await vault.store?.names(folder)) ?? [];
    return names
        .flatMap((name) => /^epoch-([1-9]\d*)\.json$/.exec(name)?.[1] ?? [])
        .map(Number)
        .filter(Number.isSafeInteger)
        .sort((left, right) => left - right);
}

/** Removes the claims of epochs; that one is already gone is no error. */
export async function forgetClaims(vault: Vault, application: string, epochs: readonly number[]): Promise<void> {
    for (const epoch of epochs) {
        await vault.store?.remove(claimKey(vault, application, epoch));
    }
}

/** Removes what is in a claim's place, unless it is an authentic claim by now. */
export async function removeUnlessAuthentic(vault: Vault, expected: Claimable, seal: Seal = noSeal): Promise<void> {
    const found = await readClaim(vault, expected, seal);
    if (found?.is === "not authentic") {
        await vault.store?.remove(claimKey(vault, expected.application, expected.epoch));
    }
}

/**
 * The object by which it is tried, before there is any claim, whether a server heeds the condition of one: written twice,
 * and removed.
 */
export function probeKey(vault: Pick<Vault, "prefix">, application: string): string {
    return `${vault.prefix}trident-dr/${application}/probe.json`;
}

/** The key that holds the claim of an epoch. */
export function claimKey(vault: Pick<Vault, "prefix">, application: string, epoch: number): string {
    return `${vault.prefix}trident-dr/${application}/epoch-${epoch}.json`;
}

/** Characters. A claim has some 200. */
const longestClaim = 4_096;
