import { spawn } from "node:child_process";
import path from "node:path";
import type { Lab } from "../lab";
import type { CliResult } from "../pulumi";
import { announcedLoss, recoveryTime } from "./output";
import { ReadinessCommand, readsDoneWithout } from "./readinessCommand";
import type { ScenarioReport } from "./report";
import { ScenarioRun } from "./scenarioRun";
import { expectOk, type Log, type Outcome } from "./scenarioSteps";
import { severalApplications } from "./severalApplications";

/** The command as it is installed: what `npm run build` made. */
const command = path.join(__dirname, "..", "..", "dist", "cli", "command.js");

/** The report of a scenario, and how much had to be typed. */
export interface OneCommandReport extends ScenarioReport {
    /** Commands that a person typed. */
    typed: number;
    /** Of them, those that only repeat one that was interrupted. */
    resumed: number;
    /** `pulumi cancel`, which the CLI asks for after a run that was killed. */
    cancels: number;
    /** How often `trident-dr` ran `pulumi up`. */
    runs: number;
}

/** Ends a command at the first line of which the pattern is true, as Ctrl-C does, or as the loss of the machine does. */
interface Interruption {
    at: RegExp;
    by: "SIGINT" | "SIGKILL";
}

const names = ["shop", "crm"] as const;

/** The lab's definitions of Trident Protect are those of a version with a known fault, which is told. */
const knownFault = "versions";

/**
 * The whole circle with `trident-dr` alone, two applications at once: a switch by an agreed plan, a failover, the return
 * of the lost site. Then with one of them: the way back, a takeover that is taken back, and the other one leaves. Runs
 * are interrupted on the way, and the same command resumes each. `trident-dr readiness` tells before each takeover
 * whether it works.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function oneCommand(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log, {
        ...severalApplications(names),
        doneWithout: readsDoneWithout,
    });
    const console = new Console(scenario, lab, project);
    const readiness = new ReadinessCommand(lab, project);
    await scenario.writes("east", 50);
    await scenario.timed("trident-dr readiness: both sites are up", "both", () =>
        readiness.expect(names, { at: "west", code: 1, besides: [knownFault] }),
    );

    await switchByPlan(scenario, console, path.join(project, "switch.json"));
    await scenario.writes("west", 20);
    await failOver(scenario, console, readiness);
    await scenario.writes("east", 20);
    await scenario.revive("west");
    await comeBack(scenario, console);
    await scenario.writes("east", 20);
    await console.resumed(
        ["failback", "shop", "--to", "west", "--yes"],
        [
            { at: /create ShutdownSnapshot/, by: "SIGINT" },
            { at: /patch AppMirrorRelationship .*: Promoted/, by: "SIGKILL" },
            { at: /create AppMirrorRelationship/, by: "SIGKILL" },
        ],
    );
    if (console.counts.cancels === 0) {
        throw new Error("A command that was killed in the middle of a run left no stack locked");
    }
    await scenario.writes("west", 20);
    expectUnchanged(await console.type(["failback", "shop"]));
    await takeBack(scenario, console);
    await leave(scenario, console);

    const { report, faults } = await scenario.end("one-command", "west", ["east", "west"]);
    const counted: OneCommandReport = { ...report, ...console.counts };
    return { report: counted, faults };
}

/** What was agreed on is done, and only that; an interruption does not change what is left of it. */
async function switchByPlan(scenario: ScenarioRun, console: Console, file: string): Promise<void> {
    expectOk(await console.type(["plan", "switch", ...names, "--to", "west", "--json", "--out", file]));
    const runs = await console.resumed(
        ["switch", "--plan", file, "--yes"],
        [
            { at: /pulumi config set active west --stack east/, by: "SIGINT" },
            { at: /create ShutdownSnapshot/, by: "SIGINT" },
            { at: /patch AppMirrorRelationship .*: Promoted/, by: "SIGINT" },
        ],
    );
    names.forEach((name) =>
        expectSaid(runs.at(-1)!, `${name}: nothing was lost`, `${name}: .*; nothing is left to do at either site`),
    );
    const outdated = await console.type(["switch", "--plan", file, "--yes"]);
    expectUnchanged(outdated);
    scenario.log("the plan is carried out: the same command finds nothing left to do");
}

async function failOver(scenario: ScenarioRun, console: Console, readiness: ReadinessCommand): Promise<void> {
    const killed = await scenario.kill("west");
    await scenario.timed("trident-dr readiness: the other site is dead", "east", () =>
        readiness.expect(names, {
            at: "east",
            code: 1,
            besides: [knownFault, "vaults", "serving-site"],
            // How long a site is dead before the other one's controllers and array notice is up to them.
            possibly: ["mirror", "array", "prerequisites", "peering"],
        }),
    );
    const asked = await console.type(["failover", ...names, "--to", "east"]);
    if (asked.ok || announcedLoss(asked.output) === undefined) {
        throw new Error(`A failover that nobody confirmed was not refused, or says no loss:\n${asked.output}`);
    }
    await takeOver(scenario, console, names);
    await scenario.served("from the death of the other site to the first write", "east", killed);
}

/** East takes over from west. */
async function takeOver(scenario: ScenarioRun, console: Console, taken: readonly string[]): Promise<void> {
    const run = expectOk(await console.type(["failover", ...taken, "--to", "east", "--yes"]));
    taken.forEach((name) =>
        expectSaid(
            run,
            `${name}: lost by the takeover at east: at most the writes of \\d+ s`,
            `${name}: east is active`,
        ),
    );
    scenario.tookOver("west", run, {
        seconds: announcedLoss(run.output) ?? 0,
        since: recoveryTime(run.output),
    });
}

async function comeBack(scenario: ScenarioRun, console: Console): Promise<void> {
    const runs = await console.resumed(
        ["rejoin", ...names, "--yes"],
        [{ at: /create Snapshot shop.shop-base/, by: "SIGINT" }],
    );
    const output = runs.map((run) => run.output).join("\n");
    names.forEach((name) => expectSaid(runs.at(-1)!, `${name}: .*; nothing is left to do at either site`));
    scenario.stoodAside("west", { ...runs[0]!, output });
}

/** East takes over although west serves, and what it wrote since is discarded again. */
async function takeBack(scenario: ScenarioRun, console: Console): Promise<void> {
    await takeOver(scenario, console, ["shop"]);
    await scenario.writes("east", 20);
    const run = expectOk(await console.type(["resync", "shop", "--to", "west", "--yes"]));
    expectSaid(
        run,
        "shop: given up at east: at most the writes of \\d+ s.*",
        "shop: .*; nothing is left to do at either site",
    );
    scenario.drove(run);
    scenario.stoodAside("east", run);
    await scenario.writes("west", 20);
}

/** One application leaves the mirror; it goes on where it is served, and the other one is mirrored as before. */
async function leave(scenario: ScenarioRun, console: Console): Promise<void> {
    const run = expectOk(await console.type(["unprotect", "crm", "--yes"]));
    expectSaid(run, "crm: nothing was lost", "crm: .*; nothing is left to do at either site");
    scenario.drove(run);
    expectUnchanged(await console.type(["unprotect", "crm", "--yes"]));
    await scenario.writes("east", 20);
}

/** What a command says at its end: how a line of it begins, for each. */
function expectSaid({ output }: CliResult, ...lines: readonly string[]): void {
    const missing = lines.find((line) => !new RegExp(`^${line}`, "m").test(output));
    if (missing !== undefined) {
        throw new Error(`Expected the command to say "${missing}":\n${output}`);
    }
}

function expectUnchanged(result: CliResult): void {
    if (
        !/nothing is left to do at either site/.test(expectOk(result).output) ||
        /pulumi up --stack/.test(result.output)
    ) {
        throw new Error(`Expected nothing to be left to do:\n${result.output}`);
    }
}

/** Where commands are typed, and counted. */
class Console {
    readonly counts = { typed: 0, resumed: 0, cancels: 0, runs: 0 };

    constructor(
        private readonly scenario: ScenarioRun,
        private readonly lab: Lab,
        private readonly project: string,
    ) {}

    /** Types a command that is interrupted at each of some stages, and the same again until it is done. */
    async resumed(args: readonly string[], interruptions: readonly Interruption[]): Promise<CliResult[]> {
        const runs: CliResult[] = [];
        for (const interruption of interruptions) {
            const cut = await this.typeUnlocked(args, interruption);
            this.scenario.drove(cut);
            runs.push(cut);
            if (cut.ok) {
                throw new Error(
                    `trident-dr ${args.join(" ")} did not come by ${String(interruption.at)}:\n${cut.output}`,
                );
            }
            this.counts.resumed++;
        }
        const last = expectOk(await this.typeUnlocked(args));
        this.scenario.drove(last);
        return [...runs, last];
    }

    async type(args: readonly string[], interruption?: Interruption): Promise<CliResult> {
        this.counts.typed++;
        const what = `trident-dr ${args.map((arg) => path.basename(arg)).join(" ")}`;
        const cut = interruption === undefined ? "" : `, ${interruption.by} at ${interruption.at.source}`;
        const result = await this.scenario.timed(`${what}${cut}`, "both", () => this.run(args, interruption));
        this.counts.runs += [...result.output.matchAll(/^ +\d+:\d\d {2}pulumi up --stack/gm)].length;
        result.output.split("\n").forEach((line) => this.scenario.log(`    ${line}`));
        return result;
    }

    /** A run that was killed leaves its stack locked: the command stops there, and says what to type. */
    private async typeUnlocked(args: readonly string[], interruption?: Interruption): Promise<CliResult> {
        const result = await this.type(args, interruption);
        const locked = /"pulumi cancel --stack (?<stack>\w+)"/.exec(result.output)?.groups?.["stack"];
        if (result.ok || locked === undefined) {
            return result;
        }
        this.scenario.drove(result);
        this.counts.cancels++;
        await this.scenario.both.find(({ site }) => site === locked)!.must(["cancel", "--yes", "--stack", locked]);
        return this.type(args, interruption);
    }

    private run(args: readonly string[], interruption?: Interruption): Promise<CliResult> {
        const started = new Date();
        return new Promise((resolve, reject) => {
            const child = spawn(process.execPath, [command, ...args], {
                cwd: this.project,
                env: { ...process.env, ...this.lab.environment() },
                stdio: ["ignore", "pipe", "pipe"],
                detached: true,
            });
            let output = "";
            let isCut = false;
            const take = (chunk: Buffer) => {
                output += chunk.toString();
                if (
                    interruption !== undefined &&
                    !isCut &&
                    lastLines(output).some((line) => isAt(line, interruption))
                ) {
                    isCut = true;
                    // A lost machine takes all that ran on it along.
                    process.kill(interruption.by === "SIGKILL" ? -child.pid! : child.pid!, interruption.by);
                }
            };
            child.stdout.on("data", take);
            child.stderr.on("data", take);
            child.on("error", reject);
            child.on("close", (code) =>
                resolve({ ok: code === 0, output, started, seconds: (Date.now() - started.getTime()) / 1000 }),
            );
        });
    }
}

/** What is done, with the time that has passed; not the plan that is shown before. */
function isAt(line: string, { at }: Interruption): boolean {
    return /^ +\d+:\d\d {2}/.test(line) && at.test(line);
}

function lastLines(output: string): string[] {
    return output.split("\n").slice(0, -1);
}
