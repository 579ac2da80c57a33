import assert from "node:assert/strict";
import fc from "fast-check";
import { diffObjects, mustDeleteFirst, parsePath, type DiffOptions } from "../../../../lab/kubernetes-plugin/diff";
import {
    canonicalQuantity,
    markSecrets,
    prune,
    type KubernetesObject,
} from "../../../../lab/kubernetes-plugin/objects";
import { bare, decode, encode, Secret, unknownValue, type Properties } from "../../../../lab/kubernetes-plugin/values";

const options: DiffOptions = { ignore: [], patch: false, secretsMutable: false, configMapsMutable: false };

function changes(old: KubernetesObject, next: KubernetesObject, more: Partial<DiffOptions> = {}): string[] {
    return diffObjects(old, next, { ...options, ...more }).map(
        ({ path, kind, replace }) => `${kind} ${path}${replace ? " !" : ""}`,
    );
}

describe("Difference of objects", () => {
    it("names each property that differs, in the engine's notation", () => {
        const old = {
            spec: { a: 1, b: [1, 2], c: { d: "x" } },
            metadata: { labels: { "app.kubernetes.io/name": "shop" } },
        };
        const next = {
            spec: { a: 2, b: [1, 3, 4], c: {}, e: true },
            metadata: { labels: { "app.kubernetes.io/name": "store" } },
        };
        assert.deepEqual(changes(old, next), [
            "update spec.a",
            "update spec.b[1]",
            "add spec.b[2]",
            "delete spec.c.d",
            "add spec.e",
            'update metadata.labels["app.kubernetes.io/name"]',
        ]);
    });

    it("counts a value that is not known yet as a change", () => {
        assert.deepEqual(changes({ spec: { a: 1 } }, { spec: unknownValue }), ["update spec"]);
    });

    it("replaces where the server would refuse a change", () => {
        const secret = { apiVersion: "v1", kind: "Secret", data: { a: "eA==" } };
        assert.deepEqual(changes(secret, { ...secret, data: { a: "eQ==" } }), ["update data.a !"]);
        assert.deepEqual(changes(secret, { ...secret, data: { a: "eQ==" } }, { secretsMutable: true }), [
            "update data.a",
        ]);
        const storageClass = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", provisioner: "a" };
        assert.deepEqual(changes(storageClass, { ...storageClass, parameters: { x: "y" } }), ["add parameters !"]);
        const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "c" } };
        assert.deepEqual(changes(claim, { ...claim, spec: { storageClassName: "fast" } }), ["add spec !"]);
        assert.deepEqual(changes(claim, { ...claim, spec: { resources: {} } }), ["add spec"]);
    });

    it("leaves out ignored paths, with wildcards", () => {
        const old = { spec: { list: [{ a: 1, b: 1 }], "x.y": 1 } };
        const next = { spec: { list: [{ a: 2, b: 2 }], "x.y": 2 } };
        assert.deepEqual(changes(old, next, { ignore: ["spec.list[*].a", 'spec["x.y"]'] }), ["update spec.list[0].b"]);
        assert.deepEqual(parsePath('a.b[0]["c.d"].*'), ["a", "b", 0, "c.d", "*"]);
    });

    it("finds no change between an object and itself", () => {
        fc.assert(
            fc.property(
                fc.jsonValue(),
                (value) => changes({ spec: value as never }, { spec: value as never }).length === 0,
            ),
        );
    });

    it("deletes first what has to keep its name", () => {
        const live = { metadata: { name: "a", namespace: "n" } };
        assert.ok(mustDeleteFirst(live, live));
        assert.ok(!mustDeleteFirst({ metadata: { name: "b", namespace: "n" } }, live));
        assert.ok(
            !mustDeleteFirst(
                { metadata: { name: "a", namespace: "n", annotations: { "pulumi.com/autonamed": "true" } } },
                live,
            ),
        );
    });
});

describe("Objects", () => {
    it("are reduced to the fields that the program sets", () => {
        const live: KubernetesObject = { spec: { a: 1, extra: 2, list: [{ x: 1, y: 2 }, { x: 3 }] }, status: {} };
        assert.deepEqual(prune(live, { spec: { a: 5, list: [{ x: 9 }] } }), { spec: { a: 1, list: [{ x: 1 }] } });
    });

    for (const [given, stored] of [
        ["1024Mi", "1Gi"],
        ["1Gi", "1Gi"],
        ["0.5", "500m"],
        ["1000m", "1"],
        ["1500m", "1500m"],
        ["100Mi", "100Mi"],
        ["2", "2"],
        ["0", "0"],
    ]) {
        it(`have the quantity ${given} stored as ${stored}`, () => assert.equal(canonicalQuantity(given!), stored));
    }

    it("are secret where the inputs are, and nowhere else", () => {
        const outputs: Properties = { spec: { token: "t", list: ["a", "b"], plain: 1 } };
        markSecrets(outputs, { spec: { token: new Secret("t"), list: [new Secret("a"), "b"], plain: 1 } });
        const spec = outputs["spec"] as Properties;
        assert.ok(spec["token"] instanceof Secret && spec["list"] instanceof Secret);
        assert.equal(spec["plain"], 1);
    });
});

describe("Property values", () => {
    it("survive the engine's form, secrets included", () => {
        const value: Properties = { a: new Secret({ b: [1, new Secret("x"), null] }), c: true };
        assert.deepEqual(decode(encode(value, true)), value);
        assert.deepEqual(decode(encode(value, false)), bare(value));
    });
});
