import type { RecoveryPoint, RoleRecord } from "../record";
import { lossBoundSeconds, type Situation } from "../situation";

/** The other site's role, in words. */
export function describePeer({ peer }: Situation): string {
    if (!peer.known) {
        return `unknown: ${peer.why}`;
    }
    return peer.record === undefined ? notSetUp : describeRole(peer.record);
}

/** A site's role, in words. */
export function describeRole({ role, epoch }: Pick<RoleRecord, "role" | "epoch">): string {
    if (role !== "none") {
        return `${role} in epoch ${epoch}`;
    }
    return epoch === 0 ? notSetUp : `out of the mirror since epoch ${epoch}`;
}

const notSetUp = "not set up yet";

/** What a takeover now would lose at most, at the mirror's recovery point or at another one. */
export function announceLoss({ observed, now }: Situation, point?: RecoveryPoint): string {
    const recoveryPoint = point ?? observed.mirror?.recoveryPoint;
    const bound = lossBoundSeconds(recoveryPoint, now);
    if (recoveryPoint === undefined || bound === undefined) {
        return "no recovery point is known at this site: every write so far would be lost";
    }
    const seconds = Math.ceil(bound);
    return `recovery point ${recoveryPoint.snapshot}, taken ${recoveryPoint.takenAt}, ${seconds} s ago. Loss bound: at most the writes of the last ${seconds} s`;
}
