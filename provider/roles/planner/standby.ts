import { compareEpochs } from "../epoch";
import { epochOf, type HandOverToken } from "../record";
import type { Situation } from "../situation";
import type { Step } from "../steps";
import { plan, refuse, type Decision, type Plan, type Refusal, type RefusalCode } from "./decision";
import { epochThatPassed, servesWithBase, tookOver } from "./predicates";
import { handOverIsLost, takeOverWithToken, takeOverWithoutToken } from "./newEpoch";
import { mirrorFrom } from "./stepBuilders";
import { announceLoss, describePeer, set, up } from "../messages/describe";

/** Standby, and to serve: with a token, or with the leave for the very epoch that would begin. */
export function takeOver(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const passed = epochThatPassed(situation);
    if (theirs?.role === "stood-down" && theirs.token !== undefined) {
        const fault = faultOfToken(situation, theirs.token);
        if (fault === undefined && !handOverIsLost(situation, own.epoch + 1)) {
            return situation.observed.mirror === undefined
                ? mirrorThenTakeOver(situation, theirs.token)
                : takeOverWithToken(situation, theirs.token);
        }
        if (fault !== undefined && configuration.acknowledgements.takeover === undefined) {
            return fault;
        }
    }
    const next = Math.max(own.epoch, passed) + 1;
    if (configuration.acknowledgements.takeover !== next) {
        // The peer can only hand over to a standby site of its own epoch.
        return theirs !== undefined && servesWithBase(theirs) && tookOver(situation) !== undefined
            ? follow(situation)
            : refuseWithoutToken(situation, next);
    }
    if (situation.observed.mirror?.recoveryPoint === undefined) {
        return refuseNothing(situation);
    }
    return takeOverWithoutToken(situation, next);
}

/** Standby, and the other site is to serve: follows its epoch once it serves with something to mirror from. */
export function follow(situation: Situation): Decision {
    const { own, peer } = situation;
    const theirs = peer.known ? peer.record : undefined;
    const theirEpoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role !== "active" || theirEpoch === undefined || compareEpochs(theirEpoch, epochOf(own)!) < 0) {
        return plan("hold", []);
    }
    return servesWithBase(theirs) ? plan("hold", mirrorFrom(situation, theirs, "first")) : plan("hold", []);
}

/** Without a mirror there is nothing to promote; the final snapshot is still in the vault of the site that stood down. */
function mirrorThenTakeOver(situation: Situation, token: HandOverToken): Plan {
    const after = takeOverWithToken(situation, token);
    const mirror: Step = { do: "establish-mirror", sourceUid: token.applicationUid, way: "first" };
    return { ...after, steps: [mirror, ...after.steps] };
}

function refuseNothing({ configuration }: Situation): Refusal {
    const { application, site, peer } = configuration;
    return refuse(
        "nothing-replicated",
        `nothing of ${application} has been replicated to ${site} yet: there is nothing to take over with`,
        [
            `bring ${peer} back, then ${set("active", peer, configuration, site)}; ${up(site)}, which replicates anew`,
            `restore ${application} from a backup`,
        ],
    );
}

function refuseWithoutToken(situation: Situation, next: number): Refusal {
    const { configuration } = situation;
    const { application, site, peer } = configuration;
    const given = configuration.acknowledgements.takeover;
    return refuse(
        given === undefined ? "no-token" : "epoch-has-passed",
        [
            `${peer} has not handed ${application} over (it is ${describePeer(situation)}), and ${site} would begin epoch ${next}`,
            ...(given === undefined ? [] : [`takeover is ${given}, which is not that epoch and has no effect`]),
            announceLoss(situation),
        ].join(". "),
        [
            `if ${peer} is up: ${set("active", site, configuration, peer)}; ${up(peer)}; ${up(site)}: it hands over and nothing is lost`,
            `if ${peer} is lost: ${set("takeover", next, configuration, site)}; ${up(site)}: those writes are given up`,
        ],
    );
}

/** Why a token does not hand over to this site, if it does not. */
function faultOfToken(situation: Situation, token: HandOverToken): Refusal | undefined {
    const { own, configuration } = situation;
    const wrong = (code: RefusalCode, what: string) =>
        refuse(code, `the hand-over token of ${token.from} ${what}. Nothing was changed at ${configuration.site}`, [
            `${up(configuration.peer)}, so that it publishes a token for epoch ${own.epoch}; then ${up(configuration.site)}`,
        ]);
    if (token.application !== configuration.application) {
        return wrong(
            "token-of-other-application",
            `is for ${token.application}; expected ${configuration.application}`,
        );
    }
    if (token.to !== configuration.site || token.from !== configuration.peer) {
        return wrong(
            "token-for-other-site",
            `hands over from ${token.from} to ${token.to}; expected from ${configuration.peer} to ${configuration.site}`,
        );
    }
    if (token.epoch < own.epoch) {
        return wrong("token-used", `ended epoch ${token.epoch}, and epoch ${own.epoch} has begun since`);
    }
    return token.epoch > own.epoch
        ? wrong("token-of-other-epoch", `ends epoch ${token.epoch}; expected epoch ${own.epoch}`)
        : undefined;
}
