import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import * as grpc from "@grpc/grpc-js";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import {
    bare,
    decode,
    encode,
    Secret,
    unknownValue,
    type PlainObject,
    type Properties,
} from "../../../../lab/kubernetes-plugin/values";
import { call, initFailure, TestEngine, defaultUrn } from "./client";
import { failure, FakeApiServer } from "./fakeApiServer";

const widgetUrn = "urn:pulumi:dev::test::kubernetes:example.com/v1:Widget::gear";
const widgetsPath = "/apis/example.com/v1/namespaces/shop/widgets";

function widget(spec: Properties, annotations: Properties = {}): Properties {
    const metadata: Properties = { name: "gear", namespace: "shop" };
    return {
        apiVersion: "example.com/v1",
        kind: "Widget",
        metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
        spec,
    };
}

function secret(password: string): Properties {
    return {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "db", namespace: "shop" },
        stringData: { password: new Secret(password) },
    };
}

describe("Kubernetes plugin's stand-in", () => {
    let api: FakeApiServer;
    let engine: TestEngine;

    beforeEach(async () => {
        api = await new FakeApiServer().start();
        engine = await TestEngine.start();
        await engine.configure({ kubeconfig: api.kubeconfig });
    });

    afterEach(async () => {
        engine.stop();
        await api.stop();
    });

    describe("check", () => {
        it("names an unnamed object after its resource, the same at preview and at update", async () => {
            const inputs = { apiVersion: "v1", kind: "Secret" };
            const [first, second] = [await engine.check(inputs), await engine.check(inputs)];
            const metadata = bare(first)["metadata"] as PlainObject;
            assert.match(String(metadata["name"]), /^credentials-[0-9a-f]{8}$/);
            assert.deepEqual(metadata["annotations"], { "pulumi.com/autonamed": "true" });
            assert.deepEqual(bare(first), bare(second));
        });

        it("keeps the name it gave before, and takes a name the program gives", async () => {
            const olds = {
                apiVersion: "v1",
                kind: "Secret",
                metadata: { name: "old-12345678", annotations: { "pulumi.com/autonamed": "true" } },
            };
            const unnamed = bare(await engine.check({ apiVersion: "v1", kind: "Secret" }, olds));
            assert.equal((unnamed["metadata"] as PlainObject)["name"], "old-12345678");
            const named = bare(
                await engine.check({ apiVersion: "v1", kind: "Secret", metadata: { name: "mine" } }, olds),
            );
            assert.deepEqual(named["metadata"], { name: "mine", namespace: "default" });
        });

        it("leaves a name alone that is not known yet", async () => {
            const checked = bare(
                await engine.check({ apiVersion: "v1", kind: "Secret", metadata: { name: unknownValue } }),
            );
            assert.equal((checked["metadata"] as PlainObject)["name"], unknownValue);
        });

        it("gives no namespace to a kind without namespaces", async () => {
            const checked = bare(
                await engine.check({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } }),
            );
            assert.deepEqual(checked["metadata"], { name: "shop" });
        });

        it("turns a Secret's stringData into data, and marks it secret", async () => {
            const checked = await engine.check(secret("swordfish"));
            assert.ok(checked["data"] instanceof Secret);
            assert.deepEqual(bare(checked)["data"], { password: Buffer.from("swordfish").toString("base64") });
            assert.equal(checked["stringData"], undefined);
        });
    });

    describe("create", () => {
        it("posts the object, and keeps live object, inputs, version and manager in the state", async () => {
            const { id, properties } = await engine.create(await engine.check(widget({ teeth: 3 }), {}, widgetUrn));
            assert.equal(id, "shop/gear");
            const state = bare(properties);
            assert.equal((state["metadata"] as PlainObject)["uid"], "00000000-0000-0000-0000-000000000001");
            assert.deepEqual(state["__inputs"], bare(widget({ teeth: 3 })));
            assert.equal(state["__initialApiVersion"], "example.com/v1");
            assert.match(String(state["__fieldManager"]), /^pulumi-kubernetes-[0-9a-f]{8}$/);
            const post = api.requests.find(({ method }) => method === "POST")!;
            assert.equal(post.path, widgetsPath);
            assert.deepEqual(post.query, { fieldManager: "pulumi-kubernetes" });
        });

        it("refuses to take over an object that exists, unless the provider is told to", async () => {
            api.put(`${widgetsPath}/gear`, bare(widget({ teeth: 1 })));
            await assert.rejects(engine.create(widget({ teeth: 3 })), /already exists.*upsertExistingObjects/);
            await engine.configure({ kubeconfig: api.kubeconfig, upsertExistingObjects: "true" });
            await engine.create(widget({ teeth: 3 }));
            const patch = api.requests.find(({ method }) => method === "PATCH")!;
            assert.equal(patch.contentType, "application/apply-patch+yaml");
            assert.equal(patch.query["force"], "false");
        });

        it("asks only for a dry run at preview, and gives no id", async () => {
            const { id, properties } = await engine.create(widget({ teeth: 3 }), { preview: true });
            assert.equal(id, "");
            assert.equal(properties["status"], undefined);
            assert.deepEqual(
                api.requests.filter(({ method }) => method !== "GET").map(({ query }) => query["dryRun"]),
                ["All"],
            );
            assert.equal(api.objects.size, 0);
        });

        it("passes a preview whose namespace or definition is yet to come", async () => {
            api.intercept = ({ method }) =>
                method === "POST"
                    ? failure(404, "NotFound", `namespaces "shop" not found`, { kind: "namespaces" })
                    : undefined;
            assert.deepEqual(
                bare((await engine.create(widget({ teeth: 3 }), { preview: true })).properties),
                bare(widget({ teeth: 3 })),
            );
            const unheard = { apiVersion: "unheard.of/v1", kind: "Thing", metadata: { name: "x" } };
            assert.deepEqual(bare((await engine.create(unheard, { preview: true })).properties), unheard);
        });

        it("sends nothing at preview while a value is not known", async () => {
            await engine.create(widget({ teeth: unknownValue }), { preview: true });
            assert.deepEqual(
                api.requests.filter(({ method }) => method !== "GET"),
                [],
            );
        });

        it("tries again when the namespace comes a little later", async () => {
            let missing = 1;
            api.intercept = ({ method }) =>
                method === "POST" && missing-- > 0
                    ? failure(404, "NotFound", `namespaces "shop" not found`, { kind: "namespaces" })
                    : undefined;
            assert.equal((await engine.create(widget({ teeth: 3 }))).id, "shop/gear");
            assert.ok(engine.messages.some((message) => message.startsWith("~Trying again in 1 s")));
        });

        it("returns a Secret's data as a secret, under whatever name it was given", async () => {
            const { properties } = await engine.create(await engine.check(secret("swordfish")));
            assert.ok(properties["data"] instanceof Secret);
            assert.ok((properties["__inputs"] as Properties)["data"] instanceof Secret);
        });

        it("keeps secret in the outputs what is secret in the inputs of any kind", async () => {
            const { properties } = await engine.create(widget({ token: new Secret("swordfish"), teeth: 3 }));
            const spec = properties["spec"] as Properties;
            assert.ok(spec["token"] instanceof Secret);
            assert.equal(spec["teeth"], 3);
        });
    });

    describe("waiting", () => {
        const waitFor = { "pulumi.com/waitFor": "jsonpath={.status.phase}=Ready" };

        it("returns the object as it is when its controller is done", async () => {
            const created = engine.create(widget({ teeth: 3 }, waitFor));
            await until(() => api.watching);
            api.put(`${widgetsPath}/gear`, {
                ...api.objects.get(`${widgetsPath}/gear`)!,
                status: { phase: "Turning" },
            });
            await until(() => engine.messages.includes('~Waiting for {.status.phase}=Ready (found "Turning")'));
            api.put(`${widgetsPath}/gear`, { ...api.objects.get(`${widgetsPath}/gear`)!, status: { phase: "Ready" } });
            assert.deepEqual(bare((await created).properties)["status"], { phase: "Ready" });
            assert.equal(engine.messages.at(-1), "~");
        });

        it("keeps an object in the state that is not ready in time, with its status", async () => {
            const options = { ...waitFor, "pulumi.com/timeoutSeconds": "1" };
            const creation = engine.create(widget({ teeth: 3 }, options));
            await until(() => api.watching);
            api.put(`${widgetsPath}/gear`, { ...api.objects.get(`${widgetsPath}/gear`)!, status: { phase: "Stuck" } });
            const error = await creation.then(
                () => assert.fail("created"),
                (reason: unknown) => reason,
            );
            const kept = initFailure(error)!;
            assert.equal(kept.id, "shop/gear");
            assert.match(
                kept.reasons[0]!,
                /Widget shop\/gear exists, but is not ready: timed out after 1 seconds.*found "Stuck"/,
            );
            assert.deepEqual(bare(kept.properties)["status"], { phase: "Stuck" });
        });

        it("prefers the resource's own time-out to the annotation's", async () => {
            const options = { ...waitFor, "pulumi.com/timeoutSeconds": "36000" };
            await assert.rejects(
                engine.create(widget({ teeth: 3 }, options), { timeout: 1 }),
                /timed out after 1 seconds/,
            );
        });

        it("does not create an object whose annotation it cannot read", async () => {
            await assert.rejects(
                engine.create(widget({}, { "pulumi.com/waitFor": "ready please" })),
                /expected "jsonpath=…"/,
            );
            assert.equal(api.objects.size, 0);
        });

        it("ends when the engine cancels, and keeps the object", async () => {
            const creation = engine.create(widget({ teeth: 3 }, waitFor));
            await until(() => api.watching);
            await call<Empty>((done) => engine.client.cancel(new Empty(), done));
            const error = await creation.then(
                () => assert.fail("created"),
                (reason: unknown) => reason,
            );
            assert.equal(initFailure(error)?.id, "shop/gear");
        });
    });

    describe("update", () => {
        it("applies under the resource's own manager, after taking over the fields it was created with", async () => {
            const { properties } = await engine.create(widget({ teeth: 3 }));
            const manager = String(properties["__fieldManager"]);
            const live = api.objects.get(`${widgetsPath}/gear`)!;
            const entries: PlainObject[] = [
                { manager: "pulumi-kubernetes", operation: "Update", fieldsV1: { "f:spec": { "f:teeth": {} } } },
                {
                    manager: "widget-controller",
                    operation: "Update",
                    subresource: "status",
                    fieldsV1: { "f:status": {} },
                },
            ];
            api.put(`${widgetsPath}/gear`, {
                ...live,
                metadata: { ...(live["metadata"] as PlainObject), managedFields: entries },
            });
            const updated = await engine.update(properties, widget({ teeth: 4 }));
            assert.deepEqual((bare(updated)["spec"] as PlainObject)["teeth"], 4);
            assert.equal(updated["__fieldManager"], manager);
            const [takeover, apply] = api.requests.filter(({ method }) => method === "PATCH");
            assert.deepEqual((takeover!.body as unknown as PlainObject[])[0]!["value"], [
                entries[1],
                { ...entries[0], manager, operation: "Apply" },
            ]);
            assert.deepEqual(apply!.query, { fieldManager: manager, force: "false" });
        });

        it("names manager and field of a conflict, and keeps the object", async () => {
            const { properties } = await engine.create(widget({ teeth: 3 }));
            const causes = [
                {
                    reason: "FieldManagerConflict",
                    message: 'conflict with "kubectl-edit" using example.com/v1',
                    field: ".spec.teeth",
                },
            ];
            api.intercept = ({ contentType }) =>
                contentType.startsWith("application/apply")
                    ? failure(409, "Conflict", "Apply failed with 1 conflict", { causes })
                    : undefined;
            const error = await engine.update(properties, widget({ teeth: 4 })).then(
                () => assert.fail("updated"),
                (reason: unknown) => reason,
            );
            assert.match((error as Error).message, /\.spec\.teeth: conflict with "kubectl-edit"/);
            assert.equal(initFailure(error)?.id, "shop/gear");
        });

        it("takes the fields by force where the annotation says so", async () => {
            const { properties } = await engine.create(widget({ teeth: 3 }));
            api.intercept = () => undefined;
            await engine.update(properties, widget({ teeth: 4 }, { "pulumi.com/patchForce": "true" }));
            assert.equal(api.requests.at(-1)!.query["force"], "true");
        });
    });

    describe("read", () => {
        it("shows what the cluster has now, in the fields the program sets", async () => {
            const { id, properties } = await engine.create(widget({ teeth: 3 }));
            const live = api.objects.get(`${widgetsPath}/gear`)!;
            api.put(`${widgetsPath}/gear`, { ...live, spec: { teeth: 5, colour: "red" } });
            const read = await engine.read(id, properties, widget({ teeth: 3 }), widgetUrn);
            assert.equal(read.id, id);
            assert.deepEqual(bare(read.inputs)["spec"], { teeth: 5 });
            assert.deepEqual(bare(read.properties)["spec"], { teeth: 5, colour: "red" });
        });

        it("reads an object for import that is known by its id only", async () => {
            api.put(`${widgetsPath}/gear`, bare({ ...widget({ teeth: 5 }), status: { phase: "Ready" } }));
            const read = await engine.read("shop/gear", {}, {}, widgetUrn);
            assert.deepEqual(bare(read.inputs), bare(widget({ teeth: 5 })));
        });

        it("says that it is gone only if the server says so", async () => {
            const { id, properties } = await engine.create(widget({ teeth: 3 }));
            api.intercept = ({ path }) =>
                path.endsWith("/gear") ? failure(403, "Forbidden", "not for you") : undefined;
            await assert.rejects(engine.read(id, properties, widget({ teeth: 3 }), widgetUrn), /not for you/);
            api.intercept = () => undefined;
            api.remove(`${widgetsPath}/gear`);
            assert.equal((await engine.read(id, properties, widget({ teeth: 3 }), widgetUrn)).id, "");
        });
    });

    describe("diff", () => {
        it("sees no change where the inputs are what the object has", async () => {
            const inputs = await engine.check(secret("swordfish"));
            const { properties } = await engine.create(inputs);
            const diff = await engine.diff(properties, inputs);
            assert.equal(diff.changes, rpc.DiffResponse.DiffChanges.DIFF_NONE);
        });

        it("shows a change of a property, and a replacement for another name", async () => {
            const { properties } = await engine.create(widget({ teeth: 3 }));
            const changed = await engine.diff(properties, widget({ teeth: 4 }));
            assert.deepEqual(changed.detaileddiffMap, [
                ["spec.teeth", { kind: rpc.PropertyDiff.Kind.UPDATE, inputdiff: false }],
            ]);
            assert.deepEqual(changed.replacesList, []);
            const renamed = await engine.diff(properties, {
                ...widget({ teeth: 3 }),
                metadata: { name: "cog", namespace: "shop" },
            });
            assert.deepEqual(renamed.replacesList, ["metadata.name"]);
            assert.equal(renamed.deletebeforereplace, false);
        });

        it("leaves out what is to be ignored", async () => {
            const { properties } = await engine.create(widget({ teeth: 3 }));
            const diff = await engine.diff(properties, widget({ teeth: 4 }), ["spec.teeth"]);
            assert.equal(diff.changes, rpc.DiffResponse.DiffChanges.DIFF_NONE);
        });
    });

    describe("delete", () => {
        it("returns when the object is gone, and not before", async () => {
            const { id, properties } = await engine.create(widget({ teeth: 3 }));
            const live = api.objects.get(`${widgetsPath}/gear`)!;
            const held = {
                ...live,
                metadata: { ...(live["metadata"] as PlainObject), finalizers: ["example.com/hold"] },
            };
            api.intercept = ({ method }) =>
                method === "DELETE" ? { code: 200, body: api.put(`${widgetsPath}/gear`, held) } : undefined;
            let gone = false;
            const deletion = engine.delete(id, properties).then(() => (gone = true));
            await until(() => api.watching);
            await until(() => engine.messages.some((message) => message.includes("example.com/hold")));
            assert.equal(gone, false);
            api.remove(`${widgetsPath}/gear`);
            await deletion;
            const request = api.requests.find(({ method }) => method === "DELETE")!;
            assert.equal(request.body["propagationPolicy"], "Foreground");
        });

        it("takes an object that is not there for deleted", async () => {
            const { id, properties } = await engine.create(widget({ teeth: 3 }));
            api.remove(`${widgetsPath}/gear`);
            await engine.delete(id, properties);
        });

        it("says what may hold the object when time is up", async () => {
            const { id, properties } = await engine.create(widget({ teeth: 3 }));
            const live = api.objects.get(`${widgetsPath}/gear`)!;
            const held = {
                ...live,
                metadata: { ...(live["metadata"] as PlainObject), finalizers: ["example.com/hold"] },
            };
            api.intercept = ({ method }) =>
                method === "DELETE" ? { code: 200, body: api.put(`${widgetsPath}/gear`, held) } : undefined;
            await assert.rejects(engine.delete(id, properties, 1), /still there.*finalizers.*example\.com\/hold/);
        });
    });

    describe("a cluster out of reach", () => {
        it("is named in each operation that needs it, and previews pass", async () => {
            const { id, properties } = await engine.create(widget({ teeth: 3 }));
            await engine.configure({
                kubeconfig: api.kubeconfig.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${await freePort()}`),
            });
            const message = /configured Kubernetes cluster is unreachable: http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/;
            await assert.rejects(engine.create(widget({})), message);
            await assert.rejects(engine.update(properties, widget({})), message);
            await assert.rejects(engine.read(id, properties, widget({})), message);
            await assert.rejects(engine.delete(id, properties), message);
            assert.equal((await engine.create(widget({}), { preview: true })).id, "");
        });

        it("is given up where the provider is told to delete the unreachable", async () => {
            const { id, properties } = await engine.create(widget({ teeth: 3 }));
            const kubeconfig = api.kubeconfig.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${await freePort()}`);
            await engine.configure({ kubeconfig, deleteUnreachable: "true" });
            assert.equal((await engine.read(id, properties, widget({}))).id, "");
            await engine.delete(id, properties);
        });

        it("is noticed in time when it accepts connections and never answers", async () => {
            const { id, properties } = await engine.create(widget({ teeth: 3 }));
            api.frozen = true;
            const before = api.requests.length;
            await engine.configure({ kubeconfig: api.kubeconfig, kubeClientSettings: JSON.stringify({ timeout: 1 }) });
            await assert.rejects(
                engine.read(id, properties, widget({})),
                /unreachable: .*did not answer within 1 seconds/,
            );
            assert.deepEqual(
                api.requests.slice(before).map(({ method, path }) => `${method} ${path}`),
                ["GET /version"],
            );
        });

        it("may freeze while an object is waited for, and come back", async () => {
            await engine.configure({ kubeconfig: api.kubeconfig, kubeClientSettings: JSON.stringify({ timeout: 1 }) });
            const creation = engine.create(widget({}, { "pulumi.com/waitFor": "jsonpath={.status.phase}=Ready" }));
            await until(() => api.watching);
            api.frozen = true;
            api.breakConnections();
            await until(() => engine.messages.some((message) => message.includes("did not answer within 1 seconds")));
            api.frozen = false;
            api.put(`${widgetsPath}/gear`, { ...api.objects.get(`${widgetsPath}/gear`)!, status: { phase: "Ready" } });
            assert.equal((await creation).id, "shop/gear");
        });

        it("is a kubeconfig that names a context that does not exist", async () => {
            await engine.configure({ kubeconfig: api.kubeconfig, context: "nowhere" });
            await assert.rejects(
                engine.create(widget({})),
                /the kubeconfig cannot be used: context "nowhere" does not exist/,
            );
        });
    });

    describe("the provider's configuration", () => {
        const diffConfig = async (olds: Properties, news: Properties): Promise<rpc.DiffResponse.AsObject> => {
            const request = new rpc.DiffRequest();
            request.setOlds(encode(olds, true));
            request.setNews(encode(news, true));
            return (await call<rpc.DiffResponse>((done) => engine.client.diffConfig(request, done))).toObject();
        };

        it("replaces nothing while the cluster stays the same", async () => {
            const other = api.kubeconfig.replace("t0ken", "t1ken");
            const diff = await diffConfig({ kubeconfig: api.kubeconfig }, { kubeconfig: other });
            assert.deepEqual([diff.diffsList, diff.replacesList], [["kubeconfig"], []]);
        });

        it("replaces everything when the cluster is another one", async () => {
            const other = api.kubeconfig.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1");
            assert.deepEqual((await diffConfig({ kubeconfig: api.kubeconfig }, { kubeconfig: other })).replacesList, [
                "kubeconfig",
            ]);
        });
    });

    it("answers UNIMPLEMENTED to what it does not offer", async () => {
        const request = new rpc.CallRequest();
        const error = await call((done) => engine.client.call(request, done)).then(
            () => assert.fail("called"),
            (reason: unknown) => reason,
        );
        assert.equal((error as grpc.ServiceError).code, grpc.status.UNIMPLEMENTED);
    });

    it("decodes YAML for programs that read manifests", async () => {
        const request = new rpc.InvokeRequest();
        request.setTok("kubernetes:yaml:decode");
        request.setArgs(encode({ text: "kind: A\n---\nkind: B\n---\n" }, true));
        const response = await call<rpc.InvokeResponse>((done) => engine.client.invoke(request, done));
        assert.deepEqual(decode(response.getReturn()), { result: [{ kind: "A" }, { kind: "B" }] });
    });

    it("leaves secrets bare for an engine that does not take them", async () => {
        const request = new rpc.CheckRequest();
        const configure = new rpc.ConfigureRequest();
        configure.getVariablesMap().set("kubernetes:config:kubeconfig", api.kubeconfig);
        await call((done) => engine.client.configure(configure, done));
        request.setUrn(defaultUrn);
        request.setNews(encode(secret("swordfish"), false));
        const response = await call<rpc.CheckResponse>((done) => engine.client.check(request, done));
        assert.deepEqual(decode(response.getInputs())["data"], {
            password: Buffer.from("swordfish").toString("base64"),
        });
    });
});

async function until(condition: () => boolean): Promise<void> {
    const end = Date.now() + 25_000;
    while (!condition()) {
        assert.ok(Date.now() < end, `did not come true in time: ${condition.toString()}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
}

async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}
