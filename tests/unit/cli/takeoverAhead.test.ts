import assert from "node:assert/strict";
import { EngineAhead, type HandedOver } from "../../../cli/takeoverAhead";
import { Outcomes } from "../../../provider/engine/outcomes";
import type { Servers } from "../../../provider/engine/servers";
import { MirrorRoleHandler } from "../../../provider/handlers/mirrorRole";
import { ProviderProcess } from "../../../provider/process/providerProcess";
import { Seal } from "../../../provider/support/seal";
import { active, standby, stoodDown } from "../provider/roles/situations";
import { FakeSite, roleInputs } from "./fakeSite";

/** West, which mirrors east, as its last run left it. */
async function standbySite(seal?: Seal): Promise<FakeSite> {
    const site = new FakeSite(seal);
    await site.setUp(standby("west", 1), seal?.on("record", active("east", 1)) ?? active("east", 1));
    return site;
}

interface Given {
    values?: () => Promise<Readonly<Record<string, string>>>;
    interrupted?: AbortSignal;
    environment?: NodeJS.ProcessEnv;
}

function readyAt(site: FakeSite, given: Given = {}): EngineAhead {
    const { values = () => Promise.resolve({}), interrupted, environment = {} } = given;
    return EngineAhead.prepare(
        {
            site: "west",
            peer: "east",
            cluster: {},
            namespace: "trident-dr",
            recordNamespaceOf: () => undefined,
            values,
        },
        ["shop"],
        {
            servers: () => ({ cluster: () => site.cluster }) as unknown as Servers,
            openSite: (run, inputs) => site.open(run, inputs),
            environment,
            interrupted: interrupted ?? new AbortController().signal,
        },
    );
}

async function take(site: FakeSite, by: Partial<HandedOver> = {}, given: Given = {}) {
    const lines: string[] = [];
    const handedOver = { peer: stoodDown(), remembered: standby("west", 1), acknowledgements: {}, ...by };
    const result = await readyAt(site, given).take("shop", handedOver, (line) => lines.push(line));
    return { result, lines: lines.join("\n") };
}

/** What was left to a run, with nothing written. */
async function left(site: FakeSite, by: Partial<HandedOver> = {}, given: Given = {}): Promise<string> {
    const { result } = await take(site, by, given);
    assert.ok(result.is === "left", JSON.stringify(result));
    assert.deepEqual(site.writes, []);
    return result.why;
}

describe("a planned takeover ahead of its run", () => {
    it("is that of the run, with its plan and its record, and the run finds nothing left to do", async () => {
        const site = await standbySite();
        const before = { record: site.record, establishing: {} };
        const { result, lines } = await take(site);
        assert.deepEqual(result, { is: "done" });
        assert.match(lines, /shop at west is standby in epoch 1; plan: take over with a token/);
        assert.deepEqual(site.writes, [
            "apply ConfigMap trident-dr/trident-dr-record-shop",
            "apply ConfigMap trident-dr/trident-dr-record-shop",
            "patch AppMirrorRelationship shop/shop",
            "apply ConfigMap trident-dr/trident-dr-record-shop",
            "apply ConfigMap trident-dr/trident-dr-takeover-shop",
        ]);
        const { role, epoch, began } = site.record;
        assert.deepEqual({ role, epoch, began }, { role: "active", epoch: 2, began: "token" });

        site.writes.length = 0;
        const inputs = { ...roleInputs({ peerRecord: { known: true, record: stoodDown() } }), active: "west" };
        const process = new ProviderProcess({ environment: {}, log: () => undefined });
        const handler = new MirrorRoleHandler(process, new Outcomes(), (context, given) => site.open(context, given));
        assert.deepEqual((await handler.check(inputs, inputs)).failures, []);
        const { outs } = await handler.update("shop@west", before, inputs);
        assert.deepEqual((outs as { record: unknown }).record, site.record);
        assert.deepEqual(site.writes, [], "the run takes it into its state, and that is all");
    });

    it("is left to the run where nothing is there to go by, or where it may not be believed", async () => {
        assert.equal(await left(new FakeSite()), "there is no ConfigMap trident-dr/trident-dr-takeover-shop");
        const key = { TRIDENT_DR_PAIR_KEY: "the key of the pair, 32 characters" };
        assert.match(await left(await standbySite(), {}, { environment: key }), /carries no MAC/);
        assert.match(
            await left(await standbySite(), {}, { values: () => Promise.reject(new Error("wrong passphrase")) }),
            /wrong passphrase/,
        );
    });

    it("has the pair's key from the stack's configuration", async () => {
        const key = "the key of the pair, 32 characters";
        const seal = new Seal({ current: key });
        const values = () => Promise.resolve({ "trident-dr:pairKey": key });
        const peer = seal.on("record", stoodDown());
        const remembered = seal.on("record", standby("west", 1));
        const site = await standbySite(seal);
        assert.deepEqual((await take(site, { peer, remembered }, { values })).result, { is: "done" });
        const other = await standbySite(seal);
        assert.match(await left(other, { peer: stoodDown(), remembered }, { values }), /carries no MAC/);
    });

    it("is left to the run where the planner refuses, and where something else is due", async () => {
        assert.match(await left(await standbySite(), { peer: active("east", 1) }), /east has not handed shop over/);
        assert.equal(
            await left(await standbySite(), {
                peer: active("east", 1),
                acknowledgements: { takeover: 2 },
            }),
            "what is due there is to take over without a token",
        );
    });

    it("goes by the record in the stack's state where that at the site is older", async () => {
        const remembered = { ...active("west", 3), serial: 40 };
        assert.match(
            await left(await standbySite(), { remembered }),
            /^what is due there is to hold|active in epoch 3/,
        );
    });

    it("is left to the run where the item is ordered with others", async () => {
        const site = await standbySite();
        const place = "trident-dr/trident-dr-takeover-shop";
        const kept = site.objects.get(place)!;
        const bundle = JSON.parse(kept.data!["bundle"]!) as { inputs: object };
        const order = { together: true, before: [{ application: "db", namespace: "dr" }], after: [], waitsFor: [] };
        const text = JSON.stringify({ ...bundle, inputs: { ...bundle.inputs, order } });
        site.objects.set(place, { ...kept, data: { bundle: text } });
        assert.match(await left(site), /it is ordered with others/);
    });

    it("fails in the words of a run once something was done, and the same can be done again", async () => {
        const site = await standbySite();
        site.failure = new Error("west: patch AppMirrorRelationship shop/shop: 503");
        const failed = await take(site);
        assert.deepEqual(failed.result, { is: "failed", why: "west: patch AppMirrorRelationship shop/shop: 503" });
        assert.equal(site.record.underWay?.verb, "take over with a token");
        site.failure = undefined;
        assert.deepEqual((await take(site)).result, { is: "done" });
    });

    it("ends between two steps when the command is interrupted", async () => {
        const site = await standbySite();
        const interruption = new AbortController();
        site.promoting = () => interruption.abort();
        const { result } = await take(site, {}, { interrupted: interruption.signal });
        assert.match(JSON.stringify(result), /"failed".*interrupted before step/);
        assert.equal(site.writes.at(-1), "patch AppMirrorRelationship shop/shop");
    });

    it("reads what it goes by before anything is handed over, and changes nothing by that", async () => {
        const site = await standbySite();
        let asked = 0;
        const values = () => {
            asked++;
            return Promise.resolve({});
        };
        const ready = readyAt(site, { values });
        while (site.inspections === 0) {
            await new Promise((resolve) => setImmediate(resolve));
        }
        assert.deepEqual([asked, site.writes], [1, []]);
        site.objects.delete("trident-dr/trident-dr-takeover-shop");
        const by = { peer: stoodDown(), remembered: undefined, acknowledgements: {} };
        assert.deepEqual(await ready.take("shop", by, () => undefined), { is: "done" });
        assert.equal(asked, 1);
    });
});
