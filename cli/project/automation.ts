import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { LocalWorkspace, type Workspace } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { ProjectProblem } from "./problem";
import type { ConfigurationValue, Project } from "./project";

/**
 * Opens the project in a folder, or in one above it, as the CLI does.
 *
 * @throws ProjectProblem where there is none, or no Pulumi
 */
export async function openProject(folder: string): Promise<Project> {
    const root = projectFolder(path.resolve(folder));
    if (root === undefined) {
        throw new ProjectProblem(
            `there is no Pulumi project in ${path.resolve(folder)} or above it: run this in the folder of your Pulumi.yaml, or name that with --project`,
        );
    }
    const workspace = await workspaceIn(root);
    const { name } = await workspace.projectSettings();
    return new AutomatedProject(name, root, workspace);
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
        return await LocalWorkspace.create({ workDir });
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
    ) {}

    async stacks(): Promise<string[]> {
        const listed = stackList.parse(await this.read(["stack", "ls", "--json"]));
        return listed.map(({ name }) => name);
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

    /** By the CLI itself: what the Automation API has for it decrypts every secret on the way. */
    private async read(args: readonly string[]): Promise<unknown> {
        const { command } = this.workspace.pulumiCommand;
        try {
            const { stdout } = await run(command, [...args, "--non-interactive"], {
                cwd: this.folder,
                env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
                timeout: patience,
                maxBuffer: roomForOutputs,
            });
            return JSON.parse(stdout) as unknown;
        } catch (error) {
            throw new ProjectProblem(`pulumi ${args.join(" ")} failed: ${whyFailed(error)}`);
        }
    }
}

const run = promisify(execFile);
const stackList = z.array(z.object({ name: z.string() }));
const configurationValues = z.record(z.string(), z.object({ value: z.string().optional(), secret: z.boolean() }));
const outputValues = z.record(z.string(), z.unknown());

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
