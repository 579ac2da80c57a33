import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Mirror, MirrorCondition } from "../../../../lab/trident/kinds";
import { type MirrorSituation, nextMirrorStep, objection } from "../../../../lab/trident/mirrorSteps";
import type { Relationship } from "../../../../lab/trident/ontap";

const receiving = { type: "dp", mounted: true } as const;
const writable = { type: "rw", mounted: true } as const;

function relationship(state: string, more: Partial<Relationship> = {}): Relationship {
    return { uuid: "r", state, healthy: true, policy: { type: "async" }, ...more };
}

function stepOf(situation: MirrorSituation): string {
    return nextMirrorStep(situation).step;
}

describe("nextMirrorStep to established", () => {
    const goal = "established" as const;

    it("creates, initialises, waits for the transfer and mounts", () => {
        const bare = { type: "dp", mounted: false } as const;
        const transferring = relationship("uninitialized", { transfer: { state: "transferring" } });
        assert.equal(stepOf({ goal, volume: bare }), "create");
        assert.equal(stepOf({ goal, volume: bare, relationship: relationship("uninitialized") }), "initialize");
        assert.equal(stepOf({ goal, volume: bare, relationship: transferring }), "wait");
        assert.equal(stepOf({ goal, volume: bare, relationship: relationship("snapmirrored") }), "mount");
        assert.equal(stepOf({ goal, volume: receiving, relationship: relationship("snapmirrored") }), "done");
    });

    it("takes only a volume that is there to receive", () => {
        const next = nextMirrorStep({ goal, volume: writable });
        assert.equal(next.step, "fail");
        assert.match((next as { message: string }).message, /only .* empty DP volumes/);
    });

    it("says the innermost reason of a first transfer that failed, and tries again", () => {
        const causes = [{ message: "Transfer failed." }, { message: "Connection refused" }];
        const failed = relationship("uninitialized", { healthy: false, unhealthy_reason: causes });
        assert.deepEqual(nextMirrorStep({ goal, volume: receiving, relationship: failed }), {
            step: "initialize-again",
            message: "could not establish mirror: Connection refused",
        });
    });

    it("does not bring back what is broken off", () => {
        assert.equal(stepOf({ goal, volume: writable, relationship: relationship("broken_off") }), "fail");
    });
});

describe("nextMirrorStep to reestablished", () => {
    const goal = "reestablished" as const;

    it("resynchronises a writable volume, with or without a relationship left", () => {
        assert.equal(stepOf({ goal, volume: writable }), "create");
        assert.equal(stepOf({ goal, volume: writable, relationship: relationship("uninitialized") }), "resync");
        assert.equal(stepOf({ goal, volume: writable, relationship: relationship("broken_off") }), "resync");
        assert.equal(stepOf({ goal, volume: receiving, relationship: relationship("snapmirrored") }), "done");
    });

    it("gives an unhealthy relationship up", () => {
        const unhealthy = relationship("broken_off", { healthy: false });
        assert.equal(stepOf({ goal, volume: writable, relationship: unhealthy }), "discard");
    });
});

describe("nextMirrorStep to promoted", () => {
    const goal = "promoted" as const;
    const awaited = { handle: "pvc-1/snapshot-2", arraySnapshot: "snapshot-2", arrived: false };

    it("breaks, then deletes the relationship, then mounts", () => {
        assert.equal(stepOf({ goal, volume: receiving, relationship: relationship("snapmirrored") }), "break");
        assert.equal(stepOf({ goal, volume: writable, relationship: relationship("broken_off") }), "delete");
        assert.equal(stepOf({ goal, volume: { type: "rw", mounted: false } }), "mount");
        assert.equal(stepOf({ goal, volume: writable }), "done");
    });

    it("breaks even while a transfer runs or the relationship is unhealthy", () => {
        const running = relationship("snapmirrored", { healthy: false, transfer: { state: "transferring" } });
        assert.equal(stepOf({ goal, volume: receiving, relationship: running }), "break");
    });

    it("waits for the snapshot it was told, then restores to it", () => {
        const mirrored = relationship("snapmirrored");
        assert.deepEqual(nextMirrorStep({ goal, volume: receiving, relationship: mirrored, awaited }), {
            step: "wait",
            message: "Waiting for snapshot pvc-1/snapshot-2",
        });
        const there = { ...awaited, arrived: true };
        assert.deepEqual(nextMirrorStep({ goal, volume: receiving, relationship: mirrored, awaited: there }), {
            step: "break",
            restoreTo: "snapshot-2",
        });
    });

    it("does not wait for a snapshot on a synchronous mirror", () => {
        const synchronous = relationship("in_sync", { policy: { type: "sync" } });
        assert.equal(stepOf({ goal, volume: receiving, relationship: synchronous, awaited }), "break");
    });

    it("does not call a volume promoted that never received anything", () => {
        assert.equal(stepOf({ goal, volume: receiving }), "fail");
    });
});

describe("objection to a mirror's spec", () => {
    const remoteVolumeHandle = "svm_east:trident_pvc_1";
    const spec = (state: string, mapping: object = {}, more: object = {}): Mirror["spec"] => ({
        state,
        volumeMappings: [{ localPVCName: "data", remoteVolumeHandle, ...mapping }],
        ...more,
    });
    const before: MirrorCondition = {
        state: "established",
        localPVCName: "data",
        remoteVolumeHandle,
        replicationPolicy: "MirrorAllSnapshots",
    };

    it("accepts a first spec, a promotion and what did not change", () => {
        assert.equal(objection(spec("established"), undefined), undefined);
        assert.equal(objection(spec("promoted", { promotedSnapshotHandle: "pvc-1/snapshot-2" }), before), undefined);
        assert.equal(objection(spec("reestablished"), { ...before, state: "promoted" }), undefined);
    });

    it("calls invalid what can never be reached", () => {
        assert.equal(objection(spec("established", { remoteVolumeHandle: "" }), undefined)?.state, "invalid");
        const handle = { promotedSnapshotHandle: "pvc-1/snapshot-2" };
        assert.equal(objection(spec("established", handle), undefined)?.state, "invalid");
    });

    it("fails on another PVC or another remote volume", () => {
        assert.match(objection(spec("established", { localPVCName: "other" }), before)?.message ?? "", /localPVCName/);
        const other = { remoteVolumeHandle: "svm_east:other" };
        assert.deepEqual(objection(spec("established", other), before)?.state, "failed");
    });

    it("lets the policy change only with a promotion", () => {
        const change = { replicationPolicy: "Asynchronous" };
        assert.equal(objection(spec("established", {}, change), before)?.state, "failed");
        assert.equal(objection(spec("promoted", {}, change), before), undefined);
    });
});
