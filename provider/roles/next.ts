import { compareEpochs } from "./epoch";
import { epochOf, type RoleRecord } from "./record";
import { recordOf, type Configuration, type PeerView } from "./situation";

/** What brings the pair further, at the other site or here; empty when nothing is left to do. */
export function nextFor(
    own: RoleRecord,
    peer: PeerView,
    configuration: Pick<Configuration, "item" | "site" | "peer" | "active" | "unprotect">,
): string {
    const { item, site, peer: other, active } = configuration;
    const theirs = recordOf(peer);
    const upThere = (why: string) => `pulumi up at ${other} with active: ${active}: ${why}`;
    switch (own.role) {
        case "none":
            if (configuration.unprotect === true) {
                return isOut(theirs, own)
                    ? ""
                    : `pulumi up at ${other} with unprotect: true: it takes ${item} out of the mirror, too`;
            }
            return theirs?.role === "active"
                ? `pulumi up here: ${other} serves, and ${site} can become standby`
                : upThere(`${other} has to serve first`);
        case "active":
            return active === site ? nextOfServing(own, theirs, upThere) : upThere(`${site} should hand over`);
        case "stood-down":
            return upThere(`${other} takes over with the token of epoch ${own.epoch}`);
        case "standby":
            return theirs?.role === "none" && theirs.epoch > 0
                ? `${other} took ${item} out of the mirror: set unprotect: true here as well and run pulumi up, or set it to false there`
                : nextOfStandby(own, theirs, other);
        case "displaced":
            return upThere(`${other} takes a base snapshot, from which ${site} can rejoin`);
    }
}

function isOut(theirs: RoleRecord | undefined, own: RoleRecord): boolean {
    return theirs === undefined || (theirs.role === "none" && theirs.epoch >= own.epoch);
}

function nextOfServing(own: RoleRecord, theirs: RoleRecord | undefined, upThere: (why: string) => string): string {
    if (theirs === undefined || theirs.role === "none") {
        return upThere("it becomes standby; until then nothing is protected");
    }
    if (theirs.role === "standby" && theirs.epoch === own.epoch) {
        return "";
    }
    return upThere(
        theirs.role === "active" || own.mirrorKept === true
            ? "it stands aside and rejoins"
            : `it follows to epoch ${own.epoch}`,
    );
}

function nextOfStandby(own: RoleRecord, theirs: RoleRecord | undefined, other: string): string {
    const epoch = theirs === undefined ? undefined : epochOf(theirs);
    if (theirs?.role === "stood-down" && theirs.epoch === own.epoch) {
        return `${other} has handed over: set active to ${own.site} here, and run pulumi up`;
    }
    return theirs?.role === "active" && epoch !== undefined && compareEpochs(epoch, epochOf(own)!) > 0
        ? `pulumi up here: ${other} serves in epoch ${epoch.number}`
        : "";
}
