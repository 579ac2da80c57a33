import { compareEpochs } from "../epoch";
import { setAndUp, upCommand } from "../messages/commands";
import { announceLoss, describePeer } from "../messages/describe";
import { type Message, text } from "../messages/message";
import { epochOf, type HandOverToken } from "../record";
import { recordOf, type Situation } from "../situation";
import {
    changedByOthers,
    faultOfPromotion,
    giveUpOrRefuse,
    refuseChanged,
    refuseOtherPoint,
    runsWithoutMirror,
} from "./changedByOthers";
import { plan, refuse, type Decision, type Plan, type Refusal, type RefusalCode } from "./decision";
import { stayDown, whatRuns } from "./downtime";
import { handOverIsLost, takeOverWithToken, takeOverWithoutToken } from "./newEpoch";
import { lacksCopy, nextEpochNumber, peerHasNoRole, servesWithBase, tookOver, wasUnmanaged } from "./predicates";
import { chosenPoint } from "./recoveryPoints";
import { tellIncomplete, waitForCopy } from "./incomplete";
import { copyFrom, mirrorFrom } from "./stepBuilders";

/** Standby, and should serve: with a token, or with the acknowledgement of the very epoch that would begin. */
export function takeOver(situation: Situation): Decision {
    const { own, peer, configuration, observed } = situation;
    const { takeover } = configuration.acknowledgements;
    const theirs = recordOf(peer);
    const next = nextEpochNumber(situation);
    // Who asks for an older point does not want what was handed over.
    const choosesPoint = takeover === next && configuration.acknowledgements.recoverTo !== undefined;
    if (theirs?.role === "stood-down" && theirs.token !== undefined && !choosesPoint) {
        const fault = faultOfToken(situation, theirs.token);
        if (fault !== undefined && takeover === undefined) {
            return fault;
        }
        const unusable = fault ?? faultOfPromotion(situation, theirs.token);
        if (unusable === undefined && !handOverIsLost(situation, own.epoch + 1)) {
            return observed.mirror === undefined || lacksCopy(observed.mirror)
                ? mirrorThenTakeOver(situation, theirs.token)
                : takeOverWithToken(situation, theirs.token);
        }
        if (unusable !== undefined && fault === undefined && takeover !== next) {
            return unusable;
        }
    }
    const changes = changedByOthers(situation);
    if (changes.length > 0 && takeover !== next) {
        return refuseChanged(situation, changes);
    }
    if (takeover !== next) {
        // The peer can only hand over to a standby site of its own epoch.
        return theirs !== undefined && servesWithBase(theirs) && tookOver(situation) !== undefined
            ? follow(situation)
            : refuseWithoutToken(situation, next);
    }
    return observed.mirror?.recoveryPoint === undefined && !runsWithoutMirror(situation)
        ? refuseWithoutReplication(situation)
        : takeOverAtPoint(situation, next);
}

/** From the newest point, unless the configuration chooses another one. What was promoted already stays as it is. */
function takeOverAtPoint(situation: Situation, next: number): Decision {
    const point = chosenPoint(situation);
    if (point !== undefined && "kind" in point) {
        return point;
    }
    const promoted = situation.observed.mirror?.promotedPoint;
    const isPromoted = promoted !== undefined && situation.observed.mirror?.awaits === undefined;
    return point !== undefined && isPromoted && promoted !== point.folder
        ? refuseOtherPoint(situation, point.folder, promoted)
        : takeOverWithoutToken(situation, next, point);
}

/** Standby, and the other site should serve: follows its epoch once it serves with something to mirror from. */
export function follow(situation: Situation): Decision {
    const { own, peer } = situation;
    const theirs = recordOf(peer);
    const changes = changedByOthers(situation);
    if (changes.length > 0) {
        return giveUpOrRefuse(situation, theirs, changes);
    }
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    const mayFollow =
        theirs !== undefined &&
        servesWithBase(theirs) &&
        theirEpoch !== undefined &&
        compareEpochs(theirEpoch, epochOf(own)!) >= 0;
    return mayFollow
        ? plan("hold", [{ do: "forbid-pods" }, ...mirrorFrom(situation, theirs, "first")], whatRuns(situation))
        : stayDown(situation);
}

/**
 * Without a mirror, or before the first copy of one is complete, there is nothing to promote; the final snapshot is still
 * at the site that stood down.
 */
function mirrorThenTakeOver(situation: Situation, token: HandOverToken): Plan {
    const after = takeOverWithToken(situation, token);
    return { ...after, steps: [...copyFrom(token.applicationUid, "first"), ...after.steps] };
}

function refuseWithoutReplication(situation: Situation): Refusal {
    const { configuration, observed } = situation;
    const { item, site, peer } = configuration;
    const { copy } = observed;
    return refuse(
        "nothing-replicated",
        copy === undefined
            ? `nothing of ${item} has been replicated to ${site} yet, so there is nothing to take over with. Nothing was changed`
            : `${tellIncomplete(situation, copy)}, so there is nothing to take over with. Nothing was changed`,
        [
            ...(copy === undefined ? [] : [waitForCopy(situation)]),
            text`bring ${peer} back; then ${setAndUp("active", peer, configuration, site)}, which replicates again`,
            `restore ${item} from a backup`,
        ],
    );
}

function refuseWithoutToken(situation: Situation, next: number): Refusal {
    const { configuration, observed } = situation;
    const { item, site, peer, acknowledgements } = configuration;
    const { takeover } = acknowledgements;
    const { copy, mirror } = observed;
    // What a complete copy would allow is not offered before there is one.
    const lacks = copy !== undefined && mirror?.recoveryPoint === undefined ? copy : undefined;
    return refuse(
        takeover === undefined ? "no-token" : "epoch-has-passed",
        [
            `${peer} has not handed ${item} over (it is ${describePeer(situation)}), and ${site} would begin epoch ${next}`,
            ...(takeover === undefined ? [] : [`takeover is ${takeover}, which is not that epoch and has no effect`]),
            lacks === undefined ? announceLoss(situation) : tellIncomplete(situation, lacks),
        ].join("; "),
        [
            text`if ${peer} is up: ${wayWithoutLoss(situation)}`,
            lacks === undefined
                ? text`if ${peer} is lost: ${setAndUp("takeover", next, configuration, site)}. Writes after the recovery point are lost`
                : waitForCopy(situation),
        ],
    );
}

/** Who has left the mirror, or let go of the item, hands nothing over. */
function wayWithoutLoss(situation: Situation): Message {
    const { configuration } = situation;
    const { item, site, peer } = configuration;
    const theirs = recordOf(situation.peer);
    if (theirs !== undefined && wasUnmanaged(theirs)) {
        return text`set adopt: true of ${item} at ${peer}, then ${setAndUp("unmanage", "false", configuration, peer)}, which manages it again; then switch, and nothing is lost`;
    }
    return peerHasNoRole(situation)
        ? text`${setAndUp("active", peer, configuration, peer)}, which serves in the mirror again; ${setAndUp("active", peer, configuration, site)}; then switch, and nothing is lost`
        : text`${setAndUp("active", site, configuration, peer)}; ${upCommand(site)}. ${peer} hands over and nothing is lost`;
}

/** Why a token does not hand over to this site, if it does not. */
function faultOfToken({ own, configuration }: Situation, token: HandOverToken): Refusal | undefined {
    const { item, site, peer } = configuration;
    const fault = (code: RefusalCode, what: string) =>
        refuse(code, `the hand-over token of ${token.from} ${what}. Nothing was changed at ${site}`, [
            text`for a token of epoch ${own.epoch}: ${upCommand(peer)}; then ${upCommand(site)}`,
        ]);
    if (token.application !== item) {
        return fault("token-of-other-application", `is for ${token.application}; expected ${item}`);
    }
    if (token.to !== site || token.from !== peer) {
        return fault(
            "token-for-other-site",
            `hands over from ${token.from} to ${token.to}; expected from ${peer} to ${site}`,
        );
    }
    if (token.epoch < own.epoch) {
        return fault("token-used", `ended epoch ${token.epoch}, and epoch ${own.epoch} has begun since`);
    }
    return token.epoch > own.epoch
        ? fault("token-of-other-epoch", `ends epoch ${token.epoch}; expected epoch ${own.epoch}`)
        : undefined;
}
