import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Server } from "node:net";
import { inspect } from "node:util";
import { OntapClient, OntapError } from "../../../../../provider/clients/ontap";
import { Authority } from "../../../../../lab/ontap";
import { clusterAnswer, testPassword, ScriptedCluster } from "./fixture";

const error = (status: number, code: string, message: string) => ({ status, json: { error: { code, message } } });

/** A collection that shows one relationship. */
const mirrorAnswer = { json: { records: [{ uuid: "u1", source: { path: "a:b" }, destination: { path: "c:d" } }] } };

async function failureOf(work: Promise<unknown>): Promise<OntapError> {
    const failure = await work.then(
        () => assert.fail("expected a failure"),
        (thrown: unknown) => thrown,
    );
    assert.ok(failure instanceof OntapError, inspect(failure));
    return failure;
}

describe("ONTAP transport", () => {
    let cluster: ScriptedCluster;

    beforeEach(async () => {
        cluster = await ScriptedCluster.start();
    });
    afterEach(() => cluster.stop());

    it("names itself, authenticates, and encodes spaces as %20", async () => {
        cluster.answer = ({ url }) =>
            url.startsWith("/cluster") ? { json: clusterAnswer } : { json: { records: [] } };
        const client = cluster.client({ clientApp: "dr/1" });
        assert.equal((await client.cluster()).name, "cluster-east");
        await client.svms.byName("a b+c");
        const [first, second] = cluster.seen;
        assert.equal(first?.authorization, `Basic ${Buffer.from(`product:${testPassword}`).toString("base64")}`);
        assert.equal(first?.headers["x-dot-client-app"], "dr/1");
        assert.match(second?.url ?? "", /name=a%20b%2Bc/);
    });

    describe("repeating", () => {
        it("repeats a read after a passing status, a passing code and a broken connection", async () => {
            const script = [error(503, "0", "later"), error(500, "6619715", "being modified"), "reset" as const];
            cluster.answer = (_seen, index) => script[index] ?? { json: clusterAnswer };
            assert.equal((await cluster.client().cluster()).name, "cluster-east");
            assert.equal(cluster.seen.length, 4);
        });

        it("repeats a write only when the answer says that it was not begun", async () => {
            cluster.answer = ({ method }, index) =>
                index === 0
                    ? error(409, "6619715", "being modified")
                    : method === "GET"
                      ? mirrorAnswer
                      : { status: 201 };
            await cluster.client().relationships.create({ source: "a:b", destination: "c:d" });
            assert.deepEqual(
                cluster.seen.map(({ method }) => method),
                ["POST", "POST", "GET"],
            );
        });

        it("does not repeat a write that may have been done", async () => {
            cluster.answer = () => "reset";
            const broken = await failureOf(
                cluster.client().relationships.create({ source: "a:b", destination: "c:d" }),
            );
            assert.equal(broken.kind, "timeout");
            assert.match(broken.message, /whether it was done is not known/);
            assert.equal(cluster.seen.length, 1);
            cluster.answer = () => error(502, "0", "bad gateway");
            await failureOf(cluster.client().relationships.create({ source: "a:b", destination: "c:d" }));
            assert.equal(cluster.seen.length, 2);
        });

        it("does not take the failure before for that of a write which may have been done", async () => {
            cluster.answer = (_seen, index) => (index === 0 ? error(503, "0", "later") : "silence");
            const client = cluster.client({ timeouts: { patience: 200 } });
            const failure = await failureOf(client.clusterPeers.remove("u1"));
            assert.equal(failure.kind, "timeout");
            assert.match(failure.message, /whether it was done is not known/);
        });

        it("gives up on a busy array after five repetitions", async () => {
            cluster.answer = () => error(409, "8", "in use");
            const failure = await failureOf(cluster.client().clusterPeers.remove("u1"));
            assert.equal(cluster.seen.length, 6);
            assert.equal(failure.code, "8");
            assert.equal(failure.retriable, true);
        });

        it("never repeats refused credentials", async () => {
            cluster.answer = () => error(401, "6691623", "User is not authorized.");
            const failure = await failureOf(cluster.client().cluster());
            assert.equal(cluster.seen.length, 1);
            assert.equal(failure.kind, "credentials");
            assert.match(failure.message, /^east: ONTAP at https:.* refuses the user name or password.*ontapPassword/);
        });

        it("does not outlast its patience, and then says what kept failing", async () => {
            cluster.answer = () => error(503, "0", "later");
            const client = cluster.client({ timeouts: { patience: 800 }, pauses: { transport: 40 } });
            const failure = await failureOf(client.svms.all());
            assert.equal(failure.status, 503);
            assert.ok(cluster.seen.length >= 2);
        });
    });

    it("makes at most six requests at once, over all clients of a cluster", async () => {
        let release: () => void = () => undefined;
        const gate = new Promise<void>((resolve) => (release = resolve));
        cluster.answer = async () => {
            if (cluster.seen.length === 6) {
                release();
            }
            await gate;
            return { json: { records: [] } };
        };
        const clients = [cluster.client(), cluster.client()];
        await Promise.all(Array.from({ length: 30 }, (_, index) => clients[index % 2]?.svms.all()));
        assert.equal(cluster.seen.length, 30);
        assert.equal(cluster.mostAtOnce, 6);
    });

    it("bounds the wait for an answer", async () => {
        cluster.answer = () => "silence";
        const client = cluster.client({ timeouts: { request: 60, patience: 200 } });
        const read = await failureOf(client.svms.all());
        assert.equal(read.kind, "unreachable");
        assert.match(read.message, /no answer in time/);
        const write = await failureOf(client.clusterPeers.remove("u1"));
        assert.equal(write.kind, "timeout");
    });

    it("stops when it is told to", async () => {
        const stop = new AbortController();
        cluster.answer = () => {
            stop.abort();
            return "silence";
        };
        const failure = await failureOf(cluster.client({ signal: stop.signal }).svms.all());
        assert.equal(failure.kind, "interrupted");
    });

    describe("endpoints that are not as declared", () => {
        it("says that nothing listens", async () => {
            const client = cluster.client({ timeouts: { patience: 50 } });
            await cluster.stop();
            const failure = await failureOf(client.cluster());
            assert.equal(failure.kind, "unreachable");
            assert.match(
                failure.message,
                /^east: ONTAP at .* cannot be reached \(connection refused\); nothing was changed; /,
            );
            cluster = await ScriptedCluster.start();
        });

        it("gives up on a host that accepts connections and says nothing, without holding up a write's fate", async () => {
            const mute: Server = createServer();
            await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
            try {
                const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;
                const client = cluster.client({
                    endpoint: { url },
                    timeouts: { connect: 40, patience: 150 },
                    pauses: { transport: 400 },
                });
                const failure = await failureOf(client.clusterPeers.remove("u1"));
                assert.equal(failure.kind, "unreachable");
                assert.match(failure.message, /no answer in time/);
            } finally {
                mute.close();
            }
        });

        it("accepts a pinned certificate that carries no address", async () => {
            cluster.answer = () => ({ json: clusterAnswer });
            assert.equal((await cluster.client().cluster()).uuid, "c1");
        });

        it("refuses a certificate that is not the declared one, and does not send the password", async () => {
            const other = await ScriptedCluster.start();
            try {
                const endpoint = { url: cluster.url, certificate: other.certificate };
                const failure = await failureOf(cluster.client({ endpoint }).cluster());
                assert.equal(failure.kind, "certificate");
                assert.match(failure.message, /^east: ONTAP at .* presents a certificate that is not the declared one/);
                assert.equal(
                    (await failureOf(cluster.client({ endpoint: { url: cluster.url } }).cluster())).kind,
                    "certificate",
                );
                assert.equal(cluster.seen.length, 0);
            } finally {
                await other.stop();
            }
        });

        it("accepts any certificate only when verification is turned off in so many words", async () => {
            cluster.answer = () => ({ json: clusterAnswer });
            const client = cluster.client({ endpoint: { url: cluster.url, verification: "none" } });
            assert.equal((await client.cluster()).uuid, "c1");
        });

        it("checks the host name of a certificate that a declared CA signed", async () => {
            let authority = "";
            const issue = (addresses: string[]) => async (folder: string) => {
                const ca = await Authority.create(folder, "ca");
                authority = ca.certFile;
                return ca.issue(folder, "ontap", { commonName: "ontap", addresses });
            };
            const { readFile } = await import("node:fs/promises");
            for (const [addresses, kind] of [
                [["127.0.0.1"], undefined],
                [["127.0.0.9"], "certificate"],
            ] as const) {
                const served = await ScriptedCluster.start(issue([...addresses]));
                try {
                    served.answer = () => ({ json: clusterAnswer });
                    const endpoint = { url: served.url, certificate: await readFile(authority, "utf8") };
                    const outcome = await served
                        .client({ endpoint })
                        .cluster()
                        .then(
                            () => undefined,
                            (thrown: OntapError) => thrown.kind,
                        );
                    assert.equal(outcome, kind);
                } finally {
                    await served.stop();
                }
            }
        });

        it("refuses a declared certificate that is none", () => {
            const endpoint = { url: cluster.url, certificate: "nonsense" };
            assert.throws(() => cluster.client({ endpoint }), /^OntapError: east: the certificate that is declared/);
        });

        it("follows no redirect", async () => {
            const other = await ScriptedCluster.start();
            try {
                cluster.answer = () => ({ status: 302, headers: { location: `${other.url}/api/cluster` } });
                const failure = await failureOf(cluster.client().cluster());
                assert.match(failure.message, /expected an answer, found a redirect/);
                assert.equal(other.seen.length, 0);
            } finally {
                await other.stop();
            }
        });
    });

    describe("answers", () => {
        it("names the key that cannot be read, what was expected and what was found", async () => {
            cluster.answer = () => ({ json: { ...clusterAnswer, version: { ...clusterAnswer.version, major: "16" } } });
            const failure = await failureOf(cluster.client().cluster());
            assert.equal(failure.kind, "answer");
            assert.match(failure.message, /GET \/cluster .*key "version\.major": expected number, found string "16"/);
        });

        it("says so when the answer is no JSON, and quotes none of it", async () => {
            cluster.answer = () => ({ text: "<html>Welcome</html>" });
            const { message } = await failureOf(cluster.client().cluster());
            assert.match(message, /expected JSON, found 20 characters of something else/);
            assert.doesNotMatch(message, /Welcome/);
        });

        it("names the endpoint for which a right is missing", async () => {
            cluster.answer = () => error(403, "6", "not authorized for that command");
            const read = await failureOf(cluster.client().interclusterInterfaces());
            assert.equal(read.kind, "rights");
            assert.match(
                read.message,
                /may not GET \/network\/ip\/interfaces.*read access to \/api\/network\/ip\/interfaces/,
            );
            const write = await failureOf(cluster.client().clusterPeers.remove("4a7d0000-0000-4000-8000-000000000000"));
            assert.match(write.message, /write access to \/api\/cluster\/peers$/);
        });

        it("carries status, code and ONTAP's words, and says what it means", async () => {
            cluster.answer = () => error(409, "9896086", "name in use");
            const failure = await failureOf(cluster.client().svmPeers.create({ svm: "a", peerSvm: "b" }));
            const { site, call, status, code, ontapMessage } = failure;
            assert.deepEqual(
                { site, call, status, code, ontapMessage },
                { site: "east", call: "POST /svm/peers", status: 409, code: "9896086", ontapMessage: "name in use" },
            );
            assert.match(failure.remedy, /vserver rename/);
        });

        it("follows pages on the declared host only", async () => {
            const svm = (name: string) => ({ name, uuid: name, state: "running" });
            cluster.answer = ({ url }) =>
                url.includes("start=2")
                    ? { json: { records: [svm("b")] } }
                    : {
                          json: {
                              records: [svm("a")],
                              _links: { next: { href: "/api/svm/svms?start=2&fields=name" } },
                          },
                      };
            assert.deepEqual(
                (await cluster.client().svms.all()).map(({ name }) => name),
                ["a", "b"],
            );
            cluster.answer = () => ({
                json: { records: [], _links: { next: { href: "https://127.0.0.2/api/svm/svms?x=1" } } },
            });
            assert.match((await failureOf(cluster.client().svms.all())).message, /_links\.next\.href/);
            cluster.answer = () => ({ json: { records: [], _links: { next: { href: "/api/svm/svms?same=1" } } } });
            assert.match((await failureOf(cluster.client().svms.all())).message, /expected a page not seen yet/);
        });
    });

    describe("limits", () => {
        const volume = (name: string) => ({ uuid: `u-${name}`, name, svm: { name: "svm_east" } });
        const next = (index: number) => ({ _links: { next: { href: `/api/svm/svms?start=${index}` } } });

        it("asks for hundreds of names in several queries, and takes only what it asked for", async () => {
            const names = Array.from({ length: 330 }, (_, index) => `trident_pvc_${"0".repeat(36)}_${index}`);
            cluster.answer = ({ url }) => {
                const asked = new URLSearchParams(url.split("?")[1]).get("name")!.split("|");
                return { json: { records: [...asked.map(volume), volume("another")] } };
            };
            const found = await cluster.client().volumes.ofSvm("svm_east", names);
            assert.deepEqual(
                found.map(({ name }) => name),
                names,
            );
            assert.ok(cluster.seen.length > 2);
            assert.ok(cluster.seen.every(({ url }) => url.length < 4_000));
        });

        it("takes no volume of another SVM than the one it asked for", async () => {
            cluster.answer = () => ({ json: { records: [{ ...volume("a"), svm: { name: "svm_other" } }] } });
            assert.deepEqual(await cluster.client().volumes.ofSvm("svm_east", ["a"]), []);
        });

        it("refuses an answer without end, and does not ask for it again", async () => {
            cluster.answer = () => ({ text: `{"records":["${"x".repeat(40 * 2 ** 20)}"]}` });
            const failure = await failureOf(cluster.client().svms.all());
            assert.match(failure.message, /^east: the answer to GET \/svm\/svms at .* is longer than 32 MiB/);
            assert.equal(cluster.seen.length, 1);
        });

        it("limits the bytes of all pages together", async () => {
            const filler = "x".repeat(30 * 2 ** 20);
            cluster.answer = (_seen, index) => ({ json: { records: [], filler, ...next(index) } });
            const { message } = await failureOf(cluster.client().svms.all());
            assert.match(message, /expected 67108864 bytes at most, found more on 3 pages/);
        });

        it("limits the number of pages", async () => {
            cluster.answer = (_seen, index) => ({ json: { records: [], ...next(index) } });
            const { message } = await failureOf(cluster.client().svms.all());
            assert.match(message, /expected 200 pages at most, found more/);
            assert.equal(cluster.seen.length, 200);
        });

        it("refuses an answer that is nested without end", async () => {
            cluster.answer = () => ({ text: `{"records":${"[".repeat(200_000)}${"]".repeat(200_000)}}` });
            const { message } = await failureOf(cluster.client().svms.all());
            assert.match(message, /expected JSON nested 50 times at most, found 200001/);
        });

        it("has one budget for all pages of a lookup", async () => {
            cluster.answer = async (_seen, index) => {
                await new Promise((resolve) => setTimeout(resolve, 30));
                return { json: { records: [], ...next(index) } };
            };
            const client = cluster.client({ timeouts: { patience: 300 } });
            const failure = await failureOf(client.svms.all());
            assert.ok(["timeout", "unreachable"].includes(failure.kind), failure.message);
            assert.ok(cluster.seen.length <= 10, String(cluster.seen.length));
        });

        it("does not count the wait for a slot as the array's time", async () => {
            cluster.answer = async () => {
                await new Promise((resolve) => setTimeout(resolve, 40));
                return { json: {} };
            };
            const client = cluster.client({ timeouts: { patience: 200 } });
            await Promise.all(Array.from({ length: 60 }, (_, index) => client.clusterPeers.remove(`u${index}`)));
            assert.equal(cluster.seen.length, 60);
        });

        it("keeps an identifier within its segment of the path", async () => {
            await cluster.client().clusterPeers.remove("../peers?x=1");
            assert.equal(cluster.seen[0]?.url, "/cluster/peers/..%2Fpeers%3Fx%3D1");
        });
    });

    describe("jobs", () => {
        const accepted = { status: 202, json: { job: { uuid: "j1" } } };

        it("asks the array to wait, then looks at the job until it has ended", async () => {
            const states = ["queued", "running", "paused", "success"];
            cluster.answer = ({ method }) => (method === "GET" ? { json: { state: states.shift() } } : accepted);
            await cluster.client().relationships.setState("r1", "paused");
            assert.match(cluster.seen[0]?.url ?? "", /return_timeout=15/);
            assert.deepEqual(states, []);
            assert.match(cluster.seen[1]?.url ?? "", /^\/cluster\/jobs\/j1\?fields=state%2Cmessage%2Ccode%2Cerror$/);
        });

        it("throws what the job says, as a failure of the call that started it", async () => {
            cluster.answer = ({ method }) =>
                method === "GET"
                    ? { json: { state: "failure", code: 13303808, message: "Another transfer is in progress" } }
                    : accepted;
            const failure = await failureOf(cluster.client().relationships.setState("r1", "broken_off"));
            assert.equal(failure.kind, "job");
            assert.equal(failure.code, "13303808");
            assert.match(failure.message, /PATCH \/snapmirror\/relationships\/r1.*Another transfer.*still read-only/);
        });

        it("tolerates a job that cannot be read yet, but not one that is unknown for good", async () => {
            cluster.answer = ({ method }, index) =>
                method !== "GET"
                    ? accepted
                    : index < 3
                      ? error(404, "4", "entry doesn't exist")
                      : { json: { state: "success" } };
            await cluster.client().relationships.setState("r1", "paused");
            cluster.answer = ({ method }) => (method === "GET" ? error(404, "4", "entry doesn't exist") : accepted);
            await failureOf(cluster.client().relationships.setState("r1", "paused"));
        });

        it("stops waiting at the deadline, and says that the job goes on", async () => {
            cluster.answer = ({ method }) => (method === "GET" ? { json: { state: "running" } } : accepted);
            const failure = await failureOf(
                cluster.client({ timeouts: { job: 60 } }).relationships.setState("r1", "paused"),
            );
            assert.equal(failure.kind, "timeout");
            assert.match(
                failure.message,
                /the job j1 .* did not finish in time \(running\); it continues on the array/,
            );
        });
    });

    describe("effects", () => {
        it("looks until what was made can be read", async () => {
            cluster.answer = ({ method }, index) =>
                method === "POST" ? { status: 201 } : index < 4 ? { json: { records: [] } } : mirrorAnswer;
            const made = await cluster.client().relationships.create({ source: "a:b", destination: "c:d" });
            assert.equal(made.uuid, "u1");
            assert.equal(cluster.seen.length, 5);
        });

        it("says what did not appear in time", async () => {
            cluster.answer = ({ method }) => (method === "POST" ? { status: 201 } : { json: { records: [] } });
            const client = cluster.client({ timeouts: { job: 60 } });
            const failure = await failureOf(client.relationships.create({ source: "a:b", destination: "c:d" }));
            assert.equal(failure.kind, "timeout");
            assert.match(
                failure.message,
                /^east: the relationship into c:d did not appear in time after POST .*; it may still appear; run it again/,
            );
        });
    });

    describe("a budget for a step", () => {
        it("ends calls, repetitions, jobs and looking, and lets nothing begin after it", async () => {
            cluster.answer = ({ url, method }) =>
                method === "POST"
                    ? { status: 202, json: { job: { uuid: "j" } } }
                    : url.startsWith("/cluster/jobs")
                      ? { json: { state: "running" } }
                      : error(503, "0", "later");
            const step = cluster.client().within(1_000);
            const kinds = await Promise.all([
                failureOf(step.svms.all()),
                failureOf(step.relationships.setState("u1", "paused")),
                failureOf(step.snapshots.create("v1", { name: "s" })),
            ]);
            // What is under way when the time is up depends on the machine; that it ends does not.
            kinds.forEach(({ kind }) => assert.ok(["refused", "timeout", "unreachable"].includes(kind), kind));
            const seen = cluster.seen.length;
            const late = await failureOf(step.svms.all());
            assert.match(late.message, /^east: no time is left for GET \/svm\/svms at .*; nothing was changed/);
            assert.equal(cluster.seen.length, seen);
        });

        it("asks the array to wait no longer than it has itself, and ends with the budget around it", async () => {
            cluster.answer = () => ({ json: {} });
            const step = cluster.client().within(4_000);
            await step.relationships.setState("u1", "paused");
            assert.match(cluster.seen[0]?.url ?? "", /return_timeout=4$/);
            await step.within(60_000).relationships.setState("u1", "paused");
            assert.match(cluster.seen[1]?.url ?? "", /return_timeout=[34]$/);
        });
    });

    it("never removes a relationship without a flag, and takes one that is gone for removed", async () => {
        cluster.answer = () => error(404, "4", "entry doesn't exist");
        const { relationships } = cluster.client();
        await relationships.remove("r1", "destinationOnly");
        await relationships.remove("r1", "sourceInfoOnly");
        await relationships.remove("r1", "sourceAndSnapshots");
        assert.deepEqual(
            cluster.seen.map(({ url }) => /(destination_only|source_info_only|source_only)=true/.exec(url)?.[1]),
            ["destination_only", "source_info_only", "source_only"],
        );
    });

    it("records each call with what it is about, and no query", async () => {
        const calls: string[] = [];
        cluster.answer = () => ({ json: { records: [] } });
        const client = cluster.client({ onCall: (call) => calls.push(call) });
        await client.svms.byName("x");
        await client.relationships.setState("u1", "paused");
        assert.deepEqual(calls, ["GET /svm/svms", "PATCH /snapmirror/relationships/u1 (state paused)"]);
    });

    it("shows the password nowhere", async () => {
        const passphrase = "canary-passphrase";
        const shown: string[] = [];
        const show = (value: unknown) => {
            shown.push(
                inspect(value, { depth: 12, showHidden: true, getters: true }),
                JSON.stringify(value),
                String(value),
            );
            if (value instanceof Error) {
                shown.push(value.stack ?? "", JSON.stringify(value, Object.getOwnPropertyNames(value)));
            }
        };
        const client: OntapClient = cluster.client({ timeouts: { request: 60, patience: 100 } });
        const attempts = [
            error(401, "6691623", `no: ${testPassword}`),
            error(400, "2", `bad value ${passphrase} of product:${testPassword}`),
            error(403, "6", "no"),
            { text: `<html>${testPassword}</html>` },
            { status: 202, json: { job: testPassword } },
            "silence" as const,
            "reset" as const,
        ];
        for (const attempt of attempts) {
            cluster.answer = () => attempt;
            const peer = { addresses: ["127.0.0.2"], passphrase, allowedSvms: ["svm"] };
            show(await failureOf(client.clusterPeers.create(peer)));
        }
        cluster.answer = ({ method }) =>
            method === "GET"
                ? { json: { state: "failure", code: 1, message: testPassword } }
                : { status: 202, json: { job: { uuid: "j" } } };
        show(await failureOf(client.relationships.setState("r", "paused")));
        show(client);
        const secrets = [testPassword, passphrase, Buffer.from(`product:${testPassword}`).toString("base64")];
        assert.deepEqual(
            secrets.filter((secret) => shown.some((text) => text?.includes(secret))),
            [],
        );
    });

    it("shows the password in no form in which an answer repeats it, nor half of it", async () => {
        const password = 'canary"canary\\canary&canary'.repeat(3);
        const client = cluster.client({ credentials: { username: "product", password } });
        const forms = [password, JSON.stringify(password), encodeURIComponent(password), btoa(`product:${password}`)];
        const answers = forms.flatMap((form) => [
            error(400, "2", `bad value ${form}`),
            { status: 400, json: { error: { code: "2", message: "bad", target: form } } },
            { status: 202, json: { job: `${"x".repeat(60)}${form}` } },
            { status: 202, json: { job: { uuid: { of: form } } } },
        ]);
        for (const answer of answers) {
            cluster.answer = () => answer;
            const { message } = await failureOf(client.clusterPeers.remove("u"));
            assert.match(message, /\[sec|x{60}/);
            assert.doesNotMatch(message, /canary|Y2FuYXJ5|NhbmFye|jYW5hcn/);
        }
    });
});
