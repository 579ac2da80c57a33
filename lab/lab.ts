import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { writeKubeconfig } from "./kubernetes/kubeconfig";
import { Authority } from "./ontap";
import { installKubernetesPlugin } from "./kubernetes-plugin";
import { type ListedProcess, Supervisor } from "./processes";
import type { SiteDescriptor } from "./site";
import { prepareSite, type StandIn, standIns as allStandIns } from "./siteSetup";
import { guard, type Guard } from "./supervision/guard";
import { cacheFolder, ensureTools, linkTools, type Progress } from "./tools";

export type SiteName = "east" | "west";

interface LabOptions<Name extends string = SiteName> {
    /** Folder for everything the lab keeps; it must not exist, or be empty. Default: a new temporary one. */
    folder?: string;
    /** Intervals and latencies of the real world are divided by this. Default: `LAB_SPEED`, else 60. */
    speed?: number;
    /**
     * How many times as fast as the clock the calendar passes by which Trident Protect's Schedules and mirrors are due.
     * Default: `speed`. Where many applications are to be measured: 1, else each takes its daily snapshot every few seconds.
     */
    calendarSpeed?: number;
    /** Default: east and west. */
    sites?: readonly Name[];
    /** Which stand-ins run besides the real parts. Default: all. */
    standIns?: readonly StandIn[];
    /** Told what is going on, a line at a time. Default: silent. */
    onProgress?: Progress;
}

/** What another process needs to know of a lab that runs. */
interface LabRecord {
    folder: string;
    speed: number;
    sites: SiteDescriptor[];
    plugin: { kind: "real" | "standin"; path: string };
    /** Variables of {@link Lab.environment} but PATH. */
    variables: Record<string, string>;
    bringUpSeconds: number;
}

/**
 * Brings up a lab: two whole sites on loopback, and what is needed to run `pulumi` and `kubectl` against them. It ends
 * with the process that calls this, however that ends, unless {@link Lab.leave} is called.
 *
 * @throws Error that says which part failed and why; nothing is left running then.
 */
export async function bringUp<Name extends string = SiteName>(options: LabOptions<Name> = {}): Promise<Lab<Name>> {
    const { onProgress = () => undefined, standIns = allStandIns } = options;
    const { speed = Number(process.env.LAB_SPEED || 60), sites = ["east", "west"] as unknown as Name[] } = options;
    const { calendarSpeed = speed } = options;
    if (process.platform !== "linux") {
        throw new Error(`The lab needs Linux (/proc, and every address of 127.0.0.0/8), found ${process.platform}`);
    }
    if (!(speed > 0)) {
        throw new Error(`Expected a positive number as the lab's speed (LAB_SPEED), found ${speed}`);
    }
    const tools = await ensureTools({ progress: onProgress });
    const start = Date.now();
    // Without symbolic links in it: Kubernetes' and Pulumi's tools compare paths as text.
    const folder = await realpath(await newFolder(options.folder));
    const supervisor = new Supervisor(path.join(folder, "processes"));
    const guardian = guard(path.join(folder, "processes"), folder);
    try {
        const bin = path.join(folder, "bin");
        await linkTools(tools, bin);
        const plugin = await installPlugin(bin);
        const authority = await Authority.create(path.join(folder, "pki"), "lab");
        const prepared = await Promise.all(
            sites.map((name) =>
                prepareSite({ name, labFolder: folder, speed, calendarSpeed, tools, authority, standIns }),
            ),
        );
        onProgress(`starting ${sites.join(" and ")} in ${folder} …`);
        await Promise.all(prepared.map((site) => site.start(supervisor)));
        const dead = supervisor.list().filter(({ state }) => state === "dead");
        if (dead.length > 0) {
            throw new Error(`Ended right after the start: ${dead.map(({ log }) => log).join(", ")}`);
        }
        const kubeconfig = path.join(folder, "kubeconfig");
        const accesses = prepared.map(({ controlPlane }) => controlPlane.accesses);
        // The current context is that of a person at the last site: the mirror, which one looks at first, stands there.
        await writeKubeconfig(kubeconfig, [
            ...accesses.map(({ admin }) => admin).reverse(),
            ...accesses.map(({ product }) => product),
        ]);
        const descriptors = prepared.map(({ descriptor }) => descriptor);
        const variables = { ...descriptors.map(variablesOf).reduce(merge, {}), ...(await pulumiVariables(folder)) };
        const record: LabRecord = {
            folder,
            speed,
            sites: descriptors,
            plugin,
            variables: { ...variables, KUBECONFIG: kubeconfig, TRIDENT_DR_LAB: folder },
            bringUpSeconds: (Date.now() - start) / 1000,
        };
        await writeFile(path.join(folder, "lab.json"), JSON.stringify(record, undefined, 4), { mode: 0o600 });
        const lab = new Lab<Name>(record, guardian);
        await writeFile(path.join(folder, "env"), lab.environmentFile(), { mode: 0o600 });
        onProgress(`${sites.join(" and ")} are up after ${record.bringUpSeconds.toFixed(1)} s`);
        return lab;
    } catch (error) {
        await supervisor.kill();
        await supervisor.stop();
        guardian.dismiss();
        throw error;
    }
}

/** The lab in a folder, brought up by this process or another. */
export function openLab(folder: string): Lab {
    return new Lab(labIn(folder));
}

/** The same for whoever uses the cluster of east for both sites; the other one stays idle. */
export function openOnOneCluster(folder: string): Lab {
    return new OneClusterLab(labIn(folder));
}

function labIn(folder: string): LabRecord {
    const file = path.join(folder, "lab.json");
    if (!existsSync(file)) {
        throw new Error(`There is no lab in ${folder}: expected ${file}, found no such file`);
    }
    return JSON.parse(readFileSync(file, "utf8")) as LabRecord;
}

/** A lab that runs. */
export class Lab<Name extends string = SiteName> {
    /** What each process of a site knows; also where a test finds URLs, users and logs. */
    readonly sites: Readonly<Record<Name, SiteDescriptor>>;
    /** Where the processes are started, frozen and ended, one by one if need be. */
    readonly supervisor: Supervisor;

    /** Use {@link bringUp} or {@link openLab}. */
    constructor(
        private readonly record: LabRecord,
        private readonly guardian?: Guard,
    ) {
        this.sites = Object.fromEntries(record.sites.map((site) => [site.name, site])) as Record<Name, SiteDescriptor>;
        this.supervisor = new Supervisor(path.join(record.folder, "processes"));
    }

    /** The context by which a site's stack reaches its cluster. */
    contextOf(site: Name): string {
        return site;
    }

    /** Whether both sites are on one cluster. */
    get isOnOneCluster(): boolean {
        return false;
    }

    /** Folder that holds everything; removed by {@link down}. */
    get folder(): string {
        return this.record.folder;
    }

    /** Folder of the lab's executables, to be first in PATH. */
    get bin(): string {
        return path.join(this.folder, "bin");
    }

    /** Whether the Pulumi plugin for Kubernetes is the real one. */
    get plugin(): LabRecord["plugin"] {
        return this.record.plugin;
    }

    get speed(): number {
        return this.record.speed;
    }

    /** Seconds from the first process to a lab that serves; the building of tools is not counted. */
    get bringUpSeconds(): number {
        return this.record.bringUpSeconds;
    }

    /** Every process, and whether it runs. */
    processes(site?: Name): ListedProcess[] {
        return this.supervisor.list({ site });
    }

    /** Variables under which `pulumi` and `kubectl` work against this lab. */
    environment(): Record<string, string> {
        return { ...this.record.variables, PATH: `${this.bin}${path.delimiter}${process.env.PATH ?? ""}` };
    }

    /** The same as a file for a shell to `source`. */
    environmentFile(): string {
        const lines = Object.entries(this.record.variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
        return [...lines, `export PATH=${quoted(this.bin)}:"$PATH"`, ""].join("\n");
    }

    /**
     * Takes a site away. By default every process of it stops in its tracks, so that it swallows packets; with `hard`
     * they are killed, so that connections are refused.
     */
    async kill(site: Name, options: { hard?: boolean } = {}): Promise<void> {
        this.expect(site);
        if (options.hard) {
            await this.supervisor.kill({ site });
        } else {
            await this.supervisor.freeze({ site });
        }
    }

    /** Brings a site back on the data that it had. */
    async revive(site: Name): Promise<void> {
        this.expect(site);
        await this.supervisor.revive({ site });
    }

    /** Lets the lab outlive the process that brought it up. */
    leave(): void {
        this.guardian?.dismiss();
    }

    /** Ends every process; removes the folder unless `keep` is set. */
    async down(options: { keep?: boolean } = {}): Promise<void> {
        await this.supervisor.stop();
        this.guardian?.dismiss();
        if (!options.keep) {
            await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
        }
    }

    private expect(site: Name): void {
        if (!(site in this.sites)) {
            throw new Error(`Expected one of the sites ${Object.keys(this.sites).join(", ")}, found "${site}"`);
        }
    }
}

/** Both sites are on the cluster of east, whose requests are in east's log; a site that dies loses its array and its bucket. */
class OneClusterLab extends Lab {
    override readonly sites: Lab["sites"];

    constructor(record: LabRecord) {
        super(record);
        const [east, west] = ["east", "west"].map((name) => record.sites.find((site) => site.name === name)!);
        const { auditLog } = west!.kubernetes;
        this.sites = { east: east!, west: { ...west!, kubernetes: { ...east!.kubernetes, auditLog } } };
    }

    override contextOf(): string {
        return "east";
    }

    override get isOnOneCluster(): boolean {
        return true;
    }

    override async kill(site: SiteName): Promise<void> {
        for (const name of storage) {
            await this.supervisor.freeze({ site, name });
        }
    }

    override async revive(site: SiteName): Promise<void> {
        for (const name of storage) {
            await this.supervisor.revive({ site, name });
        }
    }
}

/** Processes of a site's array and bucket. */
const storage = ["ontap", "s3"];

async function newFolder(wanted: string | undefined): Promise<string> {
    if (wanted === undefined) {
        return mkdtemp(path.join(tmpdir(), "trident-dr-lab-"));
    }
    if (existsSync(path.join(wanted, "lab.json"))) {
        throw new Error(`There is a lab in ${wanted} already`);
    }
    await mkdir(wanted, { recursive: true });
    return wanted;
}

async function installPlugin(bin: string): Promise<LabRecord["plugin"]> {
    const mode = process.env.LAB_PLUGINS || undefined;
    if (mode !== undefined && mode !== "real" && mode !== "standin") {
        throw new Error(`Expected LAB_PLUGINS to be "real" or "standin", found "${mode}"`);
    }
    const cache = path.join(cacheFolder(), "plugin");
    const plugin = await installKubernetesPlugin({ binFolder: bin, cache, mode });
    if (plugin.kind === "real") {
        // The lab has a Pulumi home of its own, in which a plugin of the user's would not be found.
        await symlink(plugin.path, path.join(bin, "pulumi-resource-kubernetes"));
    }
    return { kind: plugin.kind, path: plugin.path };
}

function variablesOf({ name, kubernetes, ontap, s3 }: SiteDescriptor): Record<string, string> {
    const own = {
        KUBECONFIG: kubernetes.productKubeconfig,
        ONTAP_URL: ontap.url,
        ONTAP_USERNAME: ontap.users.product.username,
        ONTAP_PASSWORD: ontap.users.product.password,
        ONTAP_CA: ontap.caFile,
        SVM: ontap.svm,
        S3_ENDPOINT: s3.endpoint,
        S3_BUCKET: s3.bucket,
        S3_ACCESS_KEY: s3.accessKey,
        S3_SECRET_KEY: s3.secretKey,
        S3_CA: s3.caFile,
    };
    return Object.fromEntries(Object.entries(own).map(([key, value]) => [`${name.toUpperCase()}_${key}`, value]));
}

function merge(all: Record<string, string>, more: Record<string, string>): Record<string, string> {
    return { ...all, ...more };
}

/** State, settings and plugins of the lab's Pulumi are its own. */
async function pulumiVariables(folder: string): Promise<Record<string, string>> {
    const [state, home] = [path.join(folder, "state"), path.join(folder, "pulumi")];
    await Promise.all([mkdir(state), mkdir(home)]);
    return {
        PULUMI_BACKEND_URL: pathToFileURL(state).href,
        PULUMI_CONFIG_PASSPHRASE: "lab",
        PULUMI_HOME: home,
        PULUMI_SKIP_UPDATE_CHECK: "true",
    };
}

function quoted(value: string): string {
    return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
