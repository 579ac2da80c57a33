import type { Epoch } from "../epoch";
import { activateCommands, configSetCommand, setAndUp, upCommand } from "../messages/commands";
import { describePeer } from "../messages/describe";
import { text, type Command, type Message } from "../messages/message";
import type { RoleRecord } from "../record";
import type { Situation } from "../situation";
import { refuse, type Refusal } from "./decision";
import { peerHasNoRole } from "./predicates";

/** The other site serves in a newer epoch, and the configuration says that this one should. */
export function refuseTakenOver({ own, configuration }: Situation, theirs: Epoch): Refusal {
    const { item, site, peer } = configuration;
    return refuse(
        "peer-took-over",
        `${peer} serves ${item} in epoch ${theirs.number} (${theirs.began}); ${site} is ${own.role} in epoch ${own.epoch}, which is older. Nothing was changed at ${site}`,
        [
            text`to follow ${peer}: ${setAndUp("active", peer, configuration, site)}. ${site} stands aside, reports which of its writes ${peer} does not have, and rejoins`,
            text`to serve at ${site} instead: ${setAndUp("discard", `${peer}@${theirs.number}`, configuration, site)}. What ${peer} wrote in that epoch is discarded`,
        ],
    );
}

/** The item left the mirror at the one site that could serve it, and not at the other. */
export function refuseNobodyServes(situation: Situation, to: string): Refusal {
    const { own, configuration } = situation;
    const { item, site, peer } = configuration;
    const role = own.role === "none" ? "out of the mirror" : own.role;
    const unprotect = (at: string) => configSetCommand("unprotect", "true", configuration, at);
    return refuse(
        "nobody-serves",
        `neither site serves ${item} under protection: ${site} is ${role}, ${peer} is ${describePeer(situation)}. Nothing was changed`,
        [
            text`to serve again at ${to}: ${setAndUp("active", to, configuration, to)}; then retry`,
            text`to take it out of the mirror at both sites: ${unprotect(site)}; ${unprotect(peer)}; ${upCommand(peer)}; ${upCommand(site)}`,
        ],
    );
}

/** The other site served last, out of the mirror. */
export function refuseServedElsewhere({ configuration }: Situation, theirs: RoleRecord): Refusal {
    const { item, site, peer } = configuration;
    return refuse(
        "served-elsewhere",
        `${peer} served ${item} in epoch ${theirs.epoch}, and unprotected since; what ${site} holds is older. Nothing was changed`,
        [
            text`to keep what ${peer} has: ${setAndUp("active", peer, configuration, peer)}, which protects it again; then ${setAndUp("active", peer, configuration, site)}, which makes ${site} standby`,
            text`to serve at ${site} anyway: stop ${item} at ${peer}; ${setAndUp("discard", `${peer}@${theirs.epoch}`, configuration, site)}. What ${peer} wrote since is discarded`,
        ],
    );
}

/** The other site knows of epochs of which this one has no record. */
export function refuseRecordLost(situation: Situation): Refusal {
    const { item, site, peer } = situation.configuration;
    const destroy: Command = { pulumi: "destroy", site: peer };
    return refuse(
        "own-record-lost",
        `${peer} is ${describePeer(situation)}, but ${site} has no record of ${item}: it is missing from both this stack's state and the cluster. Nothing was changed`,
        [
            text`restore the state of this stack, or the ConfigMap trident-dr-record-${item} in the namespace of its record at ${site}; then ${upCommand(site)}`,
            ...(peerHasNoRole(situation)
                ? [text`if ${site} never had one: ${destroy}, as ${peer} is out of the mirror, and start over`]
                : []),
        ],
    );
}

/** An item leaves the mirror, or is let go of with it, only once a role change has come to an end. */
export function refuseUnderWay(situation: Situation, to: string, discard?: string): Refusal {
    const { own, configuration } = situation;
    const { item, site, peer } = configuration;
    const other = to === site ? peer : site;
    const [key, leaves] =
        configuration.unmanage === true
            ? (["unmanage", "no longer be managed"] as const)
            : (["unprotect", "leave the mirror"] as const);
    const stay = configSetCommand(key, "false", configuration, site);
    return refuse(
        "role-change-under-way",
        `${item} should ${leaves}, but a role change is still in progress: ${site} is ${own.role} in epoch ${own.epoch}, ${peer} is ${describePeer(situation)}. Nothing was changed at ${site}`,
        [
            text`to finish it first: ${stay}; ${activateCommands(to, configuration)}; ${upCommand(to)}; ${upCommand(other)}`,
            ...(discard === undefined
                ? []
                : [
                      text`if it cannot be finished: ${setAndUp("discard", discard, configuration, site)}. What ${discard.split("@")[0]!} has stays there and is no longer updated`,
                  ]),
        ],
    );
}

/** What to do where the peer's record is needed and cannot be read. */
export function makePeerReadable({ configuration }: Situation): Message {
    const { site, peer } = configuration;
    return text`make the outputs of the stack of ${peer} readable; then ${upCommand(site)}`;
}
