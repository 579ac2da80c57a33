import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Call } from "../../../../lab/scenarios/kill/points";

describe("a dynamic provider's process whose calls are noted", () => {
    const preload = path.join(__dirname, "..", "..", "..", "..", "lab", "scenarios", "kill", "calls.cjs");
    let folder: string;
    let server: Server;
    let served: string[];

    before(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "calls-"));
        await mkdir(path.join(folder, "pulumi", "cmd"), { recursive: true });
        server = createServer((request, response) => {
            served.push(`${request.method} ${request.url}`);
            if (request.url !== "/silent") {
                response.end();
            }
        });
        await once(server.listen(0, "127.0.0.1"), "listening");
    });
    after(async () => {
        server.close();
        await rm(folder, { recursive: true });
    });

    const places = ["/shop/epoch-3.json", "/api/volumes/0f0f0f0f-0000-0000-0000-000000000000?fields=uuid", "/east"];

    /** Makes calls with one client, one after the other; the signal that ended the process, and what was noted. */
    async function run(name: string, kill?: object, paths = places, launched: string[] = []) {
        served = [];
        const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
        const script = path.join(folder, "pulumi", "cmd", `${name}.cjs`);
        await writeFile(
            script,
            `const agent = new (require("node:http").Agent)({ keepAlive: true });
             const call = (path, method) => new Promise((done) => require("node:http")
                 .request({ host: "${host.split(":")[0]}", port: ${host.split(":")[1]}, path, method, agent },
                     (answer) => answer.resume().on("end", done))
                 .setTimeout(200, function () { this.destroy(); }).on("error", done).end());
             (async () => { for (const path of ${JSON.stringify(paths)}) await call(path, "PATCH"); process.exit(0); })();`,
        );
        const file = path.join(folder, `${name}.jsonl`);
        await rm(file, { force: true });
        const settings = { file, hosts: { [host]: "array" }, names: { east: "own" }, kill };
        const child = spawn(process.execPath, [...launched, "--require", preload, script], {
            env: { ...process.env, LAB_CALLS: JSON.stringify(settings) },
        });
        const [, signal] = (await once(child, "exit")) as [number | null, string | null];
        const text = await readFile(file, "utf8").catch(() => "");
        return { pid: child.pid, signal, noted: text.split("\n").filter((line) => line !== "") };
    }

    const second = { call: "PATCH array /api/volumes/ID", occurrence: 1 };

    it("notes them without names, numbers and ids", async () => {
        const { signal, noted } = await run("dynamic-provider");
        assert.equal(signal, null);
        assert.deepEqual(
            noted.map((line) => (JSON.parse(line) as Call).call),
            ["PATCH array /shop/epoch-N.json", second.call, "PATCH array /own"],
        );
    });

    it("is ended before the call is sent, or after it was answered", async () => {
        for (const [moment, expected] of [
            ["before", 1],
            ["after", 2],
        ] as const) {
            const { signal, noted } = await run("dynamic-provider", { ...second, moment, what: "provider" });
            assert.equal(signal, "SIGKILL");
            assert.equal(served.length, expected);
            assert.equal(noted.at(-1), '{"killed":"provider"}');
        }
    });

    it("is ended after a call that nobody answers once it is given up", async () => {
        const silent = { call: "PATCH array /silent", occurrence: 1, moment: "after", what: "provider" };
        const { signal } = await run("dynamic-provider", silent, ["/silent", "/east"]);
        assert.equal(signal, "SIGKILL");
        assert.deepEqual(served, ["PATCH /silent"]);
    });

    describe("which is to end its CLI", () => {
        const atSecond = { ...second, moment: "before", what: "cli" };

        /** Instead of killing anybody, it is written down who would be. */
        async function killedBy(parent: string) {
            const [stub, launcher, list] = ["stub.cjs", "launcher.cjs", "kills"].map((name) => path.join(folder, name));
            await writeFile(list!, "");
            await writeFile(
                stub!,
                `process.kill = (...args) => require("node:fs").appendFileSync(${JSON.stringify(list)}, args.join(" ") + "\\n");`,
            );
            await writeFile(
                launcher!,
                `process.title = ${JSON.stringify(parent)};
                 const rest = process.argv.slice(2);
                 require("node:child_process").spawnSync(process.execPath, ["--require", ${JSON.stringify(stub)}, ...rest]);`,
            );
            const { pid, noted } = await run("dynamic-provider", atSecond, places, [launcher!]);
            const kills = (await readFile(list!, "utf8")).split("\n").filter((line) => line !== "");
            return { pid, noted, kills };
        }

        it("ends the CLI's process group once, and makes the calls that are left", async () => {
            const { pid, kills, noted } = await killedBy("pulumi");
            assert.deepEqual(kills, [`-${pid} SIGKILL`]);
            assert.equal(noted.filter((line) => line.includes("killed")).length, 1);
            assert.equal(served.length, 3);
        });

        it("ends nobody when there is none: to signal the parent of all means everybody", async () => {
            const { kills, noted } = await killedBy("init");
            assert.deepEqual(kills, []);
            assert.ok(noted.every((line) => !line.includes("killed")));
        });
    });

    it("is the only one: other processes of the same run are left alone", async () => {
        const { signal, noted } = await run("run", { ...second, moment: "before", what: "provider" });
        assert.deepEqual([signal, noted], [null, []]);
        assert.equal(served.length, 3);
    });
});
