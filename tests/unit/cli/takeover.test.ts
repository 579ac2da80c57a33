import assert from "node:assert/strict";
import { type Surroundings, takeOver, type TakeoverRequest } from "../../../cli/takeover";
import { KubernetesError } from "../../../provider/clients/kubernetes/errors";
import { Outcomes } from "../../../provider/engine/outcomes";
import { MirrorRoleHandler } from "../../../provider/handlers/mirrorRole";
import { ProviderProcess } from "../../../provider/process/providerProcess";
import type { RoleRecord } from "../../../provider/roles/record";
import { Seal } from "../../../provider/support/seal";
import { active, cutOff, standby, stoodDown } from "../provider/roles/situations";
import { FakeSite, roleInputs } from "./fakeSite";

const pairKey = "the key of the pair, 32 characters";
const place = "trident-dr/trident-dr-takeover-shop";

/** One run of the command at west, with what a person answers; undefined where there is nobody. */
async function run(
    site: FakeSite,
    change: Partial<TakeoverRequest> = {},
    {
        answer,
        environment = {},
        connect = () => site.cluster,
        interrupted,
    }: {
        answer?: () => string;
        environment?: NodeJS.ProcessEnv;
        connect?: Surroundings["connect"];
        interrupted?: AbortSignal;
    } = {},
) {
    const [printed, complained, asked]: string[][] = [[], [], []];
    const process = new ProviderProcess({ environment, log: (line) => printed!.push(line) });
    const serves = await takeOver(
        { applications: ["shop"], all: false, site: "west", yes: false, ...change },
        {
            print: (line) => printed!.push(line),
            complain: (line) => complained!.push(line),
            ...(answer === undefined
                ? {}
                : {
                      ask: (question: string) => {
                          asked!.push(question);
                          return Promise.resolve(answer());
                      },
                  }),
        },
        {
            process,
            connect,
            openSite: (context, inputs) => ({
                ...site.open(context, inputs),
                ...(interrupted && { signal: interrupted }),
            }),
        },
    );
    return { serves, printed: printed!.join("\n"), complained: complained!.join("\n"), asked: asked! };
}

const takeoverWrites = [
    "apply ConfigMap trident-dr/trident-dr-record-shop",
    "apply ConfigMap trident-dr/trident-dr-record-shop",
    "patch AppMirrorRelationship shop/shop",
    "apply ConfigMap trident-dr/trident-dr-record-shop",
    `apply ConfigMap ${place}`,
];

async function standbySite(own?: RoleRecord, peer?: RoleRecord): Promise<FakeSite> {
    const site = new FakeSite();
    await site.setUp(own, peer);
    return site;
}

describe("a takeover without Pulumi", () => {
    it("is refused where nobody acknowledges it: recovery point, loss bound, the command; nothing is written", async () => {
        const site = await standbySite();
        const { serves, complained } = await run(site);
        assert.equal(serves, false);
        assert.match(complained, /shop at west is standby in epoch 1; refused: east has not handed shop over/);
        assert.match(complained, /recovery point custom-1, taken .* Loss bound: at most the writes of the last 15\d s/);
        assert.match(complained, /trident-dr takeover shop --site west --takeover 2$/);
        assert.deepEqual(site.writes, []);
    });

    it("repeats what was typed so that it can be typed again", async () => {
        const site = await standbySite();
        const { complained } = await run(site, { context: "west; rm 'x'" });
        const quoted = String.raw`trident-dr takeover shop --site west --context 'west; rm '\''x'\''' --takeover 2`;
        assert.ok(complained.endsWith(quoted), complained);
    });

    it("asks for the epoch, and does what was announced", async () => {
        const site = await standbySite();
        const { serves, printed, asked } = await run(site, {}, { answer: () => "2" });
        assert.equal(serves, true);
        assert.match(
            asked[0]!,
            /^Type the epoch that begins, 2, to take over shop at west and lose at most the writes of the last 15\d s: $/,
        );
        assert.match(printed, /plan: take over without a token/);
        assert.deepEqual(site.writes, takeoverWrites);
        const { role, epoch, began, mirrorKept } = site.record;
        assert.deepEqual(
            { role, epoch, began, mirrorKept },
            { role: "active", epoch: 2, began: "takeover", mirrorKept: true },
        );
        assert.match(
            printed,
            /before Pulumi runs here again: pulumi config set active west --stack west\. Then pulumi up/,
        );
        assert.match(printed, /the other site: pulumi config set active west --stack east; pulumi up --stack east/);
    });

    it("does nothing when another epoch is typed, or none", async () => {
        for (const answer of ["3", "", "yes"]) {
            const site = await standbySite();
            const { serves, complained } = await run(site, {}, { answer: () => answer });
            assert.equal(serves, false);
            assert.match(complained, /epoch 2 was not typed\. Nothing was changed/);
            assert.deepEqual(site.writes, []);
        }
    });

    it("looks again after the answer, and does nothing when something else is due by then", async () => {
        const site = await standbySite();
        const answer = () => {
            site.objects.set("trident-dr/trident-dr-record-shop", recordMap(active("west", 4)));
            return "2";
        };
        const { serves, complained } = await run(site, {}, { answer });
        assert.equal(serves, false);
        assert.match(complained, /something else is due by now/);
        assert.deepEqual(site.writes, []);
    });

    it("asks nothing with --takeover and --yes, and inspects once", async () => {
        const site = await standbySite();
        const { serves, asked } = await run(site, { takeover: 2, yes: true }, { answer: () => assert.fail("asked") });
        assert.equal(serves, true);
        assert.deepEqual([asked, site.inspections], [[], 1]);
        assert.deepEqual(site.writes, takeoverWrites);
    });

    it("is refused with the number of another epoch", async () => {
        const site = await standbySite();
        const { serves, complained } = await run(site, { takeover: 3, yes: true });
        assert.equal(serves, false);
        assert.match(complained, /takeover is 3, which is not that epoch and has no effect/);
        assert.deepEqual(site.writes, []);
    });

    it("takes over with what the other site handed over, and accepts no other epoch for it", async () => {
        const site = await standbySite(standby("west", 1), stoodDown());
        const wrong = await run(site, { takeover: 5, yes: true });
        assert.match(wrong.complained, /it would begin epoch 2, and --takeover is 5/);
        assert.deepEqual([wrong.serves, site.writes], [false, []]);
        const { serves, asked } = await run(site, {}, { answer: () => "2" });
        assert.equal(serves, true);
        assert.match(asked[0]!, /to take over shop at west with what east handed over: $/);
        assert.equal(site.record.began, "token");
    });

    it("finishes one that was interrupted, and says how", async () => {
        const site = await standbySite();
        site.failure = new Error("west: patch AppMirrorRelationship shop/shop: 503");
        const cut = await run(site, { takeover: 2, yes: true });
        assert.equal(cut.serves, false);
        assert.match(
            cut.complained,
            /503\. shop does not serve at west yet.* trident-dr takeover shop --site west --takeover 2; with Pulumi: pulumi config set active west --stack west; pulumi up --stack west/,
        );
        assert.equal(site.record.underWay?.verb, "take over without a token");
        site.failure = undefined;
        assert.equal((await run(site, {}, { answer: () => "2" })).serves, true);
        assert.equal(site.record.role, "active");
    });

    it("ends between two steps when it is interrupted, and says how to go on", async () => {
        const site = await standbySite();
        const interruption = new AbortController();
        site.promoting = () => interruption.abort();
        const { serves, complained } = await run(
            site,
            { takeover: 2, yes: true },
            { interrupted: interruption.signal },
        );
        assert.equal(serves, false);
        assert.match(complained, /interrupted before step "verify-writable".*trident-dr takeover shop --site west/);
        assert.equal(site.writes.at(-1), "patch AppMirrorRelationship shop/shop");
        assert.equal((await run(site, { takeover: 2, yes: true })).serves, true);
    });

    it("has nothing to do where the site serves", async () => {
        const site = await standbySite(active("west", 2));
        const { serves, printed } = await run(site, { takeover: 3, yes: true });
        assert.equal(serves, true);
        assert.match(printed, /shop at west is active in epoch 2: it serves already/);
        assert.deepEqual(site.writes, []);
    });

    it("begins nothing else", async () => {
        const own = { ...stoodDown(), site: "west", peer: "east" };
        for (const [record, why] of [
            [own, /shop at west is stood-down in epoch 1; refused/],
            [cutOff(own, "stand down", 1, "init"), /what is due there is no takeover: change of mind/],
        ] as const) {
            const site = await standbySite(record);
            const { serves, complained } = await run(site, { takeover: 2, yes: true });
            assert.equal(serves, false);
            assert.match(complained, why);
            assert.deepEqual(site.writes, []);
        }
    });

    it("does not follow a site that serves in a newer epoch without being told to", async () => {
        const site = await standbySite(standby("west", 1), active("east", 3));
        const { serves, complained } = await run(site, {}, { answer: () => assert.fail("asked") });
        assert.equal(serves, false);
        assert.match(complained, /what is due there is no takeover: hold/);
    });

    it("names the cluster, the places and the way on where there is nothing to go by", async () => {
        const { serves, complained } = await run(new FakeSite());
        assert.equal(serves, false);
        assert.match(
            complained,
            /^west: in the cluster of the current context .* there is no ConfigMap trident-dr\/trident-dr-takeover-shop nor ConfigMap trident-protect\/trident-dr-takeover-shop/,
        );
        assert.match(complained, /Nothing was changed\..* pulumi up --stack west takes over as well$/);
    });

    it("is found in a namespace of records that the account may read, whatever it may not read elsewhere", async () => {
        const site = await standbySite();
        const refusing = (denied: string) => ({
            ...site.cluster,
            get: (...[kind, key]: Parameters<typeof site.cluster.get>) =>
                key.namespace === denied
                    ? Promise.reject(new KubernetesError(`west: forbidden in ${denied}`, "forbidden", "west", "get"))
                    : site.cluster.get(kind, key),
        });
        const forced = { takeover: 2, yes: true };
        assert.equal((await run(site, forced, { connect: () => refusing("trident-protect") })).serves, true);
        const own = await run(site, { ...forced, recordNamespace: "dr" }, { connect: () => refusing("dr") });
        assert.match(own.complained, /^west: forbidden in dr$/);
        site.objects.clear();
        const none = await run(site, forced, { connect: () => refusing("trident-protect") });
        assert.match(none.complained, /there is no ConfigMap/);
    });

    it("is found where the records of a site are that shares its cluster with the other one", async () => {
        const site = await standbySite();
        const shared = {
            ...site.cluster,
            get: (...[kind, key]: Parameters<typeof site.cluster.get>) =>
                key.name.startsWith("trident-dr-takeover-") && key.namespace !== "trident-dr-west"
                    ? Promise.resolve(undefined)
                    : site.cluster.get(kind, {
                          ...key,
                          namespace: key.namespace === "trident-dr-west" ? "trident-dr" : key.namespace!,
                      }),
        };
        assert.equal((await run(site, { takeover: 2, yes: true }, { connect: () => shared })).serves, true);
    });

    it("is refused where there are several to go by, of which one may be old, until one is named", async () => {
        const site = await standbySite();
        const several = {
            ...site.cluster,
            get: (...[kind, key]: Parameters<typeof site.cluster.get>) =>
                site.cluster.get(kind, { ...key, namespace: "trident-dr" }),
        };
        const forced = { takeover: 2, yes: true };
        const { serves, complained } = await run(site, forced, { connect: () => several });
        assert.equal(serves, false);
        assert.match(
            complained,
            /^west: there is more than one by which shop could be taken over: .*ConfigMap trident-protect\/trident-dr-takeover-shop.* --record-namespace$/,
        );
        const named = await run(site, { ...forced, recordNamespace: "trident-dr" }, { connect: () => several });
        assert.equal(named.serves, true);
    });

    it("is refused in the other site's cluster", async () => {
        const site = await standbySite();
        const { complained } = await run(site, { site: "east" });
        assert.match(
            complained,
            /^east: ConfigMap .* is that of shop at west; expected shop at east\. Nothing was changed/,
        );
    });

    describe("of a pair with a key", () => {
        const environment = { TRIDENT_DR_PAIR_KEY: pairKey };
        const seal = new Seal({ current: pairKey });
        const sealed = <T extends object>(record: T) => seal.on("record", record);
        let site: FakeSite;
        beforeEach(async () => {
            site = new FakeSite(seal);
            await site.setUp(standby("west", 1), sealed(active("east", 1)));
        });
        const forced = { takeover: 2, yes: true };

        it("goes by what was authenticated", async () => {
            assert.equal((await run(site, forced, { environment })).serves, true);
        });

        it("is refused by a bundle that was changed, has no MAC, or cannot be checked", async () => {
            const untouched = site.objects.get(place)!;
            const bundle = JSON.parse(untouched.data!["bundle"]!) as { inputs: object; mac?: string };
            const { mac: _, ...without } = bundle;
            const changed = {
                ...bundle,
                inputs: { ...bundle.inputs, ontap: { endpoint: { url: "https://evil" }, svm: "s" } },
            };
            for (const [content, key, why] of [
                [
                    changed,
                    environment,
                    /was changed since \(its MAC does not match\)\. Nothing was changed\. The pair's key/,
                ],
                [without, environment, /carries no MAC, although this pair has a pairKey/],
                [bundle, {}, /carries a MAC, and there is no pairKey to check it with.* TRIDENT_DR_PAIR_KEY/],
                [{ ...bundle, schema: 2 }, environment, /its schema is 2, and this version of trident-dr reads 1/],
            ] as const) {
                site.objects.set(place, { ...untouched, data: { bundle: JSON.stringify(content) } });
                const { serves, complained } = await run(site, forced, { environment: key });
                assert.equal(serves, false);
                assert.match(complained, why);
                assert.deepEqual([site.writes, site.inspections], [[], 0]);
            }
        });
    });
});

describe("pulumi up after a takeover without Pulumi", () => {
    const known = { known: true, record: active("east", 1) };
    const inputs = { ...roleInputs({ peerRecord: known }), active: "west" };

    it("takes the newer record into its state, and writes nothing", async () => {
        const site = await standbySite();
        const before = { record: site.record, establishing: {} };
        await run(site, { takeover: 2, yes: true });
        site.writes.length = 0;
        const lines: string[] = [];
        const process = new ProviderProcess({ environment: {}, log: (line) => lines.push(line) });
        const handler = new MirrorRoleHandler(process, new Outcomes(), (context, given) => site.open(context, given));
        assert.deepEqual((await handler.check(inputs, inputs)).failures, []);
        assert.deepEqual(await handler.diff("shop@west", before, inputs), { changes: true });
        assert.match(lines.join("\n"), /shop at west is active in epoch 2; nothing to do/);
        const { outs } = await handler.update("shop@west", before, inputs);
        assert.deepEqual((outs as { record: unknown }).record, site.record);
        await handler.check(inputs, inputs);
        assert.deepEqual(await handler.diff("shop@west", outs, inputs), { changes: false });
        assert.deepEqual(site.writes, []);
    });
});

function recordMap(record: RoleRecord) {
    return {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { namespace: "trident-dr", name: "trident-dr-record-shop" },
        data: { record: JSON.stringify(record) },
    };
}
