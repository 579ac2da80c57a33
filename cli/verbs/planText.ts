import type { PlannedStep, VerbPlan } from "./plan";
import type { Change } from "./sites";

/** The plan as a person reads it: each command is the one that `pulumi` alone would take. */
export function linesOf(plan: VerbPlan): string[] {
    const { items, losses } = plan;
    return [
        headline(plan),
        ...items.map(({ name, is }) => `  ${name}: ${rolesOf(is)}`),
        ...losses.map((loss) => `  ${loss}`),
        "",
        ...stepsOf(plan).flatMap(({ text, effects, calls }) => [
            `${text}${effects === "" ? "" : `   # ${effects}`}`,
            ...calls.map((call) => `      ${call}`),
        ]),
        "",
        `digest ${plan.digest}`,
    ];
}

/** The same for a pull request. */
export function markdownOf(plan: VerbPlan): string {
    const { items, losses, digest } = plan;
    const sites = Object.keys(plan.stacks);
    const row = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
    const calls = stepsOf(plan).flatMap((step) => step.calls);
    return [
        `### trident-dr: ${headline(plan)}`,
        "",
        ...losses.map((loss) => `- ${loss}`),
        "",
        row(["", ...sites, "serves in the end"]),
        row(["---", ...sites.map(() => "---"), "---"]),
        ...items.map(({ name, is, to }) => row([name, ...sites.map((site) => is[site] ?? ""), to])),
        "",
        "```sh",
        ...stepsOf(plan).map(({ text, effects }) => `${text}${effects === "" ? "" : `   # ${effects}`}`),
        "```",
        ...(calls.length === 0
            ? []
            : ["", "<details><summary>Calls of the first run</summary>", "", "```", ...calls, "```", "", "</details>"]),
        "",
        `Digest: \`${digest}\``,
        "",
    ].join("\n");
}

function cell(text: string): string {
    return text.replaceAll("|", String.raw`\|`);
}

/** `switch shop to west`. */
export function headline({ verb, items }: Pick<VerbPlan, "verb" | "items">): string {
    const to = [...new Set(items.map((item) => item.to))];
    const names = items.map(({ name }) => name).join(", ");
    if (verb === "unprotect") {
        return `${verb} ${names}`;
    }
    return `${verb} ${names}: ${to.length === 1 ? `served at ${to[0]} in the end` : items.map(({ name, to: site }) => `${name} at ${site}`).join(", ")}`;
}

export function rolesOf(is: Readonly<Record<string, string>>): string {
    return Object.entries(is)
        .map(([site, role]) => `${site} is ${role}`)
        .join(", ");
}

function stepsOf(plan: VerbPlan): { text: string; effects: string; calls: readonly string[] }[] {
    return plan.waves.flatMap(({ steps }) => steps).flatMap((step) => commandsOf(step, plan));
}

function commandsOf(step: PlannedStep, plan: VerbPlan): { text: string; effects: string; calls: readonly string[] }[] {
    const stack = plan.stacks[step.site]!;
    switch (step.do) {
        case "set":
            return step.changes.map((change) => ({
                text: setCommand(change, stack, plan.keyPrefix),
                effects: "",
                calls: [],
            }));
        case "take over":
            return [{ text: `# ${takeoverAhead(step, plan)}`, effects: "", calls: [] }];
        case "run":
            return [{ text: upCommand(stack), effects: effectsOf(step.effects), calls: step.calls ?? [] }];
    }
}

function takeoverAhead({ site, items }: Extract<PlannedStep, { do: "take over" }>, { stacks }: VerbPlan): string {
    const other = Object.keys(stacks).find((name) => name !== site);
    return `trident-dr itself takes over ${items.join(", ")} at ${site} as soon as ${other} has handed over; what it cannot, the next run does`;
}

/** As a person would type it. */
export function setCommand({ key, value }: Change, stack: string, keyPrefix: string): string {
    const text = String(value);
    return `pulumi config set ${typedKey(key, keyPrefix)} ${/^[\w@.:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`} --stack ${stack}`;
}

export function removeCommand(key: string, stack: string, keyPrefix: string): string {
    return `pulumi config rm ${typedKey(key, keyPrefix)} --stack ${stack}`;
}

function typedKey(key: string, keyPrefix: string): string {
    const name = `${keyPrefix}${key}`;
    return /[[.]/.test(key) ? `--path '${name}'` : name;
}

export function upCommand(stack: string): string {
    return `pulumi up --stack ${stack}`;
}

/** `stand down`; where items differ, each with its own. */
export function effectsOf(effects: Readonly<Record<string, string>>): string {
    const said = Object.fromEntries(Object.entries(effects).map(([item, effect]) => [item, words[effect] ?? effect]));
    const different = [...new Set(Object.values(said))];
    return different.length === 1
        ? different[0]!
        : Object.entries(said)
              .map(([item, effect]) => `${item}: ${effect}`)
              .join(", ");
}

const words: Readonly<Record<string, string>> = {
    settle: "sees what the other site has done",
    record: "takes what was taken over into its state",
    abandon: "leaves the mirror",
};
