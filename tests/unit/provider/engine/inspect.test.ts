import assert from "node:assert/strict";
import { explain, type Outlook } from "../../../../provider/engine/inspect";
import type { PendingStep } from "../../../../provider/engine/execute";
import type { Decision } from "../../../../provider/roles/planner/decision";
import { emptyRecord, type RoleRecord } from "../../../../provider/roles/record";

const plan = (change: object = {}): Decision =>
    ({ kind: "plan", verb: "take over without a token", steps: [], notes: [], ...change }) as unknown as Decision;

const pending: PendingStep[] = [
    { step: { do: "promote" }, calls: ["patch AppMirrorRelationship shop/shop: Promoted at the recovery point"] },
    {
        step: { do: "verify-writable" },
        calls: ["GET /storage/volumes of west", "GET /snapmirror/relationships of west"],
    },
];

function explained(
    decision: Decision,
    own: Partial<RoleRecord>,
    steps: readonly PendingStep[] = [],
    remarks: string[] = [],
    stacks?: Record<string, string>,
): string[] {
    return explain({
        decision,
        remarks,
        stacks,
        own: { ...emptyRecord("shop", "west", "east"), ...own },
        pending: steps,
        configuration: { item: "shop", site: "west" },
    } as unknown as Outlook);
}

describe("what a preview says of a plan", () => {
    it("is what the site is, and each call in order, numbered through", () => {
        assert.deepEqual(explained(plan(), { role: "standby", epoch: 1 }, pending), [
            "shop at west is standby in epoch 1; plan: take over without a token",
            "shop at west: 1. promote: patch AppMirrorRelationship shop/shop: Promoted at the recovery point",
            "shop at west: 2. verify-writable: GET /storage/volumes of west",
            "shop at west: 3. verify-writable: GET /snapmirror/relationships of west",
        ]);
    });

    it("is that nothing is to be done when nothing is left, notes included", () => {
        const lines = explained(plan({ notes: ["east is not known"] }), { role: "active", epoch: 2 });
        assert.deepEqual(lines, [
            "shop at west is active in epoch 2; nothing to do",
            "shop at west: east is not known",
        ]);
    });

    it("is what is to be said of the array, told from what the plan says", () => {
        const lines = explained(plan(), { role: "standby", epoch: 2 }, [], ["NOT PROTECTED: no mirror"]);
        assert.deepEqual(lines.slice(1), ["shop at west: array: NOT PROTECTED: no mirror"]);
    });

    it("is that a site is not set up yet", () => {
        assert.match(
            explained(plan({ verb: "serve first" }), {}, pending)[0]!,
            /^shop at west is not set up yet; plan: serve/,
        );
    });

    it("tells where nothing guards against runs at both sites at once", () => {
        const own = { role: "standby", epoch: 1 } as const;
        const warning = /does not honour conditional writes/;
        assert.match(explained(plan(), { ...own, guardedClaims: false }, pending).join("\n"), warning);
        for (const change of [{}, { guardedClaims: true }]) {
            assert.doesNotMatch(explained(plan(), { ...own, ...change }, pending).join("\n"), warning);
        }
    });
});

describe("what a preview says of a refusal", () => {
    it("is the reason, and each way on in a line of its own", () => {
        const refusal = { kind: "refusal", reason: "east has not handed shop over", remedies: ["wait", "take over"] };
        assert.deepEqual(explained(refusal as unknown as Decision, { role: "standby", epoch: 1 }), [
            "shop at west is standby in epoch 1; refused: east has not handed shop over",
            "  - wait",
            "  - take over",
        ]);
    });

    it("names stacks as they are called, where they are not called like their sites", () => {
        const remedies = ["pulumi up --stack east; pulumi up --stack west", "kubectl get pods -n east"];
        const refusal = { kind: "refusal", reason: "east has not handed shop over", remedies };
        assert.deepEqual(explained(refusal as unknown as Decision, {}, [], [], { east: "prod-e" }).slice(1), [
            "  - pulumi up --stack prod-e; pulumi up --stack west",
            "  - kubectl get pods -n east",
        ]);
    });
});
