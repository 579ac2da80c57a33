import { defined } from "../../support/defined";
import type { Beginning, Epoch } from "../epoch";
import { setAndUp, upCommand } from "../messages/commands";
import { announceLoss, describePeer } from "../messages/describe";
import { text, type Message } from "../messages/message";
import type { ArchivedPoint, HandOverToken, RecoveryPoint } from "../record";
import { recordOf, type Situation } from "../situation";
import type { ClaimVault, Step } from "../steps";
import { plan, type Plan } from "./decision";
import { peerHasNoRole } from "./predicates";
import { aboutChoice } from "./recoveryPoints";
import { beginEpoch, recordActive, serving, servingFromMirror } from "./stepBuilders";

/** Epoch numbers continue after `unprotect`, because old snapshots and acknowledgements may remain. */
export function firstService(situation: Situation, epoch: number, began: Beginning): Plan {
    const { site, peer } = situation.configuration;
    // A standby site must be able to take over from a site that died during this: nothing is claimed in its vault.
    const vault = peerHasNoRole(situation) ? firstSorted(site, peer) : site;
    return plan("serve first", [
        ...beginEpoch("serve first", { number: epoch, began, site }, [{ site: vault, required: true }]),
        ...(situation.observed.mirror === undefined ? [] : ([{ do: "remove-mirror" }] as const)),
        ...serving(epoch),
        recordActive(situation, epoch, began, false),
    ]);
}

/** In a new epoch, which makes the token void. */
export function serveAgain(situation: Situation): Plan {
    const { own, configuration } = situation;
    const { site } = configuration;
    const epoch = own.epoch + 1;
    return plan("change of mind", [
        ...beginEpoch("change of mind", { number: epoch, began: "back", site }, [{ site, required: true }]),
        { do: "allow-pods" },
        { do: "restore-application", epoch, ...defined({ archivePath: own.token?.archivePath }) },
        ...serving(epoch),
        recordActive(situation, epoch, "back", false),
    ]);
}

/** Planned: the claim is made in the vault of the site that stood down, and its final snapshot is promoted. */
export function takeOverWithToken(situation: Situation, token: HandOverToken): Plan {
    const { site, peer } = situation.configuration;
    const epoch: Epoch = { number: token.epoch + 1, began: "token", site };
    const steps: Step[] = [
        ...beginEpoch("take over with a token", epoch, [{ site: peer, required: true }], { token }),
        // Before the promotion, which starts the pods.
        { do: "allow-pods" },
        { do: "promote", token },
        { do: "verify-writable" },
        { do: "remove-mirror" },
        ...serving(epoch.number),
        recordActive(situation, epoch.number, "token", false),
        // The final snapshot is at both sites by now: the other one needs none that is older to find its way back.
        { do: "forget-snapshots", before: token.epoch, mirrored: false },
    ];
    return plan("take over with a token", steps, [], `token: ${token.finalSnapshot}`);
}

/**
 * Unplanned: from the recovery point, or from an older one. The mirror is kept until the other site is back; snapshots are
 * taken all the same. The base snapshot is not: what has one is mirrored from, and must have no mirror of its own by then.
 */
export function takeOverWithoutToken(situation: Situation, epoch: number, point?: ArchivedPoint): Plan {
    const { site } = situation.configuration;
    const begins: Epoch = { number: epoch, began: "takeover", site };
    const taken = plan(
        "take over without a token",
        [
            ...beginEpoch("take over without a token", begins, bothVaults(situation), { point }),
            { do: "allow-pods" },
            { do: "promote", ...defined({ point }) },
            { do: "verify-writable" },
            ...servingFromMirror(situation),
            recordActive(situation, epoch, "takeover", true),
        ],
        [
            announceLoss(situation, point),
            ...aboutAwaited(situation),
            ...aboutPeer(situation),
            ...(point === undefined ? [] : aboutChoice(situation, point)),
        ],
        `takeover: ${epoch}${point === undefined ? "" : `, recoverTo: ${point.folder}`}`,
    );
    return { ...taken, ...defined({ recoveryPoint: recoveryPointOf(point) }) };
}

function aboutAwaited({ observed, configuration }: Situation): Message[] {
    const { awaits } = observed.mirror ?? {};
    return awaits === undefined
        ? []
        : [
              `${awaits} was to be promoted at ${configuration.site} and has not arrived; it is not waited for any longer`,
          ];
}

/** Whoever takes over from a site that is alive may have meant to switch. */
function aboutPeer(situation: Situation): Message[] {
    const { observed, configuration } = situation;
    const { site, peer } = configuration;
    if (observed.peerAnswers !== true) {
        return [];
    }
    const theirs = recordOf(situation.peer);
    const seen = text`${peer} seems to be alive: what it holds can be reached from ${site}, and by its outputs it is ${describePeer(situation)}`;
    switch (theirs?.role) {
        case "active":
            return [
                text`${seen}. A switch would lose nothing: ${{ pulumi: "config rm takeover", site }}; ${setAndUp("active", site, configuration, peer)}; ${upCommand(site)}`,
            ];
        case "stood-down":
            return [
                text`${seen}. To take over with what it handed over loses nothing: ${{ pulumi: "config rm takeover", site }}; ${upCommand(site)}`,
            ];
        default:
            return [seen];
    }
}

function recoveryPointOf(point: ArchivedPoint | undefined): RecoveryPoint | undefined {
    return point && { snapshot: point.snapshot, takenAt: point.takenAt };
}

/** Serves from what this site has; what the other one wrote is discarded. */
export function discardPeer(situation: Situation, epoch: number): Plan {
    const { site, peer } = situation.configuration;
    const steps: Step[] = [
        ...beginEpoch("serve by discard", { number: epoch, began: "discard", site }, bothVaults(situation)),
        { do: "remove-mirror" },
        { do: "allow-pods" },
        { do: "restore-application", epoch },
        ...serving(epoch),
        recordActive(situation, epoch, "discard", false),
    ];
    const note = `${peer}'s writes since epoch ${epoch - 1} will be discarded; ${peer} reports how many first`;
    return plan("serve by discard", steps, [note], `discard: ${peer}@${epoch - 1}`);
}

/**
 * Whether the site that stood down is gone, and its final snapshot with it, and its last writes may be lost. As long as
 * it answers, an acknowledgement left in the configuration does not turn a planned takeover into an unplanned one.
 */
export function handOverIsLost({ observed, configuration }: Situation, epoch: number): boolean {
    return (
        observed.peerAnswers === false &&
        (observed.mirror?.state === "established" || observed.mirror?.awaits !== undefined) &&
        configuration.active === configuration.site &&
        configuration.acknowledgements.takeover === epoch
    );
}

/** The site's own vault must answer; the other one may be at a dead site. */
function bothVaults({ configuration }: Situation): ClaimVault[] {
    return [
        { site: configuration.site, required: true },
        { site: configuration.peer, required: false },
    ];
}

function firstSorted(left: string, right: string): string {
    return left < right ? left : right;
}
