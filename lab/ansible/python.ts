import { createHash, randomUUID } from "node:crypto";
import { readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { madeOnce } from "../tools/cache";
import { cacheFolder } from "../tools";
import { type Commanded, command, type Environment } from "./command";

/** The user's own trust and proxies would come before what a client is told. */
const ownTrust = { REQUESTS_CA_BUNDLE: undefined, CURL_CA_BUNDLE: undefined, NO_PROXY: "*", no_proxy: "*" };
const requirements = path.join(__dirname, "requirements.txt");

/** A virtual environment in the lab's cache, with Ansible and NetApp's Python client in the versions of requirements.txt. */
export class Python {
    private constructor(private readonly folder: string) {}

    /** Finds it in the cache, or makes it there, which takes minutes. */
    static async ensure(log: (line: string) => void): Promise<Python> {
        const python = process.env.TRIDENT_DR_PYTHON ?? "python3";
        const version = await must([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
        const hash = createHash("sha256")
            .update(version)
            .update(await readFile(requirements));
        const folder = path.join(cacheFolder(), "peers", `python-${version.trim()}-${hash.digest("hex").slice(0, 12)}`);
        await madeOnce(folder, () => make(python, folder, log), {
            onWait: () => log("waiting for Ansible and NetApp's Python client, which another run installs …"),
        });
        return new Python(folder);
    }

    get executable(): string {
        return path.join(this.folder, "bin", "python");
    }

    /** Runs a playbook. */
    playbook(
        file: string,
        variables: object,
        environment: Environment,
        options: readonly string[] = [],
    ): Promise<Commanded> {
        const extra = JSON.stringify({ ...variables, ansible_python_interpreter: this.executable });
        const ansible = [this.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local"];
        return command([...ansible, "-e", extra, ...options, file], { ...environment, ...ownTrust });
    }

    /** Runs a script. */
    script(file: string, args: readonly string[]): Promise<Commanded> {
        return command([this.executable, file, ...args], ownTrust);
    }

    /** Name and version of some of Ansible's collections. */
    async collections(...names: readonly string[]): Promise<Record<string, string>> {
        const output = await must([
            this.executable,
            "-m",
            "ansible",
            "galaxy",
            "collection",
            "list",
            "--format",
            "json",
        ]);
        return versionsIn(output, names);
    }

    /** Name and version of some of its packages. */
    async versions(...names: readonly string[]): Promise<Record<string, string>> {
        const pins = (await readFile(requirements, "utf8")).split("\n").map((line) => line.split("=="));
        return Object.fromEntries(
            names.map((name) => [name, pins.find(([pinned]) => pinned === name)?.[1] ?? "unknown"]),
        );
    }
}

/** By the folder in which Ansible found them, as `ansible-galaxy collection list` prints them. */
export function versionsIn(listed: string, names: readonly string[]): Record<string, string> {
    const json = listed.split("\n").find((line) => line.startsWith("{")) ?? "{}";
    const folders = Object.values(JSON.parse(json) as Record<string, Record<string, { version: string }>>);
    return Object.fromEntries(
        names.map((name) => [name, folders.find((found) => name in found)?.[name]?.version ?? "unknown"]),
    );
}

async function make(python: string, folder: string, log: (line: string) => void): Promise<void> {
    const unfinished = `${folder}.${randomUUID()}.unfinished`;
    try {
        log("installing Ansible and NetApp's Python client (pip), some minutes …");
        await must([python, "-m", "venv", unfinished]);
        const pip = [path.join(unfinished, "bin", "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"];
        await must([...pip, "install", "--no-deps", "-r", requirements]);
        await rename(unfinished, folder);
    } catch (error) {
        await rm(unfinished, { recursive: true, force: true });
        throw error;
    }
}

async function must(argv: readonly string[]): Promise<string> {
    const { ok, output } = await command(argv);
    if (!ok) {
        throw new Error(`${argv.slice(0, 4).join(" ")} failed:\n${output.slice(-3000)}`);
    }
    return output;
}
