import type { Epoch } from "../epoch";
import { describePeer } from "../messages/describe";
import { recordOf, type Situation } from "../situation";
import type { Step } from "../steps";
import { changedByOthers, refuseChanged } from "./changedByOthers";
import { plan, refuse, type Decision, type Plan, type Refusal } from "./decision";
import { refuseLeavingService } from "./leavingService";
import { isOthersMirror, peerEpochNumber, peerHasNoRole, wasUnmanaged } from "./predicates";
import { makePeerReadable, refuseRecordLost, refuseUnderWay } from "./refusals";
import { recordStep } from "./stepBuilders";

/**
 * Lets go of an item whose mirror goes on: everything stays at both sites as it is, and is not this package's any more.
 * Only a mirror at rest is let go of. Each site does its part, in either order; nothing of it has to be remembered by a
 * run that is interrupted.
 */
export function unmanage(situation: Situation): Decision {
    const { own, peer, configuration, observed } = situation;
    switch (own.role) {
        case "none":
            if (wasUnmanaged(own)) {
                return plan("unmanage", [...letGo, ...forgetClaims(situation)], [remarkUnmanaged(situation)]);
            }
            if (own.epoch === 0 && peer.known && !peerHasNoRole(situation)) {
                return refuseRecordLost(situation);
            }
            // What is being copied belongs to no role yet: whether it ever becomes a standby site is not known.
            return observed.mirror === undefined || isOthersMirror(situation)
                ? plan("unmanage", letGo)
                : refuseUnderWay(situation, configuration.peer);
        case "active":
            return unmanageService(situation);
        case "standby":
            return unmanageStandby(situation);
        case "stood-down":
        case "displaced":
            return refuseUnderWay(situation, configuration.peer);
    }
}

function unmanageService(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const refusal = refuseLeavingService(situation);
    if (refusal !== undefined) {
        return refusal;
    }
    if (!peer.known) {
        return refuseUnknownPeer(situation);
    }
    const follows = peer.record?.role === "standby" && peer.record.epoch === own.epoch;
    return own.mirrorKept !== true && (follows || peerHasNoRole(situation))
        ? unmanageNow(situation)
        : refuseUnderWay(situation, configuration.site);
}

function unmanageStandby(situation: Situation): Decision {
    const { own, peer, configuration, observed } = situation;
    const changes = changedByOthers(situation);
    if (changes.length > 0) {
        return refuseChanged(situation, changes);
    }
    if (!peer.known) {
        return refuseUnknownPeer(situation);
    }
    const theirs = peer.record;
    const isMirrored = theirs?.role === "active" || (theirs !== undefined && wasUnmanaged(theirs));
    return isMirrored && theirs.epoch === own.epoch && observed.mirror !== undefined
        ? unmanageNow(situation)
        : refuseUnderWay(situation, configuration.peer);
}

function unmanageNow(situation: Situation): Plan {
    const { own, configuration, observed } = situation;
    const { site } = configuration;
    const epoch: Epoch = { number: own.epoch, began: own.began, site: own.activeSite };
    const { workloads = [] } = observed;
    return plan(
        "unmanage",
        // First: without our labels nothing would tell a run that is asked to manage it on that they are to be put back.
        [recordStep("none", epoch), ...letGo],
        [
            remarkUnmanaged(situation),
            ...(own.role === "standby" && workloads.length > 0
                ? [`${site} no longer keeps pods from starting: ${workloads.join(", ")} may start there`]
                : []),
        ],
    );
}

/** Whoever manages it from now on can promote the mirror only where pods may start. */
const letGo: Step[] = [{ do: "allow-pods" }, { do: "disown-objects" }];

/** Once both sites have let go of it, nobody can begin those epochs any more. */
function forgetClaims(situation: Situation): Step[] {
    const { own, peer, observed } = situation;
    const theirs = recordOf(peer);
    const isOut = theirs !== undefined && wasUnmanaged(theirs) && theirs.epoch >= own.epoch;
    const latest = Math.max(own.epoch, peerEpochNumber(situation));
    const epochs = isOut ? (observed.remains?.claims ?? []).filter((epoch) => epoch <= latest) : [];
    return epochs.length === 0 ? [] : [{ do: "forget-claims", epochs }];
}

function remarkUnmanaged({ configuration }: Situation): string {
    const { item, site } = configuration;
    return `what there is of ${item} at ${site}, its mirror included, stays as it is and is not managed any more: nobody checks it, and no role changes`;
}

/** To leave is never urgent, and whether the other site has taken over decides what there is to leave. */
function refuseUnknownPeer(situation: Situation): Refusal {
    const { item, site, peer } = situation.configuration;
    return refuse(
        "peer-unknown",
        `${item} should not be managed any more, and ${site} cannot tell whether its mirror to ${peer} is at rest: ${peer} is ${describePeer(situation)}. Nothing was changed at ${site}`,
        [makePeerReadable(situation)],
    );
}
