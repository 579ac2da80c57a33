import assert from "node:assert/strict";
import { pageOf } from "../../../../cli/status/page";
import { metricsOf } from "../../../../cli/status/prometheus";
import { findingCodes, statusDocument } from "../../../../cli/status/document";
import { tableOf } from "../../../../cli/status/table";
import { spanOf } from "../../../../cli/status/words";
import { textOf } from "../../docs/documents";
import { healthy, itemFacts, quiet, unknownSite, siteFacts } from "./facts";
import { manyItems, sample } from "./sample";

const documentation = textOf("docs/status.md");

describe("the table of a status", () => {
    it("is the one that docs/status.md shows", () => {
        assert.ok(documentation.includes(`\`\`\`text\n${tableOf(sample())}\n\`\`\``), tableOf(sample()));
    });

    it("says which site could not be read, and why", () => {
        const document = sample([itemFacts(unknownSite("east"), siteFacts("west", { role: "standby" }))]);
        const sites: typeof document.sites = [{ site: "east", reached: { unknown: "no route" } }, document.sites[1]];
        const table = tableOf({ ...document, sites });
        assert.match(table, /^1 item: 1 in danger \(read .*\)\neast is unknown: no route\n\n/);
        assert.match(table, /\nshop +unknown +standby @1 +east → west +3 min +15 min +2 min ago +IN DANGER\n/);
    });

    it("has the worst first, and of equals the first in the alphabet", () => {
        const rows = tableOf(sample([healthy("b"), healthy("a"), ...manyItems(5).slice(3, 4)])).split("\n");
        assert.deepEqual(
            rows.slice(3, 6).map((row) => row.split(" ")[0]),
            ["app-004", "a", "b"],
        );
    });

    it("tells spans of time at a glance", () => {
        assert.deepEqual([0, 119, 120, 7_199, 7_200, 172_800].map(spanOf), [
            "0 s",
            "119 s",
            "2 min",
            "120 min",
            "2 h",
            "2 d",
        ]);
    });
});

describe("the document of a status", () => {
    it("is as its schema says, with nothing else in it", () => {
        for (const items of [undefined, manyItems(30), []]) {
            const document = sample(items);
            assert.deepEqual(statusDocument.parse(document), document);
        }
        assert.equal(statusDocument.safeParse({ ...sample(), more: 1 }).success, false);
    });

    it("has findings whose codes are all documented", () => {
        for (const code of findingCodes) {
            assert.ok(documentation.includes(`| \`${code}\``), code);
        }
    });
});

describe("the page of a status", () => {
    it("needs nothing else, and shows every item", () => {
        const page = pageOf(sample(manyItems(100)));
        assert.doesNotMatch(page, /(?:src|href)=|@import|url\(|https?:/);
        assert.equal(page.match(/<article /g)?.length, 100);
        assert.match(page, /<main class="dense">/);
        assert.match(pageOf(sample()), /<main class="wide">/);
    });

    it("has an arrow to the site that has the copy, and none where there is no copy", () => {
        const page = pageOf(sample());
        const links = [...page.matchAll(/<div class="link (\w+)">/g)].map(([, to]) => to);
        assert.deepEqual(links, ["none", "right", "right"]);
        assert.match(page, /aria-label="mirrored from east to west"/);
        assert.match(pageOf(sample(manyItems(2).slice(1))), /<div class="link left">/);
    });

    it("says how far behind each is, against its objective", () => {
        assert.match(pageOf(sample()), /--share:17%".*3 min behind, at most 15 min; last transfer 2 min ago/);
    });

    it("shows text as text, whatever somebody named an item", () => {
        assert.ok(!pageOf(sample([healthy("<script>alert(1)</script>")])).includes("<script>alert"));
    });
});

describe("the metrics of a status", () => {
    const lines = metricsOf(sample()).split("\n");

    it("have help, type and base units, and each is documented", () => {
        const names = lines.flatMap((line) => /^# TYPE (\S+) gauge$/.exec(line)?.[1] ?? []);
        assert.ok(names.length >= 12);
        for (const name of names) {
            assert.ok(
                lines.some((line) => line.startsWith(`# HELP ${name} `)),
                name,
            );
            assert.ok(documentation.includes(`\`${name}\``), name);
        }
    });

    it("have no sample for what is unknown", () => {
        const text = metricsOf(sample([itemFacts(unknownSite("east"), siteFacts("west", { role: "standby" }))]));
        assert.doesNotMatch(text, /trident_dr_(role|epoch)\{[^}]*site="east"/);
        assert.match(text, /\ntrident_dr_unknown\{item="shop",site="east"\} 3\n/);
        assert.match(text, /\ntrident_dr_role\{item="shop",site="west",role="standby"\} 1\n/);
        assert.match(text, /\ntrident_dr_replication_lag_seconds\{item="shop"\} 150\n/);
    });

    it("have no number of workloads where nobody looked at what runs", () => {
        const unseen = { health: { ...quiet, workloads: { unknown: "nobody looked" } } };
        const text = metricsOf(
            sample([itemFacts(siteFacts("east", { role: "active" }, unseen), siteFacts("west", { role: "standby" }))]),
        );
        assert.doesNotMatch(text, /trident_dr_workloads\{[^}]*site="east"/);
        assert.match(text, /\ntrident_dr_workloads\{item="shop",site="west"\} 0\n/);
    });
});
