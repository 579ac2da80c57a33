import { render } from "../provider/roles/messages/message";
import { decide } from "../provider/roles/planner";
import { emptyRecord, type HandOverToken, type Role, type RoleRecord, type Verb } from "../provider/roles/record";
import type { Configuration, Observed, PeerView, Situation } from "../provider/roles/situation";
import type { StepName } from "../provider/roles/steps";

/** A site as it is, and what its configuration asks for. */
export interface SiteSituation {
    /** Name of the site. */
    site: string;
    /**
     * The site's role, from its record.
     * @default none: nothing was ever deployed there
     */
    role?: Role;
    /** The epoch of that role. @default 0 for role none, else 1 */
    epoch?: number;
    /** Name of the site that is to serve. */
    active: string;
    /** The other site. */
    peer: PeerSituation;
    /**
     * What the operator explicitly allows.
     * @default nothing
     * @example
     * { takeover: 2 }
     */
    acknowledgements?: Configuration["acknowledgements"];
    /** Age in seconds of the newest complete replication. @default 60 */
    replicationLagSeconds?: number;
    /** The age in seconds from which a switch is refused. @default 900 */
    maxLagSeconds?: number;
    /** State of the mirror into this site. @default established at a standby site, else none */
    mirror?: "established" | "promoted" | "unsettled" | "none";
    /** Whether each volume has a snapshot in common with the other site. @default true */
    commonSnapshots?: boolean;
    /** Whether nothing can have run at a site since it stood down or aside. @default true */
    stayedDown?: boolean;
    /** Whether the application is to be taken out of the mirror. @default false */
    unprotect?: boolean;
    /** Whether it is to be let go of with its mirror as it is. @default false */
    unmanage?: boolean;
}

/** The other site, as its stack's outputs describe it. */
export interface PeerSituation {
    /** Name of the site. */
    site: string;
    /** Its role; "unknown" when its stack cannot be read. @default none: it was never deployed */
    role?: Role | "unknown";
    /** The epoch of that role. @default 0 for role none, else 1 */
    epoch?: number;
}

/** What `pulumi up` would do. Texts are those that it prints. */
export type AnticipatedChange =
    | {
          refused: false;
          /** What the change is called, such as `take over with a token`. */
          verb: Verb;
          /** Names of the steps, in order. A step whose effect is already there is skipped when it is its turn. */
          steps: StepName[];
          /** What is announced before anything is done. */
          notes: string[];
      }
    | {
          refused: true;
          /** Identifies the rule, such as `peer-serves`. */
          code: string;
          /** What is wrong, where, and what it means for the data. */
          reason: string;
          /** What to do about it, the usual way first. */
          remedies: string[];
      };

/**
 * What `pulumi up` would do at a site in a given situation: the planner's own decision, from which every change follows.
 * The application is called `shop`; its records are complete for the roles and epochs that are given.
 *
 * @example
 * // East has handed over; west is told to serve.
 * const change = decideFor({
 *     site: "west", role: "standby", epoch: 1, active: "west", peer: { site: "east", role: "stood-down", epoch: 1 },
 * });
 * assert.ok(!change.refused);
 * assert.equal(change.verb, "take over with a token");
 * assert.deepEqual(change.steps.slice(0, 4), ["mark", "claim", "allow-pods", "promote"]);
 * @example
 * // East cannot be read, and no takeover is acknowledged.
 * const change = decideFor({ site: "west", role: "standby", active: "west", peer: { site: "east", role: "unknown" } });
 * assert.ok(change.refused);
 */
export function decideFor(given: SiteSituation): AnticipatedChange {
    const decision = decide(situationOf(given));
    return decision.kind === "plan"
        ? {
              refused: false,
              verb: decision.verb,
              steps: decision.steps.map((step) => step.do),
              notes: decision.notes.map((note) => render(note)),
          }
        : {
              refused: true,
              code: decision.code,
              reason: render(decision.reason),
              remedies: decision.remedies.map((remedy) => render(remedy)),
          };
}

const item = "shop";
const now = new Date("2026-01-01T12:00:00Z");

function situationOf(given: SiteSituation): Situation {
    const {
        site,
        peer,
        active,
        acknowledgements = {},
        maxLagSeconds = 900,
        unprotect = false,
        unmanage = false,
    } = given;
    return {
        own: recordOf(given, peer.site),
        peer: peerView(peer, site),
        configuration: {
            item,
            site,
            peer: peer.site,
            active,
            acknowledgements,
            maxLagSeconds,
            unprotect,
            unmanage,
        },
        observed: observedAt(given),
        now,
    };
}

function peerView({ role, ...rest }: PeerSituation, site: string): PeerView {
    if (role === "unknown") {
        return { known: false, why: `the outputs of ${rest.site}'s stack cannot be read` };
    }
    const wasNeverDeployed = (role ?? "none") === "none" && (rest.epoch ?? 0) === 0;
    return { known: true, record: wasNeverDeployed ? undefined : recordOf({ role, ...rest }, site) };
}

function recordOf(
    { site, role = "none", epoch = role === "none" ? 0 : 1 }: { site: string; role?: Role; epoch?: number },
    other: string,
): RoleRecord {
    const empty = emptyRecord(item, site, other);
    const since = { ...empty, role, epoch, serial: epoch };
    switch (role) {
        case "none":
            return since;
        case "active":
            return {
                ...since,
                activeSite: site,
                applicationUid: `uid-${site}`,
                baseSnapshot: `${item}-base-${epoch}`,
            };
        case "stood-down":
            return { ...since, activeSite: site, token: tokenOf(site, other, epoch) };
        case "standby":
        case "displaced":
            return { ...since, activeSite: other };
    }
}

function tokenOf(from: string, to: string, epoch: number): HandOverToken {
    const finalSnapshot = `${item}-shutdown-${epoch}`;
    return {
        application: item,
        epoch,
        from,
        to,
        finalSnapshot,
        archivePath: `${item}_uid-${from}/snapshots/${finalSnapshot}`,
        applicationUid: `uid-${from}`,
        time: now.toISOString(),
    };
}

function observedAt(given: SiteSituation): Observed {
    const { role, peer, replicationLagSeconds = 60, commonSnapshots = true, stayedDown = true } = given;
    const state = given.mirror ?? (role === "standby" ? "established" : "none");
    const takenAt = new Date(now.getTime() - replicationLagSeconds * 1000).toISOString();
    const recoveryPoint = { snapshot: `${item}-replicated`, takenAt };
    const common = commonSnapshots ? { name: "replicated", versionUuid: "replicated", takenAt } : undefined;
    return {
        mirror: state === "none" ? undefined : { state, sourceApplicationUid: `uid-${peer.site}`, recoveryPoint },
        replicationLagSeconds,
        barrier: { stands: stayedDown },
        commonSnapshots: [{ volume: `${item}/data`, common }],
    };
}
