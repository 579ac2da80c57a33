import assert from "node:assert/strict";
import type { Context } from "../../../../lab/ontap/api/context";
import type { Field } from "../../../../lab/ontap/http/fields";
import type { Resource } from "../../../../lab/ontap/http/resource";
import { endpoints } from "../../../../lab/ontap/simulator";
import { Body, Client, TwoClusters } from "./twoClusters";

/** An id that nothing has. */
const nobody = "00000000-0000-0000-0000-000000000000";

/** Bodies that lack what a POST needs, with the field that is missed and ONTAP's code for it. */
const incomplete: Record<string, [body: object, target: string | undefined, code: string][]> = {
    "/cluster/schedules": [
        [{ cron: { minutes: [1] } }, "name", "2"],
        [{ name: "x" }, "cron", "2"],
    ],
    "/cluster/peers": [
        [{ authentication: { passphrase: "long enough" } }, undefined, "4656069"],
        [{ remote: { ip_addresses: ["127.0.0.9"] } }, undefined, "4656077"],
    ],
    "/network/ip/interfaces": [
        [{ ip: { address: "127.0.0.9", netmask: "8" } }, "name", "2"],
        [{ name: "x", ip: { netmask: "8" } }, "ip.address", "2"],
        [{ name: "x", ip: { address: "127.0.0.9" } }, "ip.netmask", "2"],
    ],
    "/svm/svms": [[{}, "name", "2"]],
    "/svm/peers": [
        [{ peer: { svm: { name: "x" } }, applications: ["snapmirror"] }, "svm.name", "2"],
        [{ svm: { name: "svm_east" }, applications: ["snapmirror"] }, "peer.svm.name", "2"],
    ],
    "/svm/peer-permissions": [
        [{ svm: { name: "svm_east" }, applications: ["snapmirror"] }, "cluster_peer.name", "2"],
        [{ cluster_peer: { name: "x" }, applications: ["snapmirror"] }, "svm.name", "2"],
        [{ cluster_peer: { name: "x" }, svm: { name: "svm_east" } }, "applications", "2"],
    ],
    "/storage/volumes": [
        [{ svm: { name: "svm_east" } }, "name", "2"],
        [{ name: "x" }, "svm.name", "2"],
        [{ name: "x", svm: { name: "svm_east" } }, "aggregates", "918242"],
    ],
    "/storage/volumes/:volume/snapshots": [[{}, "name", "2"]],
    "/protocols/nfs/export-policies": [
        [{ svm: { name: "svm_east" } }, "name", "2"],
        [{ name: "x" }, "svm.name", "2"],
        [{ name: "x", svm: { name: "nobody" } }, "svm.name", "2621462"],
        [{ name: "a name", svm: { name: "svm_east" } }, "name", "1703952"],
    ],
    "/protocols/cifs/shares": [
        [{ name: "x", svm: { name: "svm_east" } }, "path", "2"],
        [{ name: "x", path: "/x" }, "svm.name", "2"],
    ],
    "/storage/qtrees": [
        [{ name: "x", volume: { name: "vol" } }, "svm.name", "2"],
        [{ name: "x", svm: { name: "svm_east" } }, "volume.name", "2"],
    ],
    "/storage/luns": [[{ name: "/vol/vol/x", svm: { name: "svm_east" } }, "os_type", "2"]],
    "/protocols/san/igroups": [[{ name: "x", svm: { name: "svm_east" } }, "os_type", "2"]],
    "/protocols/san/lun-maps": [
        [{ igroup: { name: "x" }, svm: { name: "svm_east" } }, "lun.name", "2"],
        [{ lun: { name: "x" }, svm: { name: "svm_east" } }, "igroup.name", "2"],
    ],
    "/storage/namespaces": [[{ name: "/vol/vol/x", svm: { name: "svm_east" } }, "os_type", "2"]],
    "/protocols/nvme/subsystems": [[{ name: "x", svm: { name: "svm_east" } }, "os_type", "2"]],
    "/protocols/nvme/subsystem-maps": [
        [{ subsystem: { name: "x" }, svm: { name: "svm_east" } }, "namespace.name", "2"],
        [{ namespace: { name: "x" }, svm: { name: "svm_east" } }, "subsystem.name", "2"],
    ],
    "/snapmirror/policies": [[{ type: "async" }, "name", "2"]],
    "/snapmirror/relationships": [
        [{ destination: { path: "svm_east:x" } }, "source.path", "2"],
        [{ source: { path: "svm_west:x" } }, "destination.path", "2"],
    ],
};

/** What an endpoint declares does not depend on the cluster behind it. */
const declared: Resource[] = endpoints.map((make) => make({} as Context));

/** A value of another type than the field's; undefined where every value fits. */
function ofAnotherType({ type }: Field): unknown {
    switch (type) {
        case "any":
        case "object":
            return undefined;
        case "boolean":
            return "perhaps";
        case "integer":
        case "size":
            return "many";
        default:
            return 7;
    }
}

/** `{a: {b: value}}` of `a.b`, with a list where one stands. */
function bodyOf(path: string, value: unknown, lists: readonly string[] = []): object {
    const names = path.split(".");
    return names.reduceRight<unknown>((inner, name, index) => {
        const here = names.slice(0, index + 1).join(".");
        return { [name]: lists.includes(here) ? [inner] : inner };
    }, value) as object;
}

describe("ONTAP simulator: what each endpoint refuses", () => {
    let both: TwoClusters;
    let east: Client;

    before(async () => {
        both = await TwoClusters.start();
        east = both.east;
        await east.makeVolume("vol");
    });
    after(() => both.close());
    afterEach(() => both.simulators.east.faults.clear());

    const failure = ({ status, data }: { status: number; data: Body }) => ({
        status,
        code: data["error"]?.code as string,
        target: data["error"]?.target as string | undefined,
    });
    const urlOf = async ({ path }: Resource) =>
        path.replace(/:\w+/, path.includes("volume") ? (await east.volume("vol"))["uuid"] : nobody);

    for (const resource of declared) {
        const { path, fields, lists = [], keys, single } = resource;
        const instance = (url: string) => (single ? url : `${url}/${keys.map(() => nobody).join("/")}`);

        describe(path, () => {
            it("a stranger: 401, and an account without the right: 403", async () => {
                const url = await urlOf(resource);
                const stranger = new Client(both.simulators.east, "nobody");
                assert.deepEqual(failure(await stranger.get(url)), { status: 401, code: "6691623", target: undefined });
                await east.faults({ kind: "narrowRole", user: "product", path: `${path.split("/:")[0]}*` });
                const product = new Client(both.simulators.east, "product");
                const forbidden = { status: 403, code: "6", target: undefined };
                assert.deepEqual(failure(await product.get(url)), forbidden);
                if (resource.create) {
                    assert.deepEqual(failure(await product.post(url, {})), forbidden);
                }
                if (resource.modify) {
                    assert.deepEqual(failure(await product.patch(instance(url), {})), forbidden);
                }
                if (resource.remove) {
                    assert.deepEqual(failure(await product.delete(instance(url))), forbidden);
                }
            });

            it("arguments, fields and pages that do not exist", async () => {
                const url = await urlOf(resource);
                const bad = (target: string, code: string) => ({ status: 400, code, target });
                assert.deepEqual(failure(await east.get(`${url}?colour=red`)), bad("colour", "262179"));
                assert.deepEqual(failure(await east.get(`${url}?fields=colour`)), bad("fields", "262197"));
                for (const query of ["return_timeout=600", "max_records=0", "return_records=perhaps"]) {
                    const [target = ""] = query.split("=");
                    assert.deepEqual(failure(await east.get(`${url}?${query}`)), bad(target, "262197"), query);
                }
                assert.deepEqual(failure(await east.get(`${url}?order_by=colour`)), bad("order_by", "262197"));
            });

            it("methods that it does not offer, and objects that do not exist", async () => {
                const url = await urlOf(resource);
                const notOffered = { status: 405, code: "3", target: undefined };
                if (!resource.create) {
                    assert.deepEqual(failure(await east.post(url, {})), notOffered);
                }
                if (!resource.modify) {
                    assert.deepEqual(failure(await east.patch(instance(url), {})), notOffered);
                }
                if (!resource.remove) {
                    assert.deepEqual(failure(await east.delete(instance(url))), notOffered);
                }
                if (single) {
                    return;
                }
                const gone = { status: 404, code: "4" };
                const seen = async (answer: { status: number; data: Body }) => {
                    const { status, code } = failure(answer);
                    return { status, code };
                };
                assert.deepEqual(await seen(await east.get(instance(url))), gone);
                if (resource.modify && path !== "/cluster/jobs") {
                    assert.deepEqual(await seen(await east.patch(instance(url), {})), gone);
                }
                if (resource.remove) {
                    assert.deepEqual(await seen(await east.delete(instance(url))), gone);
                }
            });

            const writes = (["create", "modify"] as const).filter((verb) => resource[verb] !== undefined);
            for (const verb of writes) {
                const method = verb === "create" ? "post" : "patch";
                const send = async (body: object) => {
                    const url = await urlOf(resource);
                    return failure(await east[method](verb === "create" ? url : instance(url), body));
                };

                it(`${method.toUpperCase()}: unknown fields, and fields that cannot be set so`, async () => {
                    assert.deepEqual(await send({ colour: "red" }), { status: 400, code: "262179", target: "colour" });
                    for (const [name, field] of Object.entries(fields)) {
                        const inner = `${name}.colour`;
                        if (field.type !== "any" && !field.readOnly && !(field.createOnly && verb === "modify")) {
                            const { status, code } = await send(bodyOf(inner, "red", lists));
                            assert.deepEqual([status, code], [400, "262197"], inner);
                        }
                        if (field.readOnly || (field.createOnly && verb === "modify")) {
                            const value = field.values?.[0] ?? "x";
                            const expected = { status: 400, code: "262196", target: name };
                            assert.deepEqual(await send(bodyOf(name, value, lists)), expected, name);
                        }
                    }
                });

                it(`${method.toUpperCase()}: wrong types, lists and values`, async () => {
                    for (const [name, field] of Object.entries(fields)) {
                        if (field.readOnly || (field.createOnly && verb === "modify")) {
                            continue;
                        }
                        const expected = { status: 400, code: "262197", target: name };
                        const wrong = ofAnotherType(field);
                        if (wrong !== undefined) {
                            assert.deepEqual(await send(bodyOf(name, wrong, lists)), expected, name);
                        }
                        if (field.values) {
                            assert.deepEqual(await send(bodyOf(name, "purple", lists)), expected, name);
                        }
                        const shape = lists.includes(name) ? "no list" : ["a list"];
                        if (field.type !== "any") {
                            assert.deepEqual(
                                await send(
                                    bodyOf(
                                        name,
                                        shape,
                                        lists.filter((one) => one !== name),
                                    ),
                                ),
                                expected,
                                name,
                            );
                        }
                    }
                });
            }

            for (const [body, target, code] of incomplete[path] ?? []) {
                it(`POST ${JSON.stringify(body)}: ${code}`, async () => {
                    const answer = await east.post(await urlOf(resource), body);
                    assert.deepEqual(failure(answer), { status: 400, code, target });
                });
            }
        });
    }

    it("has a case for each endpoint that makes something", () => {
        const without = declared.filter(({ path, create }) => create && !(path in incomplete)).map(({ path }) => path);
        // A transfer needs nothing: its relationship says what it is.
        assert.deepEqual(without, ["/snapmirror/relationships/:relationship/transfers"]);
    });
});
