import type { Check } from "./document";
import type { TargetFacts } from "./facts";

/** What a check found: one thing that is as it should be, or everything that is not. */
export type Verdict = Omit<Check, "name">;

/** One question to what is known of the site that would take over; no answer where it does not apply. */
export type Question = (target: TargetFacts, item: string, now: Date) => Verdict[];

export function ok(what: string, site?: string): Verdict[] {
    return [{ level: "ok", what, ...(site === undefined ? {} : { site }), next: [] }];
}

export function unknown(site: string, what: string, means: string, next: string[]): Verdict[] {
    return [{ level: "unknown", site, what, means, next }];
}
