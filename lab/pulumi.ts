import { spawn } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parse, stringify } from "yaml";
import { productUser } from "./kubernetes/controlPlane";
import { grantRights } from "./kubernetes/rights";
import type { Lab, SiteName } from "./lab";
import type { SiteDescriptor } from "./site";

const checkout = path.join(__dirname, "..");

/** What a run of the CLI gave. */
export interface CliResult {
    ok: boolean;
    /** Standard output and error, in the order in which they came. */
    output: string;
    /** Wall-clock time of the run. */
    started: Date;
    seconds: number;
}

interface CliOptions {
    /** Told each line as it comes. */
    onLine?: (line: string) => void;
    /** Milliseconds after which the CLI is killed. Default: ten minutes. */
    timeout?: number;
    /** Kills the CLI and all that it started (SIGKILL) at the first line of which this is true. */
    killAt?: (line: string) => boolean;
}

/** A stack's configuration file, as far as it is edited: values of any shape. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is the user's own
type StackConfig = Record<string, any>;

/** The real Pulumi CLI, on the stack of one site, as a user would call it. */
export class Stack {
    constructor(
        private readonly lab: Lab,
        readonly site: SiteName,
        /** Folder of Pulumi.yaml. */
        readonly project: string,
        /** Variables over those of the lab, for example another `PULUMI_BACKEND_URL`. */
        private readonly environment: Readonly<Record<string, string>> = {},
    ) {}

    up(options?: CliOptions): Promise<CliResult> {
        return this.run(["up", "--yes", "--stack", this.site], options);
    }

    /** Without the preview before it, of which nothing is asked, or which was looked at already. */
    upAtOnce(options?: CliOptions): Promise<CliResult> {
        return this.run(["up", "--yes", "--skip-preview", "--stack", this.site], options);
    }

    preview(args: string[] = [], options?: CliOptions): Promise<CliResult> {
        return this.run(["preview", "--stack", this.site, ...args], options);
    }

    /** Sets one value of the stack's configuration. */
    /** @param key such as `active`, or a path as `trident-dr:applications[0].every` */
    async configure(key: string, value: string): Promise<void> {
        const isPath = /[.[]/.test(key);
        await this.must(["config", "set", ...(isPath ? ["--path"] : []), key, value, "--stack", this.site]);
    }

    async outputs(): Promise<Record<string, unknown>> {
        const text = await this.must(["stack", "output", "--json", "--stack", this.site]);
        return JSON.parse(text) as Record<string, unknown>;
    }

    /** The whole state, as `pulumi stack export` gives it: secrets are encrypted in it. */
    exported(): Promise<string> {
        return this.must(["stack", "export", "--stack", this.site]);
    }

    run(args: string[], options: CliOptions = {}): Promise<CliResult> {
        return runCli(this.lab, this.project, args, { ...options, environment: this.environment });
    }

    /** The same stack in a shell that has other variables set. */
    with(environment: Record<string, string>): Stack {
        return new Stack(this.lab, this.site, this.project, { ...this.environment, ...environment });
    }

    /** File of the stack's configuration. */
    get file(): string {
        return path.join(this.project, `Pulumi.${this.site}.yaml`);
    }

    /**
     * Changes the plain part of the stack's configuration, as an editor would; keys carry `trident-dr:`. Where its rights
     * depend on the change, an administrator gives it those of the new configuration.
     */
    async edit(change: (config: StackConfig) => void): Promise<void> {
        const { before, after } = await this.change(change);
        if (rightsDependOn(before) !== rightsDependOn(after)) {
            await this.grant();
        }
    }

    /** The same with what no administrator gives rights for: a configuration that is to be refused. */
    async spoil(change: (config: StackConfig) => void): Promise<void> {
        await this.change(change);
    }

    /**
     * An administrator gives the product's user what `trident-dr-rbac` prints for this stack.
     *
     * @param site at whose cluster. Default: the stack's own
     */
    async grant({ kubernetes }: Pick<SiteDescriptor, "kubernetes"> = this.lab.sites[this.site]): Promise<void> {
        await grantRights(kubernetes.adminKubeconfig, this.file, this.roles);
    }

    /** Name of the roles of this project's stacks, of which a lab can have several. */
    get roles(): string {
        const name =
            path.dirname(this.project) === this.lab.folder
                ? `${productUser}-${path.basename(this.project)}`
                : productUser;
        return this.lab.isOnOneCluster ? `${name}-${this.site}` : name;
    }

    private async change(change: (config: StackConfig) => void): Promise<{ before: StackConfig; after: StackConfig }> {
        const text = await readFile(this.file, "utf8");
        const content = parse(text) as { config: StackConfig };
        change(content.config);
        await writeFile(this.file, stringify(content), { mode: 0o600 });
        return { before: (parse(text) as { config: StackConfig }).config, after: content.config };
    }

    async must(args: string[]): Promise<string> {
        const result = await this.run(args);
        if (!result.ok) {
            throw new Error(`pulumi ${args.join(" ")} failed:\n${result.output}`);
        }
        return result.output;
    }
}

/**
 * Makes the two stacks of the example for a lab, with their configuration, in the project that stands in `project`.
 * Default: the checkout's own, so that `pulumi` works by hand from the top folder.
 */
export async function prepareStacks(
    lab: Lab,
    project: string = checkout,
    environment: Readonly<Record<string, string>> = {},
): Promise<Record<SiteName, Stack>> {
    const stacks = {
        east: new Stack(lab, "east", project, environment),
        west: new Stack(lab, "west", project, environment),
    };
    for (const stack of Object.values(stacks)) {
        await writeFile(stack.file, "{}\n", { mode: 0o600 });
        await stack.must(["stack", "init", stack.site]);
        await addPlainConfiguration(lab, stack);
        await stack.grant();
        await addSecrets(lab, stack);
    }
    return stacks;
}

/** A project beside others on one lab, with a state of its own: stacks of the same names do not meet. */
export async function prepareSeparateStacks(lab: Lab, name: string): Promise<Record<SiteName, Stack>> {
    const project = await separateProject(lab, name);
    const state = path.join(project, "state");
    await mkdir(state);
    return prepareStacks(lab, project, { PULUMI_BACKEND_URL: pathToFileURL(state).href });
}

/** A project of its own for a lab that is not the checkout's: the same program, and stack files that it shares with none. */
export async function separateProject(lab: Lab, name = "project"): Promise<string> {
    const folder = path.join(lab.folder, name);
    await mkdir(folder);
    await cp(path.join(checkout, "Pulumi.yaml"), path.join(folder, "Pulumi.yaml"));
    await symlink(path.join(checkout, "examples"), path.join(folder, "examples"));
    await symlink(path.join(checkout, "node_modules"), path.join(folder, "node_modules"));
    return folder;
}

async function addPlainConfiguration(lab: Lab, stack: Stack): Promise<void> {
    const known = (parse(await readFile(stack.file, "utf8")) ?? {}) as Record<string, unknown>;
    const sites = Object.values(lab.sites);
    const described = await Promise.all(sites.map(async (site) => [site.name, await describeSite(lab, site)] as const));
    const shop = lab.isOnOneCluster ? { east: ["shop"], west: ["shop-west"] } : ["shop"];
    const config = {
        "trident-dr:site": stack.site,
        "trident-dr:active": "east",
        "trident-dr:sites": Object.fromEntries(described),
        "trident-dr:applications": [{ name: "shop", namespaces: shop, every: "5 minutes" }],
        ...(lab.isOnOneCluster ? { "trident-dr:sharedCluster": true } : {}),
    };
    await writeFile(stack.file, stringify({ ...known, config }), { mode: 0o600 });
}

/** What of a configuration its rights depend on: most edits change none of it. */
function rightsDependOn(config: StackConfig): string {
    const {
        sites,
        applications = [],
        volumes = [],
        recordNamespace,
        sharedCluster,
    } = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace(/^trident-dr:/, ""), value]),
    ) as StackConfig;
    return JSON.stringify([
        sites,
        (applications as StackConfig[]).map(({ name, namespaces, hooks, labelSelector }) => [
            name,
            namespaces,
            hooks,
            labelSelector,
        ]),
        (volumes as StackConfig[]).map(({ name, recordNamespace: own }) => [name, own]),
        recordNamespace,
        sharedCluster,
    ]);
}

async function describeSite(lab: Lab, { name, ontap, s3 }: SiteDescriptor) {
    return {
        kubernetes: { context: lab.contextOf(name as SiteName) },
        ontap: {
            url: ontap.url,
            certificate: await readFile(ontap.caFile, "utf8"),
            svm: ontap.svm,
            cluster: ontap.clusterName,
            dataLif: "127.0.0.1",
            interclusterAddresses: [ontap.interclusterAddress],
            aggregate: ontap.aggregate,
            tridentUsername: ontap.users.trident.username,
        },
        vault: {
            type: "GenericS3",
            endpoint: s3.endpoint,
            bucket: s3.bucket,
            rootCA: await readFile(s3.caFile, "utf8"),
        },
    };
}

/** Secrets are set by the CLI, which encrypts them. */
async function addSecrets(lab: Lab, stack: Stack): Promise<void> {
    const { ontap } = lab.sites[stack.site];
    const vaults = Object.values(lab.sites).flatMap(({ name, s3 }) => [
        [`trident-dr:vaultCredentials.${name}.accessKeyID`, s3.accessKey],
        [`trident-dr:vaultCredentials.${name}.secretAccessKey`, s3.secretKey],
    ]);
    const secrets = [
        ["trident-dr:ontapUsername", ontap.users.product.username],
        ["trident-dr:ontapPassword", ontap.users.product.password],
        ["trident-dr:tridentPassword", ontap.users.trident.password],
        ["trident-dr:peeringPassphrase", "a passphrase of the lab"],
        ...vaults,
    ];
    const args = secrets.flatMap(([key, value]) => ["--secret", `${key}=${value}`]);
    await stack.must(["config", "set-all", "--path", "--stack", stack.site, ...args]);
}

function runCli(
    lab: Lab,
    project: string,
    args: string[],
    options: CliOptions & { environment: Readonly<Record<string, string>> },
): Promise<CliResult> {
    const started = new Date();
    return new Promise((resolve, reject) => {
        const child = spawn("pulumi", [...args, "--non-interactive"], {
            cwd: project,
            env: { ...process.env, ...lab.environment(), ...options.environment },
            stdio: ["ignore", "pipe", "pipe"],
            detached: true,
        });
        // Plugins may be in groups of their own; an engine that is gone takes them along.
        const kill = () => process.kill(-child.pid!, "SIGKILL");
        let output = "";
        let rest = "";
        const take = (chunk: Buffer) => {
            output += chunk.toString();
            const lines = (rest + chunk.toString()).split("\n");
            rest = lines.pop()!;
            lines.forEach((line) => options.onLine?.(line));
            if (options.killAt !== undefined && lines.some(options.killAt)) {
                kill();
            }
        };
        child.stdout.on("data", take);
        child.stderr.on("data", take);
        const timer = setTimeout(kill, options.timeout ?? 600_000);
        child.on("error", reject);
        child.on("close", (code) => {
            clearTimeout(timer);
            resolve({ ok: code === 0, output, started, seconds: (Date.now() - started.getTime()) / 1000 });
        });
    });
}
