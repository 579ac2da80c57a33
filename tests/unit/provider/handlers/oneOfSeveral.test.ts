import assert from "node:assert/strict";
import { MirrorRoleHandler } from "../../../../provider/handlers/mirrorRole";
import { MirrorOutcomeHandler } from "../../../../provider/handlers/mirrorOutcome";
import { ProviderProcess } from "../../../../provider/process/providerProcess";
import { Outcomes } from "../../../../provider/engine/outcomes";
import { emptyRecord } from "../../../../provider/roles/record";
import { goodInputs } from "../engine/goodInputs";

/** Inputs of an application whose cluster nobody can reach. */
function unreachable(together: boolean): Record<string, unknown> {
    return {
        ...goodInputs(),
        cluster: { kubeconfig: "no-such-kubeconfig" },
        order: { together, before: [], after: [], waitsFor: [] },
    };
}

const quiet = new ProviderProcess({ log: () => undefined });
const known = new Outcomes();
const mirrorRole = new MirrorRoleHandler(quiet, known);
const mirrorOutcome = new MirrorOutcomeHandler(quiet, known);
const outcomeOf = (outcomes: Outcomes) => new MirrorOutcomeHandler(quiet, outcomes);

const record = { ...emptyRecord("shop", "east", "west"), role: "active" as const, epoch: 3, serial: 7 };
const applications = ["shop", "web"];

describe("a role that fails", () => {
    it("ends the run of a single application, at the preview and at the up", async () => {
        const { failures } = await mirrorRole.check({}, unreachable(false));
        assert.match(failures?.[0]?.reason ?? "", /no-such-kubeconfig/);
        await assert.rejects(mirrorRole.update("shop@east", { record }, unreachable(false)), /no-such-kubeconfig/);
    });

    it("stops none of the others when it is one of several, keeps what it was, and is told at the end", async () => {
        assert.equal((await mirrorRole.check({}, unreachable(true))).failures, undefined);
        const { outs } = await mirrorRole.update("shop@east", { record }, unreachable(true));
        assert.deepEqual(outs.record, record);
        const told = (await mirrorOutcome.update("outcome", {}, { applications })).outs as { summary: string };
        assert.match(told.summary, /^1 of 2 protected items failed: shop\n {2}shop: FAILED: .*no-such-kubeconfig/);
        assert.match(told.summary, /\n {2}web: not inspected$/);
    });
});

describe("the end of a run for several applications", () => {
    const failed = { kind: "failed" as const, why: "refused", executed: false };

    it("fails at once where nobody has anything left to do", async () => {
        const outcomes = new Outcomes();
        outcomes.note("shop", failed);
        outcomes.note("web", { kind: "planned", serves: true, pending: false });
        const { failures } = await outcomeOf(outcomes).check({}, { applications });
        assert.match(failures?.[0]?.reason ?? "", /^1 of 2 protected items failed: shop/);
    });

    it("lets the others be served first, in a preview and in a run", async () => {
        const outcomes = new Outcomes();
        outcomes.note("shop", failed);
        outcomes.note("web", { kind: "planned", serves: true, pending: true });
        const outcome = outcomeOf(outcomes);
        assert.equal((await outcome.check({}, { applications })).failures, undefined);
        outcomes.note("web", { kind: "done", record: { ...record, application: "web" } });
        assert.equal((await outcome.check({}, { applications })).failures, undefined);
        assert.match(JSON.stringify((await outcome.create({ applications })).outs), /shop: FAILED: refused/);
    });

    it("is a change as long as it has something to tell, or had, and none after that", async () => {
        const outcomes = new Outcomes();
        outcomes.note("shop", failed);
        const changes = async (olds: object) =>
            (await outcomeOf(outcomes).diff("outcome", olds, { applications })).changes;
        assert.equal(await changes({ applications, summary: "" }), true);
        outcomes.note("shop", { kind: "done", record });
        assert.equal(await changes({ applications, summary: "1 of 2 protected items failed: shop" }), true);
        assert.equal(await changes({ applications: ["shop"], summary: "" }), true);
        assert.equal(await changes({ applications, summary: "" }), false);
    });
});
