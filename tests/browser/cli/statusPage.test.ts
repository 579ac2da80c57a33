import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { levels, type StatusDocument } from "../../../cli/status/document";
import type { ItemFacts } from "../../../cli/status/facts";
import { pageOf } from "../../../cli/status/page";
import { healthy, itemFacts, siteFacts, unknownSite } from "../../unit/cli/status/facts";
import { manyItems, sample, threeItems } from "../../unit/cli/status/sample";
import { type OpenPage, Viewer, viewings } from "../browser";

/** Each of them runs something, or breaks the page, where it is not shown as text. */
const hostile = [
    `<script>window.attacked = 1</script>`,
    `"><img src=x onerror="window.attacked = 2">`,
    `' onmouseover='window.attacked = 3' x='`,
    `</script><script>window.attacked = 4</script>`,
    `</style></main><h1>gone</h1>`,
    `&lt;b&gt; & \${window.attacked = 5}`,
];
const long = ["a".repeat(253), `${"part-of-a-name-".repeat(16)}end`, "W".repeat(63)];

const pages: Readonly<Record<string, StatusDocument>> = {
    "three items": sample(),
    "a hundred items": sample(manyItems(100)),
    "nothing known of a site": unreached(
        sample([itemFacts(unknownSite("east"), siteFacts("west", { role: "standby" }))]),
    ),
    "nothing known at all": unreached(sample([itemFacts(unknownSite("east"), unknownSite("west"), "shop")])),
    "long names": named(sample([...long.map(healthy), ...long.map((name) => drifted(`${name}-2`))]), "s".repeat(63)),
    "long names of many items": sample([...manyItems(20), ...long.map(drifted)]),
    "hostile names": hostileSample(),
    "no items": sample([]),
};

describe("the page of a status, in a browser", () => {
    let viewer: Viewer;

    before(async () => {
        viewer = await Viewer.start();
    });

    after(() => viewer.stop());

    for (const [name, document] of Object.entries(pages)) {
        for (const viewing of viewings) {
            it(`shows ${name} in ${viewing.scheme} on a ${viewing.device}`, () =>
                viewer.open(pageOf(document), viewing, async (open) => {
                    await showsAll(open, document);
                    const { ground } = await open.look();
                    assert.equal(isDark(ground), viewing.scheme === "dark", ground);
                }));
        }
    }

    it("has every level, and what is unknown, among what is looked at", () => {
        const items = Object.values(pages).flatMap((document) => document.items);
        assert.deepEqual([...new Set(items.map(({ level }) => level))].sort(), [...levels].sort());
        assert.match(JSON.stringify(items), /"role":\{"unknown"/);
    });

    for (const viewing of viewings) {
        it(`points to the site that has the copy, in ${viewing.scheme} on a ${viewing.device}`, async () => {
            for (const items of [[...threeItems(), ...manyItems(2)], manyItems(30)]) {
                const document = sample(items);
                await viewer.open(pageOf(document), viewing, async (open) => {
                    const seen = await open.look();
                    const ofEachKind = [undefined, "east", "west"].map((to) =>
                        document.items.find(({ direction }) => direction?.to === to),
                    );
                    for (const item of ofEachKind) {
                        const { arrow, ends } = seen.items.find(({ name }) => name === item!.item)!;
                        assert.ok(ends[0]!.box.right <= ends[1]!.box.left, "east is on the left");
                        const head = headIn(await viewer.inkIn(open, arrow));
                        const expected = { east: "left", west: "right" }[item!.direction?.to ?? ""] ?? "none";
                        assert.equal(head, expected, item!.item);
                    }
                });
            }
        });

        it(`finds by name and hides what is well, in ${viewing.scheme} on a ${viewing.device}`, () =>
            viewer.open(pageOf(pages["a hundred items"]!), viewing, async (open) => {
                const { page } = open;
                const all = pages["a hundred items"]!.items;
                const shown = async () => (await open.look()).items.map(({ name }) => name).sort();
                const names = (those: typeof all) => those.map(({ item }) => item).sort();

                await lookFor(page, "APP-01");
                assert.deepEqual(await shown(), names(all.filter(({ item }) => item.startsWith("app-01"))));
                await page.click("#open");
                const notWell = all.filter(({ level }) => level !== "ok");
                assert.deepEqual(await shown(), names(notWell.filter(({ item }) => item.startsWith("app-01"))));
                await lookFor(page, "");
                assert.deepEqual(await shown(), names(notWell));
                assert.ok(notWell.length > 0 && notWell.length < all.length);
                await page.click("#open");
                assert.deepEqual(await shown(), names(all));
                assert.doesNotMatch(await textOf(open), /None of the/);
                await lookFor(page, "no such name");
                assert.deepEqual(await shown(), []);
                assert.match(await textOf(open), /None of the 100 items matches\./);
                assert.deepEqual(open.complaints, []);
            }));
    }

    it("opens what there is to know of an item by a tap", () =>
        viewer.open(pageOf(sample()), { scheme: "light", device: "phone" }, async (open) => {
            const what = sample().items.find(({ item }) => item === "crm")!.findings[0]!.what;
            assert.ok(!(await textOf(open)).includes(what));
            await open.page.tap('[data-name="crm"] summary');
            assert.ok((await textOf(open)).includes(what));
        }));

    it("runs nothing that somebody wrote into a name, and finds the item by it", async () => {
        for (const viewing of viewings) {
            await viewer.open(pageOf(hostileSample()), viewing, async (open) => {
                const { page } = open;
                for (const name of hostile) {
                    await lookFor(page, name);
                    const { items } = await open.look();
                    assert.deepEqual(
                        items.map((item) => item.name),
                        [name],
                    );
                    assert.ok(items[0]!.text.includes(name), `${items[0]!.text} shows ${name}`);
                    await page.hover(".item:not([hidden]) .link b");
                }
                assert.equal(await page.evaluate("window.attacked"), undefined);
                assert.equal(await page.evaluate('document.querySelectorAll("img, h1 ~ h1").length'), 0);
                assert.deepEqual(open.complaints, []);
                assert.equal(open.requests.length, 1);
            });
        }
    });
});

async function showsAll(open: OpenPage, { items, sites }: StatusDocument): Promise<void> {
    const seen = await open.look();
    assert.equal(seen.overflow, 0, "pixels to scroll to the side");
    assert.deepEqual(seen.outside, []);
    assert.deepEqual(seen.cut, []);
    assert.deepEqual(seen.items.map(({ name }) => name).sort(), items.map(({ item }) => item).sort());
    for (const { name, text, box, ends } of seen.items) {
        assert.ok(text.includes(name), `${name} is not in ${text}`);
        assert.equal(ends.length, 2, name);
        assert.ok(box.bottom - box.top >= 20, `${name} is ${box.bottom - box.top} pixels high`);
    }
    const text = await textOf(open);
    for (const { site } of sites) {
        assert.ok(text.includes(site), `${site} is not shown`);
    }
    const { flaws, textsMeasured } = await open.flaws();
    assert.deepEqual(flaws, []);
    assert.ok(textsMeasured > items.length * 2, `the contrast of ${textsMeasured} texts was measured`);
    assert.deepEqual(open.complaints, []);
    assert.deepEqual(
        open.requests.map((url) => new URL(url).protocol),
        ["file:"],
    );
}

/** Types over what is there. */
async function lookFor(page: Page, name: string): Promise<void> {
    await page.click("#find", { count: 3 });
    await page.keyboard.press("Backspace");
    await page.type("#find", name);
}

async function textOf({ page }: OpenPage): Promise<string> {
    return (await page.evaluate("document.body.innerText")) as string;
}

/** At which end of an arrow something is drawn that is higher than its line. */
function headIn(ink: readonly number[]): "left" | "right" | "none" {
    const third = Math.floor(ink.length / 3);
    const isHigh = (columns: readonly number[]) => Math.max(...columns) >= 6;
    const [left, right] = [isHigh(ink.slice(0, third)), isHigh(ink.slice(-third))];
    assert.ok(!(left && right), "two heads");
    return left ? "left" : right ? "right" : "none";
}

function isDark(colour: string): boolean {
    const parts = colour.match(/\d+/g)!.map(Number);
    return parts.every((part) => part < 60);
}

function drifted(name: string): ItemFacts {
    return { ...threeItems()[2]!, item: name };
}

function unreached(document: StatusDocument): StatusDocument {
    const unknown = `the Kubernetes API of east does not answer (get https://${"host-".repeat(20)}example:6443/version)`;
    return { ...document, sites: [{ site: "east", reached: { unknown } }, document.sites[1]] };
}

/** With other names of the sites. */
function named(document: StatusDocument, suffix: string): StatusDocument {
    const text = JSON.stringify(document).replaceAll('"east"', JSON.stringify(`east${suffix}`));
    return JSON.parse(text) as StatusDocument;
}

/** Everything that somebody else may have written has each of the hostile texts once. */
function hostileSample(): StatusDocument {
    const document = sample(hostile.map(drifted));
    const items = document.items.map((item, index) => ({
        ...item,
        findings: item.findings.map((finding) => ({ ...finding, what: hostile[index]!, next: [hostile[index]!] })),
        sites: item.sites.map((site) => ({ ...site, lastKnown: hostile[index]! })) as typeof item.sites,
    }));
    return named({ ...document, items }, hostile[1]!);
}
