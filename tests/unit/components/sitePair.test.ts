import { strict as assert } from "node:assert";
import { ownedBy } from "../../../components/ownership";
import { SitePair, type SitePairArgs } from "../../../components/sitePair";
import { emptyRecord } from "../../../provider/roles/record";
import { declare, promiseOf, type Surroundings } from "./harness";

const args: SitePairArgs = { site: "east", peer: "west", active: "east", kubernetes: { context: "east" } };

async function pairOf(changes: Partial<SitePairArgs> = {}, surroundings: Surroundings = {}) {
    return declare((options) => new SitePair("pair", { ...args, ...changes }, options), surroundings);
}

/** What a peer says whose stack left these outputs. */
async function peerSays(peerOutputs: Surroundings["peerOutputs"], changes: Partial<SitePairArgs> = {}) {
    const { answer: pair } = await pairOf(changes, peerOutputs === undefined ? {} : { peerOutputs });
    return promiseOf(pair.peerRecordOf("shop"));
}

describe("SitePair", () => {
    for (const preview of [false, true]) {
        it(`declares access to the own cluster${preview ? ", in a preview" : ""}`, async () => {
            const { declared, find } = await pairOf({ kubernetes: { context: "east", kubeconfig: "/k" } }, { preview });
            assert.deepEqual(
                declared.map(({ type, name, parent }) => [type, name, parent]),
                [
                    ["trident-dr:index:SitePair", "pair", undefined],
                    ["pulumi:providers:kubernetes", "pair-kubernetes", "pair"],
                ],
            );
            const { context, kubeconfig } = find("pair-kubernetes").inputs;
            assert.deepEqual({ context, kubeconfig }, { context: "east", kubeconfig: "/k" });
        });
    }

    it("reads the stack of this project that is named like the peer, or the one that is named", async () => {
        assert.deepEqual((await pairOf()).peerStacks, ["organization/trident-dr/west"]);
        assert.deepEqual((await pairOf({ peerStack: "acme/dr/west-1" })).peerStacks, ["acme/dr/west-1"]);
        assert.deepEqual((await pairOf({ peerStack: "none" })).peerStacks, []);
    });

    it("knows how stacks are called that are not named like their sites", async () => {
        const stacksFor = async (changes: Partial<SitePairArgs>) => (await pairOf(changes)).answer.stacks;
        assert.equal(await stacksFor({}), undefined);
        assert.deepEqual(await stacksFor({ peerStack: "organization/trident-dr/prod-w" }), { west: "prod-w" });
        assert.deepEqual(await stacksFor({ peerStack: "acme/dr/w" }), { west: "acme/dr/w" });
        assert.deepEqual(await stacksFor({ site: "eu", active: "eu", peerStack: "none" }), { eu: "east" });
    });

    it("takes a stack that was never deployed for a peer that is nothing yet", async () => {
        assert.deepEqual(await peerSays({}), { known: true, record: null });
    });

    it("takes an application that the peer does not know for one that is nothing there yet", async () => {
        assert.deepEqual(await peerSays({ tridentDr: { site: "west", applications: {} } }), {
            known: true,
            record: null,
        });
    });

    it("hands on the peer's record", async () => {
        const record = { ...emptyRecord("shop", "west", "east"), serial: 3 };
        const peer = { tridentDr: { site: "west", applications: { shop: { record, next: "" } }, peering: {} } };
        assert.deepEqual(await peerSays(peer), { known: true, record });
    });

    it("hands on that the peer is establishing, whether or not it has a record yet", async () => {
        const says = (record: unknown) => {
            const shop = { record, next: "", establishing: { readAt: "", volumes: {} } };
            return peerSays({ tridentDr: { site: "west", applications: { shop }, peering: {} } });
        };
        const record = emptyRecord("shop", "west", "east");
        assert.deepEqual(await says(record), { known: true, record, establishing: true });
        assert.deepEqual(await says(null), { known: true, record: null, establishing: true });
    });

    it("knows that it does not know, and why", async () => {
        const why = async (...all: Parameters<typeof peerSays>) => {
            const said = await peerSays(...all);
            assert.equal(said.known, false);
            return said.known ? "" : said.why;
        };
        assert.equal(
            await why(new Error('unknown stack "organization/trident-dr/west"')),
            'there is no stack organization/trident-dr/west: create it with "pulumi stack init west"',
        );
        assert.equal(
            await why(new Error("connection refused")),
            "the outputs of stack organization/trident-dr/west cannot be read: connection refused",
        );
        assert.equal(await why({ url: "x" }), "the outputs of west's stack hold no tridentDr that can be read");
        assert.equal(
            await why({ tridentDr: { site: "north", applications: {} } }),
            "the stack that should be west's says that it is north's",
        );
        assert.match(
            await why({ tridentDr: { site: "west", applications: { shop: { record: { role: "king" } } } } }),
            /^west's record of shop cannot be read: /,
        );
        assert.equal(
            await why({}, { peerStack: "none" }),
            "the configuration names no stack of the peer (peerStack is none)",
        );
    });

    it("publishes what is registered, and gathers what the other site must do", async () => {
        const { answer: pair } = await pairOf();
        pair.publication.addPeering("ontap", { peered: false, next: "run pulumi up at west" });
        pair.publication.addItem("shop", { record: { role: "active" }, next: "", establishing: undefined });
        pair.publication.addItem("bank", { record: { role: "active" }, next: "run pulumi up at west" });
        assert.deepEqual(await promiseOf(pair.outputs()), {
            site: "east",
            applications: {
                shop: { record: { role: "active" }, next: "" },
                bank: { record: { role: "active" }, next: "run pulumi up at west" },
            },
            peering: { ontap: { peered: false, next: "run pulumi up at west" } },
        });
        assert.deepEqual(await promiseOf(pair.next()), ["run pulumi up at west"]);
    });

    it("refuses the contents of a kubeconfig, and shows nothing of them", async () => {
        const kubeconfig = '{"apiVersion":"v1","users":[{"user":{"token":"canary"}}]}';
        await assert.rejects(pairOf({ kubernetes: { kubeconfig } }), (error: Error) => {
            assert.match(error.message, /^ {2}kubernetes\.kubeconfig: expected the path of a kubeconfig; found what/m);
            assert.doesNotMatch(error.message, /canary/);
            return true;
        });
    });

    describe("with the kubeconfig in the configuration", () => {
        const contents = "apiVersion: v1\nusers: [{ user: { token: canary } }]";
        const configured = (key: string) => ({ config: { [key]: contents }, secretKeys: [key] });
        const fromConfig = { kubernetes: { context: "east", fromConfig: true } };

        for (const [key, changes] of [
            ["trident-dr:kubeconfig", {}],
            ["acme-dr:kubeconfig", { configNamespace: "acme-dr" }],
        ] as const) {
            it(`gives it to Pulumi's provider alone, as a secret (${key})`, async () => {
                const { find, answer } = await pairOf({ ...fromConfig, ...changes }, configured(key));
                const { inputs, secrets } = find("pair-kubernetes");
                assert.deepEqual(
                    [inputs.kubeconfig, inputs.context, inputs.fromConfig, secrets],
                    [contents, "east", undefined, ["kubeconfig"]],
                );
                assert.deepEqual(answer.cluster, { context: "east", fromConfig: true });
            });
        }

        it("is refused where it is not there, and beside a path", async () => {
            await assert.rejects(
                pairOf({ kubernetes: { fromConfig: true, kubeconfig: "/k" }, configNamespace: "acme-dr" }),
                {
                    message:
                        "The pair pair is not valid (2 problems), and nothing was touched:\n" +
                        "  kubernetes.fromConfig: expected none beside kubernetes.kubeconfig; found both\n" +
                        "  kubernetes.fromConfig: expected the secret acme-dr:kubeconfig in the stack's configuration; found nothing",
                },
            );
            await assert.rejects(pairOf({ kubernetes: { fromConfig: "yes" as never } }), {
                message: /kubernetes\.fromConfig: expected true or false; found "yes"/,
            });
        });

        it("is not in the inputs of what looks at objects, which are told where it is", async () => {
            const objectsOf = (changes: Partial<SitePairArgs>) => () => {
                const pair = new SitePair("pair", { ...args, ...changes });
                return ownedBy("ontap", pair, { declared: [], existing: [] }, pair);
            };
            const { find } = await declare(objectsOf(fromConfig), configured("trident-dr:kubeconfig"));
            const { inputs } = find("ontap-objects");
            assert.deepEqual(inputs.cluster, { context: "east", fromConfig: true });
            assert.doesNotMatch(JSON.stringify(inputs), /canary/);
            const without = await declare(objectsOf({}));
            assert.ok(!("configNamespace" in without.find("ontap-objects").inputs));
        });
    });

    it("refuses to run where the environment turns the verification of certificates off", async () => {
        process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
        try {
            await assert.rejects(pairOf(), {
                message:
                    /NODE_TLS_REJECT_UNAUTHORIZED: expected certificates to be verified: run "unset NODE_TLS.*found 0/,
            });
        } finally {
            delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
        }
        await pairOf();
    });

    it("refuses names that do not fit together, all at once", async () => {
        await assert.rejects(
            pairOf({ peer: "east", active: "west", acknowledgements: { takeover: 0, discard: "x" } }),
            {
                message:
                    "The pair pair is not valid (5 problems), and nothing was touched:\n" +
                    '  peer: expected a site other than this one; found "east"\n' +
                    '  active: expected one of east, east; found "west"\n' +
                    "  acknowledgements.takeover: expected the number of the epoch that the takeover starts; found 0\n" +
                    '  acknowledgements.discard: expected <site>@<epoch> of east or east, such as east@3; found "x"\n' +
                    "  peerStack: expected the stack of east; found organization/trident-dr/east, which is this very stack",
            },
        );
    });
});
