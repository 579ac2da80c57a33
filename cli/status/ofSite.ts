import type { Finding } from "./document";
import type { HealthFacts, RecordFacts, SiteFacts } from "./facts";
import { isUnknown } from "./known";
import { levelOfRefusal } from "./refusalLevels";
import type { Service } from "./service";

/** What is to be said of one site by itself: what runs there, its array, and what is due. */
export function ofSite(item: string, facts: SiteFacts, service: Service): Finding[] {
    const { site, record, health, commands } = facts;
    if (isUnknown(record)) {
        return [
            {
                level: "attention",
                code: "site-unknown",
                site,
                what: `what ${site} is for ${item} is not known: ${record.unknown}`,
                next: [`once ${site} can be reached from here, or with another --context-${site}: trident-dr status`],
            },
        ];
    }
    const unknown: Finding[] = isUnknown(health)
        ? [
              {
                  level: "attention",
                  code: "health-unknown",
                  site,
                  what: `how ${item} is at ${site} is not known: ${health.unknown}`,
                  next: record.role === "none" ? [] : [commands.preview],
              },
          ]
        : [];
    return [
        ...ofProof(item, facts),
        ...(hasNothing(record, service) ? [] : unknown),
        ...(isUnknown(health)
            ? []
            : [...ofWorkloads(item, facts, record.role, health, service), ...ofArray(facts, health)]),
        ...(record.underWay === undefined
            ? []
            : [
                  {
                      level: "attention" as const,
                      code: "interrupted" as const,
                      site,
                      what: `a run at ${site} began "${record.underWay}" for ${item}, and did not finish it`,
                      next: [commands.up],
                  },
              ]),
        ...ofDue(item, facts),
    ];
}

function ofProof(item: string, { site, unverified }: SiteFacts): Finding[] {
    return unverified === undefined
        ? []
        : [
              {
                  level: "attention",
                  code: "unverified",
                  site,
                  what: `what ${site} is for ${item} could not be verified, and may have been forged: ${unverified}`,
                  next: ["with the pair's key in TRIDENT_DR_PAIR_KEY: trident-dr status"],
              },
          ];
}

/** A site that has no role yet, or none any more, keeps nothing by which it could be looked at. */
function hasNothing({ role, epoch, left }: RecordFacts, service: Service): boolean {
    return role === "none" && (epoch === 0 || left !== undefined || service.is === "left");
}

/** A site that lost its service to the other one is found as a second one that serves. */
function ofWorkloads(
    item: string,
    { site }: SiteFacts,
    role: string,
    { workloads, barrierStands }: HealthFacts,
    service: Service,
): Finding[] {
    const isServed = service.is === "one" || service.is === "two";
    if (isUnknown(workloads) || workloads.length === 0 || role === "active" || (role === "none" && !isServed)) {
        return [];
    }
    const held = barrierStands === true;
    return [
        {
            level: held ? "attention" : "danger",
            code: "runs",
            site,
            what: held
                ? `${workloads.join(", ")} of ${item} runs or wants to run at ${site}, which does not serve it; no further pod of it can start there`
                : `${workloads.join(", ")} of ${item} runs or wants to run at ${site}, which does not serve it, and nothing keeps its pods from starting: what they write is not mirrored, and is discarded`,
            next: [
                `at ${site}, suspend whatever brings it back (GitOps synchronisation, an operator, a CronJob) until ${site} serves`,
            ],
        },
    ];
}

function ofArray({ site, commands }: SiteFacts, { faults, arrayUnknown }: HealthFacts): Finding[] {
    return [
        ...(arrayUnknown === undefined
            ? []
            : [
                  {
                      level: "attention" as const,
                      code: "array-unknown" as const,
                      site,
                      what: `the array of ${site} was not looked at: ${arrayUnknown}`,
                      next: [commands.preview],
                  },
              ]),
        ...faults.map(({ what, endangers }) => ({
            level: endangers ? ("danger" as const) : ("attention" as const),
            code: "array" as const,
            site,
            what,
            next: [],
        })),
    ];
}

function ofDue(item: string, { site, due, commands, health }: SiteFacts): Finding[] {
    if (isUnknown(due)) {
        // Who could not be looked at is found already.
        return isUnknown(health)
            ? []
            : [
                  {
                      level: "attention",
                      code: "due-unknown",
                      site,
                      what: `what is due at ${site} is not known: ${due.unknown}`,
                      next: [commands.preview],
                  },
              ];
    }
    switch (due.is) {
        case "nothing":
            return [];
        case "refusal":
            return [
                {
                    level: levelOfRefusal[due.code],
                    code: "refused",
                    site,
                    what: `pulumi up at ${site} is refused for ${item} (${due.code}): ${due.reason}`,
                    next: [...due.remedies],
                },
            ];
        case "plan": {
            const isDrift = due.verb === "hold";
            const calls =
                due.calls.length === 1 ? due.calls[0]! : `${due.calls.length} calls, the first: ${due.calls[0] ?? ""}`;
            return [
                {
                    level: "attention",
                    code: isDrift ? "drift" : "due",
                    site,
                    what: isDrift
                        ? `${item} at ${site} is not as declared: pulumi up there would make ${calls}`
                        : `due for ${item} at ${site}: ${due.verb}`,
                    next: [commands.up],
                },
            ];
        }
    }
}
