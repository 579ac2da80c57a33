import { isUnknown } from "../status/known";
import type { TargetFacts } from "./facts";
import { ok, unknown, type Verdict } from "./verdict";

/** What is wrong at the site that serves, by which its copy grows old or lacks something. */
export function servingSite({ peer, serving }: TargetFacts): Verdict[] {
    const means = "a takeover works, and what it serves is older, or not what the application expects";
    if (isUnknown(serving)) {
        return unknown(
            peer,
            `${peer} was not looked at: ${serving.unknown}`,
            "no takeover needs it; what it could tell of its buckets, volumes and hooks is not known",
            [`if ${peer} is up: name it with --context-${peer}`],
        );
    }
    const { faults, arrayUnknown, needs } = serving;
    const { prerequisites, vaults } = isUnknown(needs) ? { prerequisites: needs, vaults: [] } : needs;
    const found: Verdict[] = [
        ...faults.map(({ what }) => ({ level: "attention" as const, site: peer, what, means, next: [] })),
        ...(isUnknown(prerequisites) ? [] : prerequisites).map(({ what, remedy }) => ({
            level: "attention" as const,
            site: peer,
            what,
            means,
            next: [remedy],
        })),
        ...vaults.flatMap(({ owner, name, is }) =>
            typeof is === "string"
                ? []
                : [
                      {
                          level: "attention" as const,
                          site: peer,
                          what: `vault ${name} of ${owner}, with what ${peer} has: ${is.fault}`,
                          means,
                          next: [`correct sites.${owner}.vault or vaultCredentials.${owner} of the stack of ${peer}`],
                      },
                  ],
        ),
        ...[arrayUnknown, isUnknown(prerequisites) ? prerequisites.unknown : undefined].flatMap((why) =>
            why === undefined ? [] : unknown(peer, why, `what is wrong at ${peer} may not be seen`, []),
        ),
    ];
    return found.length > 0 ? found : ok(`nothing is wrong at ${peer} by which its copy would lack something`, peer);
}
