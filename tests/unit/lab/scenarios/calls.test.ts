import assert from "node:assert/strict";
import { compareCalls } from "../../../../lab/scenarios/calls";
import { announcedCalls } from "../../../../lab/scenarios/output";
import { faultsOf, type ScenarioReport } from "../../../../lab/scenarios/report";

/** What the CLI prints of a preview: each line as it comes, and again under the diagnostics. */
const plan = [
    "shop at west is standby in epoch 1; plan: take over",
    "shop at west: 1. claim-epoch: PUT vault-west trident-dr/shop/epoch-2.json, if none is there",
    "shop at west: 2. claim-epoch: PUT vault-east trident-dr/shop/epoch-2.json, if none is there (if it answers)",
    "shop at west: 3. claim-epoch: apply ConfigMap shop/trident-dr-record-shop: epoch 2 claimed",
    "shop at west: 4. promote: GET /storage/volumes of west: the array answers and knows every volume",
    "shop at west: 5. promote: patch AppMirrorRelationship shop/shop: Promoted at the recovery point",
    "shop at west: 6. promote: wait for AppMirrorRelationship shop/shop to be Promoted",
    "shop at west: 7. delete-schedules: delete Schedule shop/shop-daily (if it is there)",
    "shop at west: 8. promote: PATCH /snapmirror/relationships/{svm-west:archive01}: broken_off",
    "shop at west: 9. record: apply ConfigMap shop/trident-dr-record-shop: active in epoch 2",
];
const preview = [
    "Previewing update (west):",
    ...plan.map((line) => `    pulumi-nodejs:dynamic:MirrorRole shop  info: ${line}`),
    "Diagnostics:",
    "  pulumi-nodejs:dynamic:MirrorRole (shop):",
    ...plan.map((line) => `    ${line}`),
    ...plan.map((line) => `    ${line}`),
].join("\n");

const claim = "PUT vault-west trident-dr/shop/epoch-2.json";
const claimAtPeer = "PUT vault-east trident-dr/shop/epoch-2.json";
const record = "apply ConfigMap shop/trident-dr-record-shop";
const promote = "patch AppMirrorRelationship shop/shop";
const removal = "delete Schedule shop/shop-daily";
const breakOff = "PATCH /snapmirror/relationships";
const required = [claim, record, promote, breakOff, record];

describe("the calls that a preview announces", () => {
    it("are all there once each, however often the CLI prints them, and as often as they are announced", () => {
        assert.deepEqual(
            announcedCalls(preview).map(({ call }) => call),
            [
                claim,
                claimAtPeer,
                record,
                "GET /storage/volumes",
                promote,
                "wait for AppMirrorRelationship shop/shop to be Promoted",
                removal,
                breakOff,
                record,
            ],
        );
    });

    it("are conditional where their line says so", () => {
        assert.deepEqual(
            announcedCalls(preview).flatMap(({ call, conditional }) => (conditional ? [call] : [])),
            [claimAtPeer, removal],
        );
    });
});

describe("announced and executed calls", () => {
    const compare = (executed: string[]) => compareCalls(announcedCalls(preview), executed);

    it("agree when each write was made as often as it was announced, whether or not conditions held", () => {
        assert.deepEqual(compare(required), { unannounced: [], notMade: [] });
        assert.deepEqual(compare([...required, claimAtPeer, removal]), { unannounced: [], notMade: [] });
    });

    it("do not agree when a write was made once more than it was announced", () => {
        assert.deepEqual(compare([...required, record, record]), { unannounced: [record, record], notMade: [] });
        assert.deepEqual(compare([...required, removal, removal]), { unannounced: [removal], notMade: [] });
    });

    it("do not agree when a write was announced that was not made, or not as often", () => {
        assert.deepEqual(compare([claim, record, promote]), { unannounced: [], notMade: [breakOff, record] });
    });

    it("agree of a write that is announced with a condition and without one when it was made once", () => {
        const announced = [
            { call: removal, conditional: true },
            { call: removal, conditional: false },
        ];
        assert.deepEqual(compareCalls(announced, [removal]), { unannounced: [], notMade: [] });
        assert.deepEqual(compareCalls(announced, []), { unannounced: [], notMade: [removal] });
    });
});

describe("a scenario's report", () => {
    const good: Omit<ScenarioReport, "ok"> = {
        scenario: "failover",
        laps: 1,
        stages: [],
        announcedLossSeconds: 10,
        actualLossSeconds: 4,
        lostWrites: 3,
        lostPlannedWrites: 0,
        lostUnannounced: 0,
        twoWriterSeconds: 0,
        previewCalls: [promote],
        executedCalls: [promote],
        unannounced: [],
        notMade: [],
        writesOfSecondUp: 0,
        residualChanges: 0,
        acknowledgedWrites: 100,
    };

    it("has a fault for each call that was made unannounced, and for each that was announced and not made", () => {
        assert.deepEqual(faultsOf({ ...good, unannounced: [record], notMade: [removal] }), [
            `made, and not in the preview: ${record}`,
            `in the preview, and not made: ${removal}`,
        ]);
    });

    it("has none because the machine was slow", () => {
        assert.deepEqual(faultsOf({ ...good, secondsToFirstChange: 600 }), []);
    });
});
