import type { Epoch } from "../epoch";
import type { RoleRecord } from "../record";
import type { Situation } from "../situation";
import { refuse, type Refusal } from "./decision";
import { peerMirrorsNothing } from "./predicates";
import { activate, describePeer, set, up } from "../messages/describe";

/** The other site serves in a newer epoch, and configuration says that this one does. */
export function refuseTakenOver(situation: Situation, theirs: Epoch): Refusal {
    const { own, configuration } = situation;
    const { application, site, peer } = configuration;
    return refuse(
        "peer-took-over",
        `${peer} serves ${application} in epoch ${theirs.number} (${theirs.began}); ${site} is ${own.role} in epoch ${own.epoch}, which is older. Nothing was touched at ${site}`,
        [
            `${set("active", peer, configuration, site)}; ${up(site)}: ${site} stands aside and rejoins; what it wrote since it was replicated is counted first`,
            `${set("discard", `${peer}@${theirs.number}`, configuration, site)}; ${up(site)}: ${site} serves, and what ${peer} wrote is given up`,
        ],
    );
}

/** The application was taken out of the mirror at the one site that could serve it, and not at the other. */
export function refuseNobodyServes(situation: Situation, to: string): Refusal {
    const { configuration } = situation;
    const { application, site, peer } = configuration;
    return refuse(
        "nobody-serves",
        `neither site serves ${application} under protection: ${site} is ${situation.own.role === "none" ? "out of the mirror" : situation.own.role}, ${peer} is ${describePeer(situation)}. Nothing was changed`,
        [
            `${set("active", to, configuration, to)}; ${up(to)}: it serves again. Then flip`,
            `to take it out of the mirror at both: ${set("unprotect", "true", configuration, site)}; ${set("unprotect", "true", configuration, peer)}; ${up(peer)}; ${up(site)}`,
        ],
    );
}

/** The other site served last, out of the mirror. */
export function refuseServedElsewhere({ configuration }: Situation, theirs: RoleRecord): Refusal {
    const { application, site, peer } = configuration;
    return refuse(
        "served-elsewhere",
        `${peer} served ${application} in epoch ${theirs.epoch}, and unprotected since; what ${site} holds is older. Nothing was changed`,
        [
            `${set("active", peer, configuration, peer)}; ${up(peer)}: it serves on, protected; then ${set("active", peer, configuration, site)}; ${up(site)}, which becomes standby`,
            `to serve at ${site} all the same: ${set("discard", `${peer}@${theirs.epoch}`, configuration, site)}; ${up(site)}; what ${peer} wrote since is given up, and it must not run there any more`,
        ],
    );
}

/** The other site knows of epochs that this one, as if it had never served, does not. */
export function refuseRecordLost(situation: Situation): Refusal {
    const { application, site, peer } = situation.configuration;
    return refuse(
        "own-record-lost",
        `${peer} is ${describePeer(situation)}, but ${site} has no record of ${application}: it was lost from this stack's state and from the cluster`,
        [
            `restore the state of this stack, or the ConfigMap trident-dr-record-${application} in the namespace of its record at ${site}, then ${up(site)}`,
            ...(peerMirrorsNothing(situation)
                ? [
                      `if ${site} never had one: pulumi destroy --stack ${peer}, which is out of the mirror, and begin anew`,
                  ]
                : []),
        ],
    );
}

/** An application leaves the mirror only once a change of roles has come to an end. */
export function refuseUnderWay(situation: Situation, to: string, discard?: string): Refusal {
    const { own, configuration } = situation;
    const { site, peer, application } = configuration;
    const other = to === site ? peer : site;
    return refuse(
        "role-change-under-way",
        `${application} is to be taken out of the mirror, but a change of roles is not done: ${site} is ${own.role} in epoch ${own.epoch}, ${peer} is ${describePeer(situation)}. Nothing was changed at ${site}`,
        [
            `to finish it first: ${set("unprotect", "false", configuration, site)}; ${activate(to, configuration)}; ${up(to)}; ${up(other)}`,
            ...(discard === undefined
                ? []
                : [
                      `if it cannot be finished: ${set("discard", discard, configuration, site)}; ${up(site)}; what ${discard.split("@")[0]} has stays there, and nothing brings it up to date`,
                  ]),
        ],
    );
}
