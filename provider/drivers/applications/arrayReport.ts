import type { RoleRecord } from "../../roles/record";
import type { PeerView } from "../../roles/situation";
import type { SourceRecord } from "../../roles/steps";

/** What a site's array has behind an application, as it was when it was looked at. */
export interface Survey {
    volumes: readonly SurveyedVolume[];
    /** Mirrors into the SVM from a source that one of the application's volumes has, too, and into no claim of it. */
    strays: readonly SurveyedMirror[];
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
    into: SurveyedMirror | undefined;
    /** What the array remembers of it as the source of mirrors. */
    outOf: readonly SourceRecord[];
}

/** A SnapMirror relationship as its destination's array shows it. */
export interface SurveyedMirror {
    /** `svm:volume`. */
    source: string;
    destination: string;
    state: string;
    healthy: boolean;
    /** Why it is not healthy, in ONTAP's words. */
    why: string;
    policy: string;
    /** Age of what the destination shows, in seconds; undefined before the first transfer. */
    lagSeconds: number | undefined;
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
}

/** What is to be said of the array: how far the copies are behind, and what does not fit what the site is. */
export function remarksOn(survey: Survey, expected: Expected): string[] {
    const copies = expected.own.role === "standby" ? describeCopies(survey) : [];
    return [...copies, ...findings(survey, expected)];
}

/** What of the array does not fit what the site is, a sentence each, with what it means and what to do. */
export function findings(survey: Survey, expected: Expected): string[] {
    switch (expected.own.role) {
        case "standby":
            return [
                ...survey.volumes.flatMap((one) => faultsOfCopy(one, expected)),
                ...survey.strays.map((stray) => strayCopy(stray, expected)),
            ];
        case "active":
            return survey.volumes.flatMap((one) => [
                ...faultsOfService(one, expected),
                ...forgottenDestinations(one, expected),
            ]);
        default:
            return [];
    }
}

function describeCopies({ volumes }: Survey): string[] {
    const lags = volumes.map(({ into }) => into?.lagSeconds).filter((lag) => lag !== undefined);
    const count = lags.length === 1 ? "1 volume is" : `${lags.length} volumes are`;
    return lags.length === 0 ? [] : [`${count} mirrored into here, at most ${Math.round(Math.max(...lags))} s behind`];
}

/** What stands still as long as nobody changes it: what `pulumi refresh` compares. Lag and transfers do not. */
export function standingOf({ volumes }: Survey): Record<string, Record<string, string>> {
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

function faultsOfCopy(one: SurveyedVolume, { application, namespace, site, maxLagSeconds }: Expected): string[] {
    const { into, type } = one;
    const what = `volume ${one.volume} of ${one.claim}`;
    const mirror = `appmirrorrelationships.protect.trident.netapp.io ${application}`;
    const toMend = `what Trident Protect makes of it, at ${site}: kubectl -n ${namespace} describe ${mirror}`;
    if (type === undefined) {
        return [`NOT PROTECTED: the array has no ${what}; ${toMend}`];
    }
    if (into === undefined) {
        return [`NOT PROTECTED: no mirror leads into ${what}; ${toMend}`];
    }
    if (into.state === "broken_off") {
        return [
            `NOT PROTECTED: the mirror into ${what} is broken off though nobody took over, and may have been written; ${toMend}`,
        ];
    }
    if (!into.healthy) {
        return [
            `the mirror into ${what} is not healthy: ${into.why}; until it is, what a takeover loses grows; ${toMend}`,
        ];
    }
    return into.lagSeconds !== undefined && into.lagSeconds > maxLagSeconds
        ? [
              `the mirror into ${what} is ${into.lagSeconds} s behind, more than maxLag (${maxLagSeconds} s): a takeover would lose as much; ${toMend}`,
          ]
        : [];
}

function strayCopy({ source, destination, state }: SurveyedMirror, { application, site }: Expected): string {
    return `left over: ${source} is mirrored into ${destination} (${state}), too, which no claim of ${application} uses; it takes space, and harms nothing. To remove it, at the array of ${site}: snapmirror delete -destination-path ${destination}`;
}

function faultsOfService(one: SurveyedVolume, { own, site }: Expected): string[] {
    const { into, type, state } = one;
    const what = `volume ${one.volume} of ${one.claim}`;
    if (type === undefined) {
        return [`the array of ${site} has no ${what}`];
    }
    return [
        ...(type === "rw" && state === "online"
            ? []
            : [
                  `${what} is ${type}, ${state}: the application cannot write there. At the array of ${site}: volume show -volume ${one.volume} -fields type,state`,
              ]),
        ...(into === undefined || (own.mirrorKept === true && into.state === "broken_off")
            ? []
            : [
                  `left over: a mirror from ${into.source} leads into ${what} (${into.state}), and ${site} serves; a resync of it would overwrite what is written here. To remove it, at the array of ${site}: snapmirror delete -destination-path ${into.destination}`,
              ]),
    ];
}

/**
 * One destination is the standby site's, as soon as there is one. A run that is under way there has told nobody of its
 * mirror yet, so that nothing is to be removed on this word alone.
 */
function forgottenDestinations(one: SurveyedVolume, { peer, site, peerSite }: Expected): string[] {
    if (!peer.known) {
        return [];
    }
    const role = peer.record?.role ?? "none";
    const follows = role === "standby" ? 1 : 0;
    const mayFollow = role !== "none" && role !== "standby";
    // A mirror that was made anew into the same volume is remembered twice, and its source cannot tell which is which.
    const destinations = [...new Set(one.outOf.map(({ destination }) => destination))];
    const commands = destinations.map(
        (destination) => `snapmirror release -destination-path ${destination} -relationship-info-only true`,
    );
    return destinations.length <= follows || mayFollow
        ? []
        : [
              `left over: the array of ${site} remembers volume ${one.volume} of ${one.claim} as the source of ${destinations.join(" and ")}, expected ${follows === 0 ? "none" : "one"}; each keeps a snapshot. Those that pulumi stack output tridentDr --stack ${peerSite} and the array of ${peerSite} (snapmirror show) do not have either can go, at the array of ${site}: ${commands.join("; ")}`,
          ];
}
