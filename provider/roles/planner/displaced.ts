import { formatDiscard } from "../acknowledgement";
import { compareEpochs } from "../epoch";
import { setAndUp } from "../messages/commands";
import { describePeer } from "../messages/describe";
import { text } from "../messages/message";
import { epochOf } from "../record";
import { recordOf, type Situation } from "../situation";
import { refuse, type Decision, type Refusal } from "./decision";
import { stayDown } from "./downtime";
import { discardPeer } from "./newEpoch";
import { discards, servedLast, servesWithBase } from "./predicates";
import { refuseServedElsewhere, refuseTakenOver } from "./refusals";
import { rejoinFrom } from "./rejoin";

/** Displaced, but should serve: only if what the other site wrote in its epoch, or since it left the mirror, may be discarded. */
export function serveByDiscard(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const theirs = recordOf(peer);
    const hasLeft = theirs !== undefined && servedLast(theirs);
    const theirEpoch = theirs?.role === "active" || hasLeft ? epochOf(theirs) : undefined;
    if (theirs === undefined || theirEpoch === undefined || compareEpochs(theirEpoch, epochOf(own)!) < 0) {
        return refuseUnlessPeerServes(situation);
    }
    if (discards(situation, configuration.peer, theirEpoch.number)) {
        return discardPeer(situation, theirEpoch.number + 1);
    }
    if (hasLeft) {
        return refuseServedElsewhere(situation, theirs);
    }
    return configuration.acknowledgements.discard === undefined
        ? refuseTakenOver(situation, theirEpoch)
        : refuseOtherDiscard(situation, theirEpoch.number);
}

/** Displaced, and the other site should serve: becomes standby once there is a base snapshot to mirror from. */
export function rejoin(situation: Situation): Decision {
    const { own, peer } = situation;
    const theirs = recordOf(peer);
    const theirEpoch = theirs?.role === "active" ? epochOf(theirs) : undefined;
    if (theirs === undefined || theirEpoch === undefined || compareEpochs(theirEpoch, epochOf(own)!) < 0) {
        return stayDown(situation);
    }
    return servesWithBase(theirs)
        ? rejoinFrom(situation, theirs)
        : stayDown(situation, [`${theirs.site} has no base snapshot to mirror from yet`]);
}

function refuseUnlessPeerServes(situation: Situation): Refusal {
    const { own, configuration } = situation;
    const { site, peer } = configuration;
    return refuse(
        "peer-unknown",
        `${site} was displaced in epoch ${own.epoch} and should serve again, but ${peer} is ${describePeer(situation)}; expected active, in that epoch or a later one. Nothing was changed`,
        [text`to rejoin instead: ${setAndUp("active", peer, configuration, site)}`],
    );
}

function refuseOtherDiscard({ configuration }: Situation, epoch: number): Refusal {
    const { site, peer, acknowledgements } = configuration;
    const expected = `${peer}@${epoch}`;
    return refuse(
        "discard-of-other-epoch",
        `discard is ${formatDiscard(acknowledgements.discard!)}; expected ${expected}, the epoch whose writes would be discarded. Nothing was changed`,
        [text`to discard those writes: ${setAndUp("discard", expected, configuration, site)}`],
    );
}
