import { type Finding, type ItemStatus, type SiteStatus, worst } from "./document";
import type { HealthFacts, ItemFacts, SiteFacts } from "./facts";
import { isUnknown, knownOf, type Known } from "./known";
import { directionOf, lagOf, maxLagOf } from "./lag";
import { ofCopy } from "./ofCopy";
import { nextOf, ofService } from "./ofService";
import { ofSite } from "./ofSite";
import { serviceOf, type Service } from "./service";

/** Judges what is known of an item: who serves it, how far its copy is, and what somebody should know or do. Pure. */
export function evaluate(facts: ItemFacts, now: Date): ItemStatus {
    const service = serviceOf(facts.sites);
    const direction = directionOf(facts, service);
    const lagSeconds = lagOf(facts, service, now);
    const maxLagSeconds = maxLagOf(facts);
    const found = [
        ...ofService(facts, service),
        ...ofCopy(facts, service, lagSeconds, maxLagSeconds),
        ...facts.sites.flatMap((site) => ofSite(facts.item, site, service)),
        ...ofBoth(facts),
    ];
    const findings = found.length === 0 ? ofNext(facts) : found;
    return {
        item: facts.item,
        kind: facts.kind,
        level: worst(findings.map(({ level }) => level)),
        servedBy: servedBy(service),
        ...(direction === undefined ? {} : { direction }),
        ...(lagSeconds === undefined ? {} : { lagSeconds }),
        maxLagSeconds,
        findings: [...findings].sort((left, right) => rank(right) - rank(left)),
        sites: [statusOf(facts.sites[0]), statusOf(facts.sites[1])],
    };
}

function rank({ level }: Finding): number {
    return level === "danger" ? 1 : 0;
}

function servedBy(service: Service): Known<string | null> {
    switch (service.is) {
        case "one":
        case "two":
            return service.by.facts.site;
        case "unknown":
            return { unknown: "a site that may serve could not be read" };
        default:
            return null;
    }
}

function statusOf({ site, record, lastKnown, health, due }: SiteFacts): SiteStatus {
    const { mirror, copy, notes = [] }: Partial<HealthFacts> = knownOf(health) ?? {};
    const { since, underWay } = knownOf(record) ?? {};
    return {
        site,
        role: isUnknown(record) ? record : record.role,
        epoch: isUnknown(record) ? record : record.epoch,
        ...(since === undefined ? {} : { since }),
        ...(underWay === undefined ? {} : { underWay }),
        ...(lastKnown === undefined ? {} : { lastKnown }),
        mirror: isUnknown(health) ? health : (mirror?.state ?? "none"),
        ...(mirror?.recoveryPoint === undefined ? {} : { recoveryPoint: mirror.recoveryPoint }),
        ...(mirror?.transferredAt === undefined ? {} : { lastTransfer: mirror.transferredAt }),
        ...(copy === undefined ? {} : { copy }),
        workloads: isUnknown(health) ? health : workloadsOf(health),
        due: isUnknown(due)
            ? due
            : due.is === "plan"
              ? { ...due, calls: [...due.calls] }
              : due.is === "refusal"
                ? { ...due, remedies: [...due.remedies] }
                : due,
        notes: [...notes],
    };
}

function workloadsOf({ workloads }: HealthFacts): SiteStatus["workloads"] {
    return isUnknown(workloads) ? workloads : [...workloads];
}

function ofBoth({ item, sites }: ItemFacts): Finding[] {
    const [one, other] = sites;
    return one.active === undefined || other.active === undefined || one.active === other.active
        ? []
        : [
              {
                  level: "attention",
                  code: "sites-disagree",
                  what: `the stacks do not agree on who is to serve ${item}: that of ${one.site} says ${one.active}, that of ${other.site} says ${other.active}`,
                  next: nextOf(sites),
              },
          ];
}

/** Where all is well but something is left to do, such as at a site that left the mirror before the other one. */
function ofNext({ item, sites }: ItemFacts): Finding[] {
    const next = nextOf(sites);
    return next.length === 0
        ? []
        : [{ level: "attention", code: "next", what: `something is left to do for ${item}`, next }];
}
