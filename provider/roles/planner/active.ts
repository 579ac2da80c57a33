import { compareEpochs, type Epoch } from "../epoch";
import { epochOf, type RoleRecord } from "../record";
import type { Situation } from "../situation";
import type { Step } from "../steps";
import { resync } from "./rejoin";
import { plan, refuse, type Decision, type Plan, type Refusal } from "./decision";
import { serveByDiscard } from "./displaced";
import { standAside, standDown } from "./standDown";
import { discards, peerMirrorsNothing, servedLast, servesWithBase } from "./predicates";
import { discardPeer } from "./newEpoch";
import { mark, recordActive, serving } from "./stepBuilders";
import { refuseServedElsewhere, refuseTakenOver } from "./refusals";
import { describePeer, set, up } from "../messages/describe";

/** Active, and to serve: mends what drifted, or answers to what the other site has done. */
export function keepServing(situation: Situation): Decision {
    const { peer } = situation;
    const theirs = peer.known ? peer.record : undefined;
    return (theirs === undefined ? undefined : answer(situation, theirs)) ?? holdService(situation);
}

/** Active, and the other site is to serve: hands over to a healthy standby, or gives way to one that took over. */
export function stopServing(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role === "active" && theirEpoch !== undefined && compareEpochs(theirEpoch, epochOf(own)!) > 0) {
        return giveWay(situation, theirs, theirEpoch);
    }
    if (theirs?.role !== "standby" || theirs.epoch !== own.epoch) {
        return refuseWithoutStandby(situation);
    }
    const lag = situation.observed.replicationLagSeconds;
    const reason = configuration.acknowledgements.lag;
    const behind = lag === undefined || lag > configuration.maxLagSeconds;
    if (reason === undefined && behind) {
        return refuseBehind(situation, lag);
    }
    return standDown(situation, behind ? `lag: ${reason}` : undefined);
}

/** The mirror that was kept in a takeover goes: it is not needed to undo it any more. */
export function releaseMirror(situation: Situation): Plan {
    const { own } = situation;
    return plan("release the mirror", [
        mark("release the mirror", epochOf(own)!),
        { do: "remove-mirror" },
        ...serving(own.epoch),
        recordActive(situation, own.epoch, own.began, false),
    ]);
}

/** What the other site has done that this one, which serves, has to answer to. */
function answer(situation: Situation, peer: RoleRecord): Decision | undefined {
    const { own } = situation;
    const theirs = epochOf(peer);
    if (peer.role === "active" && theirs !== undefined && compareEpochs(theirs, epochOf(own)!) > 0) {
        return discards(situation, peer.site, theirs.number)
            ? serveByDiscard(situation)
            : refuseTakenOver(situation, theirs);
    }
    if (servedLast(peer) && peer.epoch > own.epoch) {
        return discards(situation, peer.site, peer.epoch)
            ? discardPeer(situation, peer.epoch + 1)
            : refuseServedElsewhere(situation, peer);
    }
    const stoppedServing = ["displaced", "stood-down", "none"].includes(peer.role);
    return own.mirrorKept === true && stoppedServing ? releaseMirror(situation) : undefined;
}

function holdService(situation: Situation): Plan {
    const { own, peer, configuration } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const steps: Step[] = own.mirrorKept === true ? [{ do: "promote" }] : serving(own.epoch);
    if (own.mirrorKept !== true && theirs?.role === "standby" && theirs.epoch === own.epoch) {
        steps.push({ do: "forget-snapshots", before: own.epoch });
    }
    return plan(
        "hold",
        [...steps, recordActive(situation, own.epoch, own.began, own.mirrorKept === true)],
        [
            ...(theirs?.role === "active"
                ? [`both sites serve, unless ${theirs.site} is down: it says that it does, in epoch ${theirs.epoch}`]
                : []),
            ...(peerMirrorsNothing(situation) ? [`not protected: ${configuration.peer} holds no mirror of it`] : []),
        ],
    );
}

/** The peer took over, and configuration agrees that it serves. */
function giveWay(situation: Situation, theirs: RoleRecord, theirEpoch: Epoch): Decision {
    const { own, configuration } = situation;
    return discards(situation, configuration.site, own.epoch) && servesWithBase(theirs)
        ? resync(situation, theirs)
        : standAside(situation, theirEpoch);
}

function refuseWithoutStandby(situation: Situation): Refusal {
    const { own, configuration } = situation;
    const { application, site, peer } = configuration;
    return refuse(
        "nobody-to-hand-over-to",
        `${site} serves ${application} in epoch ${own.epoch} and is to hand over to ${peer}, which is ${describePeer(situation)}; expected standby in epoch ${own.epoch}. Nothing was changed, ${site} goes on serving`,
        [
            `${set("active", site, configuration, peer)}; ${up(peer)}, until it is standby; then flip again`,
            `to stay here: ${set("active", site, configuration, site)}; ${up(site)}`,
        ],
    );
}

function refuseBehind({ configuration }: Situation, lag: number | undefined): Refusal {
    const { application, site, peer } = configuration;
    return refuse(
        "replication-behind",
        `replication of ${application} to ${peer} is ${lag === undefined ? "of unknown age" : `${Math.round(lag)} s old`}, and maxLag is ${configuration.maxLagSeconds} s: standing down now would mean a long outage while ${peer} catches up. Nothing was changed`,
        [
            `wait for the next transfer, then ${up(site)}`,
            `${set("active", site, configuration, peer)}; ${up(peer)}, which mends a mirror that is broken; then flip again`,
            `to switch all the same: ${set("lag", '"<reason>"', configuration, site)}; ${up(site)}; the reason is recorded`,
        ],
    );
}
