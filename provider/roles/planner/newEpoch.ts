import type { Beginning, Epoch } from "../epoch";
import type { HandOverToken } from "../record";
import type { Situation } from "../situation";
import type { ClaimVault, Step } from "../steps";
import { plan, type Plan } from "./decision";
import { peerMirrorsNothing } from "./predicates";
import { begin, recordActive, serving } from "./stepBuilders";
import { announceLoss } from "../messages/describe";

/** Epochs go on where an application was taken out of the mirror: snapshots and acknowledgements of old ones are left. */
export function firstService(situation: Situation, epoch: number, began: Beginning): Plan {
    const { site, peer } = situation.configuration;
    // A standby site must be able to take over from one that died in the middle of this: nothing is claimed there.
    const alone = peerMirrorsNothing(situation);
    const vaults = [{ site: alone ? firstSorted(site, peer) : site, must: true }];
    return plan("serve first", [
        ...begin("serve first", { number: epoch, began, site }, vaults),
        ...(situation.observed.mirror === undefined ? [] : ([{ do: "remove-mirror" }] as const)),
        ...serving(epoch),
        recordActive(situation, epoch, began, false),
    ]);
}

/** In an epoch of its own, which makes the token void. */
export function serveAgain(situation: Situation): Plan {
    const { own, configuration } = situation;
    const { site } = configuration;
    const epoch = own.epoch + 1;
    return plan("change of mind", [
        ...begin("change of mind", { number: epoch, began: "back", site }, [{ site, must: true }]),
        {
            do: "restore-application",
            epoch,
            ...(own.token === undefined ? {} : { archivePath: own.token.archivePath }),
        },
        ...serving(epoch),
        recordActive(situation, epoch, "back", false),
    ]);
}

/** Planned: the claim lies with the site that stood down, and its final snapshot is what is promoted. */
export function takeOverWithToken(situation: Situation, token: HandOverToken): Plan {
    const { site, peer } = situation.configuration;
    const epoch = token.epoch + 1;
    const began: Epoch = { number: epoch, began: "token", site };
    const steps: Step[] = [
        ...begin("take over with a token", began, [{ site: peer, must: true }], token),
        { do: "promote", token },
        { do: "verify-writable" },
        { do: "remove-mirror" },
        ...serving(epoch),
        recordActive(situation, epoch, "token", false),
    ];
    return plan("take over with a token", steps, [], `token: ${token.finalSnapshot}`);
}

/** Unplanned: from the recovery point. The mirror is kept until the other site is back. */
export function takeOverWithoutToken(situation: Situation, epoch: number): Plan {
    const { site } = situation.configuration;
    return plan(
        "take over without a token",
        [
            ...begin("take over without a token", { number: epoch, began: "takeover", site }, bothVaults(situation)),
            { do: "promote" },
            { do: "verify-writable" },
            recordActive(situation, epoch, "takeover", true),
        ],
        [announceLoss(situation)],
        `takeover: ${epoch}`,
    );
}

/** Serves from what this site has; what the other one wrote is given up. */
export function discardPeer(situation: Situation, epoch: number): Plan {
    const { site, peer } = situation.configuration;
    const steps: Step[] = [
        ...begin("serve by discard", { number: epoch, began: "discard", site }, bothVaults(situation)),
        { do: "remove-mirror" },
        { do: "restore-application", epoch },
        ...serving(epoch),
        recordActive(situation, epoch, "discard", false),
    ];
    const note = `what ${peer} wrote since it began epoch ${epoch - 1} is given up; ${peer} counts it before it goes`;
    return plan("serve by discard", steps, [note], `discard: ${peer}@${epoch - 1}`);
}

/**
 * Whether the site that stood down is gone with its final snapshot, and its last writes may be given up. While its vault
 * answers, an acknowledgement that was left in a file does not turn a planned takeover into an unplanned one.
 */
export function handOverIsLost({ observed, configuration }: Situation, epoch: number): boolean {
    return (
        observed.peerVaultAnswers === false &&
        observed.mirror?.state === "established" &&
        configuration.active === configuration.site &&
        configuration.acknowledgements.takeover === epoch
    );
}

/** The own vault must answer; the other one may be at a dead site. */
function bothVaults({ configuration }: Situation): ClaimVault[] {
    return [
        { site: configuration.site, must: true },
        { site: configuration.peer, must: false },
    ];
}

function firstSorted(left: string, right: string): string {
    return left < right ? left : right;
}
