import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, type Progress } from "../../../tools";
import { madeOnce } from "../../../tools/cache";

const here = __dirname;
const oldest = [3, 11] as const;
const collection = "ansible_collections/netapp/ontap/";

/** What a program of Python did. */
export interface Ended {
    code: number;
    /** Standard output and standard error, in their order. */
    output: string;
}

/** A virtual environment with NetApp's Python client and Ansible, in the cache outside the checkout. */
export class PythonEnvironment {
    private constructor(private readonly folder: string) {}

    /**
     * Finds the environment of the pinned versions in the cache, or makes it there: about a minute with a good
     * connection, since Ansible's collections come in one package of 54 MB. Nothing is written to the checkout.
     *
     * @throws Error that says what is missing when there is no Python, or with the end of pip's output.
     */
    static async ensure(progress: Progress): Promise<PythonEnvironment> {
        const python = process.env.TRIDENT_DR_PYTHON ?? "python3";
        const version = await versionOf(python);
        const folder = path.join(cacheFolder(), "clients", `python-${version}-${await pins(version)}`);
        await madeOnce(folder, () => make(python, folder, progress), {
            onWait: () => progress("waiting for the Python clients, which another run installs …"),
        });
        return new PythonEnvironment(folder);
    }

    /** Python's executable of this environment. */
    get python(): string {
        return path.join(this.folder, "bin", "python");
    }

    private get environment(): Record<string, string | undefined> {
        return {
            // Compiled code goes to the cache, not to the checkout.
            PYTHONPYCACHEPREFIX: path.join(this.folder, "compiled"),
            // The user's own trust and proxies would come before what a client is told.
            REQUESTS_CA_BUNDLE: undefined,
            CURL_CA_BUNDLE: undefined,
            NO_PROXY: "*",
            no_proxy: "*",
        };
    }

    /** Runs a script of this folder. `onLine` gets each line as it comes. */
    script(name: string, args: string[], onLine?: Progress): Promise<Ended> {
        return run(this.python, [path.join(here, name), ...args], { environment: this.environment, onLine });
    }

    /** Runs a playbook of this folder with `variables`, with `folder` for what Ansible writes. */
    playbook(name: string, variables: object, folder: string, onLine?: Progress): Promise<Ended> {
        const extra = JSON.stringify({ ...variables, ansible_python_interpreter: this.python });
        const args = ["-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", "-e", extra];
        const environment = {
            ...this.environment,
            ANSIBLE_HOME: folder,
            ANSIBLE_LOCAL_TEMP: path.join(folder, "local"),
            ANSIBLE_COLLECTIONS_PATH: path.join(this.folder, "collections"),
            ANSIBLE_CONFIG: path.join(here, "ansible.cfg"),
        };
        return run(this.python, [...args, path.join(here, name)], { environment, onLine });
    }
}

/** `3.11` of the Python that is there. */
async function versionOf(python: string): Promise<string> {
    const wanted = `Python ${oldest.join(".")} or newer with venv (TRIDENT_DR_PYTHON names another executable)`;
    const question = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";
    const { code, output } = await run(python, ["-c", question]).catch(() => {
        throw new Error(`expected ${wanted}, found none at "${python}"`);
    });
    const version = output.trim();
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (code !== 0 || major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
        throw new Error(`expected ${wanted}, found ${version.split("\n").at(-1)}`);
    }
    return version;
}

/** Changes with the pinned versions, with Python and with the machine. */
async function pins(version: string): Promise<string> {
    const hash = createHash("sha256").update(`${version} ${process.platform}/${process.arch}`);
    for (const name of ["requirements.txt", "collections.txt"]) {
        hash.update(await readFile(path.join(here, name)));
    }
    return hash.digest("hex").slice(0, 12);
}

async function make(python: string, folder: string, progress: Progress): Promise<void> {
    const unfinished = `${folder}.${randomUUID()}.unfinished`;
    const download = path.join(unfinished, "download");
    const own = path.join(unfinished, "bin", "python");
    const pip = ["-m", "pip", "--disable-pip-version-check", "--quiet"];
    await mkdir(path.dirname(folder), { recursive: true });
    try {
        progress("installing NetApp's Python client and Ansible (pip), about a minute …");
        await succeed(python, ["-m", "venv", unfinished]);
        await succeed(own, [...pip, "install", "--no-deps", "-r", path.join(here, "requirements.txt")]);
        await succeed(own, [...pip, "download", "--no-deps", "-d", download, "-r", path.join(here, "collections.txt")]);
        for (const wheel of await readdir(download)) {
            const collections = path.join(unfinished, "collections");
            await succeed(own, [path.join(here, "unpack.py"), path.join(download, wheel), collections, collection]);
        }
        await rm(download, { recursive: true });
        await rename(unfinished, folder);
    } catch (error) {
        await rm(unfinished, { recursive: true, force: true });
        throw error;
    }
}

async function succeed(command: string, args: string[]): Promise<void> {
    const { code, output } = await run(command, args);
    if (code !== 0) {
        throw new Error(`the Python clients cannot be installed:\n${output.slice(-3000)}`);
    }
}

interface RunOptions {
    environment?: Record<string, string | undefined>;
    onLine?: Progress | undefined;
}

function run(command: string, args: string[], options: RunOptions = {}): Promise<Ended> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, {
            cwd: here,
            stdio: ["ignore", "pipe", "pipe"],
            env: { ...process.env, PYTHONPATH: undefined, PYTHONHOME: undefined, ...options.environment },
        });
        let output = "";
        let rest = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8").on("data", (text: string) => {
                output += text;
                const lines = (rest + text).split("\n");
                rest = lines.pop() ?? "";
                lines.forEach((line) => options.onLine?.(line));
            });
        }
        child.on("error", reject);
        child.on("close", (code) => resolve({ code: code ?? 1, output }));
    });
}
