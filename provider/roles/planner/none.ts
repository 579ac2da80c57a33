import { activateCommands, configSetCommand, setAndUp, upCommand } from "../messages/commands";
import { describePeer } from "../messages/describe";
import { join, text, type Message } from "../messages/message";
import { stopWorkloads } from "../messages/workloads";
import { epochOf, type RoleRecord } from "../record";
import { recordOf, type Situation } from "../situation";
import { plan, refuse, type Decision, type Refusal } from "./decision";
import { tellIncomplete, waitForCopy } from "./incomplete";
import { firstService } from "./newEpoch";
import {
    discards,
    isOthersMirror,
    peerEpochNumber,
    servedLast,
    servedLater,
    servesWithBase,
    wasUnmanaged,
} from "./predicates";
import { makePeerReadable, refuseNobodyServes, refuseRecordLost, refuseServedElsewhere } from "./refusals";
import { stopAndCount } from "./standDown";
import { mirrorFrom } from "./stepBuilders";

/** No role, and should serve: once it is certain that the other site neither serves nor holds more. */
export function serveFirst(situation: Situation): Decision {
    const { own, peer, configuration } = situation;
    if (!peer.known) {
        return refuseUnlessKnown(situation, peer.why);
    }
    const theirs = peer.record;
    const peerRole = theirs?.role ?? "none";
    if (theirs?.role === "active" && !servedLater(own, theirs)) {
        return refuseWhileServed(situation, theirs);
    }
    const stoodDownForThis = peerRole === "stood-down" && own.epoch <= (theirs?.epoch ?? 0);
    if (own.epoch > 0 && peerRole !== "none" && (stoodDownForThis || !servedLast(own))) {
        return refuseNobodyServes(situation, configuration.peer);
    }
    const peerStayedBehind = own.epoch > 0 && own.epoch >= (theirs?.epoch ?? 0);
    if (peerRole !== "none" && !peerStayedBehind) {
        return refuseRecordLost(situation);
    }
    return isOthersMirror(situation) && situation.observed.mirror?.state !== "promoted"
        ? refuseWhileMirrored(situation)
        : serveUnlessElsewhere(situation, theirs);
}

/** No role, and the other site should serve: creates a mirror, unless it would overwrite data that count. */
export function becomeStandby(situation: Situation): Decision {
    const { peer, configuration } = situation;
    const theirs = recordOf(peer);
    if (theirs === undefined || theirs.role === "none") {
        const why = peer.known
            ? `${configuration.peer} does not serve ${configuration.item} yet`
            : `${configuration.peer} cannot be read: ${peer.why}`;
        return plan("hold", [], [why]);
    }
    if (!servesWithBase(theirs)) {
        return waitForBase(situation, theirs);
    }
    if (theirs.epoch < situation.own.epoch) {
        return followNothingOlder(situation, theirs);
    }
    return wouldOverwrite(situation)
        ? overwrite(situation, theirs)
        : plan("become standby", [{ do: "forbid-pods" }, ...mirrorFrom(situation, theirs, "first")]);
}

/** Nobody serves under protection: the site that served last holds what should be kept. */
function serveUnlessElsewhere(situation: Situation, theirs: RoleRecord | undefined): Decision {
    const { own, configuration } = situation;
    // A site without a record may have served in the very epoch that it would begin now.
    const mayHaveServed = own.epoch === 0 && peerEpochNumber(situation) > 0;
    const epoch = Math.max(own.epoch, peerEpochNumber(situation)) + 1;
    // Its outputs are older than what this site knows of it.
    if (theirs !== undefined && theirs.epoch < own.epoch && own.activeSite === configuration.peer) {
        return discards(situation, configuration.peer, own.epoch)
            ? firstService(situation, epoch, "discard")
            : refuseServedElsewhere(situation, own);
    }
    if (theirs === undefined || !servedLast(theirs) || servedLater(own, theirs)) {
        return mayHaveServed ? refuseRecordLost(situation) : firstService(situation, epoch, "init");
    }
    return discards(situation, configuration.peer, theirs.epoch) && !mayHaveServed
        ? firstService(situation, epoch, "discard")
        : refuseServedElsewhere(situation, theirs);
}

/** To serve would take the mirror away, and with it the only way in which what the other site writes comes here. */
function refuseWhileMirrored({ configuration, observed }: Situation): Refusal {
    const { item, site, peer } = configuration;
    return refuse(
        "served-elsewhere",
        `a mirror of ${item} leads into ${site} that this package did not make, or let go of: ${peer} serves, and what ${site} holds is older. Nothing was changed`,
        [
            text`to keep what ${peer} has: ${setAndUp("active", peer, configuration, peer)}, which manages it there; then ${setAndUp("active", peer, configuration, site)}, which makes ${site} standby`,
            text`to serve at ${site} from what the mirror has brought: stop ${item} at ${peer}; ${observed.bringing?.stop ?? "promote the mirror by hand"}; then ${upCommand(site)}`,
        ],
    );
}

function refuseUnlessKnown(situation: Situation, why: string): Refusal {
    const { item, site, peer } = situation.configuration;
    const { copy } = situation.observed;
    const incomplete = copy === undefined ? "" : `. In any case ${tellIncomplete(situation, copy)}`;
    return refuse(
        "peer-unknown",
        `${site} has no record of ${item} and cannot tell whether ${peer} serves it: ${why}${incomplete}. Nothing was changed`,
        [makePeerReadable(situation), ...(copy === undefined ? [] : [finishCopy(situation)])],
    );
}

function refuseWhileServed(situation: Situation, theirs: RoleRecord): Refusal {
    const { configuration, observed } = situation;
    const { item, site, peer } = configuration;
    const { copy } = observed;
    const here = copy === undefined ? `${site} has no copy of it yet` : tellIncomplete(situation, copy);
    return refuse("peer-serves", `${peer} serves ${item} in epoch ${theirs.epoch}; ${here}. Nothing was changed`, [
        ...(copy === undefined ? [] : [finishCopy(situation)]),
        ...(servesWithBase(theirs)
            ? []
            : [
                  text`to take the base snapshot that a mirror starts from: ${setAndUp("active", peer, configuration, peer)}`,
              ]),
        text`to replicate to ${site} first: ${setAndUp("active", peer, configuration, site)}`,
    ]);
}

/** The copy has to be complete, and this site the standby site, before it can take over. */
function finishCopy(situation: Situation): Message {
    const { configuration } = situation;
    const { peer, site } = configuration;
    return text`to let the copy be completed: ${setAndUp("active", peer, configuration, site)}; ${waitForCopy(situation)}`;
}

/** A site that was in the mirror before can wait; one without a record has lost it. */
function waitForBase(situation: Situation, theirs: RoleRecord): Decision {
    const { own, configuration } = situation;
    const { item, site, peer } = configuration;
    if (own.epoch > 0) {
        return theirs.role === "standby" || theirs.role === "displaced"
            ? refuseNobodyServes(situation, site)
            : plan("hold", [], [`${peer} is ${describePeer(situation)}, with nothing to mirror from yet`]);
    }
    return refuse(
        "own-record-lost",
        `${peer} is ${theirs.role} in epoch ${theirs.epoch}, but ${site} has no record of ${item}; a mirror can only be created from a site that serves. Nothing was changed`,
        [text`run ${upCommand(peer)} until it serves; then ${upCommand(site)}`],
    );
}

/**
 * Whether a mirror into this site would overwrite what runs here, what served here last before it left the mirror, or what
 * somebody has promoted since this site let go of it.
 */
function wouldOverwrite({ own, observed }: Situation): boolean {
    return servedLast(own) || wasPromotedSince({ own, observed }) || (observed.workloads ?? []).length > 0;
}

function wasPromotedSince({ own, observed }: Pick<Situation, "own" | "observed">): boolean {
    return wasUnmanaged(own) && observed.mirror?.state === "promoted";
}

function overwrite(situation: Situation, theirs: RoleRecord): Decision {
    const { own, configuration } = situation;
    return discards(situation, configuration.site, own.epoch)
        ? plan("become standby", [
              ...stopAndCount(situation, "become standby", epochOf(theirs)!),
              ...mirrorFrom(situation, theirs, "first"),
          ])
        : refuseToOverwrite(situation, theirs);
}

/**
 * Once more in an epoch that has passed, an acknowledgement of one that came after it would count again. The other site
 * begins a new one where it may discard what was written here.
 */
function followNothingOlder({ own, configuration }: Situation, theirs: RoleRecord): Decision {
    const { item, site, peer } = configuration;
    if (!servedLast(own)) {
        return plan(
            "hold",
            [],
            [
                text`by its outputs ${peer} serves in epoch ${theirs.epoch}, and epoch ${own.epoch} has begun since: ${upCommand(peer)}; then ${upCommand(site)}`,
            ],
        );
    }
    return refuse(
        "would-overwrite",
        `${peer} serves ${item} in epoch ${theirs.epoch}, and a mirror would overwrite what ${site} holds. ${site} served it in epoch ${own.epoch}, which is newer, and unprotected since. Nothing was changed`,
        [
            text`if ${site} has the data to keep: ${activateCommands(site, configuration)}; ${upCommand(site)}; then ${upCommand(peer)}, which stops serving`,
            text`if ${peer} has the data to keep: ${configSetCommand("active", peer, configuration, peer)}; ${setAndUp("discard", `${site}@${own.epoch}`, configuration, peer)}, which begins a new epoch; then ${upCommand(site)}`,
        ],
    );
}

function refuseToOverwrite({ own, configuration, observed }: Situation, theirs: RoleRecord): Refusal {
    const { item, site, peer } = configuration;
    const running = observed.workloads ?? [];
    const unprotect = (value: "true" | "false") => setAndUp("unprotect", value, configuration, peer);
    const here = activateCommands(site, configuration);
    return refuse(
        "would-overwrite",
        join(
            [
                `${peer} serves ${item} in epoch ${theirs.epoch}, and a mirror would overwrite what ${site} holds`,
                ...(servedLast(own) ? [`${site} served it in epoch ${own.epoch}, and unprotected since`] : []),
                ...(wasPromotedSince({ own, observed }) ? [`its mirror was promoted since it was let go of`] : []),
                ...(running.length > 0
                    ? [`${running.join(", ")} still ${running.length === 1 ? "runs" : "run"} there`]
                    : []),
                "Nothing was changed",
            ],
            ". ",
        ),
        [
            own.epoch > 0
                ? text`if ${peer} has the data to keep: ${setAndUp("discard", `${site}@${own.epoch}`, configuration, site)}. What ${site} wrote since is counted and discarded`
                : text`if ${peer} has the data to keep, stop what runs at ${site}: ${stopWorkloads(running)}; ${upCommand(site)}`,
            text`if ${site} has the data to keep: ${unprotect("true")}; ${here}; ${upCommand(site)}; ${unprotect("false")}`,
        ],
    );
}
