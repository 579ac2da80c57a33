import type { Epoch } from "../epoch";
import { describePeer } from "../messages/describe";
import type { RoleRecord } from "../record";
import { recordOf, type Situation } from "../situation";
import { refuse, type Decision, type Refusal } from "./decision";
import { rejoin, serveByDiscard } from "./displaced";
import { stayDown } from "./downtime";
import { serveAgain } from "./newEpoch";
import { discards, peerEpochNumber, peerHasNoRole, tookOver } from "./predicates";
import { makePeerReadable, refuseNobodyServes, refuseTakenOver } from "./refusals";
import { standAside } from "./standDown";

/** Stood down, and should serve again: only as long as nobody has used the token. */
export function changeOfMind(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const theirs = recordOf(peer);
    const newer = tookOver(situation);
    if (theirs !== undefined && newer !== undefined) {
        return respondToTakeover(situation, theirs, newer);
    }
    if (!peerHasNoRole(situation)) {
        return theirs?.role === "standby" && theirs.epoch === own.epoch
            ? serveAgain(situation)
            : refuseUnlessStandby(situation);
    }
    return peerEpochNumber(situation) > own.epoch
        ? refuseNobodyServes(situation, configuration.peer)
        : serveAgain(situation);
}

/** Stood down, and the other site should serve: waits, and rejoins once that site serves by the token. */
export function followAfterStandingDown(situation: Situation): Decision {
    const { own, peer } = situation;
    const theirs = recordOf(peer);
    const newer = tookOver(situation);
    if (theirs === undefined || newer === undefined) {
        return stayDown(situation);
    }
    return usedToken(own, theirs)
        ? rejoin(situation)
        : standAside(situation, newer, [`${theirs.site} took over without the last writes of ${own.site}`]);
}

function respondToTakeover(situation: Situation, theirs: RoleRecord, theirEpoch: Epoch): Decision {
    const { own, configuration } = situation;
    if (discards(situation, configuration.peer, theirEpoch.number)) {
        return serveByDiscard(situation);
    }
    // With the token nothing was lost: this site follows, and can then be handed over to.
    return usedToken(own, theirs) ? rejoin(situation) : refuseTakenOver(situation, theirEpoch);
}

/** Whether the peer serves from what this site handed over to it, even if it has left the mirror since. */
function usedToken(own: RoleRecord, theirs: RoleRecord): boolean {
    return (
        theirs.began === "token" ||
        theirs.history.some(({ epoch, verb }) => epoch === own.epoch + 1 && verb === "take over with a token")
    );
}

function refuseUnlessStandby(situation: Situation): Refusal {
    const { own, configuration } = situation;
    const { site, peer } = configuration;
    return refuse(
        "peer-unknown",
        `${site} stood down in epoch ${own.epoch} and should serve again, but ${peer} is ${describePeer(situation)}; expected standby in epoch ${own.epoch}, so that nobody has used the token. Nothing was changed`,
        [makePeerReadable(situation)],
    );
}
