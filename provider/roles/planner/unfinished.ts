import { compareEpochs, isOverride } from "../epoch";
import { configSetCommand, previewCommand, setAndUp, upCommand } from "../messages/commands";
import { describePeer } from "../messages/describe";
import { text } from "../messages/message";
import { epochOf, type HandOverToken, type RoleRecord } from "../record";
import { type ObservedClaim, recordOf, type Situation } from "../situation";
import { abandonNow } from "./abandon";
import { releaseMirror } from "./active";
import { decideByRole } from "./byRole";
import { faultOfPromoted } from "./changedByOthers";
import { refuse, type Decision, type Refusal } from "./decision";
import { serveByDiscard } from "./displaced";
import { ranSince, stayDown } from "./downtime";
import {
    discardPeer,
    firstService,
    handOverIsLost,
    serveAgain,
    takeOverWithToken,
    takeOverWithoutToken,
} from "./newEpoch";
import { tellIncomplete } from "./incomplete";
import { serveFirst } from "./none";
import { beginsEpoch, peerHasNoRole, servesWithBase, tookOver } from "./predicates";
import { refuseNobodyServes, refuseUnderWay } from "./refusals";
import { isBegun, rejoinFrom, resync } from "./rejoin";
import { standAside, standDown } from "./standDown";

/**
 * Plans an unfinished verb again, under the acknowledgements that it had at the time, which may no longer be in the
 * configuration; steps that are done already are skipped. A planned epoch that has begun is always concluded, whatever
 * the configuration asks for by now: nothing is lost by that, and nobody else could begin it.
 */
export function finish(situation: Situation, underWay: UnderWay): Decision {
    const { underWay: _, ...own } = situation.own;
    const before: Situation = { ...situation, own, resumes: true };
    const { configuration } = situation;
    const wanted = configuration.active === configuration.site;
    const isTakenOver = tookOver(before) !== undefined;
    const claim = beginsEpoch(underWay) ? claimInVaults(situation, underWay) : "unknown";
    if (claim === "not this site's" || (claim === "unknown" && isContested(before, underWay))) {
        // A record alone is no proof: whoever wrote it may have written that, too.
        return underWay.claimed === true ? continueUnconfirmed(before, underWay) : decideByRole(before);
    }
    if (underWay.verb === "serve first" && underWay.claimed !== true && !situation.peer.known) {
        // Where vaults do not guard a claim, only the peer's record shows that nobody else serves.
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
            return concludeUnlessTooLate(situation, before, underWay);
        case "stand down":
            if (isTakenOver) {
                return decideByRole(before);
            }
            return wanted ? serveAgain(before) : standDown(before);
        case "release the mirror":
            return isTakenOver ? decideByRole(before) : releaseMirror(before);
        case "stand aside":
            return standAsideOrServe(before, underWay);
        case "resync":
        case "rejoin":
            if (recordOf(situation.peer)?.role === "stood-down") {
                return refuseStoodDown(situation, underWay);
            }
            if (underWay.verb === "rejoin" && !isBegun(before) && ranSince(before) !== undefined) {
                // What ran here since is not to be mirrored over, nor to be held back, by what an earlier run began.
                return decideByRole(before);
            }
            return wanted ? refuseUnfinished(situation, underWay) : mirrorAgain(before, underWay);
        case "become standby":
        case "hold":
        case "unmanage":
            return decideByRole(before);
    }
}

type UnderWay = NonNullable<RoleRecord["underWay"]>;

function concludeUnlessTooLate(situation: Situation, before: Situation, underWay: UnderWay): Decision {
    const { active, site } = situation.configuration;
    if (isTooLate(situation, underWay)) {
        return decideByRole(before);
    }
    return isOverride(underWay.began) && active !== site
        ? refuseUnfinished(situation, underWay)
        : concludeEpoch(before, underWay);
}

/**
 * Only what the configuration itself acknowledges goes on without its claim; and not where the other site has begun that
 * epoch since, which nothing kept it from.
 */
function continueUnconfirmed(before: Situation, underWay: UnderWay): Decision {
    const { active, site, acknowledgements } = before.configuration;
    if (isTooLate(before, { ...underWay, claimed: false })) {
        return decideByRole(before);
    }
    const theirs = claimOfPeer(before, underWay);
    if (theirs !== undefined) {
        return refuseClaimedByPeer(before, underWay, theirs);
    }
    const isAcknowledged = acknowledgements.takeover === underWay.epoch && active === site;
    return isAcknowledged
        ? concludeUnlessTooLate({ ...before, own: { ...before.own, underWay } }, before, underWay)
        : refuseUnconfirmed(before, underWay);
}

/**
 * Whether the other site began the epoch that it had handed over, which is claimed in its vault alone: somebody replaced
 * that claim, and an acknowledgement there permitted to replace it again.
 */
function isContested(before: Situation, underWay: UnderWay): boolean {
    return underWay.verb === "take over with a token" && isTooLate(before, { ...underWay, claimed: false });
}

/** Whether the vault in which the epoch must have been claimed has the claim; unknown where it does not answer. */
function claimInVaults({ observed, configuration }: Situation, underWay: UnderWay) {
    const { site } = configuration;
    const claims = (observed.claims ?? []).filter(({ epoch }) => epoch === underWay.epoch);
    if (claims.some(({ is }) => typeof is === "object" && "claimedBy" in is && is.claimedBy === site)) {
        return "this site's";
    }
    return vaultsOfClaim(configuration, underWay).every((owner) => claims.some((claim) => claim.site === owner))
        ? "not this site's"
        : "unknown";
}

/** The peer's claim in the place of the own one, which somebody removed: the peer began that epoch since. */
function claimOfPeer({ observed, configuration }: Situation, underWay: UnderWay): ObservedClaim | undefined {
    const vaults = vaultsOfClaim(configuration, underWay);
    return (observed.claims ?? []).find(
        ({ epoch, site, is }) =>
            epoch === underWay.epoch &&
            vaults.includes(site) &&
            typeof is === "object" &&
            "claimedBy" in is &&
            is.claimedBy === configuration.peer,
    );
}

/** The vaults that must have answered when the epoch was claimed; of the first epoch either one. */
function vaultsOfClaim({ site, peer }: Situation["configuration"], { began }: UnderWay): string[] {
    return began === "token" ? [peer] : began === "init" ? [site, peer] : [site];
}

/**
 * Whether the peer serves, or served, in the epoch that was begun here, or in a later one. Until the epoch is claimed,
 * nothing has been done in its name; once a mirror has been promoted in it, the only way is forward. What is begun as a
 * planned change is given up even where it would outrank the peer's: the peer's writes count, and were not to be lost.
 */
function isTooLate({ own, peer, configuration }: Situation, underWay: UnderWay): boolean {
    const theirs = recordOf(peer);
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirEpoch === undefined || theirEpoch.site !== configuration.peer) {
        return false;
    }
    const begun = { number: underWay.epoch, began: underWay.began, site: configuration.site };
    if (underWay.claimed === true && own.role === "standby") {
        return false;
    }
    return underWay.claimed === true && isOverride(begun.began)
        ? compareEpochs(theirEpoch, begun) > 0
        : theirEpoch.number >= begun.number;
}

function concludeEpoch(situation: Situation, { verb, epoch, began, token, point }: UnderWay): Decision {
    switch (verb) {
        case "serve first":
            return firstService(situation, epoch, began);
        case "change of mind":
            return serveAgain(situation);
        case "serve by discard":
            return discardPeer(situation, epoch);
        default:
            return token === undefined || handOverIsLost(situation, epoch)
                ? takeOverWithoutToken(situation, epoch, point)
                : concludeHandOver(situation, token, epoch);
    }
}

/** Somebody may have promoted another point than the token's since the run was interrupted. */
function concludeHandOver(situation: Situation, token: HandOverToken, epoch: number): Decision {
    const { active, site, acknowledgements } = situation.configuration;
    const fault = faultOfPromoted(situation, token);
    if (fault === undefined) {
        return takeOverWithToken(situation, token);
    }
    return active === site && acknowledgements.takeover === epoch ? takeOverWithoutToken(situation, epoch) : fault;
}

function standAsideOrServe(situation: Situation, { epoch, began }: UnderWay): Decision {
    const { own, configuration } = situation;
    const displaced: RoleRecord = { ...own, role: "displaced", epoch, began, activeSite: configuration.peer };
    return configuration.active === configuration.site
        ? serveByDiscard({ ...situation, own: displaced })
        : standAside(situation, epochOf(displaced)!);
}

/** Continues with a mirror that may already have begun to overwrite this site. */
function mirrorAgain(situation: Situation, { verb, epoch }: UnderWay): Decision {
    const { peer, configuration } = situation;
    const theirs = recordOf(peer);
    if (theirs !== undefined && servesWithBase(theirs) && theirs.epoch >= epoch) {
        return verb === "resync" ? resync(situation, theirs) : rejoinFrom(situation, theirs);
    }
    // A half overwritten copy is not worth leaving behind.
    if (configuration.unprotect === true || configuration.unmanage === true) {
        return refuseUnderWay(situation, configuration.peer);
    }
    return peerHasNoRole(situation)
        ? refuseNobodyServes(situation, configuration.peer)
        : stayDown(situation, [`${configuration.peer} is ${describePeer(situation)}; the ${verb} waits for it`]);
}

function refuseUnconfirmed({ observed, configuration }: Situation, underWay: UnderWay): Refusal {
    const { item, site, active } = configuration;
    const { verb, epoch } = underWay;
    const first = active === site ? "" : text`${configSetCommand("active", site, configuration, site)}; `;
    const places = (observed.claims ?? []).filter((claim) => claim.epoch === epoch).map(({ place }) => place);
    return refuse(
        "claim-not-found",
        `the record of ${item} at ${site} says that ${site} claimed epoch ${epoch} (${verb}) and was interrupted, but no vault has that claim: ${places.join("; ")}. Either somebody removed it, or the record is not ${site}'s own. Nothing was changed`,
        [
            `find out who can write to the bucket and to the record, and restore the object from a backup`,
            text`to finish it without the claim, if you began it: ${first}${setAndUp("takeover", epoch, configuration, site)}`,
        ],
    );
}

/** No acknowledgement here permits it: by its own, the peer may serve already without having published that. */
function refuseClaimedByPeer({ configuration }: Situation, underWay: UnderWay, { place }: ObservedClaim): Refusal {
    const { item, site, peer } = configuration;
    const { verb, epoch } = underWay;
    return refuse(
        "claim-not-found",
        `the record of ${item} at ${site} says that ${site} claimed epoch ${epoch} (${verb}) and was interrupted, but ${peer} has begun that epoch since: ${place} is ${peer}'s claim. Somebody removed the one of ${site}. ${peer} may serve, and what it writes would be lost. Nothing was changed`,
        [
            text`${upCommand(peer)}, which says what ${peer} is; then ${previewCommand(site)}`,
            `if ${peer} is lost for good: delete that object; the next preview at ${site} then says how to go on without it`,
        ],
    );
}

function refuseUnfinished(situation: Situation, underWay: UnderWay): Refusal {
    const { configuration, observed } = situation;
    const { site, active, peer } = configuration;
    const other = active === site ? peer : site;
    const { copy } = observed;
    const what = copy === undefined ? "and was interrupted" : `and has not ended: ${tellIncomplete(situation, copy)}`;
    return refuse(
        "unfinished",
        `an earlier run at ${site} began to ${underWay.verb} for epoch ${underWay.epoch} ${what}; active: ${active} asks for the opposite. Nothing was changed`,
        [text`to finish it first: ${setAndUp("active", other, configuration, site)}`],
    );
}

/** What this site holds may be half overwritten, and only a site that serves can be mirrored from. */
function refuseStoodDown({ configuration }: Situation, { verb, epoch }: UnderWay): Refusal {
    const { site, peer } = configuration;
    return refuse(
        "unfinished",
        `an earlier run at ${site} began to ${verb} for epoch ${epoch} and was interrupted, and ${peer} has stood down since. Nothing was changed`,
        [
            text`to finish it first: ${setAndUp("active", peer, configuration, peer)}, which serves again; ${setAndUp("active", peer, configuration, site)}`,
        ],
    );
}
