import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type EngineEvent, LocalWorkspace, Stack, type Workspace } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { ProjectProblem } from "./problem";
import { Heard, whyRunFailed } from "./heard";
import type { ConfigurationValue, KeyValue, Project, RunOfCli } from "./project";

/**
 * Opens the project in a folder, or in one above it, as the CLI does.
 *
 * @throws ProjectProblem where there is none, or no Pulumi
 */
export async function openProject(folder: string, interruption = new AbortController()): Promise<Project> {
    const root = projectFolder(path.resolve(folder));
    if (root === undefined) {
        throw new ProjectProblem(
            `there is no Pulumi project in ${path.resolve(folder)} or above it: run this in the folder of your Pulumi.yaml, or name that with --project`,
        );
    }
    const workspace = await workspaceIn(root);
    const { name } = await workspace.projectSettings();
    return new AutomatedProject(name, root, workspace, interruption);
}

function projectFolder(folder: string): string | undefined {
    if (["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].some((file) => existsSync(path.join(folder, file)))) {
        return folder;
    }
    const above = path.dirname(folder);
    return above === folder ? undefined : projectFolder(above);
}

async function workspaceIn(workDir: string): Promise<Workspace> {
    try {
        // What runs print for a program would be among what they print for a person.
        return await LocalWorkspace.create({ workDir, envVars: { TRIDENT_DR_PLAN: "" } });
    } catch (error) {
        if (/ENOENT/.test(String(error))) {
            throw new ProjectProblem("pulumi was not found: install the Pulumi CLI, or put it on the PATH");
        }
        throw error;
    }
}

/** Milliseconds after which a state backend that does not answer is given up. */
const patience = 60_000;
/** Bytes of the outputs of many applications. */
const roomForOutputs = 256 * 1024 * 1024;

class AutomatedProject implements Project {
    constructor(
        readonly name: string,
        readonly folder: string,
        private readonly workspace: Workspace,
        private readonly interruption: AbortController,
    ) {}

    async stacks(): Promise<string[]> {
        return (await this.listed()).map(({ name }) => name);
    }

    async isRunning(stack: string): Promise<boolean> {
        return (await this.listed()).some(({ name, updateInProgress }) => name === stack && updateInProgress === true);
    }

    async configuration(stack: string): Promise<Record<string, ConfigurationValue>> {
        return configurationValues.parse(await this.read(["config", "--json", "--stack", stack]));
    }

    async decrypted(stack: string): Promise<Record<string, string>> {
        const values = configurationValues.parse(
            await this.read(["config", "--json", "--show-secrets", "--stack", stack]),
        );
        return Object.fromEntries(Object.entries(values).map(([key, { value = "" }]) => [key, value]));
    }

    async outputs(stack: string): Promise<Record<string, unknown>> {
        return outputValues.parse(await this.read(["stack", "output", "--json", "--stack", stack]));
    }

    async configure(stack: string, values: readonly KeyValue[]): Promise<void> {
        await this.cli(["config", "set-all", "--stack", stack, "--path", ...plaintext(values)]);
    }

    /** With a copy of the stack's file: whatever becomes of this, the user's own stays as it is. */
    async preview(stack: string, values: readonly KeyValue[]): Promise<RunOfCli> {
        if (values.length === 0) {
            return this.run(stack, (one, events) => one.preview({ onEvent: events }));
        }
        const folder = await mkdtemp(path.join(tmpdir(), "trident-dr-"));
        try {
            const configFile = path.join(folder, `Pulumi.${stack.split("/").at(-1)}.yaml`);
            await copyFile(await this.fileOf(stack), configFile);
            await this.cli([
                "config",
                "set-all",
                "--stack",
                stack,
                "--config-file",
                configFile,
                "--path",
                ...plaintext(values),
            ]);
            return await this.run(stack, (one, events) => one.preview({ onEvent: events, configFile }));
        } finally {
            await rm(folder, { recursive: true, force: true });
        }
    }

    up(
        stack: string,
        onLine: (line: string) => void,
        onOutputs?: (outputs: Readonly<Record<string, unknown>>) => void,
    ): Promise<RunOfCli> {
        const { signal } = this.interruption;
        const heard = new Heard(onLine, onOutputs);
        return this.run(
            stack,
            (one, events) => withoutSummary(one).up({ onEvent: events, signal, ...plansAtOnce() }),
            heard,
        );
    }

    private async listed(): Promise<z.infer<typeof stackList>> {
        return stackList.parse(await this.read(["stack", "ls", "--json"]));
    }

    private async fileOf(stack: string): Promise<string> {
        const { stackConfigDir } = stackFolder.parse(await this.workspace.projectSettings());
        const file = path.join(this.folder, stackConfigDir ?? "", `Pulumi.${stack.split("/").at(-1)}.yaml`);
        if (!existsSync(file)) {
            throw new ProjectProblem(`stack ${stack} has no file ${file}: a plan needs the configuration in it`);
        }
        return file;
    }

    private async run(
        name: string,
        operation: (stack: Stack, onEvent: (event: EngineEvent) => void) => Promise<unknown>,
        heard = new Heard(() => undefined),
    ): Promise<RunOfCli> {
        // To select a stack would change which one the user's own commands are for.
        const workspace = Object.create(this.workspace, {
            selectStack: { value: () => Promise.resolve() },
        }) as Workspace;
        try {
            await operation(await Stack.select(name, workspace), (event) => heard.take(event));
            return heard.run("");
        } catch (error) {
            return heard.run(whyRunFailed(error, name, heard.errors));
        }
    }

    /** By the CLI itself: what the Automation API has for it decrypts every secret on the way. */
    private async read(args: readonly string[]): Promise<unknown> {
        const said = await this.cli(args);
        try {
            return JSON.parse(said) as unknown;
        } catch {
            throw new ProjectProblem(`pulumi ${args.slice(0, 2).join(" ")} printed no JSON`);
        }
    }

    private async cli(args: readonly string[]): Promise<string> {
        const { command } = this.workspace.pulumiCommand;
        try {
            const { stdout } = await execute(command, [...args, "--non-interactive"], {
                cwd: this.folder,
                env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
                timeout: patience,
                maxBuffer: roomForOutputs,
            });
            return stdout;
        } catch (error) {
            throw new ProjectProblem(`pulumi ${args.slice(0, 2).join(" ")} failed: ${whyFailed(error)}`);
        }
    }
}

/**
 * What a plan waits for is the cluster's and the array's work, so that one for each application can be under way; the CLI
 * would execute four for each core of this machine. A person's own number counts.
 */
function plansAtOnce(): { parallel?: number } {
    return process.env.PULUMI_PARALLEL === undefined ? { parallel: 100 } : {};
}

/**
 * After a run the Automation API asks the CLI for the stack's outputs and its history, with secrets and in a process for
 * each, which nobody reads here.
 */
function withoutSummary(stack: Stack): Stack {
    return Object.create(stack, {
        outputs: { value: () => Promise.resolve({}) },
        info: { value: () => Promise.resolve(undefined) },
    }) as Stack;
}

const execute = promisify(execFile);
const stackList = z.array(z.object({ name: z.string(), updateInProgress: z.boolean().optional() }));
const configurationValues = z.record(z.string(), z.object({ value: z.string().optional(), secret: z.boolean() }));
const stackFolder = z.looseObject({ stackConfigDir: z.string().optional() });
const outputValues = z.record(z.string(), z.unknown());

function plaintext(values: readonly KeyValue[]): string[] {
    return values.flatMap(({ key, value }) => ["--plaintext", `${key}=${value}`]);
}

/** What the CLI said, without the command, which is said already, and without its label. */
function whyFailed(error: unknown): string {
    const { stderr = "", killed, message } = error as { stderr?: string; killed?: boolean; message: string };
    if (killed === true) {
        return `it gave no answer in ${patience / 1000} s: is the state backend reached (pulumi whoami -v)?`;
    }
    const lines = stderr.split("\n").map((line) => line.trim());
    const said = lines.find((line) => line.startsWith("error: ")) ?? lines.find((line) => line !== "") ?? message;
    return said.replace(/^error: /, "");
}
