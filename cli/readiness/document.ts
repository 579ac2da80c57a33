import { z } from "zod";
import { itemKinds, known } from "../status/document";

/** From good to bad. */
export const checkLevels = ["ok", "attention", "unknown", "blocks"] as const;
export type CheckLevel = (typeof checkLevels)[number];

/** In the order in which they are shown. */
export const checkNames = [
    "reached",
    "standby",
    "bundle",
    "takeover",
    "copy",
    "mirror",
    "array",
    "capacity",
    "vaults",
    "prerequisites",
    "storage-class",
    "versions",
    "rights",
    "quotas",
    "pod-policy",
    "peering",
    "clocks",
    "common-snapshots",
    "serving-site",
] as const;
export type CheckName = (typeof checkNames)[number];

/** What has to be known for anything to be said of a takeover. */
const decisive: ReadonlySet<CheckName> = new Set<CheckName>(["reached", "standby", "takeover"]);

const check = z.strictObject({
    name: z.enum(checkNames),
    level: z.enum(checkLevels),
    site: z.string().optional().describe("the site that it is about; absent: the pair"),
    what: z.string().describe("what was found"),
    means: z.string().optional().describe("what that means for a takeover; absent: nothing stands in its way"),
    next: z.array(z.string()).describe("what to do about it, the usual way first"),
});

const itemReadiness = z.strictObject({
    item: z.string(),
    kind: known(z.enum(itemKinds)),
    level: z.enum(checkLevels),
    at: z.string().nullable().describe("the site that would take over; `null`: none could"),
    checks: z.array(check),
});

/** What `trident-dr readiness --json` prints (docs/readiness.md). A later version may add to it. */
export const readinessDocument = z.strictObject({
    schema: z.literal(1),
    readAt: z.iso.datetime({ offset: true }),
    level: z.enum(checkLevels),
    sites: z.tuple([
        z.strictObject({ site: z.string(), reached: known(z.literal(true)) }),
        z.strictObject({ site: z.string(), reached: known(z.literal(true)) }),
    ]),
    items: z.array(itemReadiness),
});

export type ReadinessDocument = z.infer<typeof readinessDocument>;
export type ItemReadiness = z.infer<typeof itemReadiness>;
export type Check = z.infer<typeof check>;

/** Whether an item could be taken over: what is unknown is decisive only where nothing else says it. */
export function levelOfChecks(checks: readonly Pick<Check, "name" | "level">[]): CheckLevel {
    return worstCheck(
        checks.map(({ name, level }) => (level === "unknown" && !decisive.has(name) ? "attention" : level)),
    );
}

export function worstCheck(found: readonly CheckLevel[]): CheckLevel {
    return checkLevels[Math.max(0, ...found.map((level) => checkLevels.indexOf(level)))]!;
}
