import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { StatusRequest } from "../../../../cli/status";
import { type StatusDocument, statusDocument } from "../../../../cli/status/document";
import { Seal } from "../../../../provider/support/seal";
import {
    active,
    displaced,
    nothingThere,
    outOfMirror,
    replicated,
    standby,
    stoodDown,
    tookOver,
} from "../../provider/roles/situations";
import { TwoSites } from "./twoSites";
import { typeStatus } from "./typed";

const named = { context: { east: "prod-east", west: "prod-west" } };

/** One run of the command without a project. */
async function run(sites: TwoSites, change: Partial<StatusRequest> = {}) {
    const { code, printed, complained } = await typeStatus(sites, { ...named, ...change });
    return { code, printed: printed.join("\n"), complained: complained.join("\n") };
}

async function documentOf(sites: TwoSites, change: Partial<StatusRequest> = {}) {
    const { code, printed, complained } = await run(sites, { json: true, ...change });
    assert.equal(complained, "");
    return { code, document: statusDocument.parse(JSON.parse(printed)) };
}

function shop({ items }: StatusDocument) {
    const [item] = items;
    assert.equal(item?.item, "shop");
    return item!;
}

const codesOf = (document: StatusDocument) => shop(document).findings.map(({ code }) => code);

describe("trident-dr status", () => {
    it("shows both sites side by side, changes nothing, and ends with 0 where all is well", async () => {
        const sites = await new TwoSites().setUp();
        const { code, printed } = await run(sites);
        assert.match(printed, /^1 item: 1 well \(read /);
        assert.match(printed, /\n +east +west +mirrored +behind +at most +last transfer\n/);
        assert.match(printed, /\nshop +active @1 +standby @1 +east → west +3 min +15 min +unknown +well$/);
        assert.deepEqual([code, sites.writes], [0, []]);
    });

    it("says the same as a document", async () => {
        const { code, document } = await documentOf(await new TwoSites().setUp());
        const { servedBy, direction, lagSeconds, maxLagSeconds, sites } = shop(document);
        assert.deepEqual(
            { code, level: document.level, servedBy, direction, maxLagSeconds },
            { code: 0, level: "ok", servedBy: "east", direction: { from: "east", to: "west" }, maxLagSeconds: 900 },
        );
        assert.ok(typeof lagSeconds === "number" && lagSeconds >= 150 && lagSeconds < 900, String(lagSeconds));
        assert.deepEqual(
            sites.map(({ role, epoch, mirror, due }) => ({ role, epoch, mirror, due })),
            [
                { role: "active", epoch: 1, mirror: "none", due: { is: "nothing" } },
                { role: "standby", epoch: 1, mirror: "established", due: { is: "nothing" } },
            ],
        );
    });

    it("does not take for nothing what nobody looked at, such as what runs of a group of volumes", async () => {
        const sites = await new TwoSites().setUp();
        sites.sites.east.shows = { observed: { ...nothingThere, workloads: [] } };
        const { level, sites: both, findings } = shop((await documentOf(sites)).document);
        assert.deepEqual(
            both.map(({ workloads }) => workloads),
            [[], { unknown: "nobody looked at what runs of shop" }],
        );
        assert.deepEqual([level, findings], ["ok", []]);
    });

    it("ends with 2 where the site that serves does not answer, with all that is known of the other one", async () => {
        const { code, document } = await documentOf((await new TwoSites().setUp()).die("east"));
        assert.deepEqual(document.sites[0].reached, {
            unknown: "the Kubernetes API of east does not answer (get /version)",
        });
        assert.deepEqual(codesOf(document), ["service-unknown", "site-unknown"]);
        const [east, west] = shop(document).sites;
        assert.deepEqual([east.lastKnown, west.role, west.mirror], ["active in epoch 1", "standby", "established"]);
        assert.match(
            shop(document).findings[0]!.next[1]!,
            /trident-dr takeover shop --site west --context prod-west, /,
        );
        assert.equal(code, 2);
    });

    it("ends with 1 where only the standby site does not answer", async () => {
        const { code, document } = await documentOf((await new TwoSites().setUp()).die("west"));
        assert.deepEqual([code, shop(document).servedBy], [1, "east"]);
        assert.deepEqual(codesOf(document), ["lag-unknown", "site-unknown"]);
    });

    it("does not wait for a site that never answers longer than it has time, and reads the other one", async () => {
        const sites = await new TwoSites().setUp();
        sites.answers.east = () => {
            setImmediate(() => sites.opening.abort());
            return new Promise(() => undefined);
        };
        const { code, document } = await documentOf(sites);
        assert.deepEqual(document.sites[0].reached, {
            unknown: "the Kubernetes API of east did not answer within 15 s",
        });
        assert.deepEqual([code, shop(document).sites[1].role], [2, "standby"]);
    });

    it("says what is known of named items where no site answers, and that there is nothing to say of others", async () => {
        const sites = (await new TwoSites().setUp()).die("east").die("west");
        assert.deepEqual(codesOf((await documentOf(sites, { names: ["shop"] })).document), [
            "service-unknown",
            "site-unknown",
            "site-unknown",
        ]);
        const { code, complained } = await run(sites);
        assert.match(complained, /^no site answers, and no item was named: .*Name the items/);
        assert.equal(code, 3);
    });

    it("tells two sites that serve, an outage in a switch, and a site that is due to rejoin", async () => {
        for (const [east, west, expected] of [
            [active("east", 1), tookOver("west", 2), "two-sites-serve"],
            [stoodDown(), standby("west", 1), "nobody-serves"],
            [displaced("east", 2), tookOver("west", 2), "not-protected"],
        ] as const) {
            const { code, document } = await documentOf(await new TwoSites().setUp(east, west));
            assert.ok(codesOf(document).includes(expected), codesOf(document).join());
            assert.equal(code, 2);
            assert.ok(shop(document).findings[0]!.next.length > 0, expected);
        }
    });

    it("goes by who is to serve: the other site of one that handed over", async () => {
        const { document } = await documentOf(await new TwoSites().setUp(stoodDown(), standby("west", 1)));
        assert.deepEqual(shop(document).sites[1].due, {
            is: "plan",
            verb: "take over with a token",
            calls: (shop(document).sites[1].due as { calls: string[] }).calls,
        });
    });

    it("tells a role whose record is there, and that nothing else is known without a bundle", async () => {
        const sites = await new TwoSites().setUp();
        sites.sites.east.objects.delete("trident-dr/trident-dr-takeover-shop");
        const { code, document } = await documentOf(sites, { names: ["shop"] });
        const [east] = shop(document).sites;
        assert.equal(east.role, "active");
        assert.match(
            (east.mirror as { unknown: string }).unknown,
            /there is no ConfigMap trident-dr\/trident-dr-takeover-shop/,
        );
        assert.deepEqual([code, codesOf(document)], [1, ["health-unknown"]]);
    });

    it("does not believe a record that was not written with the pair's key", async () => {
        const key = "the key of the pair, 32 characters";
        const sites = await new TwoSites(new Seal({ current: key })).setUp();
        sites.environment = { TRIDENT_DR_PAIR_KEY: key };
        assert.equal((await documentOf(sites)).code, 1);
        const place = "trident-dr/trident-dr-record-shop";
        const found = sites.sites.east.objects.get(place)!;
        const forged = { ...JSON.parse(found.data!["record"]!), epoch: 9 };
        sites.sites.east.objects.set(place, { ...found, data: { record: JSON.stringify(forged) } });
        const { code, document } = await documentOf(sites);
        assert.equal(code, 2);
        assert.ok(shop(document).findings.some(({ what }) => what.includes("record-not-authentic")));
    });

    /** As one who may write ConfigMaps at east, and does not have the key, would put it there. */
    function forge(sites: TwoSites, change: Record<string, unknown>): void {
        const { objects } = sites.sites.east;
        objects.delete("trident-dr/trident-dr-takeover-shop");
        const place = "trident-dr/trident-dr-record-shop";
        const found = objects.get(place)!;
        const { mac: _, ...bare } = JSON.parse(found.data!["record"]!) as Record<string, unknown>;
        objects.set(place, { ...found, data: { record: JSON.stringify({ ...bare, ...change }) } });
    }

    it("does not believe a record without a bundle either, where it has the pair's key", async () => {
        const key = "the key of the pair, 32 characters";
        const sites = await new TwoSites(new Seal({ current: key })).setUp();
        sites.environment = { TRIDENT_DR_PAIR_KEY: key };
        forge(sites, { epoch: 9 });
        const { document } = await documentOf(sites);
        assert.match(
            (shop(document).sites[0].role as { unknown: string }).unknown,
            /^east: the record of shop cannot be trusted: /,
        );
    });

    it("says that it can verify nothing where records carry a MAC and it has no key", async () => {
        const sites = await new TwoSites(new Seal({ current: "the key of the pair, 32 characters" })).setUp();
        forge(sites, {});
        const unverified = shop((await documentOf(sites)).document).findings.filter(
            ({ code }) => code === "unverified",
        );
        assert.deepEqual(
            unverified.map(({ site, level }) => [site, level]),
            [
                ["east", "attention"],
                ["west", "attention"],
            ],
        );
        assert.match(
            unverified[0]!.what,
            /: the record at west carries a MAC, and there is no pairKey to check it with$/,
        );
    });

    it("shows what a site reports of a mirror in one line, without what a terminal would obey", async () => {
        const error = "no route\n\u001b[2Jshop  active @1  well";
        const sites = await new TwoSites(undefined, { ...replicated.mirror!, error }).setUp();
        const { document } = await documentOf(sites);
        const told = shop(document).findings.find(({ code }) => code === "mirror-unsettled")!;
        assert.match(told.what, / reports: no route \u{fffd}\[2Jshop {2}active @1 {2}well$/u);
    });

    it("reads nothing where the environment turns the verification of certificates off", async () => {
        const sites = await new TwoSites().setUp();
        sites.environment = { NODE_TLS_REJECT_UNAUTHORIZED: "0" };
        sites.answers.east = () => assert.fail("east was asked");
        const { code, complained } = await run(sites);
        assert.match(complained, /^NODE_TLS_REJECT_UNAUTHORIZED is 0 in the environment of this run/);
        assert.equal(code, 3);
    });

    it("finds the items that sites have by themselves, and needs their names where it may not look", async () => {
        const sites = await new TwoSites().setUp();
        sites.mayList = false;
        const { code, complained } = await run(sites);
        assert.equal(
            complained,
            "east: the kubeconfig's user may not list ConfigMaps: name the items, as in trident-dr status shop",
        );
        assert.equal(code, 3);
        assert.equal((await run(sites, { names: ["shop"] })).code, 0);
    });

    it("finds an item that serves at both sites by its records alone", async () => {
        const sites = await new TwoSites().setUp(active("east", 1), tookOver("west", 2));
        for (const { objects } of Object.values(sites.sites)) {
            objects.delete("trident-dr/trident-dr-takeover-shop");
        }
        const { code, document } = await documentOf(sites);
        assert.deepEqual([code, codesOf(document)[0]], [2, "two-sites-serve"]);
    });

    it("is well where an item left the mirror at both sites, which keep nothing of it but their records", async () => {
        const sites = await new TwoSites().setUp(outOfMirror("east", 2, "active"), outOfMirror("west", 2, "standby"));
        for (const { objects } of Object.values(sites.sites)) {
            objects.delete("trident-dr/trident-dr-takeover-shop");
        }
        const { code, document } = await documentOf(sites);
        assert.deepEqual([code, codesOf(document)], [0, []]);
    });

    it("names what it does not know", async () => {
        const sites = await new TwoSites().setUp();
        const unknownItem = await run(sites, { names: ["shop", "shpo"] });
        assert.match(unknownItem.complained, /^there is no shpo at east and west: correct the name, or /);
        const unknownSites = await run(sites, { context: { east: "a", west: "b", north: "c" } });
        assert.match(unknownSites.complained, /^expected two sites; found east, west, north/);
        const noProject = await run(sites, { context: { east: "a" } });
        assert.match(
            noProject.complained,
            /^there is no Pulumi project here\. Without a project or its state: name the clusters/,
        );
        assert.deepEqual([unknownItem.code, unknownSites.code, noProject.code], [3, 3, 3]);
        const empty = await run(new TwoSites());
        assert.match(empty.complained, /^there are no items at east and west: name the namespace of their records/);
    });

    describe("into files", () => {
        let folder: string;
        beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), "status-"))));
        afterEach(() => rmSync(folder, { recursive: true }));

        it("writes a page and metrics as a whole, and prints nothing then", async () => {
            const [html, output] = [path.join(folder, "status.html"), path.join(folder, "trident-dr.prom")];
            const sites = await new TwoSites().setUp();
            const { code, printed } = await run(sites, { html, output, prometheus: true });
            assert.deepEqual([code, printed], [0, ""]);
            assert.match(readFileSync(html, "utf8"), /^<!doctype html>[^]*shop/);
            assert.match(readFileSync(output, "utf8"), /\ntrident_dr_item_status\{item="shop",level="ok"\} 1\n/);
            assert.deepEqual(readdirSync(folder).sort(), ["status.html", "trident-dr.prom"]);
        });

        it("writes nothing that a terminal would obey", async () => {
            const output = path.join(folder, "status.txt");
            const sites = await new TwoSites().setUp();
            sites.answers.east = () => Promise.reject(new Error("no\u001b[2J route\nshop  well"));
            await run(sites, { output });
            const written = readFileSync(output, "utf8");
            assert.match(written, /\neast is unknown: no\u{fffd}\[2J route shop {2}well\n/u);
            assert.doesNotMatch(written, /\u001b/);
            await run(sites.die("west"), { output, names: ["sh\u001b[2Jop"] });
            assert.match(readFileSync(output, "utf8"), /\nsh\u{fffd}\[2Jop /u);
        });

        it("says which file it cannot write", async () => {
            const output = path.join(folder, "none", "trident-dr.prom");
            const { code, complained } = await run(await new TwoSites().setUp(), { output });
            assert.ok(complained.startsWith(`${output} cannot be written: ENOENT`), complained);
            assert.equal(code, 3);
        });
    });

    it("goes on until it is interrupted, with a line for each look, and ends as the last one was", async () => {
        const sites = await new TwoSites().setUp();
        let looks = 0;
        const { code, printed, complained } = await typeStatus(
            sites,
            { ...named, json: true, watch: true },
            {
                print: () => {
                    looks++;
                    if (looks === 2) {
                        sites.die("east");
                    }
                    if (looks === 3) {
                        sites.interruption.abort();
                    }
                },
            },
        );
        assert.deepEqual(complained, []);
        const levels = printed.map((line) => statusDocument.parse(JSON.parse(line)).level);
        assert.deepEqual([levels, code], [["ok", "ok", "danger"], 2]);
    });

    it("clears what it printed before, where somebody watches", async () => {
        const sites = await new TwoSites().setUp();
        const seen: string[] = [];
        const { complained } = await typeStatus(
            sites,
            { ...named, watch: true },
            {
                clear: () => seen.push("clear"),
                print: () => {
                    seen.push("print");
                    sites.interruption.abort();
                },
            },
        );
        assert.deepEqual(complained, []);
        assert.deepEqual(seen, ["clear", "print"]);
    });
});
