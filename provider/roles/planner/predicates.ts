import { compareEpochs, type Epoch } from "../epoch";
import { epochOf, type RoleRecord } from "../record";
import type { Situation } from "../situation";

/** The peer's epoch, if it serves in one that is newer than the own. */
export function tookOver({ own, peer }: Situation): Epoch | undefined {
    const theirs = peer.known && peer.record?.role === "active" ? epochOf(peer.record) : undefined;
    const mine = epochOf(own);
    return theirs !== undefined && (mine === undefined || compareEpochs(theirs, mine) > 0) ? theirs : undefined;
}

/** The highest epoch that the peer's record, as far as it can be read, says has begun. */
export function epochThatPassed(situation: Situation): number {
    return situation.peer.known && situation.peer.record !== undefined ? situation.peer.record.epoch : 0;
}

/** Whether there is something to mirror from. */
export function servesWithBase(record: RoleRecord): boolean {
    return record.role === "active" && record.applicationUid !== undefined && record.baseSnapshot !== undefined;
}

/** Whether the site served when the application was taken out of the mirror there: it may go on writing. */
export function servedLast({ role, history }: RoleRecord): boolean {
    const last = history.at(-1);
    return role === "none" && last?.verb === "abandon" && last.from === "active";
}

/** Whether this site, out of the mirror by now, served in a later epoch than the other one. */
export function servedLater(own: RoleRecord, theirs: RoleRecord): boolean {
    const [mine, other] = [epochOf(own), epochOf(theirs)];
    return servedLast(own) && mine !== undefined && (other === undefined || compareEpochs(mine, other) > 0);
}

/** It has no record by which it would mirror or serve. */
export function peerMirrorsNothing({ peer }: Situation): boolean {
    return peer.known && (peer.record === undefined || peer.record.role === "none");
}

/** Whether the writes of that site in that epoch may be given up, by configuration. */
export function discards(situation: Situation, site: string, epoch: number): boolean {
    const discard = situation.configuration.acknowledgements.discard;
    return discard !== undefined && discard.site === site && discard.epoch === epoch;
}
