import assert from "node:assert/strict";
import path from "node:path";
import { pageOf } from "../../../cli/trace/page";
import { spansIn } from "../../../cli/trace/spans";
import { runsOf } from "../../../cli/trace/stages";
import { Viewer, viewings } from "../browser";

const recorded = path.join(__dirname, "..", "..", "unit", "cli", "trace", "run.jsonl");

describe("the page of a trace, in a browser", () => {
    const html = pageOf(runsOf(spansIn(recorded)));
    let viewer: Viewer;

    before(async () => {
        viewer = await Viewer.start();
    });

    after(() => viewer.stop());

    for (const viewing of viewings) {
        it(`shows a recorded run in ${viewing.scheme} on a ${viewing.device}`, () =>
            viewer.open(html, viewing, async (open) => {
                const seen = await open.look();
                assert.equal(seen.overflow, 0, "pixels to scroll to the side");
                assert.deepEqual(seen.outside, []);
                const { flaws, textsMeasured } = await open.flaws();
                assert.deepEqual(flaws, []);
                assert.ok(textsMeasured > 50, `the contrast of ${textsMeasured} texts was measured`);
                assert.deepEqual(open.complaints, []);
                assert.equal(open.requests.length, 1);
            }));
    }

    it("tells what a bar is when it is tapped, and widens the chart", () =>
        viewer.open(html, { scheme: "light", device: "phone" }, async ({ page }) => {
            const widthOfChart = () => page.evaluate('document.querySelector(".chart").offsetWidth') as Promise<number>;
            const told = () => page.evaluate('document.getElementById("told").innerText') as Promise<string>;
            assert.match(await told(), /^Tap or point at a bar/);
            await page.tap('.bar[title*="import of the provider"]');
            assert.match(await told(), /import of the provider · \d+\.\d+ s, from .* · on the critical path/);
            const before = await widthOfChart();
            await page.focus(".zoom input");
            await page.keyboard.press("End");
            assert.equal(await widthOfChart(), before * 40);
        }));
});
