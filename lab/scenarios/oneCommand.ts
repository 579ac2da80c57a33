import { spawn } from "node:child_process";
import path from "node:path";
import type { Lab } from "../lab";
import type { CliResult } from "../pulumi";
import { announcedLoss, recoveryTime } from "./output";
import type { ScenarioReport } from "./report";
import { ScenarioRun } from "./scenarioRun";
import { expectOk, type Log, type Outcome } from "./scenarioSteps";

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

/**
 * The whole circle with `trident-dr` alone: a switch by an agreed plan, a failover, the return of the lost site and the
 * way back. Runs are interrupted on the way, and the same command resumes each.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function oneCommand(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log);
    const console = new Console(scenario, lab, project);
    await scenario.writes("east", 50);

    await switchByPlan(scenario, console, path.join(project, "switch.json"));
    await scenario.writes("west", 20);
    await failOver(scenario, console);
    await scenario.writes("east", 20);
    await scenario.revive("west");
    await comeBack(scenario, console);
    await scenario.writes("east", 20);
    await console.resumed(
        ["failback", "shop", "--to", "west", "--yes"],
        [
            { at: /create ShutdownSnapshot/, by: "SIGINT" },
            { at: /patch AppMirrorRelationship .*: Promoted/, by: "SIGKILL" },
        ],
    );
    await scenario.writes("west", 20);
    expectUnchanged(await console.type(["failback", "shop"]));

    const { report, faults } = await scenario.end("one-command", "west", ["east", "west"]);
    const counted: OneCommandReport = { ...report, ...console.counts };
    return { report: counted, faults };
}

/** What was agreed on is done, and only that; an interruption does not change what is left of it. */
async function switchByPlan(scenario: ScenarioRun, console: Console, file: string): Promise<void> {
    expectOk(await console.type(["plan", "switch", "shop", "--to", "west", "--json", "--out", file]));
    await console.resumed(
        ["switch", "--plan", file, "--yes"],
        [
            { at: /pulumi config set active west --stack east/, by: "SIGINT" },
            { at: /create ShutdownSnapshot/, by: "SIGINT" },
            { at: /patch AppMirrorRelationship .*: Promoted/, by: "SIGINT" },
        ],
    );
    const outdated = await console.type(["switch", "--plan", file, "--yes"]);
    expectUnchanged(outdated);
    scenario.log("the plan is carried out: the same command finds nothing left to do");
}

async function failOver(scenario: ScenarioRun, console: Console): Promise<void> {
    const killed = await scenario.kill("west");
    const asked = await console.type(["failover", "shop", "--to", "east"]);
    if (asked.ok || announcedLoss(asked.output) === undefined) {
        throw new Error(`A failover that nobody confirmed was not refused, or says no loss:\n${asked.output}`);
    }
    const run = expectOk(await console.type(["failover", "shop", "--to", "east", "--yes"]));
    scenario.tookOver("west", run, {
        seconds: announcedLoss(run.output) ?? 0,
        since: recoveryTime(run.output),
    });
    await scenario.served("from the death of the other site to the first write", "east", killed);
}

async function comeBack(scenario: ScenarioRun, console: Console): Promise<void> {
    const runs = await console.resumed(
        ["rejoin", "shop", "--yes"],
        [{ at: /create Snapshot shop.shop-base/, by: "SIGINT" }],
    );
    const output = runs.map((run) => run.output).join("\n");
    scenario.stoodAside("west", { ...runs[0]!, output });
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
            const cut = await this.type(args, interruption);
            this.scenario.drove(cut);
            runs.push(cut);
            if (cut.ok) {
                throw new Error(
                    `trident-dr ${args.join(" ")} did not come by ${String(interruption.at)}:\n${cut.output}`,
                );
            }
            this.counts.resumed++;
            if (interruption.by === "SIGKILL") {
                await this.unlock(await this.type(args));
            }
        }
        const last = expectOk(await this.type(args));
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

    /** A run that was killed leaves its stack locked: the command is refused, and says what to type. */
    private async unlock(refused: CliResult): Promise<void> {
        const locked = /"pulumi cancel --stack (?<stack>\w+)"/.exec(refused.output)?.groups?.["stack"];
        if (refused.ok || locked === undefined) {
            throw new Error(`Expected the command to be refused because a stack is locked:\n${refused.output}`);
        }
        this.counts.cancels++;
        await this.scenario.both.find(({ site }) => site === locked)!.must(["cancel", "--yes", "--stack", locked]);
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
