import { activateHere } from "./messages/commands";
import type { Situation } from "./situation";
import { withoutForeign, withoutForeignObjects } from "./planner/adoption";
import { decideByRole } from "./planner/byRole";
import { withBundle } from "./planner/bundle";
import { withClaims } from "./planner/claims";
import { refuse, type Decision } from "./planner/decision";
import { withFence } from "./planner/fencing";
import { withHooks } from "./planner/hooks";
import { inOrder } from "./planner/order";
import { inMarkedCluster, refuseOtherCluster } from "./planner/ownCluster";
import { withPrerequisites } from "./planner/prerequisites";
import { withRights } from "./planner/rights";
import { withRemoval } from "./planner/removal";
import { withoutWarnings } from "./planner/snapshotWarnings";
import { refuseUntrusted, withTrust } from "./planner/trust";
import { finish } from "./planner/unfinished";
import { withMirrorableVolumes } from "./planner/unmirrorable";
import { withVersions } from "./planner/versions";
import { withoutOtherWriters } from "./planner/writers";

/**
 * The role machine (docs/architecture.md#the-role-machine): from a site's role, its configuration and what it sees, to
 * what it does now. Pure and complete: every situation has a plan, or a refusal that says what was expected. Nothing is
 * added to a plan afterwards.
 */
export function decide(situation: Situation): Decision {
    const refusal = refuseOtherCluster(situation) ?? refuseUntrusted(situation);
    if (refusal !== undefined) {
        return refusal;
    }
    const { site, peer, active } = situation.configuration;
    if (active !== site && active !== peer) {
        return refuse(
            "active-names-neither-site",
            `active is "${active}", which is neither ${site} nor ${peer}. Nothing was changed`,
            [site, peer].map((wanted) => activateHere(wanted, situation.configuration)),
        );
    }
    const alone = withoutWarnings(situation, withoutOtherWriters(situation, decideAlone(situation)));
    const ours = withoutForeignObjects(situation, withoutForeign(situation, inOrder(situation, alone)));
    const decision = inMarkedCluster(situation, withFence(situation, withClaims(situation, ours)));
    const possible = withRights(situation, withVersions(situation, withMirrorableVolumes(situation, decision)));
    const trusted = withTrust(situation, withPrerequisites(situation, possible));
    return withRemoval(situation, withBundle(situation, withHooks(situation, trusted)));
}

/** As if there were no other item, and nothing at the site that somebody else created. */
function decideAlone(situation: Situation): Decision {
    const { underWay } = situation.own;
    return underWay === undefined ? decideByRole(situation) : finish(situation, underWay);
}
