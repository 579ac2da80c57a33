import assert from "node:assert/strict";
import type { PendingStep } from "../../../../provider/engine/execute";
import { explain, type Explained } from "../../../../provider/engine/explain";
import { type Message, text } from "../../../../provider/roles/messages/message";
import type { Decision, Plan } from "../../../../provider/roles/planner/decision";
import { emptyRecord, type RoleRecord } from "../../../../provider/roles/record";

const plan = (change: Partial<Plan> = {}): Decision => ({
    kind: "plan",
    verb: "take over without a token",
    steps: [],
    notes: [],
    ...change,
});

const read = (call: string, when?: string) => ({
    call,
    effect: "read" as const,
    ...(when === undefined ? {} : { when }),
    run: () => Promise.resolve(),
});

const pending: PendingStep[] = [
    {
        step: { do: "promote" },
        actions: [read("patch AppMirrorRelationship shop/shop: Promoted at the recovery point")],
    },
    {
        step: { do: "verify-writable" },
        actions: [read("GET /storage/volumes of west"), read("GET /snapmirror/relationships of west", "if it answers")],
    },
];

interface Shown {
    pending?: readonly PendingStep[];
    warnings?: readonly Message[];
    stacks?: Record<string, string>;
    unguarded?: string;
}

function explained(decision: Decision, own: Partial<RoleRecord>, shown: Shown = {}): string[] {
    const { pending: steps = [], warnings = [], stacks, unguarded } = shown;
    return explain({
        decision,
        warnings,
        own: { ...emptyRecord("shop", "west", "east"), ...own },
        pending: steps,
        configuration: { item: "shop", site: "west" },
        inputs: { stacks },
        site: { claims: { unguarded } },
    } as unknown as Explained);
}

describe("what a preview says of a plan", () => {
    it("is what the site is, and each call in order, numbered through", () => {
        assert.deepEqual(explained(plan(), { role: "standby", epoch: 1 }, { pending }), [
            "shop at west is standby in epoch 1; plan: take over without a token",
            "shop at west: 1. promote: patch AppMirrorRelationship shop/shop: Promoted at the recovery point",
            "shop at west: 2. verify-writable: GET /storage/volumes of west",
            "shop at west: 3. verify-writable: GET /snapmirror/relationships of west (if it answers)",
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
        const lines = explained(plan(), { role: "standby", epoch: 2 }, { warnings: ["NOT PROTECTED: no mirror"] });
        assert.deepEqual(lines.slice(1), ["shop at west: array: NOT PROTECTED: no mirror"]);
    });

    it("is that a site is nothing yet", () => {
        assert.match(
            explained(plan({ verb: "serve first" }), {}, { pending })[0]!,
            /^shop at west is not set up yet; plan: serve/,
        );
    });

    it("tells where nothing guards against runs at both sites at once", () => {
        const own = { role: "standby", epoch: 1 } as const;
        const warning = /does not honour conditional writes/;
        assert.match(explained(plan(), { ...own, guardedClaims: false }, { pending }).join("\n"), warning);
        for (const change of [{}, { guardedClaims: true }]) {
            assert.doesNotMatch(explained(plan(), { ...own, ...change }, { pending }).join("\n"), warning);
        }
    });
});

describe("what a preview says of claims that nobody has made yet", () => {
    const step = { do: "await-prerequisites", forMirror: false } as const;
    const action = { call: "PUT vault-east probe", effect: "write", run: () => Promise.resolve() } as const;

    it("is that it is not known whether they are guarded, where this run tries it", () => {
        const said = (pending: PendingStep[]) => explained(plan(), { role: "none", epoch: 0 }, { pending }).join("\n");
        assert.match(
            said([{ step, actions: [action] }]),
            /honour conditional writes is not known yet, and tried before/,
        );
        assert.doesNotMatch(said([{ step, actions: [{ ...action, effect: "read" }] }]), /conditional writes/);
        const claim = { do: "claim", epoch: 2, began: "token", vaults: [] } as const;
        assert.match(
            said([{ step: claim, actions: [action] }]),
            /never tried here whether .* honour conditional writes/,
        );
    });
});

describe("what a preview says of a refusal", () => {
    const refusal = (remedies: readonly Message[]): Decision => ({
        kind: "refusal",
        code: "no-token",
        reason: "east has not handed shop over",
        remedies,
    });

    it("is the reason, and each remedy on a line of its own", () => {
        assert.deepEqual(explained(refusal(["wait", "take over"]), { role: "standby", epoch: 1 }), [
            "shop at west is standby in epoch 1; refused: east has not handed shop over",
            "  - wait",
            "  - take over",
        ]);
    });

    it("names stacks by their names, where they are not named like their sites", () => {
        const up = (site: string) => ({ pulumi: "up", site });
        const remedies = [text`${up("east")}; ${up("west")}`, "kubectl get pods -n east"];
        assert.deepEqual(explained(refusal(remedies), {}, { stacks: { east: "prod-e" } }).slice(1), [
            "  - pulumi up --stack prod-e; pulumi up --stack west",
            "  - kubectl get pods -n east",
        ]);
    });
});
