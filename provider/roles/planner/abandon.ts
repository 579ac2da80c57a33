import type { Epoch } from "../epoch";
import type { RoleRecord } from "../record";
import type { Situation } from "../situation";
import type { Step } from "../steps";
import { plan, type Decision, type Plan } from "./decision";
import { count } from "./standDown";
import { discards, epochThatPassed, peerMirrorsNothing, tookOver } from "./predicates";
import { mark, recordStep } from "./stepBuilders";
import { refuseRecordLost, refuseTakenOver, refuseUnderWay } from "./refusals";
import { describePeer } from "../messages/describe";

/**
 * Leaves two sites that know nothing of each other: no mirror, no Schedule, nothing that an array or a vault remembers.
 * What serves goes on serving, and a copy stays where it is. Each site does its part, in any order.
 */
export function abandon(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const { site } = configuration;
    const theirs = peer.known ? peer.record : undefined;
    const gone = peerMirrorsNothing(situation);
    switch (own.role) {
        case "none":
            return own.epoch === 0 && !gone && theirs !== undefined
                ? refuseRecordLost(situation)
                : plan("abandon", tidying(situation), remarks(situation));
        case "stood-down":
            // Unless the other site served since, this one has what was written last, and nobody serves it.
            return gone && epochThatPassed(situation) > own.epoch
                ? abandonNow(situation)
                : refuseUnderWay(situation, gone ? site : configuration.peer);
        case "displaced":
            return gone || discards(situation, site, own.epoch)
                ? abandonNow(situation)
                : refuseUnderWay(situation, configuration.peer, `${site}@${own.epoch}`);
        case "standby":
            // A site that stood down for this one waits for it: nobody would serve.
            if (theirs?.role === "stood-down") {
                return refuseUnderWay(situation, site);
            }
            return gone || theirs?.role === "active" || discards(situation, site, own.epoch)
                ? abandonNow(situation)
                : refuseUnderWay(situation, configuration.peer, `${site}@${own.epoch}`);
        case "active":
            return abandonService(situation);
    }
}

/** The part of this site; who else is still in the mirror has been asked by then. */
export function abandonNow(situation: Situation): Plan {
    const { own } = situation;
    const epoch: Epoch = { number: own.epoch, began: own.began, site: own.activeSite };
    return plan(
        "abandon",
        [
            mark("abandon", epoch),
            ...(own.role === "stood-down" ? [count(situation)] : []),
            ...tidying(situation),
            recordStep("none", epoch),
        ],
        remarks(situation),
    );
}

function abandonService(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const newer = tookOver(situation);
    if (newer !== undefined) {
        return refuseTakenOver(situation, newer);
    }
    const theirs = peer.known ? peer.record : undefined;
    const follows = theirs?.role === "standby" && theirs.epoch <= own.epoch;
    const mayBeDead = !peer.known && own.mirrorKept !== true;
    const epoch = theirs?.epoch ?? own.epoch;
    return peerMirrorsNothing(situation) || follows || mayBeDead || discards(situation, configuration.peer, epoch)
        ? abandonNow(situation)
        : refuseUnderWay(situation, configuration.site, `${configuration.peer}@${epoch}`);
}

/** What is there and no role needs any more. Also the site that is out already looks for it, until the other one is. */
function tidying(situation: Situation): Step[] {
    const { own, peer, configuration, observed } = situation;
    const out = peerIsOut(situation);
    const theirs = peer.known ? peer.record : undefined;
    // As long as the other site may mirror from here, its relationship needs what this array remembers of it.
    const released =
        out ||
        (own.role === "standby" && theirs?.role === "active") ||
        discards(situation, configuration.peer, theirs?.epoch ?? own.epoch);
    const sources = released ? (observed.remains?.sources ?? []) : [];
    const claims = own.role === "none" && out ? (observed.remains?.claims ?? []) : [];
    const passed = Math.max(own.epoch, epochThatPassed(situation));
    const epochs = claims.filter((epoch) => epoch <= passed);
    const behind = own.role === "none" && out && own.epoch < passed;
    return [
        { do: "delete-schedules" },
        ...(observed.mirror === undefined ? [] : ([{ do: "remove-mirror" }] as const)),
        // Also a run that was cut off may have deleted the mirror: it did not look at the array any more.
        ...(observed.mirror !== undefined || isCopy(own) ? ([{ do: "verify-unmirrored" }] as const) : []),
        ...(sources.length === 0 ? [] : [{ do: "release-sources", sources } as const]),
        ...(released && !isCopy(own) ? [{ do: "tidy-up" } as const] : []),
        // By this the other site knows that it is still out, after all that it may have begun by itself.
        ...(behind ? [recordStep("none", { number: passed, began: own.began, site: own.activeSite })] : []),
        ...(epochs.length === 0 ? [] : [{ do: "forget-claims", epochs } as const]),
    ];
}

function remarks(situation: Situation): string[] {
    const { own, configuration, observed } = situation;
    const { site, application } = configuration;
    return [
        isCopy(own)
            ? `what was copied stays at ${site}, and nothing brings it up to date any more: the Application, its claims and their volumes`
            : `nothing of ${application} that runs at ${site} is touched`,
        ...(peerIsOut(situation)
            ? []
            : [
                  `${configuration.peer} is ${describePeer(situation)}; what ${site} remembers as a source goes once ${configuration.peer} is out of the mirror too`,
              ]),
        ...(observed.remains === undefined || observed.remains.claims !== undefined
            ? []
            : [`the vault of ${site} does not answer: claims of epochs may be left in it`]),
    ];
}

/** It is out of the mirror, and not only was so before it came into one: a stack's outputs may be old. */
function peerIsOut(situation: Situation): boolean {
    const { own, peer } = situation;
    return (
        peerMirrorsNothing(situation) && (!peer.known || peer.record === undefined || peer.record.epoch >= own.epoch)
    );
}

/** What it holds came from the other site, or is to be replaced by that. */
function isCopy({ role }: RoleRecord): boolean {
    return role === "standby" || role === "displaced";
}
