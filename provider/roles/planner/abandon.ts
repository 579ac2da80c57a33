import type { Epoch } from "../epoch";
import { describePeer } from "../messages/describe";
import { epochOf, type RoleRecord } from "../record";
import { recordOf, type Situation } from "../situation";
import type { Step } from "../steps";
import { plan, type Decision, type Plan } from "./decision";
import { refuseLeavingService } from "./leavingService";
import { discards, isOthersMirror, peerEpochNumber, peerHasNoRole, wasUnmanaged } from "./predicates";
import { refuseRecordLost, refuseUnderWay } from "./refusals";
import { countUnreplicated } from "./standDown";
import { mark, recordStep } from "./stepBuilders";

/**
 * Leaves two sites that know nothing of each other: no mirror, no Schedule, nothing that an array or a vault remembers.
 * What serves keeps serving, and a copy stays where it is. Each site does its part, in any order.
 */
export function abandon(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const { site } = configuration;
    const theirs = recordOf(peer);
    const peerIsGone = peerHasNoRole(situation);
    switch (own.role) {
        case "none":
            return own.epoch === 0 && !peerIsGone && theirs !== undefined
                ? refuseRecordLost(situation)
                : plan("abandon", cleanup(situation), remarks(situation));
        case "stood-down":
            // Unless the other site has served since, this one has the last writes, and nobody serves them.
            return peerIsGone && peerEpochNumber(situation) > own.epoch
                ? abandonNow(situation)
                : refuseUnderWay(situation, peerIsGone ? site : configuration.peer);
        case "displaced":
            return peerIsGone || discards(situation, site, own.epoch)
                ? abandonNow(situation)
                : refuseUnderWay(situation, configuration.peer, `${site}@${own.epoch}`);
        case "standby":
            // A site that stood down for this one waits for it: nobody would serve.
            if (theirs?.role === "stood-down") {
                return refuseUnderWay(situation, site);
            }
            return peerIsGone || theirs?.role === "active" || discards(situation, site, own.epoch)
                ? abandonNow(situation)
                : refuseUnderWay(situation, configuration.peer, `${site}@${own.epoch}`);
        case "active":
            return abandonService(situation);
    }
}

/** This site's part, once it is clear that the other site's role allows it. */
export function abandonNow(situation: Situation): Plan {
    const { own } = situation;
    const epoch: Epoch = { number: own.epoch, began: own.began, site: own.activeSite };
    return plan(
        "abandon",
        [
            mark("abandon", epoch),
            ...(own.role === "stood-down" ? [countUnreplicated(situation)] : []),
            ...cleanup(situation),
            recordStep("none", epoch),
        ],
        remarks(situation),
    );
}

function abandonService(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const refusal = refuseLeavingService(situation);
    if (refusal !== undefined) {
        return refusal;
    }
    const theirs = recordOf(peer);
    const follows = theirs?.role === "standby" && theirs.epoch <= own.epoch;
    const mayBeDead = !peer.known && own.mirrorKept !== true;
    const epoch = theirs?.epoch ?? own.epoch;
    return peerHasNoRole(situation) || follows || mayBeDead || discards(situation, configuration.peer, epoch)
        ? abandonNow(situation)
        : refuseUnderWay(situation, configuration.site, `${configuration.peer}@${epoch}`);
}

/** Removes what no role needs. A site that has left already looks for it again until the other one has left, too. */
function cleanup(situation: Situation): Step[] {
    const { own, observed } = situation;
    const isOut = own.role === "none" && peerIsOut(situation);
    const mirror = isOthersMirror(situation) ? undefined : observed.mirror;
    const latest = Math.max(own.epoch, peerEpochNumber(situation));
    const released = sourcesAreFree(situation);
    const sources = released ? (observed.remains?.sources ?? []) : [];
    const epochs = (isOut ? (observed.remains?.claims ?? []) : []).filter((epoch) => epoch <= latest);
    return [
        { do: "delete-schedules" },
        ...(mirror === undefined ? [] : ([{ do: "remove-mirror" }] as const)),
        // An interrupted run may have deleted the mirror without having checked the array.
        ...(mirror !== undefined || isCopy(own) ? ([{ do: "verify-unmirrored" }] as const) : []),
        { do: "allow-pods" },
        ...(sources.length === 0 ? [] : [{ do: "release-sources", sources } as const]),
        ...(released && !isCopy(own) ? [{ do: "tidy-up" } as const] : []),
        // This shows the other site that this one is still out, whatever that one has begun on its own meanwhile.
        ...(isOut && own.epoch < latest
            ? [recordStep("none", { ...epochOf(recordOf(situation.peer)!)!, number: latest })]
            : []),
        ...(epochs.length === 0 ? [] : [{ do: "forget-claims", epochs } as const]),
    ];
}

/** As long as the other site may mirror from here, its relationship needs what this array remembers of it. */
function sourcesAreFree(situation: Situation): boolean {
    const { own, peer, configuration } = situation;
    const theirs = recordOf(peer);
    return (
        peerIsOut(situation) ||
        (own.role === "standby" && theirs?.role === "active") ||
        discards(situation, configuration.peer, theirs?.epoch ?? own.epoch)
    );
}

function remarks(situation: Situation): string[] {
    const { own, configuration, observed } = situation;
    const { site, peer, item } = configuration;
    const { workloads = [] } = observed;
    return [
        isCopy(own)
            ? `what was replicated to ${site} stays there and is no longer updated`
            : `whatever runs of ${item} at ${site} is left untouched`,
        ...(isOthersMirror(situation) ? [`the mirror into ${site} is somebody else's, and stays as it is`] : []),
        ...(observed.barrier?.stands === true && workloads.length > 0
            ? [`${site} no longer keeps pods from starting: ${workloads.join(", ")} may start there`]
            : []),
        ...(peerIsOut(situation)
            ? []
            : [
                  `${peer} is ${describePeer(situation)}; the array of ${site} keeps its records of mirrors to ${peer} until ${peer} is out of the mirror, too`,
              ]),
        ...(observed.remains === undefined || observed.remains.claims !== undefined
            ? []
            : [`the vault of ${site} does not answer; claims of past epochs may be left in it`]),
    ];
}

/**
 * Whether the peer has left the mirror. Outputs of an earlier epoch do not show it: they may be outdated; nor does it show
 * that the peer let go of its mirror, which may still be there.
 */
function peerIsOut(situation: Situation): boolean {
    const { own, peer } = situation;
    const theirs = recordOf(peer);
    return peerHasNoRole(situation) && (theirs === undefined || (theirs.epoch >= own.epoch && !wasUnmanaged(theirs)));
}

/** Whether what the site holds came from the other one, or is about to be replaced by that. */
function isCopy({ role }: RoleRecord): boolean {
    return role === "standby" || role === "displaced";
}
