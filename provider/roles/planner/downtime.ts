import type { Message } from "../messages/message";
import { quotaName } from "../quotaName";
import type { RecoveryPoint, RoleRecord } from "../record";
import type { Observed, Situation } from "../situation";
import { plan, type Plan } from "./decision";

/**
 * What may happen at a site while it does not serve. Others bring back what was stopped: GitOps, an operator, a CronJob.
 * A site that does not serve keeps pods from starting, says what wants to run, and counts what ran before that is
 * mirrored over.
 */

/** A site that does not serve has nothing to do but to stay down. */
export function stayDown(situation: Situation, notes: Message[] = []): Plan {
    return plan("hold", [{ do: "forbid-pods" }], [...notes, ...whatRuns(situation)]);
}

/** A note on what runs, or wants to run, at a site that does not serve. */
export function whatRuns({ own, observed, configuration }: Situation): Message[] {
    const { item, site } = configuration;
    const { workloads = [], barrier } = observed;
    if (workloads.length === 0) {
        return [];
    }
    const by = barrier?.by ?? `ResourceQuota ${quotaName(item)}`;
    const held = barrierHeld(own, observed)
        ? `${barredPods(observed)} cannot start: ${by} has stood since it was stopped`
        : barrier?.stands === true
          ? `${by} starts no further pod of it, and stops none`
          : `${by} is not in force yet`;
    return [
        `${site} is ${own.role} and does not serve ${item}, but something brought back ${workloads.join(", ")}. ${held}. Suspend whatever brings it back (GitOps synchronisation, an operator, a CronJob) until ${site} serves again`,
    ];
}

/** A policy bars the pods that the selector chooses, whatever else a workload that is chosen makes. */
function barredPods({ barrier }: Observed): string {
    return barrier?.by === undefined
        ? "Its pods"
        : "Its pods that the labelSelector chooses, and those that mount its claims,";
}

/** What ran at a site that did not serve, as far as it can be told. */
export interface Ran {
    workloads: readonly string[];
    /** Undefined when the array does not tell. */
    bytes: number | undefined;
}

/**
 * Whether anything can have been written at the site since it stopped serving; undefined when nothing can. Where the
 * barrier has not stood all the time, what runs now and what changed on the array decide, and what cannot be told counts.
 */
export function ranSince({ own, observed }: Situation): Ran | undefined {
    if (!isDown(own) || barrierHeld(own, observed)) {
        return undefined;
    }
    const { workloads = [], changedBytes } = observed;
    const counted = own.role === "displaced" ? (own.unreplicated?.bytes ?? 0) : 0;
    const bytes = changedBytes === undefined ? undefined : Math.max(0, changedBytes - counted);
    return workloads.length === 0 && bytes === 0 ? undefined : { workloads, bytes };
}

/** Whether the array has to be asked what changed since the end of service. */
export function mustCountChanges(own: RoleRecord, observed: Observed): boolean {
    return isDown(own) && !barrierHeld(own, observed);
}

/** The state with which the site stopped serving, or from which it was counted what it had not replicated by then. */
export function endOfService({ role, token, unreplicated }: RoleRecord): RecoveryPoint | undefined {
    if (role === "stood-down") {
        return token && { snapshot: token.finalSnapshot, takenAt: token.time };
    }
    return role === "displaced" ? unreplicated?.since : undefined;
}

function isDown({ role }: RoleRecord): boolean {
    return role === "stood-down" || role === "displaced";
}

/** Whether the barrier has stood ever since the site stopped serving. A fence that stands is taken to have stood. */
function barrierHeld(own: RoleRecord, { barrier }: Observed): boolean {
    if (barrier?.stands !== true) {
        return false;
    }
    if (barrier.since === undefined) {
        return true;
    }
    const stopped = own.role === "stood-down" ? own.token?.time : own.unreplicated?.countedAt;
    return isDown(own) ? stopped !== undefined && Date.parse(barrier.since) <= Date.parse(stopped) : true;
}
