import { epochOf, type RoleRecord } from "../record";
import type { Situation } from "../situation";
import { plan, refuse, type Decision, type Refusal } from "./decision";
import { aside } from "./standDown";
import { discards, epochThatPassed, servedLast, servedLater, servesWithBase } from "./predicates";
import { firstService } from "./newEpoch";
import { mirrorFrom } from "./stepBuilders";
import { refuseNobodyServes, refuseRecordLost, refuseServedElsewhere } from "./refusals";
import { activate, describePeer, set, up } from "../messages/describe";

/** No role, and to serve: once it is sure that the other site neither serves nor holds more. */
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
    const wasLeft = own.epoch > 0 && own.epoch >= (theirs?.epoch ?? 0);
    if (peerRole !== "none" && !wasLeft) {
        return refuseRecordLost(situation);
    }
    return serveUnlessElsewhere(situation, theirs);
}

/** No role, and the other site is to serve: a mirror is made, unless it would overwrite what counts. */
export function becomeStandby(situation: Situation): Decision {
    const { peer, configuration } = situation;
    if (!peer.known || peer.record === undefined || peer.record.role === "none") {
        const why = peer.known
            ? `${configuration.peer} does not serve ${configuration.application} yet`
            : `${configuration.peer} cannot be read: ${peer.why}`;
        return plan("hold", [], [why]);
    }
    if (!servesWithBase(peer.record)) {
        return waitForBase(situation, peer.record);
    }
    return holdsMore(situation)
        ? overwrite(situation, peer.record)
        : plan("become standby", mirrorFrom(situation, peer.record, "first"));
}

/** Nobody serves under protection: the site that served last holds what is to be kept. */
function serveUnlessElsewhere(situation: Situation, theirs: RoleRecord | undefined): Decision {
    const { own, configuration } = situation;
    // A site that has no record may have served in an epoch that it would begin again.
    const mayHaveServed = own.epoch === 0 && epochThatPassed(situation) > 0;
    const epoch = Math.max(own.epoch, epochThatPassed(situation)) + 1;
    if (theirs === undefined || !servedLast(theirs) || servedLater(own, theirs)) {
        return mayHaveServed ? refuseRecordLost(situation) : firstService(situation, epoch, "init");
    }
    return discards(situation, configuration.peer, theirs.epoch) && !mayHaveServed
        ? firstService(situation, epoch, "discard")
        : refuseServedElsewhere(situation, theirs);
}

function refuseUnlessKnown({ configuration }: Situation, why: string): Refusal {
    return refuse(
        "peer-unknown",
        `${configuration.site} has no record of ${configuration.application} and cannot tell whether ${configuration.peer} serves it: ${why}`,
        [`make the outputs of the stack of ${configuration.peer} readable, then ${up(configuration.site)}`],
    );
}

function refuseWhileServed({ configuration }: Situation, theirs: RoleRecord): Refusal {
    const { application, site, peer } = configuration;
    return refuse(
        "peer-serves",
        `${peer} serves ${application} in epoch ${theirs.epoch}; ${site} has nothing of it yet`,
        [
            ...(servesWithBase(theirs)
                ? []
                : [
                      `${set("active", peer, configuration, peer)}; ${up(peer)}: it takes the base snapshot that a mirror begins from`,
                  ]),
            `to replicate to ${site} first: ${set("active", peer, configuration, site)}; ${up(site)}`,
        ],
    );
}

/** A site that was in the mirror before may wait; one without a record has lost it. */
function waitForBase(situation: Situation, theirs: RoleRecord): Decision {
    const { own, configuration } = situation;
    if (own.epoch > 0) {
        return theirs.role === "standby" || theirs.role === "displaced"
            ? refuseNobodyServes(situation, configuration.site)
            : plan(
                  "hold",
                  [],
                  [`${configuration.peer} is ${describePeer(situation)}, with nothing to mirror from yet`],
              );
    }
    return refuse(
        "own-record-lost",
        `${configuration.peer} is ${theirs.role} in epoch ${theirs.epoch}, but ${configuration.site} has no record of ${configuration.application}; a mirror can only be made from a site that serves`,
        [`${up(configuration.peer)}, until it serves; then ${up(configuration.site)}`],
    );
}

/** A mirror into this site would overwrite what runs here, or what served last before it was taken out of the mirror. */
function holdsMore({ own, observed }: Situation): boolean {
    return servedLast(own) || (observed.workloads ?? []).length > 0;
}

function overwrite(situation: Situation, theirs: RoleRecord): Decision {
    const { own, configuration, observed } = situation;
    const { application, site, peer } = configuration;
    if (discards(situation, site, own.epoch)) {
        const epoch = epochOf(theirs)!;
        return plan("become standby", [
            ...aside(situation, "become standby", epoch),
            ...mirrorFrom(situation, theirs, "first"),
        ]);
    }
    const running = observed.workloads ?? [];
    return refuse(
        "would-overwrite",
        [
            `${peer} serves ${application} in epoch ${theirs.epoch}, and a mirror would overwrite what ${site} holds`,
            ...(servedLast(own) ? [`${site} served it in epoch ${own.epoch}, and unprotected since`] : []),
            ...(running.length > 0
                ? [`there ${running.join(", ")} still ${running.length === 1 ? "runs" : "run"}`]
                : []),
            "Nothing was touched",
        ].join(". "),
        [
            own.epoch > 0
                ? `if ${peer} has what is to be kept: ${set("discard", `${site}@${own.epoch}`, configuration, site)}; ${up(site)}; what ${site} wrote since is counted and given up`
                : `if ${peer} has what is to be kept: stop what runs at ${site}: ${running.map(stopping).join("; ")}; ${up(site)}`,
            `if ${site} has it: ${set("unprotect", "true", configuration, peer)}; ${up(peer)}; ${activate(site, configuration)}; ${up(site)}; ${set("unprotect", "false", configuration, peer)}; ${up(peer)}`,
        ],
    );
}

/** Of a workload that was seen as `kind namespace/name`. */
function stopping(workload: string): string {
    const [kind = "", path = ""] = workload.split(" ");
    const [namespace, name] = path.split("/");
    return `kubectl -n ${namespace} scale ${kind.toLowerCase()}/${name} --replicas 0`;
}
