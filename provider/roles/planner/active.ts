import type { Epoch } from "../epoch";
import { setAndUp, upCommand } from "../messages/commands";
import { describePeer } from "../messages/describe";
import { text } from "../messages/message";
import { epochOf, type RoleRecord } from "../record";
import { recordOf, type Situation } from "../situation";
import type { Step } from "../steps";
import { plan, refuse, type Decision, type Plan, type Refusal } from "./decision";
import { serveByDiscard } from "./displaced";
import { discardPeer } from "./newEpoch";
import { discards, peerHasNoRole, servedLast, servesWithBase, tookOver, wasUnmanaged } from "./predicates";
import { refuseServedElsewhere, refuseTakenOver } from "./refusals";
import { resync } from "./rejoin";
import { refuseResumed } from "./resumedMirror";
import { standAside, standDown } from "./standDown";
import { mark, recordActive, serving, servingFromMirror } from "./stepBuilders";

/** Active, and should serve: repairs what has drifted, or responds to what the other site has done. */
export function keepServing(situation: Situation): Decision {
    const theirs = recordOf(situation.peer);
    return (
        (theirs === undefined ? undefined : respondTo(theirs, situation)) ??
        refuseResumed(situation) ??
        (isMirrorObsolete(situation) ? releaseMirror(situation) : hold(situation))
    );
}

/** Active, and the other site should serve: hands over to a healthy standby, or gives way to a site that took over. */
export function stopServing(situation: Situation): Decision {
    const { own, peer, configuration, observed } = situation;
    const theirs = recordOf(peer);
    const newer = tookOver(situation);
    if (theirs !== undefined && newer !== undefined) {
        return giveWay(situation, theirs, newer);
    }
    if (theirs?.role !== "standby" || theirs.epoch !== own.epoch) {
        return refuseWithoutStandby(situation);
    }
    const lag = observed.replicationLagSeconds;
    const reason = configuration.acknowledgements.lag;
    // Only what is proven passes: a lag that is no number is greater than nothing.
    const isBehind = !(lag !== undefined && lag <= configuration.maxLagSeconds);
    if (reason === undefined && isBehind) {
        return refuseBehind(situation, lag);
    }
    return standDown(situation, isBehind ? `lag: ${reason}` : undefined);
}

/** Removes the mirror that a takeover kept: nothing would go back into it any more. */
export function releaseMirror(situation: Situation): Plan {
    const { own } = situation;
    return plan("release the mirror", [
        mark("release the mirror", epochOf(own)!),
        { do: "remove-mirror" },
        ...serving(own.epoch),
        recordActive(situation, own.epoch, own.began, false),
    ]);
}

/** What this site, which serves, does about what the other one has done; undefined when nothing needs to be done. */
function respondTo(theirs: RoleRecord, situation: Situation): Decision | undefined {
    const { own } = situation;
    const newer = tookOver(situation);
    if (newer !== undefined) {
        return discards(situation, theirs.site, newer.number)
            ? serveByDiscard(situation)
            : refuseTakenOver(situation, newer);
    }
    if (servedLast(theirs) && theirs.epoch > own.epoch) {
        return discards(situation, theirs.site, theirs.epoch)
            ? discardPeer(situation, theirs.epoch + 1)
            : refuseServedElsewhere(situation, theirs);
    }
    return undefined;
}

/** The peer serves no more. One without a record is a new site in the place of a lost one: nothing leads back to it. */
function isMirrorObsolete(situation: Situation): boolean {
    const { role } = recordOf(situation.peer) ?? {};
    const hasGivenWay = peerHasNoRole(situation) || role === "displaced" || role === "stood-down";
    return situation.own.mirrorKept === true && hasGivenWay;
}

function hold(situation: Situation): Plan {
    const { own, peer } = situation;
    const theirs = recordOf(peer);
    const mirrorKept = own.mirrorKept === true;
    const steps: Step[] = mirrorKept ? [{ do: "promote" }, ...servingFromMirror(situation)] : serving(own.epoch);
    if (!mirrorKept && theirs?.role === "standby" && theirs.epoch === own.epoch) {
        steps.push({ do: "forget-snapshots", before: own.epoch, mirrored: true });
    }
    return plan(
        "hold",
        [...steps, recordActive(situation, own.epoch, own.began, mirrorKept)],
        [
            ...(theirs?.role === "active"
                ? [
                      `both sites serve, unless ${theirs.site} is down: its record says that it serves in epoch ${theirs.epoch}`,
                  ]
                : []),
            ...(peerHasNoRole(situation) ? [tellUnprotected(situation)] : []),
        ],
    );
}

function tellUnprotected({ peer, configuration }: Situation): string {
    const theirs = recordOf(peer);
    return theirs !== undefined && wasUnmanaged(theirs)
        ? `not protected: ${configuration.peer} let go of it, and nobody checks whether its mirror goes on`
        : `not protected: ${configuration.peer} holds no mirror of it`;
}

/** The peer took over, and the configuration agrees that it serves. */
function giveWay(situation: Situation, theirs: RoleRecord, theirEpoch: Epoch): Decision {
    const { own, configuration } = situation;
    return discards(situation, configuration.site, own.epoch) && servesWithBase(theirs)
        ? resync(situation, theirs)
        : standAside(situation, theirEpoch);
}

function refuseWithoutStandby(situation: Situation): Refusal {
    const { own, configuration } = situation;
    const { item, site, peer } = configuration;
    return refuse(
        "nobody-to-hand-over-to",
        `${site} serves ${item} in epoch ${own.epoch} and should hand over to ${peer}, which is ${describePeer(situation)}; expected standby in epoch ${own.epoch}. Nothing was changed; ${site} keeps serving`,
        [
            text`to make ${peer} standby: ${setAndUp("active", site, configuration, peer)}; then switch again`,
            text`to stay at ${site}: ${setAndUp("active", site, configuration, site)}`,
        ],
    );
}

function refuseBehind({ configuration }: Situation, lag: number | undefined): Refusal {
    const { item, site, peer, maxLagSeconds } = configuration;
    const age = lag === undefined || Number.isNaN(lag) ? "of unknown age" : `${Math.round(lag)} s old`;
    return refuse(
        "replication-behind",
        `replication of ${item} to ${peer} is ${age}, and maxLag is ${maxLagSeconds} s: standing down now would mean a long outage while ${peer} catches up. Nothing was changed; ${site} keeps serving`,
        [
            text`wait for the next transfer; then ${upCommand(site)}`,
            text`to repair a broken mirror: ${setAndUp("active", site, configuration, peer)}; then switch again`,
            text`to switch anyway: ${setAndUp("lag", '"<reason>"', configuration, site)}. The reason is recorded`,
        ],
    );
}
