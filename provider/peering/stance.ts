import type { RoleRecord } from "../roles/record";
import type { ServedItem } from "./inputs";

/**
 * How far a peering may stand in the way of its site (docs/architecture.md#peering).
 *
 * - `required`: a problem is an error. The site does not serve, or nothing is mirrored yet.
 * - `optional`: a problem is a warning. The site is to serve, and what it serves needs no peering; or all leaves the mirror.
 * - `deferred`: moreover, nothing is changed. A takeover is due, and the other site counts as lost.
 */
export type Stance = "required" | "optional" | "deferred";

/** Whether the records of the items have to be read before it is known how far the peering may stand in the way. */
export function dependsOnRecords(items: readonly ServedItem[], isNew: boolean): boolean {
    return items.length > 0 && (isNew || items.some(({ takeover }) => takeover !== undefined));
}

/**
 * @param items what the site is to serve
 * @param records theirs, in the same order, as they are at the site; undefined where they cannot be read
 * @param isNew whether the peering is not in the state yet
 */
export function stanceOf(
    items: readonly ServedItem[],
    records: readonly (RoleRecord | undefined)[] | undefined,
    isNew: boolean,
): Stance {
    if (items.length === 0) {
        return "required";
    }
    if (records === undefined) {
        return items.some(({ takeover }) => takeover !== undefined) ? "deferred" : "optional";
    }
    // A peering that is in the state was made once, whatever became of the records.
    if (isNew && !records.some(hasRole)) {
        return "required";
    }
    return items.some((item, index) => isTakeoverDue(item, records[index])) ? "deferred" : "optional";
}

/** An acknowledgement stays in the configuration, and says nothing any more once its epoch has begun. */
function isTakeoverDue({ takeover }: ServedItem, record: RoleRecord | undefined): boolean {
    return takeover !== undefined && hasRole(record) && record.role !== "active" && takeover > record.epoch;
}

function hasRole(record: RoleRecord | undefined): record is RoleRecord {
    return record !== undefined && record.role !== "none";
}
