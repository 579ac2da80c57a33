import assert from "node:assert/strict";
import type { Kind, KubernetesObject, ObjectName } from "../../../../../provider/clients/kubernetes/cluster";
import { WaitError } from "../../../../../provider/clients/kubernetes/wait";
import { runActions } from "../../../../../provider/drivers/action";
import type { DriverStep } from "../../../../../provider/drivers/driver";
import type { MirrorState } from "../../../../../provider/drivers/applications/observe";
import type { HandOverToken } from "../../../../../provider/roles/record";
import { object } from "./objects";
import { viewOf } from "./view";

const trident = "trident.netapp.io/v1";
const mirrorOfTrident = (message: string) =>
    object(trident, "TridentMirrorRelationship", "db", { status: { conditions: [{ state: "promoting", message }] } });

/** A cluster in which whatever is waited for does not come about. */
function late(last: KubernetesObject | undefined, mirrors: () => Promise<object[]> = () => Promise.resolve([])) {
    return {
        create: () => Promise.resolve(),
        list: (kind: Kind, namespace: string) =>
            kind.kind === "TridentMirrorRelationship" && namespace === "shop" ? mirrors() : Promise.resolve([]),
        waitFor: (kind: Kind, { name }: ObjectName, what: string) =>
            Promise.reject(
                new WaitError(
                    `east: ${kind.kind} shop/${name} is not ${what} after 1 s; last seen: x`,
                    "east",
                    "wait",
                    last,
                ),
            ),
    };
}

const promoting: MirrorState = {
    desiredState: "Promoted",
    state: "Promoting",
    error: "",
    promotedSnapshot: undefined,
    sourceApplicationUid: "uid",
    lastTransferred: undefined,
    deleting: false,
};
const into = (state: string, healthy = true) => ({
    source: "svm_west:db",
    destination: "svm_east:db",
    state,
    healthy,
    why: healthy ? "" : "the peer cluster does not answer",
    policy: "",
    lagSeconds: undefined,
});
const surveyed = (mirror: object | undefined, type = "dp") => ({
    survey: () =>
        Promise.resolve({
            volumes: [{ claim: "shop/db", volume: "db", type, state: "online", into: mirror, outOf: [] }],
            strays: [],
        }),
});

async function failureOf(step: DriverStep, parts: Parameters<typeof viewOf>): Promise<string> {
    const actions = viewOf(...parts).actions(step);
    try {
        await runActions(actions, () => undefined, "east");
    } catch (error) {
        return (error as Error).message;
    }
    return assert.fail("expected a failure");
}

const token: HandOverToken = {
    application: "shop",
    epoch: 1,
    from: "west",
    to: "east",
    finalSnapshot: "20261122025959_shop-final-1_abc",
    archivePath: "shop_uid/snapshots/20261122025959_shop-final-1_abc",
    applicationUid: "uid",
    time: "2026-11-22T03:00:00Z",
};

describe("a wait whose deadline has passed", () => {
    const promote: DriverStep = { do: "promote", token: undefined };

    it("for a snapshot: says how to look at it, that it goes on, and how to wait again", async () => {
        const message = await failureOf({ do: "take-shutdown-snapshot", epoch: 2 }, [{}, { cluster: late(undefined) }]);
        assert.equal(
            message,
            "east: ShutdownSnapshot shop/shop-final-2 is not Completed after 1 s; last seen: x. Nothing was undone, and it goes on at east by itself. All that is known of it, at east: kubectl -n shop describe shutdownsnapshots.protect.trident.netapp.io shop-final-2. To go on waiting: pulumi up --stack east",
        );
    });

    it("for a promotion: names each mirror's and each volume's state, and the commands to break it by hand", async () => {
        const cluster = late(undefined, () => Promise.resolve([mirrorOfTrident("quiesce failed\u001b[2J")]));
        const message = await failureOf(promote, [
            { mirror: promoting },
            { cluster, volumes: surveyed(into("snapmirrored", false)) },
        ]);
        assert.equal(
            message,
            "east: AppMirrorRelationship shop/shop is not Promoted after 1 s; last seen: x. Trident at east: TridentMirrorRelationship shop/db promoting (quiesce failed\ufffd[2J). The array of east: volume db of shop/db is dp, online, the mirror into it is snapmirrored, not healthy: the peer cluster does not answer. To do by hand what is left for Trident to do, at the array of east: snapmirror quiesce -destination-path svm_east:db; snapmirror abort -destination-path svm_east:db; snapmirror break -destination-path svm_east:db; snapmirror delete -destination-path svm_east:db. Trident then finds nothing left to do, and the next run continues from there. To look at it again, at east: kubectl -n shop describe appmirrorrelationships.protect.trident.netapp.io shop; to go on waiting: pulumi up --stack east",
        );
    });

    it("leaves out what is done: a broken mirror is only deleted, and a free volume needs nothing", async () => {
        const cluster = late(undefined);
        const broken = await failureOf(promote, [
            { mirror: promoting },
            { cluster, volumes: surveyed(into("broken_off"), "rw") },
        ]);
        assert.match(broken, /at the array of east: snapmirror delete -destination-path svm_east:db\. /);
        const free = await failureOf(promote, [{ mirror: promoting }, { cluster, volumes: surveyed(undefined, "rw") }]);
        assert.match(free, /is rw, online, no mirror leads into it\. To look at it again/);
        assert.doesNotMatch(free, /snapmirror/);
    });

    it("breaks nothing by hand for a snapshot that has not arrived", async () => {
        const cluster = late(undefined, () =>
            Promise.resolve([mirrorOfTrident("Waiting for snapshot pvc-1/snapshot-2")]),
        );
        const message = await failureOf(promote, [
            { mirror: promoting },
            { cluster, volumes: surveyed(into("snapmirrored")) },
        ]);
        assert.match(
            message,
            /has not arrived, and breaking the mirror by hand does not bring it; the ways on: pulumi preview/,
        );
        assert.doesNotMatch(message, /snapmirror break/);
    });

    it("says what a transfer has moved, and breaks no mirror by hand that may still bring what was handed over", async () => {
        const transfer = { state: "transferring", bytes: 3 * 2 ** 30, seconds: 60 };
        const volumes = surveyed({ ...into("snapmirrored"), transfer });
        const ofUnplanned = await failureOf(promote, [{ mirror: promoting }, { cluster: late(undefined), volumes }]);
        assert.match(
            ofUnplanned,
            /the mirror into it is snapmirrored, transferring, 3\.0 GiB so far at 51\.2 MiB\/s\. /,
        );
        assert.match(ofUnplanned, /snapmirror break/);
        const handedOver = { ...promoting, promotedSnapshot: token.finalSnapshot };
        const recoveryPoint = { snapshot: "shop-final-1", takenAt: "2026-11-22T03:00:00Z" };
        const planned = await failureOf({ do: "promote", token }, [
            { mirror: handedOver, recoveryPoint },
            { cluster: late(undefined), volumes },
        ]);
        assert.match(
            planned,
            /may belong to 20261122025959_shop-final-1_abc, .* the ways on: pulumi preview --stack east/,
        );
        assert.doesNotMatch(planned, /snapmirror break/);
    });

    it("says what it could not read, and all the rest", async () => {
        const cluster = late(undefined, () => Promise.reject(new Error("no right")));
        const message = await failureOf(promote, [
            { mirror: promoting },
            { cluster, volumes: { survey: () => Promise.reject(new Error("the array is dark")) } },
        ]);
        assert.match(
            message,
            /Trident at east: not known \(no right\)\. The array of east: not known \(the array is dark\)\./,
        );
    });
});
