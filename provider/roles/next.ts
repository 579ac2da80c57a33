import { compareEpochs } from "./epoch";
import { describeProgress, type CopyProgress } from "./copy";
import { previewCommand, setAndUp, upCommand } from "./messages/commands";
import { text, type Message } from "./messages/message";
import { wasUnmanaged } from "./planner/predicates";
import { epochOf, type RoleRecord } from "./record";
import { recordOf, type Configuration, type PeerView } from "./situation";

/** What brings the pair further, at the other site or here: the commands, and what they do. Empty when nothing is left to do. */
export function nextFor(
    own: RoleRecord,
    peer: PeerView,
    configuration: NextConfiguration,
    copy?: CopyProgress,
): Message {
    const { site, peer: other, active } = configuration;
    const theirs = recordOf(peer);
    const wantsCopy = active === other || own.role === "standby";
    if (copy !== undefined && wantsCopy && !isLeft(configuration)) {
        return nextOfEstablishing(copy, configuration);
    }
    const atPeer = (why: string) => text`${setAndUp("active", active, configuration, other)}: ${why}`;
    switch (own.role) {
        case "none":
            return isLeft(configuration)
                ? nextOfLeaving(own, theirs, configuration)
                : theirs?.role === "active"
                  ? text`${upCommand(site)}: ${other} serves, and ${site} can become standby`
                  : atPeer(`${other} has to serve first`);
        case "active":
            return active === site
                ? nextOfServing(own, peer, configuration, atPeer)
                : atPeer(`${site} should hand over`);
        case "stood-down":
            return atPeer(`${other} takes over with the token of epoch ${own.epoch}`);
        case "standby":
            return nextOfStandby(own, theirs, configuration);
        case "displaced":
            return atPeer(`${other} takes a base snapshot, from which ${site} can rejoin`);
    }
}

function nextOfEstablishing(copy: CopyProgress, { item, site }: NextConfiguration): Message {
    return text`${site} is establishing its copy of ${item}, which goes on by itself; until it is complete, ${site} cannot take over: ${describeProgress(copy)}. How far it is: ${previewCommand(site)}. Once it is complete: ${upCommand(site)}`;
}

type NextConfiguration = Pick<
    Configuration,
    | "item"
    | "site"
    | "peer"
    | "active"
    | "unprotect"
    | "unmanage"
    | "configNamespace"
    | "path"
    | "ownKeys"
    | "configNamespace"
>;

function isLeft({ unprotect, unmanage }: NextConfiguration): boolean {
    return unprotect === true || unmanage === true;
}

function nextOfLeaving(own: RoleRecord, theirs: RoleRecord | undefined, configuration: NextConfiguration): Message {
    const isOut = theirs === undefined || (theirs.role === "none" && theirs.epoch >= own.epoch);
    const { item, peer, unmanage } = configuration;
    if (isOut) {
        return "";
    }
    return unmanage === true
        ? text`${setAndUp("unmanage", "true", configuration, peer)}: it lets go of ${item}, too`
        : text`${setAndUp("unprotect", "true", configuration, peer)}: it takes ${item} out of the mirror, too`;
}

function nextOfServing(
    own: RoleRecord,
    peer: PeerView,
    configuration: NextConfiguration,
    atPeer: (why: string) => Message,
): Message {
    const theirs = recordOf(peer);
    const { peer: other } = configuration;
    if (peer.known && peer.establishing === true) {
        return text`${other} is establishing its copy, which goes on by itself; until it is complete, ${other} cannot take over. Once it is: ${upCommand(other)}`;
    }
    if (theirs !== undefined && wasUnmanaged(theirs)) {
        return nextOfLetGo(configuration);
    }
    if (theirs === undefined || theirs.role === "none") {
        return atPeer("it becomes standby; until then nothing is protected");
    }
    if (theirs.role === "standby" && theirs.epoch === own.epoch) {
        return "";
    }
    return atPeer(
        theirs.role === "active" || own.mirrorKept === true
            ? "it stands aside and rejoins"
            : `it follows to epoch ${own.epoch}`,
    );
}

/** The other site let go of the item, and this one did not. */
function nextOfLetGo(configuration: NextConfiguration): Message {
    const { item, site, peer } = configuration;
    return text`${peer} let go of ${item}. To follow: ${setAndUp("unmanage", "true", configuration, site)}. To manage it again: set adopt: true of ${item} at ${peer}, then ${setAndUp("unmanage", "false", configuration, peer)}`;
}

function nextOfStandby(own: RoleRecord, theirs: RoleRecord | undefined, configuration: NextConfiguration): Message {
    const { item, site, peer: other } = configuration;
    if (theirs !== undefined && wasUnmanaged(theirs)) {
        return nextOfLetGo(configuration);
    }
    if (theirs?.role === "none" && theirs.epoch > 0) {
        return text`${other} took ${item} out of the mirror. To follow: ${setAndUp("unprotect", "true", configuration, site)}. To protect it again: ${setAndUp("unprotect", "false", configuration, other)}`;
    }
    const epoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role === "stood-down" && theirs.epoch === own.epoch) {
        return text`${setAndUp("active", site, configuration, site)}: ${other} has handed over`;
    }
    return theirs?.role === "active" && epoch !== undefined && compareEpochs(epoch, epochOf(own)!) > 0
        ? text`${upCommand(site)}: ${other} serves in epoch ${epoch.number}`
        : "";
}
