import { isUnknown, knownOf } from "../status/known";
import { nextOf } from "../status/ofService";
import { type Check, type CheckName, checkNames, type ItemReadiness, levelOfChecks } from "./document";
import type { ReadinessFacts } from "./facts";
import { array, capacity, clocks, commonSnapshots, peering } from "./ofArray";
import { podPolicy, prerequisites, quotas, rights, storageClass, vaults, versions } from "./ofCluster";
import { servingSite } from "./ofServing";
import { bundle, copy, mirror, reached, standby, takeover } from "./ofTakeover";
import type { Question } from "./verdict";

/** Everything that is asked of the site that would take over, each by itself. */
export const questions: Readonly<Record<CheckName, Question>> = {
    reached,
    standby,
    bundle,
    takeover,
    copy,
    mirror,
    array,
    capacity,
    vaults,
    prerequisites,
    "storage-class": storageClass,
    versions,
    rights,
    quotas,
    "pod-policy": podPolicy,
    peering,
    clocks,
    "common-snapshots": commonSnapshots,
    "serving-site": servingSite,
};

/** Judges what is known: whether an item could be taken over now, and what would keep it from that. Pure. */
export function readinessOf(facts: ReadinessFacts, now: Date): ItemReadiness {
    const { item, kind, target } = facts;
    const checks =
        target === undefined
            ? [ofNoTarget(facts)]
            : // Of a site that cannot be reached nothing else is known.
              (isUnknown(target.reached) ? (["reached"] as const) : checkNames).flatMap((name) =>
                  questions[name](target, item, now).map((verdict): Check => ({ name, ...verdict })),
              );
    return { item, kind, level: levelOfChecks(checks), at: target?.site ?? null, checks };
}

/** Where there is no site that could take over. */
function ofNoTarget({ item, service, sites }: ReadinessFacts): Check {
    const next = nextOf(sites);
    switch (service) {
        case "left":
            return { name: "standby", level: "ok", what: `${item} left the mirror at both sites`, next };
        case "unknown":
            return {
                name: "standby",
                level: "unknown",
                what: sites.map(({ site, record }) => `${site} is ${knownOf(record)?.role ?? "unknown"}`).join(", "),
                means: "which site could take over is not known",
                next: [`trident-dr status ${item}`],
            };
        default:
            return {
                name: "standby",
                level: "blocks",
                what: service === "two" ? `both sites serve ${item}` : `no site follows another one for ${item}`,
                means: "there is nothing to take over with",
                next: next.length > 0 ? next : [`trident-dr status ${item}`],
            };
    }
}
