import { createHmac, timingSafeEqual } from "node:crypto";

/** The key that both sites of a pair share, and while it is being rotated the one before it. */
export interface PairKeys {
    current: string;
    /** Verifies what was written before the key was rotated; writes nothing. */
    previous?: string;
}

/** Characters of a key: 32 random bytes have 44 in base 64. */
export const shortestPairKey = 32;

/** What is authenticated. The kind is part of what the code is computed over, so that none passes for another. */
export type SealKind = "record" | "claim" | "bundle";

/** Under which key a message authentication code is the right one, or what is wrong with it. */
export type Verdict = "current" | "previous" | "missing" | "wrong";

/** Something with its message authentication code in it. */
export type Sealed<T extends object> = T & { mac?: string | undefined };

/**
 * Message authentication codes (HMAC-SHA-256) under the pair's key, over JSON of which only one form exists. Without a
 * key nothing is authenticated.
 */
export class Seal {
    readonly #keys: PairKeys | undefined;

    /** @param acceptsMissing whether what has no code yet is accepted, while a pair is given its first key */
    constructor(
        keys?: PairKeys,
        readonly acceptsMissing = false,
    ) {
        this.#keys = keys;
    }

    get hasKey(): boolean {
        return this.#keys !== undefined;
    }

    /** The value with its code; without a key as it is, but without the code of an earlier one. */
    on<T extends object>(kind: SealKind, value: Sealed<T>): T {
        const bare = withoutMac(value);
        return this.#keys === undefined ? bare : { ...bare, mac: codeOf(kind, bare, this.#keys.current) };
    }

    verdict<T extends object>(kind: SealKind, value: Sealed<T>): Verdict {
        const { mac } = value;
        if (mac === undefined) {
            return "missing";
        }
        const bare = withoutMac(value);
        const isBy = (key: string | undefined) =>
            key !== undefined && typeof mac === "string" && isSame(mac, codeOf(kind, bare, key));
        return isBy(this.#keys?.current) ? "current" : isBy(this.#keys?.previous) ? "previous" : "wrong";
    }
}

export const noSeal = new Seal();

/** JSON with sorted keys and without whitespace: one text for each value, wherever it was stored meanwhile. */
export function canonicalJson(value: unknown): string {
    if (Array.isArray(value)) {
        return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
    }
    if (typeof value === "object" && value !== null) {
        const entries = Object.entries(value).filter(([, item]) => item !== undefined);
        const sorted = entries.sort(([left], [right]) => (left < right ? -1 : 1));
        return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
    }
    return JSON.stringify(value) ?? "null";
}

function withoutMac<T extends object>(value: Sealed<T>): T {
    const { mac: _, ...bare } = value;
    return bare as unknown as T;
}

function codeOf(kind: SealKind, bare: object, key: string): string {
    return createHmac("sha256", key).update(`trident-dr/${kind}/1\n`).update(canonicalJson(bare)).digest("hex");
}

function isSame(left: string, right: string): boolean {
    const [one, other] = [Buffer.from(left), Buffer.from(right)];
    return one.length === other.length && timingSafeEqual(one, other);
}
