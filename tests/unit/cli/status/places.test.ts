import assert from "node:assert/strict";
import type { StatusRequest } from "../../../../cli/status";
import { look } from "../../../../cli/status/show";
import { placesOfPair } from "../../../../cli/status/placesOf";
import type { Pair } from "../../../../cli/project/pair";
import type { Project } from "../../../../cli/project/project";
import { parseSettings } from "../../../../cli/project/settings";
import type { RoleRecord } from "../../../../provider/roles/record";
import { active, standby } from "../../provider/roles/situations";
import { Seal } from "../../../../provider/support/seal";
import { configuredPair } from "../configuredPair";
import { TwoSites } from "./twoSites";
import { typeStatus } from "./typed";

const key = "the key of the pair, 32 characters";

/** What a stack is configured with, as far as a status goes by it. */
interface Configured {
    active?: string;
    shop?: Record<string, unknown>;
    kubernetes?: Record<string, string>;
    hasKubeconfig?: boolean;
    hasPairKey?: boolean;
}

/** A project whose stacks are those of the two sites. */
function pairOf(east: Configured = {}, west: Configured = {}, change: Partial<Project> = {}): Pair {
    const unchanged = () => Promise.reject(new Error("a status changes nothing"));
    const project: Project = {
        name: "dr",
        configure: unchanged,
        preview: unchanged,
        up: unchanged,
        folder: "/project",
        stacks: () => Promise.resolve(["prod-east", "prod-west"]),
        isRunning: () => Promise.resolve(false),
        configuration: () => Promise.reject(new Error("it was read already")),
        decrypted: () => Promise.resolve({}),
        outputs: () => Promise.resolve({}),
        ...change,
    };
    const site = (name: string, peer: string, configured: Configured) => ({
        name,
        peer,
        stack: `prod-${name}`,
        hasKubeconfig: configured.hasKubeconfig === true,
        hasPairKey: configured.hasPairKey === true,
        settings: parseSettings({
            stack: `prod-${name}`,
            project: "dr",
            namespace: "trident-dr",
            values: {
                ...configuredPair(name),
                active: configured.active ?? "east",
                sites: sitesWith(name, configured),
                applications: [{ name: "shop", namespaces: ["shop"], ...configured.shop }],
            },
        }),
    });
    return { project, namespace: "trident-dr", sites: [site("east", "west", east), site("west", "east", west)] };
}

function sitesWith(name: string, { kubernetes }: Configured) {
    const { sites } = configuredPair(name);
    const own = name === "east" ? sites.east : sites.west;
    return { ...sites, [name]: { ...own, kubernetes: kubernetes ?? own.kubernetes } };
}

async function shopOf(sites: TwoSites, pair: Pair) {
    const document = await look(placesOfPair(pair, {}), { names: [], timeout: 30_000 }, sites.surroundings);
    return document.items[0]!;
}

describe("the status of a project's pair", () => {
    it("is that of the items which its stacks configure, with the names of its stacks in commands", async () => {
        const sites = await new TwoSites().setUp();
        // Nothing has to be listed where the names are known.
        sites.mayList = false;
        const item = await shopOf(sites, pairOf());
        assert.deepEqual([item.item, item.kind, item.level], ["shop", "application", "ok"]);
        const dead = await shopOf((await new TwoSites().setUp(active("east", 1))).die("west"), pairOf());
        assert.ok(dead.findings.some(({ next }) => next.includes("pulumi up --stack prod-east")));
    });

    it("goes by what the stacks say: who is to serve, and what was acknowledged", async () => {
        const item = await shopOf(await new TwoSites().setUp(), pairOf({ active: "west" }, { active: "west" }));
        const due = item.sites.map((site) => site.due as { is: string; verb?: string; code?: string });
        assert.deepEqual(
            due.map(({ is, verb, code }) => [is, verb ?? code]),
            [
                ["refusal", "replication-behind"],
                ["refusal", "no-token"],
            ],
        );
        const acknowledged = pairOf({}, { active: "west", shop: { takeover: 2 } });
        const { findings, sites } = await shopOf(await new TwoSites().setUp(), acknowledged);
        assert.equal((sites[1].due as { verb?: string }).verb, "take over without a token");
        assert.ok(findings.some(({ code, what }) => code === "sites-disagree" && /prod|west says west/.test(what)));
    });

    it("is read with the kubeconfig that a stack's configuration holds, and with no other one in its place", async () => {
        const own = { hasKubeconfig: true };
        assert.deepEqual(placesOfPair(pairOf(own), {})[0].cluster, { context: "east", fromConfig: true });
        const known = { decrypted: () => Promise.resolve({ "trident-dr:kubeconfig": "contents" }) };
        const sites = await new TwoSites().setUp();
        const read = await shopOf(sites, pairOf(own, {}, known));
        assert.equal(read.level, "ok");
        assert.ok(!JSON.stringify(read).includes("contents"));
        const [east, west] = (await shopOf(sites, pairOf(own))).sites;
        assert.match(JSON.stringify(east), /trident-dr:kubeconfig is not set/);
        assert.equal(JSON.stringify(west).includes("kubeconfig"), false);
    });

    it("knows of a site that does not answer what its stack published last", async () => {
        const record: RoleRecord = active("east", 1, { serial: 7 });
        const outputs = () =>
            Promise.resolve({ tridentDr: { site: "east", applications: { shop: { record, next: "" } }, peering: {} } });
        const sites = (await new TwoSites().setUp(active("east", 1), standby("west", 1))).die("east");
        const bundle = "trident-dr/trident-dr-takeover-shop";
        const kept = sites.sites.west.objects.get(bundle)!;
        const content = JSON.parse(kept.data!["bundle"]!) as Record<string, unknown>;
        const text = JSON.stringify({ ...content, peerRecord: { known: false, why: "unread" } });
        sites.sites.west.objects.set(bundle, { ...kept, data: { ...kept.data, bundle: text } });
        const unpublished = await shopOf(sites, pairOf());
        const published = await shopOf(sites, pairOf({}, {}, { outputs }));
        assert.deepEqual(
            [unpublished.sites[0].lastKnown, published.sites[0].lastKnown],
            [undefined, "active in epoch 1"],
        );
    });

    it("uses the contexts and kubeconfigs of the stacks, from the folder of the project, unless others are named", () => {
        const pair = pairOf({ kubernetes: { kubeconfig: "east.kubeconfig" } }, { kubernetes: { context: "west-1" } });
        const clusters = (named = {}) => placesOfPair(pair, named).map(({ cluster }) => cluster);
        assert.deepEqual(clusters(), [{ kubeconfig: "/project/east.kubeconfig" }, { context: "west-1" }]);
        assert.deepEqual(clusters({ context: { east: "other" } }), [{ context: "other" }, { context: "west-1" }]);
    });

    it("says that secrets could not be read where that is why something is unknown", async () => {
        const decrypted = () => Promise.reject(new Error("passphrase must be set"));
        const sites = await new TwoSites().setUp();
        sites.sites.east.open = () => {
            throw new Error("east: trident-dr:ontapUsername is not set");
        };
        const item = await shopOf(sites, pairOf({}, {}, { decrypted }));
        assert.deepEqual(item.sites[0].mirror, {
            unknown:
                "east: trident-dr:ontapUsername is not set (the secrets of its stack are not known: passphrase must be set)",
        });
    });

    it("believes nothing that carries no MAC where the stacks have a pairKey which could not be read", async () => {
        const decrypted = () => Promise.reject(new Error("passphrase must be set"));
        const keyed = { hasPairKey: true };
        const { findings } = await shopOf(await new TwoSites().setUp(), pairOf(keyed, keyed, { decrypted }));
        assert.deepEqual(
            findings.map(({ code, site }) => [code, site]),
            [
                ["unverified", "east"],
                ["unverified", "west"],
            ],
        );
        assert.equal(
            findings[0]!.what,
            "what east is for shop could not be verified, and may have been forged: the pairKey of its stack could not be read (the secrets of its stack are not known: passphrase must be set)",
        );
        const known = { decrypted: () => Promise.resolve({ "trident-dr:pairKey": key }) };
        const sealed = await new TwoSites(new Seal({ current: key })).setUp();
        const verified = await shopOf(sealed, pairOf(keyed, keyed, known));
        assert.deepEqual(
            [verified.servedBy, verified.findings.filter(({ code }) => code === "unverified")],
            ["east", []],
        );
    });

    describe("with a request", () => {
        async function complaintOf(change: Partial<StatusRequest>): Promise<string> {
            const sites = await new TwoSites().setUp();
            sites.resolve = () => Promise.resolve(pairOf());
            const { code, printed, complained } = await typeStatus(sites, change);
            assert.deepEqual([code, printed], [3, []]);
            return complained.join("\n");
        }

        it("goes by the configuration of each look while it watches, and says where it could not be read again", async () => {
            const sites = await new TwoSites().setUp();
            const pairs = [pairOf(), pairOf({ active: "west" })];
            sites.resolve = () => {
                const pair = pairs.shift();
                return pair === undefined ? Promise.reject(new Error("the backend is down")) : Promise.resolve(pair);
            };
            const disagree: boolean[] = [];
            const { complained } = await typeStatus(
                sites,
                { json: true, watch: true },
                {
                    print: (line) => {
                        disagree.push(line.includes("sites-disagree"));
                        if (disagree.length === 3) {
                            sites.interruption.abort();
                        }
                    },
                },
            );
            assert.deepEqual(disagree, [false, true, true]);
            assert.match(
                complained.join("\n"),
                /^the configuration could not be read again, .*: the backend is down\./,
            );
        });

        it("names what it does not configure", async () => {
            assert.equal(
                await complaintOf({ names: ["shpo"] }),
                "there is no shpo: the stacks configure shop. Name one of them, or none to see all",
            );
            assert.match(
                await complaintOf({ context: { north: "n" } }),
                /^there is no site north: the sites are east and west/,
            );
        });
    });
});
