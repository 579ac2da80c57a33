import type { RoleRecord } from "../record";
import { type Configuration, lossBoundSeconds, type OwnKey, type Situation } from "../situation";

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
export function activate(site: string, configuration: Configuration): string {
    return [configuration.site, configuration.peer]
        .map((stack) => set("active", site, configuration, stack))
        .join("; ");
}

/** How a value is set: the application's own where it has one, since that of all would have no effect on it. */
export function set(
    key: OwnKey | "unprotect",
    value: string | number,
    { application, path, ownKeys = [] }: Configuration,
    stack: string,
): string {
    if (key !== "unprotect" && !ownKeys.includes(key)) {
        return `pulumi config set ${key} ${value} --stack ${stack}`;
    }
    return path === undefined
        ? `set ${key}: ${value} for ${application} in the stack of ${stack}`
        : `pulumi config set --path '${path}.${key}' ${value} --stack ${stack}`;
}
