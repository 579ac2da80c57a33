import { writeFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { addPairOptions, pairOptionsOf, type TypedPair } from "../project/options";
import { ProjectProblem } from "../project/problem";
import type { Terminal } from "../terminal";
import { details, examplesOf, summaries } from "./help";
import { type Selection } from "./select";
import type { BothSites } from "./sites";
import type { Accepted } from "./step";
import { type Verb, verbs } from "./view";

/** What the commands need around them; a test puts fakes in its place. */
export interface VerbContext {
    terminal: Terminal;
    /** Told how the command ended. */
    end(isDone: boolean): void;
    /** How the two stacks are reached. Default: through the Automation API. */
    open?: (typed: TypedPair) => Promise<BothSites>;
}

interface TypedVerb extends TypedPair, Accepted {
    all: boolean;
    to?: string;
    wave?: number;
    yes: boolean;
    plan?: string;
    digest?: string;
    json?: boolean;
    markdown?: boolean;
    out?: string;
    comment?: string;
}

/** `trident-dr switch …` and its siblings, and `trident-dr plan VERB …`. */
export function addVerbs(program: Command, context: VerbContext): void {
    for (const verb of verbs) {
        const command = withOptions(program.command(verb), verb)
            .summary(summaries[verb])
            .description(`${summaries[verb]}\n\n${details[verb]}`)
            .option("--yes", "confirm: nothing is asked (for pipelines)", false)
            .option("--plan <file>", "do exactly what this plan says, and refuse if it has changed")
            .option("--digest <sha256>", "with --plan: the digest that was approved; any other is refused")
            .addHelpText("after", examplesOf(verb));
        command.action((names: string[], typed: TypedVerb) => runTyped(verb, names, typed, command, context));
    }
    const plan = program.command("plan").description(planDescription).addHelpText("after", planHelp);
    for (const verb of verbs) {
        withOptions(plan.command(verb), verb)
            .summary(`what ${verb} would do at both sites`)
            .description(`What "trident-dr ${verb}" would do at both sites. Nothing is changed.`)
            .addOption(new Option("--json", "as data, for --plan of the verb").conflicts("markdown"))
            .option("--markdown", "for a pull request")
            .option("--out <file>", "write it there")
            .option("--comment <file>", "write it there as Markdown as well, for a pull request")
            .action((names: string[], typed: TypedVerb) => planTyped(verb, names, typed, context));
    }
}

const planDescription =
    "Show what a verb would do at both sites, as text, JSON or Markdown, with a digest. Nothing is changed.";
const planHelp = `
A plan that was written with --json is carried out with --plan, by the same version of this package. It is refused if
anything is different by then: the stacks, where the sites stand, the steps, or the calls of the first run. What changes
with the clock alone, such as the age of a copy, is not in the digest.

Exit codes: 0 there is a plan, or nothing to do; 1 refused; 2 wrong usage.`;

function withOptions(command: Command, verb: Verb): Command {
    addPairOptions(
        command
            .argument("[names...]", "applications, or groups of volumes")
            .option("--all", "all of them", false)
            .option("--wave <n>", "so many at a time; those that come after one another stay together", wholeNumber),
    );
    if (verb !== "unprotect") {
        command.option("--to <site>", goals[verb]);
    }
    optionsOf[verb].forEach((option) => command.addOption(option()));
    return command;
}

const goals: Readonly<Record<Exclude<Verb, "unprotect">, string>> = {
    switch: "the site that is to serve (default: the other one; required with --yes)",
    failover: "the site that takes over (default: the standby site; required with --yes)",
    rejoin: "the site that goes on serving (default: the one that took over)",
    resync: "the site whose data win (default: the one that was taken over from; required with --yes)",
    failback: "the site to go back to (default: the one that was taken over from; required with --yes)",
};

const fullCopy = () => new Option("--full-copy", "accept that a site without a common snapshot copies everything");
const lag = () =>
    new Option(
        "--lag <reason>",
        "switch although replication is behind; the reason is recorded, and the outage longer",
    ).argParser(words);
const warnings = () => new Option("--warnings", "hand over although the final snapshot has warnings");
const optionsOf: Readonly<Record<Verb, readonly (() => Option)[]>> = {
    switch: [lag, warnings, fullCopy],
    failover: [
        () =>
            new Option(
                "--recover-to <point>",
                "the older point to promote: the name of an archive folder, or a time",
            ).argParser(words),
    ],
    rejoin: [fullCopy],
    resync: [fullCopy],
    failback: [lag, warnings, fullCopy],
    unprotect: [],
};

/** A pipeline that is run again must not go back: it says where it leads. */
const needsGoal: ReadonlySet<Verb> = new Set<Verb>(["switch", "failover", "resync", "failback"]);

async function runTyped(
    verb: Verb,
    names: string[],
    typed: TypedVerb,
    command: Command,
    context: VerbContext,
): Promise<void> {
    const { yes, to, plan: file, digest } = typed;
    if (yes && file === undefined && to === undefined && needsGoal.has(verb)) {
        command.error(`error: --yes: expected --to <site> with it: run again, ${verb} must not lead back`);
    }
    if (digest !== undefined && file === undefined) {
        command.error("error: --digest: expected --plan <file> with it, the plan that was approved");
    }
    // What `--help`, a wrong option and a takeover need not wait for.
    const { readPlan } = await import("./planFile.js");
    const { runVerb } = await import("./run.js");
    const agreed = file === undefined ? undefined : readPlan(file, digest);
    if (agreed !== undefined && agreed.verb !== verb) {
        throw new ProjectProblem(
            `--plan: ${file} is a plan of ${agreed.verb}: trident-dr ${agreed.verb} --plan ${file}`,
        );
    }
    const selection = agreed === undefined ? selectionOf(verb, names, typed) : selectionIn(agreed, names, typed);
    const isDone = await interruptibly(async ({ steps, runs }) => {
        const sites = await open(typed, context, runs, steps.signal);
        return runVerb(selection, { yes, agreed }, sites, { terminal: context.terminal, interrupted: steps.signal });
    });
    context.end(isDone);
}

async function planTyped(verb: Verb, names: string[], typed: TypedVerb, context: VerbContext): Promise<void> {
    const { planOf } = await import("./run.js");
    const { linesOf, markdownOf } = await import("./planText.js");
    const planned = await planOf(selectionOf(verb, names, typed), await open(typed, context, new AbortController()));
    if (!planned.ok) {
        planned.refusals.forEach((line) => context.terminal.complain(line));
        context.end(false);
        return;
    }
    const { plan, shown } = planned;
    const text = typed.json
        ? JSON.stringify(plan, undefined, 2)
        : typed.markdown
          ? markdownOf(plan)
          : [...linesOf(plan), ...(shown.length === 0 ? [] : ["", ...shown])].join("\n");
    if (typed.out === undefined) {
        context.terminal.print(text);
    } else {
        writeFileSync(typed.out, `${text}\n`);
    }
    if (typed.comment !== undefined) {
        writeFileSync(typed.comment, `${markdownOf(plan)}\n`);
    }
    context.end(true);
}

function selectionOf(verb: Verb, names: readonly string[], typed: TypedVerb): Selection {
    const { all, to, wave, lag: reason, fullCopy: full, warnings: warned, recoverTo } = typed;
    const accept = {
        ...(reason === undefined ? {} : { lag: reason }),
        ...(full === undefined ? {} : { fullCopy: full }),
        ...(warned === undefined ? {} : { warnings: warned }),
        ...(recoverTo === undefined ? {} : { recoverTo }),
    };
    return { verb, names, all, to, wave, accept };
}

/** What was agreed on; what was typed beside it has to be the same. */
function selectionIn(
    { verb, items, waves, accept }: import("./plan.js").VerbPlan,
    names: readonly string[],
    { all, to }: TypedVerb,
): Selection {
    const planned = items.map(({ name }) => name);
    const goal = [...new Set(items.map((item) => item.to))];
    const other = names.find((name) => !planned.includes(name));
    if (all || other !== undefined || (names.length > 0 && names.length < planned.length)) {
        throw new ProjectProblem(
            `--plan: the plan is for ${planned.join(", ")}, and something else was typed: leave the names out`,
        );
    }
    if (to !== undefined && goal.join() !== to) {
        throw new ProjectProblem(`--plan: the plan leads to ${goal.join(" and ")}, not to ${to}: leave --to out`);
    }
    return {
        verb,
        names: planned,
        all: false,
        to: goal.length === 1 ? goal[0] : undefined,
        wave: sizeOf(waves),
        accept,
    };
}

function sizeOf(waves: readonly { items: readonly string[] }[]): number | undefined {
    return waves.length === 1 ? undefined : Math.max(...waves.map(({ items }) => items.length));
}

async function open(
    typed: TypedVerb,
    context: VerbContext,
    interruption: AbortController,
    interrupted?: AbortSignal,
): Promise<BothSites> {
    if (context.open !== undefined) {
        return context.open(typed);
    }
    const { PairSites } = await import("./pairSites.js");
    const { resolvePair } = await import("../project/pair.js");
    const pair = await resolvePair(pairOptionsOf(typed), async (folder) => {
        const { openProject } = await import("../project/automation.js");
        return openProject(folder, interruption);
    });
    return new PairSites(pair, interrupted);
}

/** A command that is interrupted ends between two steps, once the run that it waits for has ended. */
interface Interruption {
    readonly steps: AbortController;
    /** Interrupts the run as well. */
    readonly runs: AbortController;
}

/** Ctrl-C reaches the CLI by itself, as all that was started in the terminal; a second signal would have it give up at once. */
async function interruptibly<T>(run: (interruption: Interruption) => Promise<T>): Promise<T> {
    const interruption = { steps: new AbortController(), runs: new AbortController() };
    const listeners = {
        SIGTERM: () => abort(interruption, true),
        SIGINT: () => abort(interruption, !process.stdin.isTTY),
    };
    const signals = Object.entries(listeners) as [keyof typeof listeners, () => void][];
    // Not once: a process without a listener ends where a child that it waits for is signalled.
    signals.forEach(([signal, listener]) => process.on(signal, listener));
    try {
        return await run(interruption);
    } finally {
        signals.forEach(([signal, listener]) => process.off(signal, listener));
    }
}

function abort({ steps, runs }: Interruption, withRun: boolean): void {
    steps.abort();
    if (withRun) {
        runs.abort();
    }
}

/** Set by its path, Pulumi would take it for a number or a boolean. */
function words(text: string): string {
    if (/^(?:true|false|-?[0-9]+|\s*)$/.test(text)) {
        throw new InvalidArgumentError(`expected more than a number, or true or false; found "${text}"`);
    }
    return text;
}

function wholeNumber(text: string): number {
    if (!/^[1-9][0-9]{0,5}$/.test(text)) {
        throw new InvalidArgumentError(`expected a whole number from 1, found "${text}"`);
    }
    return Number(text);
}
