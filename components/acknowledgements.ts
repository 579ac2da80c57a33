import { parseDiscard } from "../provider/roles/acknowledgement";
import { describe, type Problem } from "./validation/problems";

/**
 * What an operator explicitly allows. Each one names the epoch it is for, so that a value left behind in a file does no
 * harm later.
 *
 * @example
 * // West serves without east's hand-over: an unplanned takeover that begins epoch 4.
 * { takeover: 4 }
 * @example
 * // East's writes in epoch 3 are discarded.
 * { discard: "east@3" }
 */
export interface AcknowledgementArgs {
    /**
     * Serve without a hand-over token, beginning exactly this epoch.
     * @default an unplanned takeover is refused
     */
    takeover?: number;
    /**
     * The older point that the takeover promotes, after corruption for example: the name of an archive folder as the
     * preview lists them, or a time, for which the newest point up to it is taken. Without `takeover` it has no effect.
     * @default the newest point
     * @example
     * "2026-11-26T03:00:00Z"
     */
    recoverTo?: string;
    /**
     * Discard the writes that a site made in an epoch: `<site>@<epoch>`, such as `east@3`.
     * @default a change that would discard writes is refused
     */
    discard?: string;
    /**
     * The reason why a switch may proceed although replication is older than `maxLag`. It is kept in the record.
     * @default such a switch is refused
     */
    lag?: string;
    /**
     * Copy everything where the sites have no snapshot in common, in order to join exactly this epoch.
     * @default a full copy is refused
     */
    fullCopy?: number;
    /**
     * Hand over although the final snapshot of exactly this epoch completed with warnings.
     * @default such a hand-over is refused
     */
    warnings?: number;
}

/** Acknowledgements as they were written, of whatever type their values are. */
type UncheckedAcknowledgements = { [Key in keyof AcknowledgementArgs]?: unknown };

/**
 * What is wrong with acknowledgements, each under its key after `prefix`.
 * @internal
 */
export function acknowledgementProblems(
    prefix: string,
    { takeover, recoverTo, discard, lag, fullCopy, warnings }: UncheckedAcknowledgements,
    sites: readonly string[],
): Problem[] {
    return [
        ...takeoverProblems(`${prefix}takeover`, takeover),
        ...recoverToProblems(`${prefix}recoverTo`, recoverTo),
        ...discardProblems(`${prefix}discard`, discard, sites),
        ...lagProblems(`${prefix}lag`, lag),
        ...fullCopyProblems(`${prefix}fullCopy`, fullCopy),
        ...warningsProblems(`${prefix}warnings`, warnings),
    ];
}

/** @internal */
export function takeoverProblems(key: string, value: unknown): Problem[] {
    return epochProblems(key, value, "the number of the epoch that the takeover starts");
}

/** @internal */
export function recoverToProblems(key: string, value: unknown): Problem[] {
    const isFolder = typeof value === "string" && /^\d{14}_[a-z0-9._-]+$/i.test(value);
    const isTime = typeof value === "string" && /^\d{4}-\d{2}-\d{2}T/.test(value) && !Number.isNaN(Date.parse(value));
    return value === undefined || isFolder || isTime
        ? []
        : [
              {
                  key,
                  expected: "the name of an archive folder, or a time such as 2026-11-26T03:00:00Z",
                  found: describe(value),
              },
          ];
}

/** @internal */
export function fullCopyProblems(key: string, value: unknown): Problem[] {
    return epochProblems(key, value, "the number of the epoch that may be joined by copying everything");
}

/** @internal */
export function warningsProblems(key: string, value: unknown): Problem[] {
    return epochProblems(key, value, "the number of the epoch whose final snapshot may have warnings");
}

function epochProblems(key: string, value: unknown, expected: string): Problem[] {
    return value === undefined || (Number.isSafeInteger(value) && Number(value) > 0)
        ? []
        : [{ key, expected, found: describe(value) }];
}

/** @internal */
export function lagProblems(key: string, value: unknown): Problem[] {
    return value === undefined || (typeof value === "string" && value.trim() !== "")
        ? []
        : [{ key, expected: "the reason why a switch may go on", found: describe(value) }];
}

/**
 * @param sites The pair's two sites; with fewer, only the form is checked.
 * @internal
 */
export function discardProblems(key: string, value: unknown, sites: readonly string[]): Problem[] {
    if (value === undefined) {
        return [];
    }
    const discard = typeof value === "string" ? parseDiscard(value) : undefined;
    return discard !== undefined && (sites.length < 2 || sites.includes(discard.site))
        ? []
        : [
              {
                  key,
                  expected: `<site>@<epoch>${sites.length < 2 ? "" : ` of ${sites.join(" or ")}`}, such as ${sites[0] ?? "east"}@3`,
                  found: describe(value),
              },
          ];
}
