import { readFileSync } from "node:fs";
import { z } from "zod";
import { ProjectProblem } from "../project/problem";
import type { Outline, PlannedStep, VerbPlan } from "./plan";
import { digestOf } from "./planDigest";
import { verbs } from "./view";

const change = z.object({ key: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) });
const step = z.discriminatedUnion("do", [
    z.object({ do: z.literal("set"), site: z.string(), changes: z.array(change) }),
    z.object({
        do: z.literal("run"),
        site: z.string(),
        effects: z.record(z.string(), z.string()),
        calls: z.array(z.string()).optional(),
    }),
    z.object({ do: z.literal("take over"), site: z.string(), items: z.array(z.string()) }),
]);
const planSchema = z.object({
    format: z.literal(1),
    verb: z.enum(verbs),
    project: z.string(),
    stacks: z.record(z.string(), z.string()),
    keyPrefix: z.string(),
    accept: z.object({
        lag: z.string().optional(),
        fullCopy: z.boolean().optional(),
        warnings: z.boolean().optional(),
        recoverTo: z.string().optional(),
    }),
    items: z.array(z.object({ name: z.string(), to: z.string(), is: z.record(z.string(), z.string()) })).min(1),
    losses: z.array(z.string()),
    waves: z.array(z.object({ items: z.array(z.string()), steps: z.array(step) })),
    digest: z.string(),
});

/**
 * @param approved the digest that was approved
 * @throws ProjectProblem where it is no plan, or not the one that was approved
 */
export function readPlan(file: string, approved?: string): VerbPlan {
    let content: unknown;
    try {
        content = JSON.parse(readFileSync(file, "utf8"));
    } catch (error) {
        throw new ProjectProblem(`--plan: ${file} cannot be read as JSON: ${(error as Error).message}`);
    }
    const parsed = planSchema.safeParse(content);
    if (!parsed.success) {
        throw new ProjectProblem(
            `--plan: ${file} is no plan of trident-dr: make one with "trident-dr plan VERB … --json > ${file}"`,
        );
    }
    const { digest, ...plan } = parsed.data as VerbPlan;
    if (digestOf(plan) !== digest) {
        throw new ProjectProblem(
            `--plan: ${file} is not what its digest says: it was changed after it was made, or made by another version; make it anew, and have that approved`,
        );
    }
    if (approved !== undefined && approved !== digest) {
        throw new ProjectProblem(`--digest: ${approved} was approved, and ${file} has ${digest}`);
    }
    return { ...plan, digest };
}

/**
 * Whether what would be done now is what was planned, or what is left of it after a run that was interrupted.
 *
 * @returns what differs, or undefined
 */
export function differenceFrom(agreed: VerbPlan, now: VerbPlan): string | undefined {
    if (agreed.digest === now.digest) {
        return undefined;
    }
    const [rest, left] = [agreed, now].map((plan) => stepsIn(plan).filter((step) => !isLastLook(step))) as [
        string[],
        string[],
    ];
    const isRest = left.length < rest.length && left.join() === rest.slice(rest.length - left.length).join();
    const isSame = !isElsewhere(agreed, now) && goals(agreed) === goals(now);
    return isRest && isSame ? undefined : (differingPart(agreed, now) ?? "what the first run would do");
}

/** Whether a plan is for other stacks, or other keys of them. */
export function isElsewhere(agreed: Outline, now: Outline): boolean {
    return stacksOf(agreed) !== stacksOf(now);
}

function stacksOf({ project, stacks, keyPrefix }: Outline): string {
    return JSON.stringify([project, Object.entries(stacks).sort(), keyPrefix]);
}

/** What a person would see differ between two plans, whatever their first runs would call. */
export function differingPart(agreed: Outline, now: Outline): string | undefined {
    const parts: [string, (plan: Outline) => string][] = [
        ["the project, its stacks or the namespace", stacksOf],
        ["what is asked for", goals],
        [
            "where the sites stand",
            ({ items }) => JSON.stringify(items.map(({ name, is }) => [name, Object.entries(is).sort()])),
        ],
        ["the steps", (plan) => stepsIn(plan).join()],
    ];
    return parts.find(([, of]) => of(agreed) !== of(now))?.[0];
}

function goals({ verb, items, accept }: Outline): string {
    return JSON.stringify([verb, items.map(({ name, to }) => [name, to]), Object.entries(accept).sort()]);
}

/** A run that only sees what the other site has done: how many of them there are depends on where a run was cut off. */
function isLastLook(step: string): boolean {
    const [, effects] = JSON.parse(step) as [string, [string, string][]];
    return effects.every(([, effect]) => effect === "settle");
}

/** Without the calls of a run, which only its own preview has. */
function stepsIn({ waves }: Outline): string[] {
    return waves
        .flatMap(({ steps }): readonly PlannedStep[] => steps)
        .map((one) => JSON.stringify([one.site, contentOf(one)]));
}

function contentOf(step: PlannedStep): unknown[] {
    switch (step.do) {
        case "set":
            return step.changes.map(({ key, value }) => [key, value]);
        case "take over":
            return step.items.map((item) => [item, step.do]);
        case "run":
            return Object.entries(step.effects).sort();
    }
}
