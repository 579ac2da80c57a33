import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { parse } from "yaml";
import { writeKubeconfig } from "../../../../../lab/kubernetes/kubeconfig";
import { WeakFront } from "../../../../../lab/kubernetes/weakFront";
import { Authority } from "../../../../../lab/ontap";
import { Cluster, type KubernetesObject } from "../../../../../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../../../../../provider/clients/kubernetes/errors";
import { kinds } from "../../../../../provider/clients/kubernetes/kinds";
import { loadKubeConfig } from "../../../../../provider/clients/kubernetes/kubeconfig";
import { defaultPace, type Pace } from "../../../../../provider/clients/kubernetes/pace";
import { watchOnce } from "../../../../../provider/clients/kubernetes/watch";
import { startControlPlane, type TestControlPlane, toolsMs } from "../../../lab/controllers/controlPlane";

const namespace = "default";
const quick: Pace = {
    ...defaultPace,
    retries: 5_000,
    watch: 1_000,
    watchGrace: 500,
    firstEvent: 100,
    firstPause: 50,
    longestPause: 400,
};

describe("the client of a cluster whose API server is weak", function () {
    this.timeout(180_000);
    let plane: TestControlPlane;
    let authority: Authority;
    let front: WeakFront;
    let kubeconfig: string;

    before(async function () {
        this.timeout(toolsMs);
        plane = await startControlPlane({ controllers: false });
        const pki = path.join(plane.folder, "kubernetes", "pki");
        const client = { certFile: path.join(pki, "admin.crt"), keyFile: path.join(pki, "admin.key") };
        const { clusters } = parse(await readFile(plane.kubeconfig, "utf8")) as {
            clusters: { cluster: { server: string } }[];
        };
        authority = await Authority.create(path.join(plane.folder, "front"), "front");
        front = await WeakFront.start({
            server: clusters[0]!.cluster.server,
            caFile: path.join(plane.folder, "pki", "test.crt"),
            serving: await authority.issue(path.join(plane.folder, "front"), "server", {
                commonName: "front",
                addresses: ["127.0.0.1"],
            }),
            clientCaFile: path.join(pki, "clients.crt"),
            client,
        });
        kubeconfig = path.join(plane.folder, "weak.kubeconfig");
        await writeKubeconfig(kubeconfig, [
            {
                context: "weak",
                cluster: "weak",
                user: "admin",
                server: front.url,
                caFile: authority.certFile,
                certificate: client,
            },
        ]);
    });
    afterEach(() => {
        front.weakness = {};
        front.seen.length = 0;
    });
    after(async () => {
        await front?.stop();
        await plane?.stop();
    });

    const client = (pace: Pace = quick) => Cluster.connect("east", { kubeconfig }, pace);
    const settings = (name: string, data: Record<string, string> = {}): KubernetesObject => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { namespace, name },
        data,
    });
    /** Behind the front's back. */
    const exists = async (name: string) => {
        const found = await plane.cluster.get({ apiVersion: "v1", kind: "ConfigMap" }, { namespace, name });
        return found !== undefined;
    };
    const isDone = (object: KubernetesObject | undefined) => object?.data?.["done"] === "yes";
    const finish = (name: string) =>
        plane.cluster.mergePatch(
            { apiVersion: "v1", kind: "ConfigMap" },
            { namespace, name },
            { data: { done: "yes" } },
        );
    const failureOf = async (call: Promise<unknown>): Promise<KubernetesError> => {
        try {
            await call;
        } catch (error) {
            assert.ok(error instanceof KubernetesError, String(error));
            return error;
        }
        return assert.fail("expected a failure");
    };

    for (const weakness of [{ unavailableEvery: 2 }, { resetEvery: 2 }, { busyEvery: 2 }]) {
        it(`reads although ${JSON.stringify(weakness)}`, async () => {
            front.weakness = weakness;
            const one = client();
            assert.equal(await one.get(kinds.configMap, { namespace, name: "none" }), undefined);
            assert.ok((await one.list(kinds.configMap, "trident-protect")).every(({ kind }) => kind === "ConfigMap"));
            assert.ok(front.seen.length > 2, front.seen.join("\n"));
        });
    }

    it("gives up a read outside of a wait, after more than one try", async () => {
        front.goDown();
        const failure = await failureOf(
            client({ ...quick, retries: 500 }).get(kinds.configMap, { namespace, name: "none" }),
        );
        assert.equal(failure.kind, "unreachable");
        front.weakness = { unavailableEvery: 1 };
        const answered = await failureOf(client({ ...quick, retries: 500 }).list(kinds.configMap, namespace));
        assert.match(
            answered.message,
            /^the Kubernetes API of east is not available at the moment \(list configmaps in default: 503, etcdserver: leader changed\)$/,
        );
        assert.ok(front.seen.length > 1, front.seen.join("\n"));
    });

    it("never follows a redirect to another address", async () => {
        const reached: (string | undefined)[] = [];
        const other: Server = createServer(
            {
                cert: await readFile(path.join(plane.folder, "front", "server.crt")),
                key: await readFile(path.join(plane.folder, "front", "server.key")),
            },
            (request, response) => {
                reached.push(request.url);
                response.end("{}");
            },
        );
        await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
        try {
            front.weakness = { redirect: `https://127.0.0.1:${(other.address() as AddressInfo).port}` };
            const failure = await failureOf(client().get(kinds.configMap, { namespace, name: "none" }));
            assert.match(failure.message, /redirect to another address, which is not followed/);
            assert.deepEqual(reached, []);
        } finally {
            other.closeAllConnections();
            other.close();
        }
    });

    describe("waits until an object is as wanted", () => {
        const waitFor = (name: string, deadline = 60_000, onProgress?: (trouble: string | undefined) => void) =>
            client().waitFor(kinds.configMap, { namespace, name }, "done", isDone, {
                deadline,
                onProgress: (_last, _seconds, trouble) => onProgress?.(trouble),
            });

        for (const watches of ["end", "silent", "gone"] as const) {
            it(`although every watch is of the kind ${watches}, and does not ask all the time`, async () => {
                const name = `watches-${watches}`;
                await client().create(settings(name));
                front.weakness = { watches };
                const waiting = waitFor(name);
                await untilSeen(front, 12);
                await finish(name);
                assert.equal(isDone(await waiting), true);
                const watched = front.seen.filter((call) => call.includes("watch=true")).length;
                const reads = front.seen.length - watched;
                assert.ok(reads <= 3 * watched + 6, `${reads} reads, ${watched} watches`);
            });
        }

        it("although the API server answers 503 half of the time, turns away and loses connections", async () => {
            await client().create(settings("disturbed"));
            front.weakness = { unavailableEvery: 2, busyEvery: 5, resetEvery: 7 };
            const waiting = waitFor("disturbed");
            await untilSeen(front, 20);
            await finish("disturbed");
            assert.equal(isDone(await waiting), true);
        });

        it("although nothing is reachable for a while, says so, and says at the end what was last seen", async () => {
            await client().create(settings("away"));
            const troubles: (string | undefined)[] = [];
            const waiting = waitFor("away", 60_000, (trouble) => {
                troubles.push(trouble);
                if (trouble !== undefined) {
                    front.up();
                    void finish("away");
                }
            });
            await untilSeen(front, 3);
            front.goDown();
            assert.equal(isDone(await waiting), true);
            assert.match(troubles.join("\n"), /the Kubernetes API of east does not answer/);

            front.goDown();
            const failure = await failureOf(waitFor("none-of-it", 1_000));
            assert.match(
                failure.message,
                /^east: ConfigMap default\/none-of-it is not done after 1 s; last seen: it was not there; since then the Kubernetes API of east does not answer/,
            );
        });

        it("by one read and one watch, where nothing is weak", async () => {
            await client().create(settings("heard"));
            front.seen.length = 0;
            const patient = client({ ...quick, watch: 60_000, firstEvent: 60_000 });
            const waiting = patient.waitFor(kinds.configMap, { namespace, name: "heard" }, "done", isDone, {
                deadline: 60_000,
            });
            await untilSeen(front, 2);
            await finish("heard");
            assert.equal(isDone(await waiting), true);
            assert.equal(front.seen.length, 2, front.seen.join("\n"));
        });

        it("and learns that it went between the read and the watch", async () => {
            const name = { namespace, name: "ghost" };
            const watched = await watchOnce(
                {
                    site: "east",
                    config: loadKubeConfig("east", { kubeconfig }),
                    kind: kinds.configMap,
                    name,
                    reached: (object) => object === undefined,
                    read: () => client().get(kinds.configMap, name),
                    signal: AbortSignal.timeout(60_000),
                    redact: (text) => text,
                    pace: { ...quick, watch: 60_000 },
                },
                settings("ghost"),
            );
            assert.deepEqual(watched, { last: undefined, reached: true });
        });

        it("although the API server itself restarts", async () => {
            await client().create(settings("restarted"));
            const waiting = waitFor("restarted", 120_000);
            await untilSeen(front, 2);
            await plane.supervisor.kill({ name: "kube-apiserver" });
            await plane.supervisor.revive({ name: "kube-apiserver" });
            await finish("restarted");
            assert.equal(isDone(await waiting), true);
        });
    });

    describe("writes", () => {
        const named = { namespace, name: "written" };
        const writes: [string, string, (cluster: Cluster) => Promise<unknown>, () => Promise<boolean>][] = [
            ["a create", "POST", (cluster) => cluster.create(settings("written")), () => exists("written")],
            [
                "a patch",
                "PATCH",
                (cluster) => cluster.patch(kinds.configMap, named, { data: { a: "1" } }),
                async () => (await plane.cluster.get(kinds.configMap, named))?.data !== undefined,
            ],
            [
                "a deletion",
                "DELETE",
                (cluster) => cluster.delete(kinds.configMap, named),
                async () => !(await exists("written")),
            ],
        ];

        it("an apply again", async () => {
            front.weakness = { unavailableEvery: 1 };
            const applying = client().apply(settings("applied", { a: "1" }));
            await untilSeen(front, 2, applying);
            front.weakness = {};
            await applying;
            assert.equal(await exists("applied"), true);
        });

        for (const [name, verb, write, isDone] of writes) {
            it(`${name} again only where it certainly was not done`, async () => {
                const steady = client();
                await steady.get(kinds.configMap, { namespace, name: "none" });
                front.seen.length = 0;
                front.weakness = { unavailableEvery: 1 };
                assert.equal((await failureOf(write(steady))).kind, "unavailable");
                assert.deepEqual(
                    front.seen.map((call) => call.split(" ")[0]),
                    [verb],
                );
                assert.equal(await isDone(), false);
                front.weakness = { busyEvery: 1 };
                const writing = write(steady);
                await untilSeen(front, 3, writing);
                front.weakness = {};
                await writing;
                assert.equal(await isDone(), true);
            });
        }
    });

    it("reads a namespace with more objects than one answer holds", async () => {
        const names = Array.from({ length: 510 }, (_, index) => `many-${index}`);
        const one = client();
        await Promise.all(names.map((name) => one.create(settings(name))));
        front.seen.length = 0;
        const found = await one.list(kinds.configMap, namespace);
        assert.ok(names.every((name) => found.some(({ metadata }) => metadata.name === name)));
        assert.equal(front.seen.filter((call) => call.includes("/configmaps?")).length, 2, front.seen.join("\n"));
    });

    describe("and webhooks", () => {
        let webhook: Server;
        /** What the webhook does with a request. */
        let verdict: "late" | "deny" | "hang" | "reset";
        /** How many requests it got. */
        let asked = 0;

        before(async () => {
            const folder = path.join(plane.folder, "webhook");
            const files = await authority.issue(folder, "webhook", { commonName: "webhook", addresses: ["127.0.0.1"] });
            webhook = createServer(
                { cert: await readFile(files.certFile), key: await readFile(files.keyFile) },
                (request, response) => {
                    let body = "";
                    request.on("data", (part: Buffer) => (body += part.toString()));
                    request.on("end", () => {
                        const { uid } = (JSON.parse(body) as { request: { uid: string } }).request;
                        const status = { code: 403, reason: "Forbidden", message: "the vault is not yours" };
                        const answer = verdict === "deny" ? { uid, allowed: false, status } : { uid, allowed: true };
                        const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: answer };
                        const send = () =>
                            response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(review));
                        asked++;
                        if (verdict === "reset") {
                            verdict = "late";
                            request.socket.destroy();
                        } else if (verdict !== "hang") {
                            // Longer than the client's time for a read: only a write's is long enough.
                            setTimeout(send, verdict === "late" ? 2_000 : 0);
                        }
                    });
                },
            );
            await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
            const caBundle = (await readFile(authority.certFile)).toString("base64");
            await plane.cluster.create({
                apiVersion: "admissionregistration.k8s.io/v1",
                kind: "ValidatingWebhookConfiguration",
                metadata: { name: "slow" },
                webhooks: [
                    {
                        name: "slow.example.com",
                        clientConfig: {
                            url: `https://127.0.0.1:${(webhook.address() as AddressInfo).port}/`,
                            caBundle,
                        },
                        rules: [
                            { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] },
                        ],
                        matchConditions: [{ name: "ours", expression: "object.metadata.name.startsWith('hooked')" }],
                        failurePolicy: "Fail",
                        sideEffects: "None",
                        admissionReviewVersions: ["v1"],
                        timeoutSeconds: 4,
                    },
                ],
            });
            // The API server takes up a new configuration in its own time.
            verdict = "deny";
            for (let attempt = 0; ; attempt++) {
                const name = `hooked-${attempt}`;
                const outcome = await client()
                    .create(settings(name))
                    .then(
                        () => "created",
                        () => "refused",
                    );
                if (outcome === "refused") {
                    break;
                }
            }
        });
        after(() => {
            webhook?.closeAllConnections();
            webhook?.close();
        });

        it("a slow one is waited for longer than a read would be", async () => {
            verdict = "late";
            await client({ ...quick, read: 1_000 }).create(settings("hooked-late"));
            assert.equal(await exists("hooked-late"), true);
        });

        it("what one says is passed on, and is not taken for a missing right", async () => {
            verdict = "deny";
            const failure = await failureOf(client().create(settings("hooked-denied")));
            assert.equal(
                failure.message,
                'east: create ConfigMap default/hooked-denied was refused by a webhook of its cluster: admission webhook "slow.example.com" denied the request: the vault is not yours',
            );
        });

        it("one that loses the connection is asked again", async () => {
            verdict = "reset";
            asked = 0;
            await client().create(settings("hooked-reset"));
            assert.equal(asked, 2);
        });

        it("one that does not answer is named", async () => {
            verdict = "hang";
            const failure = await failureOf(client().create(settings("hooked-hanging")));
            assert.match(
                failure.message,
                /^east: create ConfigMap default\/hooked-hanging was refused, because a webhook of its cluster did not answer: .*failed calling webhook "slow\.example\.com".* Nothing was changed/,
            );
            assert.equal(await exists("hooked-hanging"), false);
        });
    });
});

/** @param call what makes the requests; that it ends before them is a failure */
async function untilSeen(front: WeakFront, requests: number, call?: Promise<unknown>): Promise<void> {
    const early = call?.then(() => assert.fail(`it ended after ${front.seen.length} requests`));
    while (front.seen.length < requests) {
        const pause = new Promise((resolve) => setTimeout(resolve, 20));
        await (early === undefined ? pause : Promise.race([pause, early]));
    }
    early?.catch(() => undefined);
}
