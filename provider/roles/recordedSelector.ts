import { describeLabelSelector, type LabelSelector } from "../support/labelSelector";
import { printable } from "../support/printable";
import type { RoleRecord } from "./record";

/** What a site's record says of the labels by which objects belong to the item; undefined where they belong by any. */
export function recordedSelector(selector: LabelSelector | undefined): RoleRecord["labelSelector"] {
    return selector && describeLabelSelector(selector);
}

/**
 * Where the other site's record has the item chosen otherwise than this site's configuration; undefined where both agree.
 * What one site does not choose is not mirrored, and not there after a takeover. One that says nothing any more may be
 * from before.
 */
export function faultOfSelector(record: RoleRecord, expected: RoleRecord["labelSelector"]): string | undefined {
    const saysNothing = record.role === "none" && record.underWay === undefined;
    return saysNothing || record.labelSelector === expected
        ? undefined
        : `is of ${record.application} with ${told(record.labelSelector)}; expected ${told(expected)}, by this stack's configuration`;
}

function told(selector: RoleRecord["labelSelector"]): string {
    return selector === undefined ? "everything in its namespaces" : `labelSelector ${printable(selector)}`;
}
