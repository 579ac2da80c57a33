import { compareEpochs } from "../epoch";
import { epochOf, type RoleRecord } from "../record";
import type { Situation } from "../situation";
import { plan, refuse, type Decision } from "./decision";
import { rejoin, serveByDiscard } from "./displaced";
import { standAside } from "./standDown";
import { discards, epochThatPassed, peerMirrorsNothing } from "./predicates";
import { serveAgain } from "./newEpoch";
import { refuseNobodyServes, refuseTakenOver } from "./refusals";
import { describePeer, up } from "../messages/describe";

/** Stood down, and to serve again: only as long as nobody has taken the token up. */
export function changeOfMind(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role === "active" && theirEpoch !== undefined && compareEpochs(theirEpoch, epochOf(own)!) > 0) {
        if (discards(situation, configuration.peer, theirEpoch.number)) {
            return serveByDiscard(situation);
        }
        // By the token nothing was lost: this site follows, and can then be handed over to.
        return followsMyToken(own, theirs) ? rejoin(situation) : refuseTakenOver(situation, theirEpoch);
    }
    const nobodyFollows = peerMirrorsNothing(situation);
    if (nobodyFollows && epochThatPassed(situation) > own.epoch) {
        return refuseNobodyServes(situation, configuration.peer);
    }
    if (!nobodyFollows && (theirs?.role !== "standby" || theirs.epoch !== own.epoch)) {
        return refuse(
            "peer-unknown",
            `${configuration.site} stood down in epoch ${own.epoch} and is to serve again, but ${configuration.peer} is ${describePeer(situation)}; expected standby in epoch ${own.epoch}, so that nobody has taken the token up`,
            [`make the outputs of the stack of ${configuration.peer} readable, then ${up(configuration.site)}`],
        );
    }
    return serveAgain(situation);
}

/** Stood down, and the other site is to serve: waits, and rejoins once it serves by the token. */
export function followAfterStandingDown(situation: Situation): Decision {
    const { own, peer } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role !== "active" || theirEpoch === undefined || compareEpochs(theirEpoch, epochOf(own)!) <= 0) {
        return plan("hold", []);
    }
    if (!followsMyToken(own, theirs)) {
        return standAside(situation, theirEpoch, [`${theirs.site} took over without the last writes of ${own.site}`]);
    }
    return rejoin(situation);
}

/** Whether the peer serves from what this site handed over to it, be it that it was out of the mirror since. */
function followsMyToken(own: RoleRecord, theirs: RoleRecord): boolean {
    return (
        theirs.began === "token" ||
        theirs.history.some(({ epoch, verb }) => epoch === own.epoch + 1 && verb === "take over with a token")
    );
}
