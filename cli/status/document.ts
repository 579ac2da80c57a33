import { z } from "zod";
import { roles, verbs } from "../../provider/roles/record";

/** From good to bad; the exit code is the place in this list. */
export const levels = ["ok", "attention", "danger"] as const;
export type Level = (typeof levels)[number];

export const findingCodes = [
    "two-sites-serve",
    "nobody-serves",
    "service-unknown",
    "not-protected",
    "let-go",
    "establishing",
    "nothing-replicated",
    "mirror-unsettled",
    "lag",
    "lag-unknown",
    "runs",
    "array",
    "array-unknown",
    "site-unknown",
    "unverified",
    "health-unknown",
    "refused",
    "interrupted",
    "due",
    "drift",
    "due-unknown",
    "sites-disagree",
    "not-set-up",
    "next",
] as const;
export type FindingCode = (typeof findingCodes)[number];

export const itemKinds = ["application", "volumes"] as const;
export type ItemKind = (typeof itemKinds)[number];

const unknown = z.strictObject({ unknown: z.string().describe("why it is not known") });

/** A value, or why it is not known. */
export function known<T extends z.ZodType>(value: T) {
    return z.union([value, unknown]);
}

const time = z.iso.datetime({ offset: true });

const finding = z.strictObject({
    level: z.enum(["attention", "danger"]),
    code: z.enum(findingCodes),
    site: z.string().optional().describe("the site that it is about; absent: the pair"),
    what: z.string().describe("what is the case, and what it means for the data"),
    next: z.array(z.string()).describe("what to do about it, the usual way first"),
});

const due = z.discriminatedUnion("is", [
    z.strictObject({ is: z.literal("nothing") }),
    z.strictObject({
        is: z.literal("plan"),
        verb: z.enum(verbs).describe("`hold`: the site differs from what is declared, and its role stays"),
        calls: z.array(z.string()).describe("the calls that it would make, in order"),
    }),
    z.strictObject({
        is: z.literal("refusal"),
        code: z.string(),
        reason: z.string(),
        remedies: z.array(z.string()),
    }),
]);

const siteStatus = z.strictObject({
    site: z.string(),
    role: known(z.enum(roles)),
    epoch: known(z.int().nonnegative()),
    since: time.optional().describe("when it took up the role"),
    underWay: z.enum(verbs).optional().describe("what a run began there and did not finish"),
    lastKnown: z.string().optional().describe("what it was when the other site last read it"),
    mirror: known(z.enum(["none", "established", "promoted", "unsettled"])).describe("the mirror into this site"),
    recoveryPoint: z
        .strictObject({ snapshot: z.string(), takenAt: time })
        .optional()
        .describe("the newest snapshot that is complete there"),
    lastTransfer: time.optional().describe("when the last transfer into it ended"),
    copy: z.string().optional().describe("how far a copy to it is that is being made"),
    workloads: known(z.array(z.string())).describe("what runs, or wants to run, of the item there"),
    due: known(due).describe("what the next `pulumi up` there would do"),
    notes: z.array(z.string()),
});

const itemStatus = z.strictObject({
    item: z.string(),
    kind: known(z.enum(itemKinds)),
    level: z.enum(levels),
    servedBy: known(z.string().nullable()).describe("the site that serves; `null`: none does"),
    direction: z
        .strictObject({ from: z.string(), to: z.string() })
        .optional()
        .describe("which way it is mirrored; absent: it is not"),
    lagSeconds: known(z.number().nonnegative())
        .optional()
        .describe("how far the copy is behind: what a takeover now would lose at most; absent: there is no copy"),
    maxLagSeconds: known(z.number().positive()).describe("the objective"),
    findings: z.array(finding),
    sites: z.tuple([siteStatus, siteStatus]),
});

/** What `trident-dr status --json` prints (docs/status.md). A later version may add to it. */
export const statusDocument = z.strictObject({
    schema: z.literal(1),
    readAt: time,
    level: z.enum(levels),
    sites: z.tuple([
        z.strictObject({ site: z.string(), reached: known(z.literal(true)) }),
        z.strictObject({ site: z.string(), reached: known(z.literal(true)) }),
    ]),
    items: z.array(itemStatus),
});

export type StatusDocument = z.infer<typeof statusDocument>;
export type ItemStatus = z.infer<typeof itemStatus>;
export type SiteStatus = z.infer<typeof siteStatus>;
export type Finding = z.infer<typeof finding>;

/** The worst of several. */
export function worst(found: readonly Level[]): Level {
    return levels[Math.max(0, ...found.map((level) => levels.indexOf(level)))]!;
}
