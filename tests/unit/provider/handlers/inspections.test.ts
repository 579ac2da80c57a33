import assert from "node:assert/strict";
import type { SiteView } from "../../../../provider/drivers/driver";
import { noClaims } from "../../../../provider/engine/claims";
import { Outcomes } from "../../../../provider/engine/outcomes";
import type { Prerequisites } from "../../../../provider/engine/prerequisites";
import { RecordStore } from "../../../../provider/engine/recordStore";
import type { Site } from "../../../../provider/engine/site";
import { MirrorRoleHandler } from "../../../../provider/handlers/mirrorRole";
import { ProviderProcess } from "../../../../provider/process/providerProcess";
import { emptyRecord, type RoleRecord } from "../../../../provider/roles/record";
import { Seal } from "../../../../provider/support/seal";
import type { DriverStep } from "../../../../provider/drivers/driver";
import { goodInputs } from "../engine/goodInputs";
import { quietView } from "../engine/quietView";

/** A site that serves, whose reads are counted; its Schedules are missing, and come into being when they are started. */
class CountedSite {
    constructor(private readonly seal?: Seal) {}

    observed = 0;
    /** The steps after which parts of it were read again. */
    readonly refreshed: DriverStep["do"][] = [];
    private schedules = false;
    private kept: unknown;

    readonly site: Site = {
        driver: {
            observe: () => {
                this.observed++;
                return Promise.resolve(this.view());
            },
        },
        claims: noClaims,
        store: new RecordStore(
            {
                get: () => Promise.resolve(this.kept as never),
                apply: (object) => {
                    this.kept = object;
                    return Promise.resolve(object);
                },
            },
            { name: "record", namespace: "shop" },
            { application: "shop", site: "east", peer: "west" },
            this.seal,
        ),
        recordOf: () => Promise.resolve(undefined),
        prerequisites: { unmet: () => Promise.resolve([]) } as unknown as Prerequisites,
        progress: () => undefined,
        signal: new AbortController().signal,
    };

    private view(): SiteView {
        const there = this.schedules;
        return {
            ...quietView,
            observed: { mirror: undefined },
            actions: (step) =>
                step.do === "start-schedules" && !there
                    ? [
                          {
                              call: "apply Schedule shop/shop-daily",
                              effect: "write",
                              run: () => Promise.resolve(void (this.schedules = true)),
                          },
                      ]
                    : [],
            facts: () => ({}),
            after: (step) => {
                this.refreshed.push(step.do);
                return this.view();
            },
            freshFor: () => Promise.resolve(this.view()),
        };
    }
}

const serving = { ...emptyRecord("shop", "east", "west"), role: "active" as const, epoch: 1, activeSite: "east" };

function handlerOf(counted: CountedSite, lines: string[] = []): MirrorRoleHandler {
    const process = new ProviderProcess({ log: (line) => lines.push(line) });
    return new MirrorRoleHandler(process, new Outcomes(), () => counted.site);
}

describe("how often a site is inspected", () => {
    const inputs = { ...goodInputs(), active: "east" };

    it("is once for a preview: check and the diff after it share one inspection", async () => {
        const counted = new CountedSite();
        await counted.site.store.write(serving);
        const handler = handlerOf(counted);
        assert.deepEqual((await handler.check(inputs, inputs)).failures, []);
        assert.equal((await handler.diff("shop@east", { record: serving }, inputs)).changes, true);
        assert.equal(counted.observed, 1);
    });

    it("shows a change where the account is in another Secret, which a later refresh has to know", async () => {
        const counted = new CountedSite();
        await counted.site.store.write(serving);
        const handler = handlerOf(counted);
        const olds = { ...inputs, record: serving, establishing: {} };
        const news = {
            ...inputs,
            ontap: { ...(inputs as { ontap?: object }).ontap, accountSecret: { namespace: "trident", name: "dr" } },
        };
        const settled = async (from: object, to: object) => {
            await handler.check(from, to);
            await handler.update("shop@east", from, to);
            await handler.check(from, to);
            return handler.diff("shop@east", from, to);
        };
        const { record } = (await handler.update("shop@east", olds, inputs)).outs as { record: unknown };
        assert.deepEqual(await settled({ ...olds, record }, inputs), { changes: false });
        assert.deepEqual(await settled({ ...olds, record }, news), { changes: true });
        const configured = { ...inputs, cluster: { fromConfig: true } };
        assert.deepEqual(await settled({ ...olds, record }, configured), { changes: true });
        assert.deepEqual(await settled({ ...olds, record }, { ...inputs, cluster: { context: "mine" } }), {
            changes: false,
        });
    });

    it("is once more for an update, in which only what a step touched is read again", async () => {
        const counted = new CountedSite();
        await counted.site.store.write(serving);
        const handler = handlerOf(counted);
        for (let request = 0; request < 2; request++) {
            await handler.check(inputs, inputs);
            await handler.diff("shop@east", { record: serving }, inputs);
        }
        await handler.update("shop@east", { record: serving }, inputs);
        assert.equal(counted.observed, 3, "preview, check and diff of the run, update");
        assert.deepEqual(counted.refreshed, ["start-schedules"]);
    });

    it("is not shared by a diff for other inputs", async () => {
        const counted = new CountedSite();
        await counted.site.store.write(serving);
        const handler = handlerOf(counted);
        await handler.check(inputs, inputs);
        await handler.diff("shop@east", { record: serving }, { ...inputs, maxLag: "20m" });
        assert.equal(counted.observed, 2);
    });

    it("finds no change where the state has all changes of the record, or the newest", async () => {
        const seal = new Seal({ current: "the first key of the pair, 32 long" });
        const counted = new CountedSite(seal);
        const { store } = counted.site;
        const change = { epoch: 1, from: "none" as const, to: "active" as const, verb: "hold" as const, stages: [] };
        const history = [1, 2, 3, 4, 5, 6].map((minute) => ({ ...change, at: `2026-11-22T03:0${minute}:00.000Z` }));
        const record = await store.write({ ...serving, history });
        const handler = handlerOf(counted);
        await handler.update("shop@east", { record }, inputs);
        const { props } = await handler.read("shop@east", { ...inputs, record });
        assert.equal((props.record as RoleRecord).history.length, 4);
        for (const remembered of [await store.read(), props.record]) {
            const olds = { ...inputs, record: remembered, establishing: {} };
            await handler.check(olds, inputs);
            assert.deepEqual(await handler.diff("shop@east", olds, inputs), { changes: false });
        }
    });

    it("is enough when the state remembers a record that the site has lost", async () => {
        const counted = new CountedSite();
        const lines: string[] = [];
        const handler = handlerOf(counted, lines);
        await handler.check(inputs, inputs);
        await handler.diff("shop@east", { record: { ...serving, serial: 4 } }, inputs);
        assert.equal(counted.observed, 1);
        assert.match(lines.join("\n"), /^shop at east is active in epoch 1; plan: hold/);
    });
});

describe("a refusal", () => {
    it("ends a preview, and does not keep a refresh, which asks for no check, from showing what there is", async () => {
        const counted = new CountedSite();
        await counted.site.store.write(serving);
        const inputs = { ...goodInputs(), active: "west" };
        const handler = handlerOf(counted);
        assert.deepEqual(await handler.diff("shop@east", { record: serving }, inputs), { changes: true });
        await handler.check(inputs, inputs);
        await assert.rejects(handler.diff("shop@east", { record: serving }, inputs), /refused/);
    });

    it("names stacks by their names in check, update and delete", async () => {
        const counted = new CountedSite();
        await counted.site.store.write(serving);
        const inputs = { ...goodInputs(), active: "west", stacks: { east: "prod-e", west: "prod-w" } };
        const handler = handlerOf(counted);
        const { failures } = await handler.check(inputs, inputs);
        assert.match(failures?.[0]?.reason ?? "", /pulumi up --stack prod-w/);
        const state = { ...inputs, record: serving };
        for (const request of [
            () => handler.update("shop@east", { record: serving }, inputs),
            () => handler.delete("shop@east", state),
        ]) {
            await assert.rejects(request(), ({ message, stack }: Error) => {
                assert.match(message, /--stack prod-e/);
                assert.doesNotMatch(message, /--stack (east|west)/);
                assert.equal(stack, "");
                return true;
            });
        }
    });
});
