import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { duplicates } from "../../../../lab/scenarios/kill/destructive";
import { type Call, type Point, pointsOf, sample } from "../../../../lab/scenarios/kill/points";

const kubernetes = "kubernetes /apis/protect.trident.netapp.io/v1/namespaces/shop";

describe("the points at which runs are killed", () => {
    const calls: Call[] = [
        { call: `GET ${kubernetes}/schedules/shop-daily`, occurrence: 1 },
        { call: `GET ${kubernetes}/schedules/shop-replication`, occurrence: 1 },
        { call: `GET ${kubernetes}/schedules (watch)`, occurrence: 1 },
        { call: "GET peer vault /trident-dr-peer/", occurrence: 1 },
        { call: "GET peer vault /trident-dr-peer/trident-dr/shop/epoch-N.json", occurrence: 1 },
        { call: `PATCH ${kubernetes}/schedules/shop-daily`, occurrence: 1 },
        { call: `PATCH ${kubernetes}/schedules/shop-daily`, occurrence: 2 },
    ];

    it("are both sides of each write, and one of each kind of read", () => {
        const points = pointsOf([[], calls]);
        assert.deepEqual(
            points.map(({ call, occurrence, moment }) => `${moment} ${call.replace(kubernetes, "…")} ${occurrence}`),
            [
                "before GET …/schedules/shop-daily 1",
                "after GET …/schedules (watch) 1",
                "before GET peer vault /trident-dr-peer/ 1",
                "before PATCH …/schedules/shop-daily 1",
                "after PATCH …/schedules/shop-daily 1",
                "before PATCH …/schedules/shop-daily 2",
                "after PATCH …/schedules/shop-daily 2",
            ],
        );
        assert.ok(points.every(({ stage }) => stage === 1));
    });

    it("take turns in what is killed, however few they are", () => {
        const points = pointsOf([calls, calls]);
        const victims = ["all", "provider", "cli"];
        assert.deepEqual([...new Set(points.map(({ what }) => what))], victims);
        assert.deepEqual(
            sample(points, 3).map(({ what }) => what),
            victims,
        );
    });

    it("are spread over all runs when only some are tried, and never more than there are", () => {
        const points = pointsOf([calls, calls, calls]);
        assert.deepEqual(
            sample(points, 3).map(({ stage }) => stage),
            [0, 1, 2],
        );
        assert.equal(sample(points, 1_000).length, points.length);
    });

    it("are those at writes first, and in the order of the runs, when only some are tried", () => {
        const points = pointsOf([calls, calls]);
        const atWrites = points.filter(({ call }) => call.startsWith("PATCH "));
        const bare = (some: Point[]) => some.map(({ what: _, ...point }) => point);
        assert.deepEqual(bare(sample(points, atWrites.length)), bare(atWrites));
        const oneMore = sample(points, atWrites.length + 1);
        assert.equal(oneMore.filter(({ call }) => call.startsWith("GET ")).length, 1);
        const stages = oneMore.map(({ stage }) => stage);
        assert.deepEqual(stages, stages.toSorted());
    });
});

describe("destructive calls", () => {
    it("are counted when one was carried out again; what can be repeated is not", () => {
        const once = ["patch AppMirrorRelationship shop/shop", "PUT vault-west trident-dr/shop/epoch-2.json"];
        const again = ["delete AppMirrorRelationship shop/shop", "create ShutdownSnapshot shop/shop-final-1"];
        const harmless = ["patch Schedule shop/shop-daily", "apply ConfigMap shop/trident-dr-record-shop"];
        assert.deepEqual(duplicates([...once, ...again, ...harmless, ...again, ...harmless]), [
            { call: again[0], times: 2 },
            { call: again[1], times: 2 },
        ]);
    });
});

describe("a dynamic provider's process whose calls are noted", function () {
    this.timeout(30_000);
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
