import assert from "node:assert/strict";
import { peerViewOf } from "../../../../provider/engine/configuration";
import type { MirrorRoleInputs } from "../../../../provider/engine/inputs";
import { emptyRecord } from "../../../../provider/roles/record";
import { Seal } from "../../../../provider/support/seal";
import { goodInputs } from "./goodInputs";

const [first, second] = ["the first key of the pair, 32 long", "the second key of the pair, 32 long"];
const record = { ...emptyRecord("shop", "west", "east"), role: "active" as const, epoch: 2, serial: 3 };
const viewWith = (seal: Seal, published: unknown) =>
    peerViewOf({ ...goodInputs(), peerRecord: { known: true, record: published } } as MirrorRoleInputs, seal);
const whyWith = (seal: Seal, published: unknown): string => {
    const view = viewWith(seal, published);
    assert.ok(!view.known, "it is believed");
    return view.why;
};

describe("the peer's record in its stack's outputs", () => {
    const seal = new Seal({ current: first });
    const sealed = seal.on("record", record);

    it("is believed with a MAC of either key", () => {
        assert.deepEqual(viewWith(seal, sealed), { known: true, record: sealed });
        assert.equal(viewWith(new Seal({ current: second, previous: first }), sealed).known, true);
    });

    it("is believed with what a later version added to it", () => {
        const later = seal.on("record", { ...record, addedLater: { by: "a version to come" } });
        assert.deepEqual(viewWith(seal, later), { known: true, record: later });
    });

    it("is unknown when it was changed, or has no MAC, and it is told why", () => {
        assert.match(whyWith(seal, { ...sealed, epoch: 3 }), /is not authentic: its MAC does not match/);
        assert.match(whyWith(new Seal({ current: second }), sealed), /another pairKey/);
        assert.match(whyWith(seal, record), /carries no MAC/);
    });

    it("is believed without a MAC while the pair is given its first key, but not with a wrong one", () => {
        const introducing = new Seal({ current: first }, true);
        assert.equal(viewWith(introducing, record).known, true);
        assert.match(whyWith(introducing, { ...sealed, epoch: 3 }), /MAC does not match/);
    });

    it("is believed as it is where this site has no key", () => {
        for (const published of [record, sealed]) {
            assert.equal(viewWith(new Seal(), published).known, true);
        }
    });

    it("is unknown where it has the item in other namespaces than this site's configuration", () => {
        const inputs = { ...goodInputs(), namespaces: ["shop"], peerNamespaces: ["spare"] };
        const viewOf = (published: object, given: object = inputs) =>
            peerViewOf({ ...given, peerRecord: { known: true, record: published } } as MirrorRoleInputs, new Seal());
        const placed = { ...record, namespaces: { own: ["spare"], peer: ["shop"] } };
        assert.deepEqual(viewOf(placed), { known: true, record: placed });
        const why = (view: ReturnType<typeof viewOf>) => (view.known ? "known" : view.why);
        assert.equal(
            why(viewOf({ ...record, namespaces: { own: ["other"], peer: ["shop"] } })),
            "the record in its stack's outputs is of shop with other there for shop here; expected spare there for shop here, by this stack's configuration",
        );
        assert.match(why(viewOf(record)), /with the same namespaces at both sites; expected spare/);
        assert.match(why(viewOf(placed, goodInputs())), /expected the same namespaces at both sites/);
        // It may be from before the item was declared as it is now.
        assert.equal(viewOf({ ...record, role: "none" }).known, true);
    });

    it("is unknown where it has the item by other labels than this site's configuration", () => {
        const labelSelector = { matchLabels: { app: "shop" } };
        const viewOf = (published: object, given: object = { ...goodInputs(), labelSelector }) =>
            peerViewOf({ ...given, peerRecord: { known: true, record: published } } as MirrorRoleInputs, new Seal());
        const chosen = { ...record, labelSelector: "app=shop" };
        assert.deepEqual(viewOf(chosen), { known: true, record: chosen });
        const why = (view: ReturnType<typeof viewOf>) => (view.known ? "known" : view.why);
        assert.equal(
            why(viewOf({ ...record, labelSelector: "app=bank" })),
            "the record in its stack's outputs is of shop with labelSelector app=bank; expected labelSelector app=shop, by this stack's configuration",
        );
        assert.match(why(viewOf(record)), /with everything in its namespaces; expected labelSelector app=shop/);
        assert.match(why(viewOf(chosen, goodInputs())), /expected everything in its namespaces/);
        // It may be from before the item was declared as it is now.
        assert.equal(viewOf({ ...record, role: "none" }).known, true);
    });

    it("is told without what acts on a terminal", () => {
        const why = whyWith(new Seal(), { ...record, application: "\u001b[2Jbank" });
        assert.doesNotMatch(why, /\u001b/);
        assert.match(why, /bank at west/);
    });
});
