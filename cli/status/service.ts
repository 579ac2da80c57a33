import { compareEpochs } from "../../provider/roles/epoch";
import type { RecordFacts, SiteFacts } from "./facts";
import { isUnknown } from "./known";

/** Who serves an item, by the records of both sites. */
export type Service =
    | { is: "one"; by: ReadSite; other: SiteFacts; copy: CopyAtOther }
    /** `by` is the one in the newer epoch. */
    | { is: "two"; by: ReadSite; other: ReadSite }
    | { is: "none" }
    /** Nobody as far as is known, and one site is not known. */
    | { is: "unknown" }
    /** The item left the mirror at both sites. */
    | { is: "left" }
    | { is: "not set up" };

/** Whether the other site follows the one that serves. */
export type CopyAtOther = "follows" | "does not follow" | "let go" | "unknown";

/** A site whose record could be read. */
export interface ReadSite {
    facts: SiteFacts;
    record: RecordFacts;
}

export function serviceOf(sites: readonly [SiteFacts, SiteFacts]): Service {
    const read = sites.flatMap((facts) => (isUnknown(facts.record) ? [] : [{ facts, record: facts.record }]));
    const active = read.filter(({ record }) => record.role === "active").sort(newerFirst);
    const [by, second] = active;
    if (by === undefined) {
        return withoutService(read);
    }
    if (second !== undefined) {
        return { is: "two", by, other: second };
    }
    const other = sites.find(({ site }) => site !== by.facts.site)!;
    return { is: "one", by, other, copy: copyAt(other, by.record) };
}

function newerFirst(left: ReadSite, right: ReadSite): number {
    return compareEpochs(epochOf(right.record), epochOf(left.record));
}

function epochOf({ epoch, began, activeSite }: RecordFacts) {
    return { number: epoch, began, site: activeSite };
}

function withoutService(read: readonly ReadSite[]): Service {
    if (read.some(({ record }) => record.role !== "none")) {
        return read.length === 2 ? { is: "none" } : { is: "unknown" };
    }
    if (read.length < 2) {
        return { is: "unknown" };
    }
    return read.every(({ record }) => record.epoch === 0) ? { is: "not set up" } : { is: "left" };
}

/** A standby site follows in the very epoch: what it has of an earlier one is older than what is written. */
function copyAt({ record }: SiteFacts, serving: RecordFacts): CopyAtOther {
    if (isUnknown(record)) {
        return serving.mirrorKept === true ? "does not follow" : "unknown";
    }
    if (record.role === "none" && record.left === "unmanage") {
        return "let go";
    }
    const isSameEpoch = compareEpochs(epochOf(record), epochOf(serving)) === 0;
    return record.role === "standby" && isSameEpoch ? "follows" : "does not follow";
}
