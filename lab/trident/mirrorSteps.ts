import type { Mirror, MirrorCondition } from "./kinds";
import type { Relationship } from "./ontap";

/** Where a mirror is to get to. */
export type MirrorGoal = "established" | "reestablished" | "promoted";

/** What the array and the mirror's spec say at one moment. */
export interface MirrorSituation {
    goal: MirrorGoal;
    volume: { type: "rw" | "dp"; mounted: boolean };
    /** The relationship into the volume, if there is one. */
    relationship?: Relationship;
    /** The snapshot that a promotion has to wait for, and whether it has arrived. */
    awaited?: { handle: string; arraySnapshot: string; arrived: boolean };
}

/** The one thing to do next. */
type MirrorStep =
    | { step: "create" | "initialize" | "resync" | "resume" | "delete" | "mount" | "done" }
    | { step: "break"; restoreTo?: string }
    | { step: "wait"; message: string }
    /** Start again, but say what went wrong so far. */
    | { step: "initialize-again"; message: string }
    /** Give the relationship up, so that the next attempt starts afresh. */
    | { step: "discard"; message: string }
    | { step: "fail"; message: string };

/** Decides the next step of a mirror. Pure; each step's effect shows in the next situation. */
export function nextMirrorStep(situation: MirrorSituation): MirrorStep {
    switch (situation.goal) {
        case "established":
            return stepToEstablished(situation);
        case "reestablished":
            return stepToReestablished(situation);
        case "promoted":
            return stepToPromoted(situation);
    }
}

function stepToEstablished({ relationship, volume }: MirrorSituation): MirrorStep {
    if (relationship === undefined) {
        return volume.type === "dp"
            ? { step: "create" }
            : { step: "fail", message: "mirrors can only be established with empty DP volumes as the destination" };
    }
    if (isTransferring(relationship)) {
        return { step: "wait", message: "" };
    }
    switch (relationship.state) {
        case "uninitialized":
            return relationship.healthy === false
                ? { step: "initialize-again", message: `could not establish mirror: ${unhealthyReason(relationship)}` }
                : { step: "initialize" };
        case "broken_off":
            return { step: "fail", message: "the mirror is broken off; only reestablished brings it back" };
        case "paused":
            return { step: "resume" };
        default:
            return isMirrored(relationship) ? mountedOrMount(volume) : { step: "wait", message: "" };
    }
}

function stepToReestablished({ relationship, volume }: MirrorSituation): MirrorStep {
    if (relationship === undefined) {
        return { step: "create" };
    }
    if (isTransferring(relationship)) {
        return { step: "wait", message: "" };
    }
    switch (relationship.state) {
        case "uninitialized":
        case "broken_off":
            return relationship.healthy === false
                ? { step: "discard", message: `could not reestablish mirror: ${unhealthyReason(relationship)}` }
                : { step: "resync" };
        case "paused":
            return { step: "resume" };
        default:
            return isMirrored(relationship) ? mountedOrMount(volume) : { step: "wait", message: "" };
    }
}

function stepToPromoted({ relationship, volume, awaited }: MirrorSituation): MirrorStep {
    if (relationship === undefined) {
        return volume.type === "rw"
            ? mountedOrMount(volume)
            : {
                  step: "fail",
                  message: "could not promote mirror: the volume holds no data yet and has no relationship",
              };
    }
    if (relationship.state === "broken_off") {
        return { step: "delete" };
    }
    if (awaited !== undefined && !awaited.arrived && relationship.policy?.type !== "sync") {
        return { step: "wait", message: `Waiting for snapshot ${awaited.handle}` };
    }
    if (relationship.state === "uninitialized" && !isTransferring(relationship)) {
        return { step: "delete" };
    }
    return awaited === undefined ? { step: "break" } : { step: "break", restoreTo: awaited.arraySnapshot };
}

export function isTransferring(relationship: Relationship): boolean {
    return relationship.transfer?.state === "transferring" || relationship.transfer?.state === "queued";
}

function isMirrored(relationship: Relationship): boolean {
    return relationship.state === "snapmirrored" || relationship.state === "in_sync";
}

/** The innermost of ONTAP's nested reasons. */
export function unhealthyReason(relationship: Relationship): string {
    return relationship.unhealthy_reason?.at(-1)?.message ?? "the relationship is unhealthy";
}

function mountedOrMount(volume: MirrorSituation["volume"]): MirrorStep {
    return volume.mounted ? { step: "done" } : { step: "mount" };
}

/** Which goal a running transition has, if the status shows one. */
export function runningGoal(state: string | undefined): MirrorGoal | undefined {
    switch (state) {
        case "establishing":
            return "established";
        case "reestablishing":
            return "reestablished";
        case "promoting":
            return "promoted";
        default:
            return undefined;
    }
}

export function transitionTo(goal: MirrorGoal): string {
    return { established: "establishing", reestablished: "reestablishing", promoted: "promoting" }[goal];
}

/** Why the spec can never be reached (`invalid`), or may not have been changed so (`failed`); undefined when it is fine. */
export function objection(
    spec: Mirror["spec"],
    before: MirrorCondition | undefined,
): { state: "invalid" | "failed"; message: string } | undefined {
    const mapping = spec.volumeMappings[0];
    const remote = mapping?.remoteVolumeHandle ?? "";
    if ((spec.state === "established" || spec.state === "reestablished") && remote === "") {
        return { state: "invalid", message: `remoteVolumeHandle is needed for the state ${spec.state}` };
    }
    if ((mapping?.promotedSnapshotHandle ?? "") !== "" && spec.state !== "promoted") {
        return { state: "invalid", message: "promotedSnapshotHandle goes only with the state promoted" };
    }
    if (before === undefined) {
        return undefined;
    }
    if ((before.localPVCName ?? "") !== "" && before.localPVCName !== mapping?.localPVCName) {
        return { state: "failed", message: `localPVCName may not be changed, it was ${before.localPVCName}` };
    }
    if ((before.remoteVolumeHandle ?? "") !== "" && before.remoteVolumeHandle !== remote) {
        return {
            state: "failed",
            message: `remoteVolumeHandle may not be changed, it was ${before.remoteVolumeHandle}`,
        };
    }
    for (const field of ["replicationPolicy", "replicationSchedule"] as const) {
        const was = before[field] ?? "";
        if (was !== "" && (spec[field] ?? "") !== "" && spec[field] !== was && spec.state !== "promoted") {
            return { state: "failed", message: `${field} may not be changed except when promoting, it was ${was}` };
        }
    }
    return undefined;
}
