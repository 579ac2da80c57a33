import type { RecoveryPoint } from "../../provider/roles/record";
import { lossBoundSeconds } from "../../provider/roles/situation";
import type { ItemStatus } from "./document";
import type { HealthFacts, ItemFacts, SiteFacts } from "./facts";
import { isUnknown, knownOf, type Known } from "./known";
import type { Service } from "./service";

/** The site that has, or is to have, a copy of what the other one writes. */
export function copySite({ sites }: ItemFacts, service: Service): SiteFacts | undefined {
    if (service.is === "one") {
        return service.copy === "let go" ? undefined : service.other;
    }
    const standby = sites.filter(({ record }) => knownOf(record)?.role === "standby");
    return standby.length === 1 ? standby[0] : undefined;
}

/** How far the copy is behind, by the recovery point that it has; else as the site that serves sees it. */
export function lagOf(facts: ItemFacts, service: Service, now: Date): Known<number> | undefined {
    const site = copySite(facts, service);
    if (site === undefined || (service.is === "one" && service.copy === "does not follow")) {
        return undefined;
    }
    const seconds = lossBoundSeconds(recoveryPointOf(site), now) ?? lagSeen(service);
    if (seconds !== undefined) {
        return Math.round(seconds);
    }
    const why = whyUnknown(site);
    return why === undefined ? undefined : { unknown: why };
}

/** From which site to which an item is mirrored, as far as that is known. */
export function directionOf(facts: ItemFacts, service: Service): ItemStatus["direction"] {
    const to = copySite(facts, service);
    const from = facts.sites.find(({ site }) => site !== to?.site);
    const health = to && knownOf(to.health);
    const isCopied = health?.copy !== undefined || health?.mirror?.state === "established";
    const isStandby = to !== undefined && knownOf(to.record)?.role === "standby";
    return to !== undefined && from !== undefined && isCopied && (isStandby || health?.copy !== undefined)
        ? { from: from.site, to: to.site }
        : undefined;
}

/** The objective, which both sites have of their configuration; where they differ, the stricter one. */
export function maxLagOf({ sites }: ItemFacts): Known<number> {
    const read = sites.flatMap(({ health }) => knownOf(health)?.maxLagSeconds ?? []);
    return read.length > 0
        ? Math.min(...read)
        : { unknown: sites.map(({ health }) => (health as { unknown: string }).unknown).join("; ") };
}

function recoveryPointOf({ record, health }: SiteFacts): RecoveryPoint | undefined {
    return knownOf(record)?.role === "standby" ? knownOf(health)?.mirror?.recoveryPoint : undefined;
}

function lagSeen(service: Service): number | undefined {
    return service.is === "one" ? knownOf<HealthFacts>(service.by.facts.health)?.lagSeenSeconds : undefined;
}

/** Absent where it is known that nothing has arrived: that is no matter of knowing. */
function whyUnknown({ record, health }: SiteFacts): string | undefined {
    return isUnknown(record) ? record.unknown : isUnknown(health) ? health.unknown : undefined;
}
