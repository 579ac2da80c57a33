import { compareEpochs, type Epoch } from "../epoch";
import { epochOf, type RoleRecord, type Verb } from "../record";
import { recordOf, type ObservedMirror, type Situation } from "../situation";
import type { Plan } from "./decision";

/** The peer's epoch, if the peer serves in one that is newer than this site's. */
export function tookOver({ own, peer }: Situation): Epoch | undefined {
    const theirs = recordOf(peer);
    const theirEpoch = theirs?.role === "active" ? epochOf(theirs) : undefined;
    const ownEpoch = epochOf(own);
    return theirEpoch !== undefined && (ownEpoch === undefined || compareEpochs(theirEpoch, ownEpoch) > 0)
        ? theirEpoch
        : undefined;
}

/** Whether an unfinished verb begins an epoch, which is claimed before anything is done in its name. */
export function beginsEpoch({ verb }: NonNullable<RoleRecord["underWay"]>): boolean {
    return [
        "serve first",
        "change of mind",
        "take over with a token",
        "take over without a token",
        "serve by discard",
    ].includes(verb);
}

/** The highest epoch that has begun by the peer's record, as far as that is known. */
export function peerEpochNumber({ peer }: Pick<Situation, "peer">): number {
    return recordOf(peer)?.epoch ?? 0;
}

/** The epoch that begins next at this site, as far as it knows: what a takeover has to acknowledge. */
export function nextEpochNumber(situation: Pick<Situation, "own" | "peer">): number {
    return Math.max(situation.own.epoch, peerEpochNumber(situation)) + 1;
}

/** Whether the site serves and has something to mirror from. */
export function servesWithBase({ role, applicationUid, baseSnapshot }: RoleRecord): boolean {
    return role === "active" && applicationUid !== undefined && baseSnapshot !== undefined;
}

/** Whether a mirror has brought nothing complete yet, so that there is nothing to promote. */
export function lacksCopy({ state, recoveryPoint, promotedPoint }: ObservedMirror): boolean {
    return state === "unsettled" && recoveryPoint === undefined && promotedPoint === undefined;
}

/** Whether the site served when the item left the mirror there: it may have been writing since. */
export function servedLast({ role, history }: RoleRecord): boolean {
    const last = history.at(-1);
    return role === "none" && last !== undefined && isLeaving(last) && last.from === "active";
}

/** Whether the site let go of the item with its mirror as it was: what is there is not ours any more. */
export function wasUnmanaged({ role, history }: RoleRecord): boolean {
    return role === "none" && history.at(-1)?.verb === "unmanage";
}

/**
 * Whether there is a mirror into this site that is somebody else's: it was let go of; or no role was ever begun, and it
 * lacks our label, or is of volumes, of which a run of ours would have been written down.
 */
export function isOthersMirror({ own, observed, resumes }: Pick<Situation, "own" | "observed" | "resumes">): boolean {
    const { mirror, foreign, foreignObjects = [] } = observed;
    const lacksLabel = foreignObjects.some(({ what }) => what.startsWith("AppMirrorRelationship "));
    const isOfVolumes = foreign !== undefined && resumes !== true && own.underWay === undefined;
    const neverBegun = own.role === "none" && own.epoch === 0 && (lacksLabel || isOfVolumes);
    return mirror !== undefined && (wasUnmanaged(own) || neverBegun);
}

/** Whether it takes a site's role away. */
export function isLeaving({ verb }: { verb: Verb }): boolean {
    return verb === "abandon" || verb === "unmanage";
}

/** Whether this site, out of the mirror by now, served in a later epoch than the other one. */
export function servedLater(own: RoleRecord, theirs: RoleRecord): boolean {
    const [ownEpoch, theirEpoch] = [epochOf(own), epochOf(theirs)];
    return (
        servedLast(own) &&
        ownEpoch !== undefined &&
        (theirEpoch === undefined || compareEpochs(ownEpoch, theirEpoch) > 0)
    );
}

/** Whether the peer is known to have no role: it neither mirrors nor serves. */
export function peerHasNoRole({ peer }: Situation): boolean {
    return peer.known && (peer.record === undefined || peer.record.role === "none");
}

/** Whether the configuration allows discarding what that site wrote in that epoch. */
export function discards({ configuration }: Situation, site: string, epoch: number): boolean {
    const { discard } = configuration.acknowledgements;
    return discard !== undefined && discard.site === site && discard.epoch === epoch;
}

/** A first role that begins now: not one that is under way, which must come to an end, nor one to serve in need. */
export function isFirstRole({ own }: Situation, { verb }: Plan): boolean {
    return own.role === "none" && own.underWay === undefined && (verb === "serve first" || verb === "become standby");
}
