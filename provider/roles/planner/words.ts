import type { RoleRecord } from "../record";
import { lossBoundSeconds, type Situation } from "../situation";

/** What the other site is, in words. */
export function describePeer(situation: Situation): string {
    const { peer } = situation;
    if (!peer.known) {
        return `unknown: ${peer.why}`;
    }
    return peer.record === undefined ? "nothing yet" : describeRole(peer.record);
}

/** What a site is, in words. */
export function describeRole({ role, epoch }: Pick<RoleRecord, "role" | "epoch">): string {
    if (role !== "none") {
        return `${role} in epoch ${epoch}`;
    }
    return epoch === 0 ? "nothing yet" : `out of the mirror since epoch ${epoch}`;
}

/** What a takeover now would lose, at most. */
export function announceLoss(situation: Situation): string {
    const recoveryPoint = situation.observed.mirror?.recoveryPoint;
    const bound = lossBoundSeconds(recoveryPoint, situation.now);
    return recoveryPoint === undefined || bound === undefined
        ? "no recovery point is known at this site: everything written so far would be lost"
        : `recovery point ${recoveryPoint.snapshot}, taken ${recoveryPoint.takenAt}, ${Math.ceil(bound)} s ago. Loss bound: at most the writes of the last ${Math.ceil(bound)} s`;
}

/** How a site is taken further. */
export function up(stack: string): string {
    return `pulumi up --stack ${stack}`;
}

/** How a site is made the one that is to serve, in both stacks. */
export function activate(site: string, { site: here, peer }: Situation["configuration"]): string {
    return [here, peer].map((stack) => `pulumi config set active ${site} --stack ${stack}`).join("; ");
}

/** How a value of the application's own is set. */
export function setting(
    { application, path }: Situation["configuration"],
    key: string,
    value: string,
    stack: string,
): string {
    return path === undefined
        ? `set ${key}: ${value} for ${application} in the stack of ${stack}`
        : `pulumi config set --path '${path}.${key}' ${value} --stack ${stack}`;
}
