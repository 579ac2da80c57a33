import assert from "node:assert/strict";
import type { ReadinessRequest } from "../../../../cli/readiness";
import { readinessDocument, type ReadinessDocument } from "../../../../cli/readiness/document";
import { showReadiness } from "../../../../cli/readiness/show";
import type { MirrorRoleInputs } from "../../../../provider/engine/inputs";
import type { HeldVolume } from "../../../../provider/roles/record";
import { active, displaced, standby } from "../../provider/roles/situations";
import type { FakeSite } from "../fakeSite";
import { TwoSites } from "../status/twoSites";
import { goodNeeds } from "./facts";

const named = { context: { east: "east", west: "west" } };
const good: Pick<ReadinessRequest, "names" | "timeout"> = { names: [], timeout: 30_000 };

/** Both sites, with arrays that hold the same snapshot. */
async function twoSites(...records: Parameters<TwoSites["setUp"]>): Promise<TwoSites> {
    const sites = await new TwoSites().setUp(...records);
    const snapshots = [{ name: "custom-1", versionUuid: "v1", takenAt: "2026-11-22T02:57:30Z" }];
    const held: HeldVolume[] = [{ volume: "shop/data", snapshots }];
    for (const site of Object.values(sites.sites)) {
        site.more = { needs: { read: () => Promise.resolve(goodNeeds) } };
        site.shows = { heldSnapshots: () => Promise.resolve(held) };
    }
    return sites;
}

/** As if the last run at a site had been declared otherwise. */
function changeInputs({ objects }: FakeSite, change: object): void {
    const place = "trident-dr/trident-dr-takeover-shop";
    const kept = objects.get(place)!;
    const content = JSON.parse(kept.data!["bundle"]!) as { inputs: object };
    const text = JSON.stringify({ ...content, inputs: { ...content.inputs, ...change } });
    objects.set(place, { ...kept, data: { ...kept.data, bundle: text } });
}

async function shown(sites: TwoSites, change: Partial<ReadinessRequest> = {}) {
    const printed: string[] = [];
    const complained: string[] = [];
    const terminal = {
        print: (line: string) => printed.push(line),
        complain: (line: string) => complained.push(line),
    };
    const code = await showReadiness({ ...good, ...named, json: false, ...change }, terminal, sites.surroundings);
    return { code, text: printed.join("\n"), complaint: complained.join("\n") };
}

async function documentOf(sites: TwoSites): Promise<{ code: number; document: ReadinessDocument }> {
    const { code, text } = await shown(sites, { json: true });
    return { code, document: readinessDocument.parse(JSON.parse(text)) };
}

function levelsOf({ items }: ReadinessDocument): Record<string, string> {
    return Object.fromEntries(items[0]!.checks.map(({ name, level }) => [name, level]));
}

describe("the readiness of a pair", () => {
    it("is well where the site that follows could take over, and nothing is written for it", async () => {
        const sites = await twoSites();
        const { code, document } = await documentOf(sites);
        const { level, at, checks } = document.items[0]!;
        assert.deepEqual([code, document.level, level, at], [0, "ok", "ok", "west"], JSON.stringify(checks, null, 1));
        assert.match(
            checks.find(({ name }) => name === "takeover")!.what,
            /^nothing refuses a takeover now: trident-dr takeover shop --site west/,
        );
        assert.deepEqual(sites.writes, []);
    });

    it("is told to people, each check with what to do", async () => {
        const sites = await twoSites();
        sites.sites.west.more = {
            needs: {
                read: () => Promise.resolve({ ...goodNeeds, storageClass: { name: "trident-dr", exists: false } }),
            },
        };
        const { code, text } = await shown(sites);
        assert.equal(code, 1);
        assert.match(text, /\nshop: a takeover at west: ready, with something to attend to\n/);
        assert.match(
            text,
            /\n {2}attention +storage-class +StorageClass trident-dr does not exist\n {4}claims .*\n {4}→ pulumi up --stack west\n/,
        );
        assert.match(text, /\n {2}ok +copy +the copy is /);
    });

    it("is told while the site that serves is down, of which a takeover needs nothing", async () => {
        const { code, document } = await documentOf((await twoSites()).die("east"));
        const levels = levelsOf(document);
        assert.equal(code, 1);
        assert.deepEqual(
            [levels["standby"], levels["takeover"], levels["vaults"], levels["serving-site"]],
            ["ok", "ok", "ok", "unknown"],
        );
    });

    it("is unknown where the site that follows does not answer", async () => {
        const { code, document } = await documentOf((await twoSites()).die("west"));
        assert.deepEqual([code, document.items[0]!.at, levelsOf(document)], [3, "west", { reached: "unknown" }]);
    });

    it("is not given where the other site does not follow", async () => {
        const { code, document } = await documentOf(await twoSites(displaced("east", 2), active("west", 2)));
        assert.deepEqual([code, document.items[0]!.at, levelsOf(document)["standby"]], [2, "east", "blocks"]);
    });

    it("is not given where the planner refuses the takeover, in its words", async () => {
        const sites = await twoSites();
        sites.sites.west.shows = { observed: { mirror: undefined, workloads: [] } };
        const { code, document } = await documentOf(sites);
        const takeover = document.items[0]!.checks.find(({ name }) => name === "takeover")!;
        assert.deepEqual([code, takeover.level], [2, "blocks"]);
        assert.match(takeover.what, /^a takeover is refused \(nothing-replicated\)/);
    });

    it("asks for a takeover of the epoch that would begin, whatever comes before the item", async () => {
        const sites = await twoSites(active("east", 4), standby("west", 4));
        const { west } = sites.sites;
        changeInputs(west, {
            order: {
                together: true,
                before: [{ application: "db", namespace: "trident-dr" }],
                after: [],
                waitsFor: [],
            },
        });
        const asked: MirrorRoleInputs[] = [];
        const open = west.open.bind(west);
        west.open = (run, inputs) => {
            asked.push(inputs);
            return open(run, inputs);
        };
        const { document } = await documentOf(sites);
        assert.equal(levelsOf(document)["takeover"], "ok");
        assert.deepEqual(
            asked
                .filter(({ acknowledgements }) => acknowledgements !== undefined)
                .map((one) => [one.active, one.acknowledgements]),
            [["west", { takeover: 5 }]],
        );
    });

    it("tells a copy that is too old, and snapshots that only one site has", async () => {
        const sites = await twoSites();
        sites.sites.west.age = 86_400;
        sites.sites.east.shows = { heldSnapshots: () => Promise.resolve([]) };
        const { code, document } = await documentOf(sites);
        const levels = levelsOf(document);
        assert.deepEqual([code, levels["copy"], levels["common-snapshots"]], [2, "blocks", "attention"]);
    });

    it("ends with 3 where a name means nothing, or where there is no project", async () => {
        const stranger = await shown(await twoSites(), { names: ["shpo"] });
        assert.deepEqual([stranger.code, stranger.text], [3, ""]);
        assert.match(stranger.complaint, /there is no shpo/);
        const alone = await shown(await twoSites(), { context: {} });
        assert.equal(alone.code, 3);
        assert.match(alone.complaint, /trident-dr readiness --context-east/);
    });
});
