import assert from "node:assert/strict";
import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Body, Client, Endpoint, peer, until } from "./twoClusters";

const root = path.resolve(__dirname, "../../../..");

/** A simulator in a process of its own: it can be frozen, killed and started again. */
class Process {
    private child: ChildProcess | undefined;
    private known: Endpoint | undefined;

    constructor(
        private readonly folder: string,
        private readonly name: string,
    ) {}

    /** Where it serves, and will serve again after a restart. */
    get endpoint(): Endpoint {
        assert.ok(this.known, "it was not started yet");
        return this.known;
    }

    /** Starts it, on its data if it has some. */
    async start(...options: string[]): Promise<void> {
        const args = ["--folder", path.join(this.folder, this.name), "--speed", "1000", "--json", ...options];
        const names = ["--name", `cluster_${this.name}`, "--svm", `svm_${this.name}`];
        const ports = this.known
            ? ["--port", new URL(this.known.url).port, "--data-port", new URL(this.known.dataUrl).port]
            : [];
        const cli = path.join(root, "lab/ontap/cli.ts");
        const child = spawn(process.execPath, ["--import", "tsx", cli, ...args, ...names, ...ports], {
            cwd: root,
            stdio: ["ignore", "pipe", "inherit"],
        });
        this.child = child;
        const [line] = (await Promise.race([once(child.stdout, "data"), once(child, "exit")])) as [unknown];
        const facts = JSON.parse(String(line)) as Endpoint & { cluster: string };
        this.known = { ...facts, clusterName: facts.cluster };
    }

    signal(name: NodeJS.Signals): void {
        this.child?.kill(name);
    }

    async end(name: NodeJS.Signals): Promise<number | null> {
        if (this.child === undefined || this.child.exitCode !== null || this.child.signalCode !== null) {
            return this.child?.exitCode ?? null;
        }
        const exit = once(this.child, "exit");
        this.child.kill(name);
        return ((await exit) as [number | null])[0];
    }
}

describe("ONTAP simulator: processes that are killed and frozen", function () {
    this.timeout(120_000);
    let folder: string;
    let processes: { east: Process; west: Process };
    let east: Client;
    let west: Client;
    let mirror: string;

    before(async () => {
        folder = await mkdtemp(path.join(os.tmpdir(), "ontap-"));
        processes = { east: new Process(folder, "east"), west: new Process(folder, "west") };
        await Promise.all([processes.east.start(), processes.west.start()]);
        east = new Client(processes.east.endpoint);
        west = new Client(processes.west.endpoint);
        await peer(east, west);
        await east.makeVolume("shop", { nas: { path: "/shop" } });
        await west.makeVolume("shop_dr", { type: "dp" });
        await east.append("/shop", "log", "one\n");
        mirror = await west.mirror("svm_east:shop", "svm_west:shop_dr");
        await west.set(mirror, "snapmirrored");
    });
    after(async () => {
        await Promise.all([processes.east.end("SIGKILL"), processes.west.end("SIGKILL")]);
        await rm(folder, { recursive: true, force: true });
    });

    it("has everything that was acknowledged after a SIGKILL, and mirrors on", async () => {
        assert.equal(await east.append("/shop", "log", "two\n"), 200);
        await Promise.all([processes.east.end("SIGKILL"), processes.west.end("SIGKILL")]);
        await Promise.all([processes.east.start(), processes.west.start()]);
        assert.equal(await east.content("shop", "log"), "one\ntwo\n");
        assert.equal(await west.content("shop_dr", "log"), "one\n");
        assert.equal((await west.relationship(mirror))["state"], "snapmirrored");
        await west.update(mirror);
        assert.equal(await west.content("shop_dr", "log"), "one\ntwo\n");
    });

    it("fails the transfer and the job that a SIGKILL cut off, and takes them up anew", async () => {
        await east.append("/shop", "big", "x".repeat(3_000_000));
        await west.faults(
            { kind: "bandwidth", bytesPerSecond: 20 },
            { kind: "slowJob", method: "PATCH", path: "/storage/volumes/*", milliseconds: 60_000 },
        );
        await west.post(`/snapmirror/relationships/${mirror}/transfers`);
        const { uuid } = await west.volume("shop_dr");
        const slow = await west.patch(`/storage/volumes/${uuid}`, { comment: "never" });
        await until("bytes flow", async () => (await west.relationship(mirror))["transfer"].state === "transferring");
        await processes.west.end("SIGKILL");
        await processes.west.start();
        const after = await west.relationship(mirror);
        assert.deepEqual(
            [after["state"], after["healthy"], after["transfer"].state],
            ["snapmirrored", false, "failed"],
        );
        const job = (await west.get(`/cluster/jobs/${(slow.data["job"] as Body)["uuid"]}?fields=*`)).data;
        assert.deepEqual([job["state"], job["code"]], ["failure", 393271]);
        await west.update(mirror);
        assert.equal((await west.content("shop_dr", "big"))?.length, 3_000_000);
    });

    it("waits for nothing of its peer's in its own affairs while that is frozen", async () => {
        // It would wait for hours: whatever did wait for the peer would never get done here.
        await processes.west.end("SIGKILL");
        await processes.west.start("--peer-timeout", "36000");
        processes.east.signal("SIGSTOP");
        try {
            await west.get("/snapmirror/relationships?fields=*");
            await west.post(`/snapmirror/relationships/${mirror}/transfers`);
            const running = await west.relationship(mirror);
            assert.ok(["queued", "transferring"].includes(running["transfer"].state as string));
            await west.patch(`/snapmirror/relationships/${mirror}`, { state: "paused" });
            await west.patch(`/snapmirror/relationships/${mirror}/transfers/${running["transfer"].uuid}`, {
                state: "aborted",
            });
            await west.settled(mirror, "paused");
            await west.set(mirror, "broken_off");
            await west.done("delete", `/snapmirror/relationships/${mirror}?destination_only=true`);
        } finally {
            processes.east.signal("SIGCONT");
        }
    });

    it("ends on SIGTERM", async () => {
        assert.equal(await processes.west.end("SIGTERM"), 0);
    });
});
