import axios, { AxiosInstance, AxiosResponse } from "axios";
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import https from "node:https";
import os from "node:os";
import path from "node:path";
import { SimulatorOptions } from "../../../../lab/ontap/options";
import { Simulator, startSimulator } from "../../../../lab/ontap/simulator";

/** What of a simulator a test talks to; a child process offers the same. */
export type Endpoint = Pick<
    Simulator,
    "url" | "dataUrl" | "interclusterAddress" | "certificate" | "clusterName" | "svm" | "aggregate"
>;

/** JSON of the simulator: what is in it is what the tests look for. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Body = Record<string, any>;

/** Asks `look` again and again until it gives something; the failure shows what it gave last. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, seconds = 10): Promise<T> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const found = await look();
        if (found !== undefined && found !== false) {
            return found;
        }
        assert.ok(Date.now() < end, `${what}: not within ${seconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 15));
    }
}

/** A client of one simulated cluster, with the few calls that the tests make over and over. */
export class Client {
    readonly http: AxiosInstance;

    constructor(
        readonly at: Endpoint,
        user = "admin",
        password = user,
    ) {
        this.http = axios.create({
            baseURL: at.url,
            auth: { username: user, password },
            httpsAgent: new https.Agent({ ca: at.certificate, keepAlive: true }),
            validateStatus: () => true,
            timeout: 20_000,
        });
    }

    get(url: string, headers: Record<string, string> = {}): Promise<AxiosResponse<Body>> {
        return this.http.get(`/api${url}`, { headers });
    }

    post(url: string, body: unknown = {}): Promise<AxiosResponse<Body>> {
        return this.http.post(`/api${url}`, body);
    }

    patch(url: string, body: unknown = {}): Promise<AxiosResponse<Body>> {
        return this.http.patch(`/api${url}`, body);
    }

    delete(url: string): Promise<AxiosResponse<Body>> {
        return this.http.delete(`/api${url}`);
    }

    async faults(...faults: object[]): Promise<void> {
        await this.http.delete("/lab/faults");
        assert.equal((await this.http.post("/lab/faults", faults)).status, 200);
    }

    /** Does a write and waits for its job; resolves with the job as it ended. */
    async job(method: "post" | "patch" | "delete", url: string, body?: unknown): Promise<Body> {
        const answer = method === "delete" ? await this.delete(url) : await this[method](url, body);
        assert.equal(answer.status, 202, JSON.stringify(answer.data));
        const { uuid } = answer.data["job"] as { uuid: string };
        return until(`job of ${method} ${url}`, async () => {
            const { data } = await this.get(`/cluster/jobs/${uuid}?fields=state,message,code,error`);
            return ["success", "failure"].includes(data["state"] as string) && data;
        });
    }

    /** Like `job`, and the job must have succeeded. */
    async done(method: "post" | "patch" | "delete", url: string, body?: unknown): Promise<void> {
        const job = await this.job(method, url, body);
        assert.equal(job["state"], "success", JSON.stringify(job));
    }

    async makeVolume(name: string, more: Body = {}): Promise<void> {
        const body = {
            name,
            svm: { name: this.at.svm },
            aggregates: [{ name: this.at.aggregate }],
            size: "1GB",
            ...more,
        };
        await this.done("post", "/storage/volumes", body);
    }

    async volume(name: string): Promise<Body> {
        return ((await this.get(`/storage/volumes?name=${name}&fields=*`)).data["records"] as Body[])[0] ?? {};
    }

    async snapshotNames(volume: string): Promise<string[]> {
        const { uuid } = await this.volume(volume);
        const { data } = await this.get(`/storage/volumes/${uuid}/snapshots?fields=name`);
        return (data["records"] as Body[]).map(({ name }) => name as string);
    }

    async takeSnapshot(volume: string, name: string, more: Body = {}): Promise<void> {
        const { uuid } = await this.volume(volume);
        await this.done("post", `/storage/volumes/${uuid}/snapshots`, { name, ...more });
    }

    async append(volumePath: string, file: string, text: string): Promise<number> {
        const url = `${this.at.dataUrl}/${this.at.svm}${volumePath}/${file}?append`;
        const answer = await axios.post(url, text, {
            headers: { "content-type": "application/octet-stream" },
            validateStatus: () => true,
        });
        return answer.status;
    }

    /** The bytes of a file, mounted or not; undefined when there is no such file. */
    async content(volume: string, file: string): Promise<string | undefined> {
        const url = `${this.at.dataUrl}/${this.at.svm}/.volumes/${volume}/${file}`;
        const answer = await axios.get<string>(url, { responseType: "text", validateStatus: () => true });
        return answer.status === 200 ? answer.data : undefined;
    }

    /** Makes a relationship with this cluster as its destination, and resolves with its uuid once a GET shows it. */
    async mirror(source: string, destination: string, more: Body = {}): Promise<string> {
        await this.done("post", "/snapmirror/relationships", {
            source: { path: source },
            destination: { path: destination },
            policy: { name: "MirrorAllSnapshots" },
            ...more,
        });
        return until("the new relationship shows up", async () => {
            const { data } = await this.get(`/snapmirror/relationships?destination.path=${destination}`);
            return (data["records"] as Body[])[0]?.["uuid"] as string | undefined;
        });
    }

    async relationship(uuid: string): Promise<Body> {
        return (await this.get(`/snapmirror/relationships/${uuid}?fields=*`)).data;
    }

    /** Waits until no transfer runs and the state is what it should be. */
    async settled(uuid: string, state: string, seconds?: number): Promise<Body> {
        return until(
            `relationship ${state} and idle`,
            async () => {
                const now = await this.relationship(uuid);
                const moving = ["queued", "transferring"].includes(now["transfer"]?.state as string);
                return now["state"] === state && !moving && now;
            },
            seconds,
        );
    }

    /** PATCHes the state and waits until it is there. */
    async set(uuid: string, state: string, more: Body = {}): Promise<Body> {
        await this.done("patch", `/snapmirror/relationships/${uuid}`, { state, ...more });
        return this.settled(uuid, state);
    }

    /** Runs an update and waits for its end; resolves with the relationship. */
    async update(uuid: string, body: Body = {}): Promise<Body> {
        const answer = await this.post(`/snapmirror/relationships/${uuid}/transfers`, body);
        assert.equal(answer.status, 201, JSON.stringify(answer.data));
        return this.settled(uuid, "snapmirrored");
    }
}

/** Peers two clusters with a passphrase that both know, and their SVMs. */
export async function peer(one: Client, other: Client): Promise<void> {
    const body = (at: Endpoint) => ({
        remote: { ip_addresses: [at.interclusterAddress] },
        authentication: { passphrase: "a long passphrase" },
        initial_allowed_svms: [{ name: "*" }],
        peer_applications: ["snapmirror"],
    });
    assert.equal((await one.post("/cluster/peers", body(other.at))).status, 201);
    assert.equal((await other.post("/cluster/peers", body(one.at))).status, 201);
    await other.done("post", "/svm/peers", {
        svm: { name: other.at.svm },
        peer: { svm: { name: one.at.svm }, cluster: { name: one.at.clusterName } },
        applications: ["snapmirror"],
    });
}

/** Two clusters in this process, `east` and `west`, on folders that go when they are closed. */
export class TwoClusters {
    private constructor(
        private readonly folder: string,
        readonly simulators: { east: Simulator; west: Simulator },
        readonly east: Client,
        readonly west: Client,
    ) {}

    static async start(options: Partial<SimulatorOptions> = {}): Promise<TwoClusters> {
        const folder = await mkdtemp(path.join(os.tmpdir(), "ontap-"));
        const start = (name: string) =>
            startSimulator({
                folder: path.join(folder, name),
                clusterName: `cluster_${name}`,
                svm: `svm_${name}`,
                aggregate: `aggr_${name}`,
                speed: 1000,
                requestLog: path.join(folder, `${name}.log`),
                ...options,
            });
        const [east, west] = await Promise.all([start("east"), start("west")]);
        return new TwoClusters(folder, { east, west }, new Client(east), new Client(west));
    }

    file(name: string): string {
        return path.join(this.folder, name);
    }

    async close(): Promise<void> {
        await Promise.all([this.simulators.east.close(), this.simulators.west.close()]);
        await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
    }
}
