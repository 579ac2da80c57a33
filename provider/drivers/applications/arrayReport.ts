import { complete, type VolumeCopy } from "../../roles/copy";
import type { RoleRecord } from "../../roles/record";
import type { PeerView } from "../../roles/situation";
import type { SourceRecord } from "../../roles/steps";
import { text, type Message } from "../../roles/messages/message";
import type { ArrayMirror } from "../array";
import type { ArrayFault, VolumeSpace } from "../driver";
import type { IgnoredClaim } from "./claims";

/** What a site's array has behind an application, as it was when it was looked at. */
export interface Survey {
    volumes: readonly SurveyedVolume[];
    /** Mirrors into the SVM from a source that one of the application's volumes has, too, and into no claim of it. */
    strays: readonly ArrayMirror[];
    /** Claims in the application's namespaces that are not mirrored. Default: none. */
    ignored?: readonly IgnoredClaim[];
}

/** The volume of one claim. */
export interface SurveyedVolume {
    /** `<namespace>/<claim>`: the same at both sites. */
    claim: string;
    volume: string;
    /** ONTAP's `rw` or `dp`; undefined when the array has no such volume. */
    type: string | undefined;
    /** ONTAP's `online`, `offline` and others. */
    state: string;
    /** Default: a FlexVol. */
    isFlexGroup?: true;
    /** Default: the array does not tell. */
    usedBytes?: number;
    sizeBytes?: number;
    into: ArrayMirror | undefined;
    /** What the array remembers of it as the source of mirrors. */
    outOf: readonly SourceRecord[];
}

/** What the site is to be, by which the survey is judged. */
export interface Expected {
    own: Pick<RoleRecord, "role" | "mirrorKept">;
    peer: PeerView;
    application: string;
    /** Namespace of its mirror. */
    namespace: string;
    site: string;
    /** Name of the other site. */
    peerSite: string;
    maxLagSeconds: number;
    /** Whether a copy to this site is being made. Default: none. */
    establishing?: boolean;
}

/** What to report of the array: how far copies are behind, and what does not fit the site's role. */
export function warningsOn(survey: Survey, expected: Expected): Message[] {
    const copies = expected.own.role === "standby" ? describeCopies(survey) : [];
    return [...copies, ...findings(survey, expected), ...notMirrored(survey, expected)];
}

/**
 * One line for all claims that nothing mirrors: they block nothing, and whoever relies on them has to know. What a label
 * selector does not choose may be another application's.
 */
function notMirrored({ ignored = [] }: Survey, { own, application, peerSite }: Expected): string[] {
    const its = ignored.filter(({ isUnchosen }) => isUnchosen !== true);
    const claims = its.map(({ claim, why }) => `${claim} (${why})`).join(", ");
    return its.length === 0 || (own.role !== "active" && own.role !== "standby")
        ? []
        : [`not mirrored with ${application}, and not at ${peerSite} after a takeover: ${claims}`];
}

/** What of the array does not fit the site's role, a sentence each, with what it means and what to do. */
export function findings(survey: Survey, expected: Expected): Message[] {
    return faultsOn(survey, expected).map(({ what }) => what);
}

/** The same, with what it endangers. */
export function faultsOn(survey: Survey, expected: Expected): ArrayFault[] {
    switch (expected.own.role) {
        case "standby":
            return [
                ...survey.volumes.flatMap((one) => faultsOfCopy(one, expected)),
                ...survey.strays.map((stray) => minor(strayCopy(stray, expected))),
            ];
        case "active":
            // A resync of a site that serves no more: its volumes are being overwritten, and are to be.
            if (expected.establishing === true) {
                return [];
            }
            return survey.volumes.flatMap((one) => [
                ...faultsOfService(one, expected),
                ...unreleasedDestinations(one, expected).map(minor),
            ]);
        default:
            return [];
    }
}

function minor(what: Message): ArrayFault {
    return { what, endangers: false };
}

function grave(what: Message): ArrayFault {
    return { what, endangers: true };
}

function describeCopies({ volumes }: Survey): string[] {
    const lags = volumes.map(({ into }) => into?.lagSeconds).filter((lag) => lag !== undefined);
    const count = lags.length === 1 ? "1 volume replicates" : `${lags.length} volumes replicate`;
    return lags.length === 0 ? [] : [`${count} to this site; worst lag ${Math.round(Math.max(...lags))} s`];
}

/** Trident mirrors FlexVols only (docs/facts/ontap.md#flexgroups). */
export function unmirrorable({ volumes }: Survey): Message[] {
    return volumes
        .filter(({ isFlexGroup }) => isFlexGroup === true)
        .map(({ claim, volume }) => `the volume of claim ${claim}, ${volume}, is a FlexGroup`);
}

/** How full the volumes are. */
export function spaceOf({ volumes }: Survey): VolumeSpace[] {
    return volumes.flatMap(({ claim, usedBytes, sizeBytes }) =>
        usedBytes === undefined || sizeBytes === undefined ? [] : [{ volume: claim, usedBytes, sizeBytes }],
    );
}

/** How far each volume is while a copy to this site is being made. */
export function copyOf({ volumes }: { volumes: readonly Pick<SurveyedVolume, "claim" | "into">[] }): VolumeCopy[] {
    return volumes.map(({ claim, into }) => ({
        volume: claim,
        ...(into?.transfer ?? {
            state: into?.state === "snapmirrored" ? complete : (into?.state ?? "without a mirror"),
        }),
    }));
}

/** What `pulumi refresh` compares: only what changes when somebody changes it, so neither lag nor transfers. */
export function shownOf({ volumes }: Survey): Record<string, Record<string, string>> {
    return Object.fromEntries(
        volumes.map(({ claim, volume, type, state, into }) => [
            claim,
            {
                volume,
                type: type ?? "absent",
                state,
                mirror: into?.state ?? "none",
                ...(into === undefined
                    ? {}
                    : { source: into.source, policy: into.policy, health: into.healthy ? "healthy" : into.why }),
            },
        ]),
    );
}

function faultsOfCopy(one: SurveyedVolume, { application, namespace, site, maxLagSeconds }: Expected): ArrayFault[] {
    const { into, type } = one;
    const what = `volume ${one.volume} of ${one.claim}`;
    const mirror = `appmirrorrelationships.protect.trident.netapp.io ${application}`;
    const details = `Trident Protect's view: kubectl -n ${namespace} describe ${mirror} (at ${site})`;
    if (type === undefined) {
        return [grave(`NOT PROTECTED: the array has no ${what}; ${details}`)];
    }
    if (into === undefined) {
        return [grave(`NOT PROTECTED: no mirror leads into ${what}; ${details}`)];
    }
    if (into.state === "broken_off") {
        return [
            grave(
                `NOT PROTECTED: the mirror into ${what} is broken off although no takeover happened, and the volume may have been written to since; ${details}`,
            ),
        ];
    }
    if (!into.healthy) {
        return [
            minor(
                `the mirror into ${what} is not healthy: ${into.why}; what a takeover would lose grows until it is; ${details}`,
            ),
        ];
    }
    return into.lagSeconds !== undefined && into.lagSeconds > maxLagSeconds
        ? [
              grave(
                  `the mirror into ${what} is ${into.lagSeconds} s behind, more than maxLag (${maxLagSeconds} s): a takeover would lose as much; ${details}`,
              ),
          ]
        : [];
}

function strayCopy({ source, destination, state }: ArrayMirror, { application, site }: Expected): string {
    return `left over: ${source} is mirrored into ${destination} (${state}) as well, which no claim of ${application} uses. It takes space and does no harm. To remove it, at the array of ${site}: snapmirror delete -destination-path ${destination}`;
}

function faultsOfService(one: SurveyedVolume, { own, site }: Expected): ArrayFault[] {
    const { into, type, state } = one;
    const what = `volume ${one.volume} of ${one.claim}`;
    if (type === undefined) {
        return [grave(`the array of ${site} has no ${what}`)];
    }
    return [
        ...(type === "rw" && state === "online"
            ? []
            : [
                  grave(
                      `${what} is ${type}, ${state}: the application cannot write there. At the array of ${site}: volume show -volume ${one.volume} -fields type,state`,
                  ),
              ]),
        ...(into === undefined || (own.mirrorKept === true && into.state === "broken_off")
            ? []
            : [
                  grave(
                      `left over: a mirror from ${into.source} leads into ${what} (${into.state}), and ${site} serves; a resync of it would overwrite what is written here. To remove it, at the array of ${site}: snapmirror delete -destination-path ${into.destination}`,
                  ),
              ]),
    ];
}

/**
 * One destination belongs to the standby site once there is one. A run in progress there has not published its mirror
 * yet, so the message asks to compare before anything is removed.
 */
function unreleasedDestinations(one: SurveyedVolume, { peer, site, peerSite }: Expected): Message[] {
    if (!peer.known) {
        return [];
    }
    const role = peer.record?.role ?? "none";
    const follows = role === "standby" ? 1 : 0;
    // A copy that is being made has a destination, and no role of its own yet.
    const mayFollow = (role !== "none" && role !== "standby") || peer.establishing === true;
    // A mirror recreated into the same volume is remembered twice, and its source cannot tell which is which.
    const destinations = [...new Set(one.outOf.map(({ destination }) => destination))];
    const commands = destinations.map(
        (destination) => `snapmirror release -destination-path ${destination} -relationship-info-only true`,
    );
    return destinations.length <= follows || mayFollow
        ? []
        : [
              text`left over: the array of ${site} remembers volume ${one.volume} of ${one.claim} as the source of ${destinations.join(" and ")}, expected ${follows === 0 ? "none" : "one"}; each keeps a snapshot. Remove those that are neither in ${{ pulumi: "stack output tridentDr", site: peerSite }} nor on the array of ${peerSite} (snapmirror show), at the array of ${site}: ${commands.join("; ")}`,
          ];
}
