import assert from "node:assert/strict";
import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { freeAddress } from "../../../../lab/ontap/simulator";
import { selfSigned } from "../../../../lab/pki";
import { Body, Client, Endpoint, peer, until } from "./two-clusters";

const root = path.resolve(__dirname, "../../../..");

async function freePort(): Promise<number> {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}

/** A simulator in a process of its own, as the lab runs it: it can be frozen, killed and started again. */
class Process {
    private child: ChildProcess | undefined;

    private constructor(
        private readonly descriptor: string,
        readonly endpoint: Endpoint,
    ) {}

    static async prepare(folder: string, name: string): Promise<Process> {
        const own = path.join(folder, name);
        await mkdir(own, { recursive: true });
        const subject = { commonName: name, addresses: ["127.0.0.1"], names: ["localhost"] };
        const { certFile, keyFile } = await selfSigned(own, "management", subject);
        const user = (username: string) => ({ username, password: username });
        const endpoint: Endpoint = {
            url: `https://127.0.0.1:${await freePort()}`,
            dataUrl: `http://127.0.0.1:${await freePort()}`,
            interclusterAddress: await freeAddress(),
            certificate: await readFile(certFile, "utf8"),
            clusterName: `cluster_${name}`,
            svm: `svm_${name}`,
            aggregate: "aggr1",
        };
        const { certificate: _, ...ontap } = endpoint;
        const descriptor = path.join(own, "site.json");
        const nothing = "unused";
        await writeFile(
            descriptor,
            JSON.stringify({
                name,
                folder: own,
                ledgerFolder: folder,
                speed: 1000,
                kubernetes: {
                    server: nothing,
                    adminKubeconfig: nothing,
                    productKubeconfig: nothing,
                    auditLog: nothing,
                    webhook: { host: nothing, port: 1, certFile, keyFile, caFile: certFile },
                },
                ontap: {
                    ...ontap,
                    certFile,
                    keyFile,
                    caFile: certFile,
                    users: { admin: user("admin"), trident: user("trident"), product: user("product") },
                    requestLog: path.join(own, "requests.log"),
                    folder: path.join(own, "ontap"),
                },
                s3: {
                    endpoint: nothing,
                    bucket: nothing,
                    accessKey: nothing,
                    secretKey: nothing,
                    caFile: certFile,
                    accessLog: nothing,
                },
            }),
        );
        return new Process(descriptor, endpoint);
    }

    /** Starts it on its data; `speed` other than the descriptor's makes its patience with peers longer. */
    async start(speed?: number): Promise<void> {
        if (speed !== undefined) {
            const descriptor = JSON.parse(await readFile(this.descriptor, "utf8")) as Body;
            await writeFile(this.descriptor, JSON.stringify({ ...descriptor, speed }));
        }
        const script = path.join(root, "lab/ontap/main.ts");
        const child = spawn(process.execPath, ["--import", "tsx", script, "--site", this.descriptor], {
            cwd: root,
            stdio: ["ignore", "pipe", "inherit"],
        });
        this.child = child;
        const [line] = (await Promise.race([once(child.stdout, "data"), once(child, "exit")])) as [unknown];
        assert.equal(String(line), "ready\n");
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
        processes = { east: await Process.prepare(folder, "east"), west: await Process.prepare(folder, "west") };
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

    it("answers at once for its own affairs while its peer is frozen", async () => {
        // At this speed a call to a peer gives up after 15 seconds: whatever waits for one is seen by the time it takes.
        await processes.west.end("SIGKILL");
        await processes.west.start(2);
        processes.east.signal("SIGSTOP");
        try {
            const started = Date.now();
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
            assert.ok(Date.now() - started < 14_000, `took ${Date.now() - started} ms`);
        } finally {
            processes.east.signal("SIGCONT");
        }
    });

    it("ends on SIGTERM", async () => {
        assert.equal(await processes.west.end("SIGTERM"), 0);
    });
});
