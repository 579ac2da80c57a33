import { setAndUp, upCommand } from "../messages/commands";
import { join, text, type Message } from "../messages/message";
import { epochOf, type RoleRecord } from "../record";
import type { Situation } from "../situation";
import { plan, refuse, type Decision, type Refusal } from "./decision";
import { stopAndCount } from "./standDown";
import { mark, mirrorFrom } from "./stepBuilders";

/** Discards this site's writes: back into the mirror that was kept or, where it is gone, into one the other way round. */
export function resync(situation: Situation, theirs: RoleRecord): Decision {
    return situation.own.role === "standby" ? overwriteStandby(situation, theirs, []) : discardOwn(situation, theirs);
}

/** Discards what others wrote at a standby site: back into a mirror that they promoted, or into a new one. */
export function overwriteStandby(situation: Situation, theirs: RoleRecord, notes: readonly Message[]): Decision {
    const { own, configuration, observed } = situation;
    return (
        refuseFullCopy(situation, theirs) ??
        plan(
            "resync",
            [
                ...stopAndCount(situation, "resync", epochOf(theirs)!),
                ...mirrorFrom(situation, theirs, observed.mirror?.state === "promoted" ? "resync" : "reverse"),
            ],
            [...notes, ...howVolumesReturn(situation, theirs)],
            `discard: ${configuration.site}@${own.epoch}`,
        )
    );
}

function discardOwn(situation: Situation, theirs: RoleRecord): Decision {
    const { own, configuration } = situation;
    return (
        refuseFullCopy(situation, theirs) ??
        plan(
            "resync",
            [
                ...stopAndCount(situation, "resync", epochOf(theirs)!),
                ...mirrorFrom(situation, theirs, own.mirrorKept === true ? "resync" : "reverse"),
            ],
            howVolumesReturn(situation, theirs),
            `discard: ${configuration.site}@${own.epoch}`,
        )
    );
}

/** A mirror the other way round, at a site without writes that still count. */
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
            howVolumesReturn(situation, theirs),
            isIncremental(situation) ? undefined : `fullCopy: ${theirs.epoch}`,
        )
    );
}

/** A full copy needs consent. A mirror already being created needs none again: by then nothing may be in common. */
function refuseFullCopy(situation: Situation, theirs: RoleRecord): Refusal | undefined {
    const { configuration, observed } = situation;
    const { item, site, acknowledgements } = configuration;
    const { fullCopy } = acknowledgements;
    const begun =
        observed.mirror !== undefined &&
        observed.mirror.state !== "promoted" &&
        observed.mirror.sourceApplicationUid === theirs.applicationUid;
    if (isIncremental(situation) || begun || fullCopy === theirs.epoch) {
        return undefined;
    }
    return refuse(
        "full-copy",
        join(
            [
                `${item} can return to ${site} only by a full copy`,
                ...howVolumesReturn(situation, theirs),
                ...(fullCopy === undefined
                    ? []
                    : [`fullCopy is ${fullCopy}, which is not epoch ${theirs.epoch} and has no effect`]),
                `Nothing was changed at ${site}; ${theirs.site} keeps serving, without a standby site`,
            ],
            ". ",
        ),
        [
            text`to copy everything: ${setAndUp("fullCopy", theirs.epoch, configuration, site)}`,
            text`if a common snapshot was removed from the array and can be recovered: restore it; then ${upCommand(site)}`,
        ],
    );
}

/** Whether every volume returns by its changes alone. */
function isIncremental({ observed }: Situation): boolean {
    return observed.commonSnapshots?.every(({ common }) => common !== undefined) === true;
}

/** A note for each volume: by its changes alone, or by a full copy. */
function howVolumesReturn({ observed, configuration, now }: Situation, theirs: RoleRecord): Message[] {
    if (observed.commonSnapshots === undefined) {
        const unknown = `cannot determine the snapshots in common with ${theirs.site}`;
        return [
            theirs.holds === undefined
                ? text`${unknown}: it has not published its snapshots yet; run ${upCommand(theirs.site)}`
                : `${unknown}: the array of ${configuration.site} did not answer`,
        ];
    }
    return observed.commonSnapshots.map(({ volume, common }) => {
        if (common === undefined) {
            return `volume ${volume}: no snapshot in common with ${theirs.site}, a full copy`;
        }
        const age = Math.round((now.getTime() - Date.parse(common.takenAt)) / 1000);
        return `volume ${volume}: incremental, from snapshot ${common.name} in common with ${theirs.site}, ${age} s old`;
    });
}
