import { formatDiscard } from "../acknowledgement";
import { compareEpochs } from "../epoch";
import { epochOf } from "../record";
import type { Situation } from "../situation";
import { rejoinFrom } from "./rejoin";
import { plan, refuse, type Decision } from "./decision";
import { discards, servesWithBase } from "./predicates";
import { discardPeer } from "./newEpoch";
import { refuseTakenOver } from "./refusals";
import { describePeer, set, up } from "../messages/describe";

/** Displaced, and to serve all the same: with the leave to give up what the other site wrote in its epoch. */
export function serveByDiscard(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const theirEpoch = theirs?.role === "active" ? epochOf(theirs) : undefined;
    if (theirEpoch === undefined || compareEpochs(theirEpoch, epochOf(own)!) < 0) {
        return refuse(
            "peer-unknown",
            `${configuration.site} was displaced in epoch ${own.epoch} and is to serve again, but ${configuration.peer} is ${describePeer(situation)}; expected active, in that epoch or a later one`,
            [
                `${set("active", configuration.peer, configuration, configuration.site)}; ${up(configuration.site)}: it rejoins`,
            ],
        );
    }
    if (!discards(situation, configuration.peer, theirEpoch.number)) {
        return configuration.acknowledgements.discard === undefined
            ? refuseTakenOver(situation, theirEpoch)
            : refuse(
                  "discard-of-other-epoch",
                  `discard is ${formatDiscard(configuration.acknowledgements.discard)}; expected ${configuration.peer}@${theirEpoch.number}, the epoch whose writes would be given up`,
                  [
                      `${set("discard", `${configuration.peer}@${theirEpoch.number}`, configuration, configuration.site)}; ${up(configuration.site)}: those writes are given up`,
                  ],
              );
    }
    return discardPeer(situation, theirEpoch.number + 1);
}

/** Displaced, and the other site is to serve: becomes standby once there is a base snapshot to mirror from. */
export function rejoin(situation: Situation): Decision {
    const { own, peer } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role !== "active" || theirEpoch === undefined || compareEpochs(theirEpoch, epochOf(own)!) < 0) {
        return plan("hold", []);
    }
    if (!servesWithBase(theirs)) {
        return plan("hold", [], [`${theirs.site} has no base snapshot yet to mirror from`]);
    }
    return rejoinFrom(situation, theirs);
}
