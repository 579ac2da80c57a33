import { defined } from "../../support/defined";
import { configSetCommand, setAndUp, upCommand } from "../messages/commands";
import { join, text, type Message } from "../messages/message";
import { epochOf, type RoleRecord } from "../record";
import { recordOf, type Situation } from "../situation";
import type { Step } from "../steps";
import { plan, refuse, type Decision, type Refusal } from "./decision";
import { endOfService, type Ran, ranSince, whatRuns } from "./downtime";
import { discards } from "./predicates";
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

/** A mirror the other way round, at a site without writes that still count, or whose writes may be discarded. */
export function rejoinFrom(situation: Situation, theirs: RoleRecord): Decision {
    const { own, configuration } = situation;
    const { site } = configuration;
    const ran = isBegun(situation, theirs) ? undefined : ranSince(situation);
    if (ran !== undefined && !discards(situation, site, own.epoch)) {
        return refuseToDiscard(situation, theirs, ran);
    }
    const allowed = [
        ...(ran === undefined ? [] : [`discard: ${site}@${own.epoch}`]),
        ...(isIncremental(situation) ? [] : [`fullCopy: ${theirs.epoch}`]),
    ];
    return (
        refuseFullCopy(situation, theirs) ??
        plan(
            "rejoin",
            [
                mark("rejoin", epochOf(theirs)!),
                { do: "stop-schedules" },
                { do: "forbid-pods" },
                { do: "stop-workloads", epoch: theirs.epoch },
                ...(ran === undefined ? [] : [countSince(situation)]),
                ...mirrorFrom(situation, theirs, "reverse"),
            ],
            [...whatRuns(situation), ...howVolumesReturn(situation, theirs)],
            allowed.length === 0 ? undefined : allowed.join(", "),
        )
    );
}

/** Whether a mirror into this site is being made already: what it held is being overwritten. */
export function isBegun({ observed, peer }: Situation, theirs = recordOf(peer)): boolean {
    return (
        observed.mirror !== undefined &&
        observed.mirror.state !== "promoted" &&
        observed.mirror.sourceApplicationUid === theirs?.applicationUid
    );
}

function countSince({ own }: Situation): Step {
    return { do: "count-unreplicated", ...defined({ since: endOfService(own) }) };
}

/** A site that did not serve was written to, and following the other one would lose that. */
function refuseToDiscard(situation: Situation, theirs: RoleRecord, ran: Ran): Refusal {
    const { own, configuration } = situation;
    const { item, site, peer } = configuration;
    const discard = (what: string) => setAndUp("discard", what, configuration, site);
    return refuse(
        "ran-since",
        join(
            [
                `${site} is ${own.role} in epoch ${own.epoch}, and ${item} may have been written there since: ${tellRan(own, ran)}`,
                `${peer} serves in epoch ${theirs.epoch} and does not have that; to follow ${peer} would discard it`,
                `Nothing was changed at ${site}`,
            ],
            ". ",
        ),
        [
            text`to follow ${peer}: suspend whatever brings ${item} back at ${site}; ${discard(`${site}@${own.epoch}`)}. What ${site} wrote since is counted first, then discarded`,
            text`to serve what ${site} has instead: ${configSetCommand("active", site, configuration, site)}; ${discard(`${peer}@${theirs.epoch}`)}. What ${peer} wrote in that epoch is discarded`,
        ],
    );
}

function tellRan(own: RoleRecord, { workloads, bytes }: Ran): string {
    const point = endOfService(own);
    const since = point === undefined ? "since then" : `since ${point.snapshot} of ${point.takenAt}`;
    const running =
        workloads.length === 0 ? [] : [`${workloads.join(", ")} ${workloads.length === 1 ? "is" : "are"} back`];
    const changed =
        bytes === undefined
            ? `the array does not tell how much changed ${since}`
            : `${bytes} bytes changed on its volumes ${own.role === "displaced" ? "since that was counted" : since}`;
    return [...running, changed].join(", ");
}

/** A full copy needs consent. A mirror already being created needs none again: by then nothing may be in common. */
function refuseFullCopy(situation: Situation, theirs: RoleRecord): Refusal | undefined {
    const { configuration } = situation;
    const { item, site, acknowledgements } = configuration;
    const { fullCopy } = acknowledgements;
    if (isIncremental(situation) || isBegun(situation, theirs) || fullCopy === theirs.epoch) {
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
    return (
        observed.commonSnapshots?.every(
            ({ common, otherClass }) => common !== undefined && otherClass === undefined,
        ) === true
    );
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
    return observed.commonSnapshots.map(({ volume, common, otherClass }) => {
        if (common === undefined) {
            return `volume ${volume}: no snapshot in common with ${theirs.site}, a full copy`;
        }
        if (otherClass !== undefined) {
            const { has, gets } = otherClass;
            const of = has === "" ? "no StorageClass" : `StorageClass ${has}`;
            return `volume ${volume}: its claim is of ${of}, and the mirror makes claims of ${gets}, for which Trident Protect may delete it and make it anew: a full copy`;
        }
        const age = Math.round((now.getTime() - Date.parse(common.takenAt)) / 1000);
        return `volume ${volume}: incremental, from snapshot ${common.name} in common with ${theirs.site}, ${age} s old`;
    });
}
