import { configSetCommand, setAndUp } from "../messages/commands";
import { announceLoss, describePeer } from "../messages/describe";
import { join, text, type Message } from "../messages/message";
import type { HandOverToken, RoleRecord } from "../record";
import { type BrokenMirror, recordOf, type Situation } from "../situation";
import { refuse, type Decision, type Refusal } from "./decision";
import { discards, peerEpochNumber, servesWithBase } from "./predicates";
import { overwriteStandby } from "./rejoin";

/**
 * What is not as a standby site at rest leaves it, a clause each: its mirror was promoted, removed or redirected. A run of
 * ours that did so is under way, or has recorded it. Whatever was written there since is nowhere else.
 */
export function changedByOthers({ own, peer, configuration, observed }: Situation): Message[] {
    const { mirror, copies = [], changed = [] } = observed;
    const known = [own.mirrorSource, recordOf(peer)?.applicationUid];
    return [
        ...changed,
        ...(mirror === undefined && copies.length > 0
            ? [`the mirror into ${configuration.site} was removed, and ${copies.join(", ")} stayed there, writable`]
            : []),
        ...(mirror?.namedSource !== undefined && own.mirrorSource !== undefined && !known.includes(mirror.namedSource)
            ? [
                  `the mirror into ${configuration.site} leads from ${mirror.namedSource}; it was created from ${own.mirrorSource}`,
              ]
            : []),
    ];
}

/** Whether the item runs at this site, with its mirror removed by others. Volumes alone need nothing that runs. */
export function runsWithoutMirror({ observed }: Situation): boolean {
    const { mirror, copies = [], workloads } = observed;
    return mirror === undefined && copies.length > 0 && (workloads === undefined || workloads.length > 0);
}

/** Nothing that others did is overwritten unless the configuration gives it up; it is counted first. */
export function giveUpOrRefuse(situation: Situation, theirs: RoleRecord | undefined, changes: Message[]): Decision {
    const { own, configuration } = situation;
    return theirs !== undefined && servesWithBase(theirs) && discards(situation, configuration.site, own.epoch)
        ? overwriteStandby(situation, theirs, changes)
        : refuseChanged(situation, changes);
}

/** What others did at a standby site, with both ways forward: it serves, or it is given up. */
export function refuseChanged(situation: Situation, changes: readonly Message[]): Refusal {
    const { own, configuration } = situation;
    const { item, site, peer } = configuration;
    const next = Math.max(own.epoch, peerEpochNumber(situation)) + 1;
    const canServe = situation.observed.mirror !== undefined || runsWithoutMirror(situation);
    return refuse(
        "changed-by-others",
        text`${site} is standby of ${item} in epoch ${own.epoch}, but ${join(changes, "; ")}, and not by this package. Whatever was written at ${site} since is only there, and a mirror from ${peer} (${describePeer(situation)}) would overwrite it. Nothing was changed`,
        [
            text`to keep what is at ${site} and serve there: ${canServe ? "" : `start ${item} there; `}${configSetCommand("active", site, configuration, site)}; ${setAndUp("takeover", next, configuration, site)}. What ${peer} has written since is lost: ${announceLoss(situation)}`,
            toGiveUp(situation),
        ],
    );
}

/** The other site has to serve for that: one that stood down serves again. */
function toGiveUp({ own, peer, configuration }: Situation): Message {
    const { site, peer: other } = configuration;
    const first =
        recordOf(peer)?.role === "stood-down"
            ? text`${setAndUp("active", other, configuration, other)}, which serves again; then `
            : "";
    return text`to give up what was written at ${site}: ${first}${configSetCommand("active", other, configuration, site)}; ${setAndUp("discard", `${site}@${own.epoch}`, configuration, site)}. It is counted first`;
}

/** Why a token cannot be used here as it is: a takeover with a token promotes its final snapshot, or nothing. */
export function faultOfPromotion(situation: Situation, token: HandOverToken): Refusal | undefined {
    const { observed } = situation;
    const { mirror } = observed;
    const changes = changedByOthers(situation);
    const other = faultOfPromoted(situation, token);
    if (other !== undefined) {
        return other;
    }
    if (changes.length > 0 && mirror?.promotedPoint === undefined) {
        return refuseChanged(situation, changes);
    }
    if (observed.handedOver === false && mirror?.promotedPoint === undefined) {
        return refuseWithoutSnapshot(situation, token);
    }
    const { newest } = mirror ?? {};
    return newest !== undefined && !isOf(newest.snapshot, token) && Date.parse(newest.takenAt) > Date.parse(token.time)
        ? refuseNewer(situation, token, newest.snapshot, newest.takenAt)
        : undefined;
}

/** Why what was promoted already is not what the token hands over, if so. */
export function faultOfPromoted(situation: Situation, token: HandOverToken): Refusal | undefined {
    const { promotedPoint: promoted, broken = [] } = situation.observed.mirror ?? {};
    if (promoted !== undefined && !isOf(promoted, token)) {
        return refuseOtherPoint(situation, token.finalSnapshot, promoted);
    }
    const others = [
        ...broken
            .filter((one) => !hasAllOf(one, token))
            .map(({ volume, at }) => `${at?.snapshot ?? "an unknown snapshot"} (volume ${volume})`),
        ...(situation.observed.lacking ?? []).map((volume) => `an unknown snapshot (volume ${volume})`),
    ];
    return others.length === 0 ? undefined : refuseOtherPoint(situation, token.finalSnapshot, others.join(", "));
}

/** Breaking a mirror at an older point deletes what is newer, so that what is still there was promoted. */
function hasAllOf({ volume, versions, at }: BrokenMirror, { versions: named = {}, time }: HandOverToken): boolean {
    const version = named[volume];
    const isThere = version !== undefined && versions.includes(version);
    return isThere || (at !== undefined && Date.parse(at.takenAt) > Date.parse(time));
}

/** Archive folders are named `<time>_<snapshot>_<uid>`. */
function isOf(snapshot: string, { finalSnapshot }: HandOverToken): boolean {
    return finalSnapshot === snapshot || finalSnapshot.includes(`_${snapshot}_`);
}

/** The mirror was promoted, and at another point than a token or the configuration names. */
export function refuseOtherPoint(situation: Situation, wanted: string, promoted: string): Refusal {
    const { own, configuration } = situation;
    const { item, site, peer } = configuration;
    const next = Math.max(own.epoch, peerEpochNumber(situation)) + 1;
    const drop =
        configuration.acknowledgements.recoverTo === undefined
            ? ""
            : text`${{ pulumi: "config rm recoverTo", site }}; `;
    return refuse(
        "promoted-other-point",
        text`${item} was promoted at ${site} at ${promoted}; expected ${wanted}. What ${peer} wrote between the two may be missing at ${site}, or be too much. Nothing was changed`,
        [
            text`to serve at ${site} what was promoted: ${drop}${setAndUp("takeover", next, configuration, site)}. ${announceLoss(situation)}`,
            toGiveUp(situation),
        ],
    );
}

/** A promotion would wait for it without end. */
function refuseWithoutSnapshot({ own, configuration }: Situation, token: HandOverToken): Refusal {
    const { item, site, peer } = configuration;
    return refuse(
        "token-without-snapshot",
        text`the token with which ${peer} handed ${item} over names ${token.finalSnapshot}, and the vault of ${peer} has other snapshots of ${item} and not that one: somebody deleted it there, or wrote the token. Nothing was changed at ${site}`,
        [
            text`find out which. To have ${peer} serve again with what it has: ${setAndUp("active", peer, configuration, peer)}; then switch anew`,
            text`to serve at ${site} what has arrived: ${setAndUp("takeover", own.epoch + 1, configuration, site)}`,
        ],
    );
}

function refuseNewer(situation: Situation, token: HandOverToken, snapshot: string, takenAt: string): Refusal {
    const { own, configuration } = situation;
    const { item, site, peer } = configuration;
    return refuse(
        "newer-than-token",
        text`${peer} handed ${item} over with ${token.finalSnapshot}, but ${snapshot}, taken ${takenAt}, has arrived at ${site} since: somebody took a snapshot at ${peer} after it stood down. Promoting the hand-over would delete ${snapshot} on the array of ${site}. Nothing was changed`,
        [
            text`find out what ran at ${peer}, and stop it; then ${setAndUp("active", peer, configuration, peer)}, and switch again`,
            text`to serve from ${snapshot} instead: ${setAndUp("takeover", own.epoch + 1, configuration, site)}`,
        ],
    );
}
