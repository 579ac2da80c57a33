import { epochOf, type RoleRecord } from "../record";
import type { Situation } from "../situation";
import { plan, refuse, type Decision, type Refusal } from "./decision";
import { aside } from "./standDown";
import { mark, mirrorFrom } from "./stepBuilders";
import { set, up } from "../messages/describe";

/** Own writes go: back into the mirror that was kept, or, where it is gone, into one in the other direction. */
export function resync(situation: Situation, theirs: RoleRecord): Decision {
    return (
        refuseFullCopy(situation, theirs) ??
        plan(
            "resync",
            [
                ...aside(situation, "resync", epochOf(theirs)!),
                ...mirrorFrom(situation, theirs, situation.own.mirrorKept === true ? "resync" : "reverse"),
            ],
            wayBack(situation, theirs),
            `discard: ${situation.configuration.site}@${situation.own.epoch}`,
        )
    );
}

/** The mirror in the other direction; no writes here count any more. */
export function rejoinFrom(situation: Situation, theirs: RoleRecord): Decision {
    return (
        refuseFullCopy(situation, theirs) ??
        plan(
            "rejoin",
            [
                mark("rejoin", epochOf(theirs)!),
                { do: "stop-schedules" },
                { do: "stop-workloads", epoch: theirs.epoch },
                ...mirrorFrom(situation, theirs, "reverse"),
            ],
            wayBack(situation, theirs),
            situation.observed.wayBack?.every(({ common }) => common !== undefined) === true
                ? undefined
                : `fullCopy: ${theirs.epoch}`,
        )
    );
}

/** Everything is copied only with consent. A mirror that is being made needs none: what it holds changes. */
function refuseFullCopy(situation: Situation, theirs: RoleRecord): Refusal | undefined {
    const { configuration, observed } = situation;
    const { application, site, acknowledgements } = configuration;
    const incremental = observed.wayBack?.every(({ common }) => common !== undefined) === true;
    const begun =
        observed.mirror !== undefined &&
        observed.mirror.state !== "promoted" &&
        observed.mirror.sourceApplicationUid === theirs.applicationUid;
    if (incremental || begun || acknowledgements.fullCopy === theirs.epoch) {
        return undefined;
    }
    const given = acknowledgements.fullCopy;
    return refuse(
        "full-copy",
        [
            `${application} can come back to ${site} only by a full copy`,
            ...wayBack(situation, theirs),
            ...(given === undefined
                ? []
                : [`fullCopy is ${given}, which is not epoch ${theirs.epoch} and has no effect`]),
            `Nothing was changed at ${site}; ${theirs.site} serves meanwhile, without a standby site`,
        ].join(". "),
        [
            `${set("fullCopy", theirs.epoch, configuration, site)}; ${up(site)}: everything is copied`,
            `if a snapshot in common was removed from the array and can be had again: bring it back, then ${up(site)}`,
        ],
    );
}

/** For each volume whether it comes back by what changed alone. */
function wayBack({ observed, configuration, now }: Situation, theirs: RoleRecord): string[] {
    if (observed.wayBack === undefined) {
        return [
            `whether volumes have a snapshot in common with ${theirs.site} cannot be told: ${theirs.holds === undefined ? `${theirs.site} has not said what it holds; ${up(theirs.site)} says it` : `the array of ${configuration.site} did not answer`}`,
        ];
    }
    return observed.wayBack.map(({ volume, common }) => {
        const age = common === undefined ? 0 : Math.round((now.getTime() - Date.parse(common.takenAt)) / 1000);
        return common === undefined
            ? `volume ${volume}: no snapshot in common with ${theirs.site}, a full copy`
            : `volume ${volume}: incremental, from snapshot ${common.name} in common with ${theirs.site}, ${age} s old`;
    });
}
