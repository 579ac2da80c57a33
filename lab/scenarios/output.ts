import type { AnnouncedCall } from "./calls";

/** What the CLI printed, read as a person reads it. */

/**
 * The calls that a preview announces for an application's role, in order: `patch AppMirrorRelationship shop/shop`. A call
 * that is announced several times is there as often: its lines differ in their numbers, those that the CLI repeats do not.
 */
export function announcedCalls(output: string): AnnouncedCall[] {
    const lines = uniqueLines(output);
    return lines.flatMap((line) => {
        const match = /^\S+ at \S+: \d+\. [a-z-]+: (?<call>.+?)(?<condition> \(if [^()]*\))?$/.exec(line);
        return match?.groups === undefined
            ? []
            : [{ call: bare(match.groups["call"]!), conditional: match.groups["condition"] !== undefined }];
    });
}

/** What a preview says of an application: what it is, what it will do, each call. */
export function planLines(output: string): string[] {
    return uniqueLines(output).filter((line) => /^\S+ at \S+( is |: )/.test(line));
}

/** The call without what it is for: the verb, the object or path, and for a claim its key; names in braces stand for uuids. */
function bare(call: string): string {
    const claim = /^PUT (\S+) (\S+),/.exec(call);
    if (claim !== null) {
        return `PUT ${claim[1]} ${claim[2]}`;
    }
    return call.replace(/\/\{[^}]*\}/g, "").split(/[:,] | of /)[0]!;
}

/** Seconds of the loss bound that a refusal or a plan announces; of several items, the most. */
export function announcedLoss(output: string): number | undefined {
    const seconds = [...output.matchAll(/Loss bound: at most the writes of the last (\d+) s/g)].map(([, one]) =>
        Number(one),
    );
    return seconds.length === 0 ? undefined : Math.max(...seconds);
}

/** The oldest recovery point that a refusal or a plan announces: what was written before it is not given up. */
export function recoveryTime(output: string): Date | undefined {
    const times = [...output.matchAll(/recovery point \S+, taken (\S+), /g)].map(([, one]) => Date.parse(one!));
    return times.length === 0 ? undefined : new Date(Math.min(...times));
}

/** What a site that stands aside says that it gives up, of each item: seconds of writes, up to when it said so. */
export function countedLosses(output: string): { seconds: number; at: Date }[] {
    const matches = [...output.matchAll(/: at most the writes of (\d+) s until (\S+),/g)];
    return matches.map((match) => ({ seconds: Number(match[1]), at: new Date(match[2]!) }));
}

/** Resources that a preview or an up would change, of its closing summary. */
export function changesIn(output: string): number {
    const counts = [...output.matchAll(/^ {4}[+~\-±]+ ?(\d+) (?:to )?(?:create|update|delete|replace)/gm)];
    return counts.reduce((sum, match) => sum + Number(match[1]), 0);
}

function uniqueLines(output: string): string[] {
    const diagnostics = output.slice(Math.max(0, output.lastIndexOf("Diagnostics:")));
    return [...new Set(diagnostics.split("\n").map((line) => line.trim()))];
}

/** What is said of the array besides how far its copies are behind. */
export function arrayFaults(output: string): string[] {
    return output
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => /: array: (?!\d+ volumes? replicates? to this site)/.test(line));
}
