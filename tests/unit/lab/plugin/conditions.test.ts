import assert from "node:assert/strict";
import { parseWaitFor, readiness } from "../../../../lab/kubernetes-plugin/conditions";
import { type PlainObject } from "../../../../lab/kubernetes-plugin/values";

function met(expression: string, object: PlainObject): boolean {
    return parseWaitFor(expression)(object).met;
}

const running: PlainObject = {
    metadata: { generation: 2 },
    status: { phase: "Running", replicas: 3, ready: true, items: [{ n: 1 }] },
};

describe("pulumi.com/waitFor", () => {
    it("compares the first value that a path selects", () => {
        assert.ok(met("jsonpath={.status.phase}=Running", running));
        assert.ok(met("jsonpath={ $.status.replicas }=3", running));
        assert.ok(met("jsonpath={.status.ready}=true", running));
        assert.ok(!met("jsonpath={.status.phase}=Pending", running));
    });

    it("takes a path alone for: is there", () => {
        assert.ok(met("jsonpath={.status.items}", running));
        assert.ok(!met("jsonpath={.status.message}", running));
    });

    it("reads RFC 9535 filters, with their comparisons", () => {
        const filter = "jsonpath={.status.items[?(@.n == 1)].n}=1";
        assert.ok(met(filter, running));
        assert.ok(!met(filter, { status: { items: [{ n: 2 }] } }));
    });

    it("waits until the controller has seen the last change, where it says what it has seen", () => {
        const behind = { metadata: { generation: 2 }, status: { phase: "Running", observedGeneration: 1 } };
        assert.ok(!met("jsonpath={.status.phase}=Running", behind));
        const caughtUp = { metadata: { generation: 2 }, status: { phase: "Running", observedGeneration: 2 } };
        assert.ok(met("jsonpath={.status.phase}=Running", caughtUp));
    });

    it("finds conditions by type, with True where no status is named", () => {
        const conditions = [
            { type: "Ready", status: "True" },
            { type: "Degraded", status: "False" },
        ];
        const object = { status: { conditions } };
        assert.ok(met("condition=Ready", object));
        assert.ok(met("condition=ready=true", object));
        assert.ok(met("condition=Degraded=False", object));
        assert.ok(!met("condition=Degraded", object));
        assert.ok(!met("condition=Available", object));
        const stale = {
            metadata: { generation: 2 },
            status: { conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }] },
        };
        assert.ok(!met("condition=Ready", stale));
    });

    it("wants every condition of a list, and names the one that is missing", () => {
        const verdict = parseWaitFor(JSON.stringify(["jsonpath={.status.phase}=Running", "condition=Ready"]))(running);
        assert.deepEqual(verdict, { met: false, message: "[2/2] Waiting for condition Ready=True: nothing there yet" });
    });

    it("gives up on what can never be compared", () => {
        const verdict = parseWaitFor("jsonpath={.status.items}=1")(running);
        assert.equal(verdict.failed, true);
    });

    for (const expression of [
        "",
        "Ready",
        "[]",
        "jsonpath=.status.phase=x",
        "jsonpath={.status.phase}=",
        "jsonpath={.a[}",
    ]) {
        it(`refuses ${JSON.stringify(expression)}`, () => assert.throws(() => parseWaitFor(expression)));
    }
});

describe("Readiness", () => {
    const facts = { bindsLate: false };

    it("is given at once for most kinds, and where the annotation says not to wait", () => {
        assert.equal(readiness({ apiVersion: "v1", kind: "Namespace" }, facts), undefined);
        const skipped = {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { annotations: { "pulumi.com/skipAwait": "true" } },
        };
        assert.equal(readiness(skipped, facts), undefined);
    });

    it("of a Deployment means that all Pods are new and available", () => {
        const check = readiness({ apiVersion: "apps/v1", kind: "Deployment" }, facts)!;
        const deployment = (status: PlainObject): PlainObject => ({
            metadata: { generation: 2 },
            spec: { replicas: 2 },
            status,
        });
        const all = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
        assert.ok(check(deployment(all)).met);
        assert.match(check(deployment({})).message, /^\[1\/2\] Waiting for/);
        assert.match(check(deployment({ ...all, observedGeneration: 1 })).message, /^\[1\/2\]/);
        assert.match(check(deployment({ ...all, replicas: 3 })).message, /^\[2\/2\]/);
        const stuck = {
            ...all,
            availableReplicas: 0,
            conditions: [{ type: "Progressing", reason: "ProgressDeadlineExceeded", message: "no progress" }],
        };
        assert.deepEqual(check(deployment(stuck)), { met: false, failed: true, message: "no progress" });
    });

    it("of a claim means bound, or pending where its class binds late", () => {
        const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim" };
        const pending = { status: { phase: "Pending" } };
        assert.ok(!readiness(claim, facts)!(pending).met);
        assert.ok(readiness(claim, { bindsLate: true })!(pending).met);
        assert.ok(readiness(claim, facts)!({ status: { phase: "Bound" } }).met);
    });
});
