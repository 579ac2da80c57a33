import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { PythonEnvironment } from "./clients/python";

const packageFolder = path.join(__dirname, "..");

/** npm as a user calls it in a shell: it knows nothing of the npm command that this test may have been started by. */
const environment = Object.fromEntries(
    Object.entries(process.env).filter(
        ([name]) => !/^(npm_(package|lifecycle|config_local_prefix)|INIT_CWD)/.test(name),
    ),
);

/** What `ontap-simulator --json` prints. */
interface Facts {
    url: string;
    username: string;
    password: string;
    certificateFile: string;
    certificate: string;
    cluster: string;
    svm: string;
    aggregate: string;
    interclusterAddress: string;
    dataUrl: string;
}

interface Started {
    child: ChildProcess;
    /** Everything that it started has ended as well, since all of it holds the same pipe. */
    closed: Promise<unknown>;
}

describe("ONTAP simulator: the packed package, installed in an empty folder", function () {
    // Packages are downloaded, the first time on a machine NetApp's client as well.
    this.timeout(900_000);
    let folder: string;
    let python: PythonEnvironment;
    const started: Started[] = [];

    before(async () => {
        python = await PythonEnvironment.ensure((line) => console.log(`      ${line}`));
        folder = await mkdtemp(path.join(os.tmpdir(), "ontap-packed-"));
        const tarballs = path.join(folder, "tarballs");
        await mkdir(tarballs);
        await npm(["pack", "--pack-destination", tarballs], packageFolder);
        const [tarball] = await readdir(tarballs);
        const empty = path.join(folder, "empty");
        await mkdir(empty);
        await npm(["install", "--prefix", empty, "--no-audit", "--no-fund", path.join(tarballs, tarball!)], empty);
    });
    after(async () => {
        await Promise.all(started.map(end));
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    });

    it("serves NetApp's Python client, two clusters as peers", async () => {
        const [east, west] = await Promise.all([start("east"), start("west")]);
        const sites = path.join(folder, "sites.json");
        await writeFile(sites, JSON.stringify({ east: described(east), west: described(west) }));
        const { code, output } = await python.script("circle.py", [sites]);
        assert.equal(code, 0, output.slice(-6000));
    });

    it("says what a person needs to know, and goes on with its data after a restart", async () => {
        const before = await start("lasting");
        await end(started.at(-1)!);
        const output = await launch("lasting");
        assert.match(output, /^URL +https:\/\/127\.0\.0\.1:\d+$/m);
        assert.match(output, /^user +admin$/m);
        assert.match(output, /^password +admin$/m);
        assert.ok(output.includes(before.certificateFile));
        assert.ok(output.includes(before.certificate.trimEnd()), "another certificate");
        assert.ok(output.includes(before.interclusterAddress), "another address");
        assert.equal(await readFile(before.certificateFile, "utf8"), before.certificate);
    });

    it("ends with a message when it cannot listen", async () => {
        const { url } = await start("first");
        const cli = path.join(folder, "empty", "node_modules", ".bin", "ontap-simulator");
        const args = ["--folder", path.join(folder, "second"), "--port", new URL(url).port];
        const failure = await promisify(execFile)(cli, args).then(
            () => assert.fail("it serves"),
            (error: { code: number; stderr: string }) => error,
        );
        assert.equal(failure.code, 1);
        assert.match(failure.stderr, /EADDRINUSE/);
    });

    /** Starts one through npx, and gives what it prints. */
    async function start(name: string): Promise<Facts> {
        return JSON.parse(await launch(name, ["--json"])) as Facts;
    }

    /** All that it says at its start. */
    async function launch(name: string, options: string[] = []): Promise<string> {
        const names = ["--name", `cluster_${name}`, "--svm", `svm_${name}`, "--aggregate", `aggr_${name}`];
        const child = spawn(
            "npx",
            ["ontap-simulator", "--folder", path.join(folder, name), "--speed", "1000", ...names, ...options],
            // A process group of its own: npx, and what it starts.
            { cwd: path.join(folder, "empty"), env: environment, detached: true, stdio: ["ignore", "pipe", "inherit"] },
        );
        started.push({ child, closed: once(child, "close") });
        let output = "";
        for await (const line of createInterface({ input: child.stdout })) {
            output += `${line}\n`;
            if (line.startsWith("{") || line.includes("curl")) {
                child.stdout.resume();
                return output;
            }
        }
        return assert.fail(`it ended: ${output}`);
    }
});

async function npm(args: string[], cwd: string): Promise<void> {
    await promisify(execFile)("npm", args, { cwd, env: environment });
}

/** Interrupts it as Ctrl-C does, which reaches the whole group. */
async function end({ child, closed }: Started): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
        process.kill(-child.pid!, "SIGINT");
    }
    await closed;
}

/** A cluster as the Python scripts are told of it. */
function described(facts: Facts): object {
    return {
        url: facts.url,
        data_url: facts.dataUrl,
        svm: facts.svm,
        aggregate: facts.aggregate,
        cluster_name: facts.cluster,
        address: facts.interclusterAddress,
        ca_file: facts.certificateFile,
        username: facts.username,
        password: facts.password,
    };
}
