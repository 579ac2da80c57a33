import type { Situation } from "./situation";
import { decideByRole } from "./planner/byRole";
import { refuse, type Decision } from "./planner/decision";
import { finish } from "./planner/unfinished";
import { set, up } from "./messages/describe";

/**
 * The role machine (docs/architecture.md#the-role-machine): decides what a site does next from its record, what was
 * observed there, the peer's record and the configuration. Pure and complete: every situation has a plan or a refusal.
 */
export function decide(situation: Situation): Decision {
    const { own, configuration } = situation;
    if (configuration.active !== configuration.site && configuration.active !== configuration.peer) {
        return refuse(
            "active-names-neither-site",
            `active is "${configuration.active}", which is neither ${configuration.site} nor ${configuration.peer}`,
            [configuration.site, configuration.peer].map(
                (site) => `${set("active", site, configuration, configuration.site)}; ${up(configuration.site)}`,
            ),
        );
    }
    return own.underWay === undefined ? decideByRole(situation) : finish(situation, own.underWay);
}
