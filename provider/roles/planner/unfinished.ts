import { compareEpochs, isOverride } from "../epoch";
import { epochOf, type RoleRecord } from "../record";
import type { Situation } from "../situation";
import { abandonNow } from "./abandon";
import { releaseMirror } from "./active";
import { decideByRole } from "./byRole";
import { rejoinFrom, resync } from "./rejoin";
import { plan, refuse, type Decision, type Refusal } from "./decision";
import { serveByDiscard } from "./displaced";
import { standAside, standDown } from "./standDown";
import { peerMirrorsNothing, servesWithBase, tookOver } from "./predicates";
import {
    discardPeer,
    firstService,
    handOverIsLost,
    serveAgain,
    takeOverWithToken,
    takeOverWithoutToken,
} from "./newEpoch";
import { serveFirst } from "./none";
import { refuseNobodyServes, refuseUnderWay } from "./refusals";
import { describePeer, set, up } from "../messages/describe";

/**
 * The verb that was begun is planned again with the leave that it had then, which need not stand in the configuration
 * any more; what it had done already is passed over by its steps. A planned epoch that was begun is always concluded,
 * whatever is asked for by now: nothing is lost by that, and nobody else could begin it.
 */
export function finish(situation: Situation, underWay: UnderWay): Decision {
    const { underWay: _, ...own } = situation.own;
    const before = { ...situation, own };
    const { configuration } = situation;
    const wanted = configuration.active === configuration.site;
    const theirs = tookOver(before);
    if (underWay.verb === "serve first" && underWay.claimed !== true && !situation.peer.known) {
        // Where vaults do not guard a claim, only the peer's record tells that nobody else serves.
        return serveFirst(before);
    }
    switch (underWay.verb) {
        case "abandon":
            return abandonNow(before);
        case "serve first":
        case "change of mind":
        case "take over with a token":
        case "take over without a token":
        case "serve by discard":
            if (cameTooLate(situation, underWay)) {
                return decideByRole(before);
            }
            return isOverride(underWay.began) && !wanted
                ? refuseUnfinished(situation, underWay)
                : concludeEpoch(before, underWay);
        case "stand down":
            return theirs !== undefined ? decideByRole(before) : wanted ? serveAgain(before) : standDown(before);
        case "release the mirror":
            return theirs !== undefined ? decideByRole(before) : releaseMirror(before);
        case "stand aside":
            return standAsideOrServe(before, underWay);
        case "resync":
        case "rejoin":
            return wanted ? refuseUnfinished(situation, underWay) : mirrorAgain(before, underWay);
        case "become standby":
        case "hold":
            return decideByRole(before);
    }
}

type UnderWay = NonNullable<RoleRecord["underWay"]>;

/**
 * Whether the peer serves in the epoch that was begun here, or in a later one. As long as the epoch is not claimed
 * nothing has been done in its name; once a mirror is promoted in it there is no way but forward.
 */
function cameTooLate(situation: Situation, underWay: UnderWay): boolean {
    const { own, peer, configuration } = situation;
    const theirs = peer.known && peer.record !== undefined ? epochOf(peer.record) : undefined;
    if (theirs === undefined || theirs.site !== configuration.peer) {
        return false;
    }
    const mine = { number: underWay.epoch, began: underWay.began, site: configuration.site };
    return underWay.claimed === true
        ? own.role !== "standby" && compareEpochs(theirs, mine) > 0
        : theirs.number >= mine.number;
}

function concludeEpoch(situation: Situation, { verb, epoch, began, token }: UnderWay): Decision {
    switch (verb) {
        case "serve first":
            return firstService(situation, epoch, began);
        case "change of mind":
            return serveAgain(situation);
        case "serve by discard":
            return discardPeer(situation, epoch);
        default:
            return token === undefined || handOverIsLost(situation, epoch)
                ? takeOverWithoutToken(situation, epoch)
                : takeOverWithToken(situation, token);
    }
}

function standAsideOrServe(situation: Situation, { epoch, began }: UnderWay): Decision {
    const { own, configuration } = situation;
    const displaced: RoleRecord = { ...own, role: "displaced", epoch, began, activeSite: configuration.peer };
    return configuration.active === configuration.site
        ? serveByDiscard({ ...situation, own: displaced })
        : standAside(situation, epochOf(displaced)!);
}

/** Goes on with a mirror whose making may have begun to overwrite this site. */
function mirrorAgain(situation: Situation, underWay: UnderWay): Decision {
    const { peer, configuration } = situation;
    const theirs = peer.known ? peer.record : undefined;
    if (theirs === undefined || !servesWithBase(theirs) || theirs.epoch < underWay.epoch) {
        // What is half overwritten is no copy that could be left behind.
        if (configuration.unprotect === true) {
            return refuseUnderWay(situation, configuration.peer);
        }
        if (peerMirrorsNothing(situation)) {
            return refuseNobodyServes(situation, configuration.peer);
        }
        return plan(
            "hold",
            [],
            [`${configuration.peer} is ${describePeer(situation)}; the ${underWay.verb} waits for it`],
        );
    }
    return underWay.verb === "resync" ? resync(situation, theirs) : rejoinFrom(situation, theirs);
}

function refuseUnfinished(situation: Situation, underWay: UnderWay): Refusal {
    const { configuration } = situation;
    const { site, active, peer } = configuration;
    const other = active === site ? peer : site;
    return refuse(
        "unfinished",
        `an earlier run at ${site} began to ${underWay.verb} for epoch ${underWay.epoch} and was cut off; active: ${active} asks for the opposite`,
        [`${set("active", other, configuration, site)}; ${up(site)}, to finish it first`],
    );
}
