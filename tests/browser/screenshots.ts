/** `npm run screenshots`: the pictures of the pages that the documentation shows, as this version draws them. */
import path from "node:path";
import { pageOf } from "../../cli/status/page";
import { manyItems, sample } from "../unit/cli/status/sample";
import { type Viewing, Viewer } from "./browser";

const folder = path.join(__dirname, "..", "..", "docs", "status");

interface Picture extends Viewing {
    items?: number;
    /** Pixels. Default: the whole page. */
    height?: number;
}

const pictures: Readonly<Record<string, Picture>> = {
    "page.png": { scheme: "light", device: "desk" },
    "page-dark.png": { scheme: "dark", device: "desk" },
    "page-phone.png": { scheme: "light", device: "phone" },
    "page-many.png": { scheme: "light", device: "desk", items: 100, height: 900 },
};

async function take(): Promise<void> {
    const viewer = await Viewer.start();
    try {
        for (const [name, { items, height, ...viewing }] of Object.entries(pictures)) {
            const html = pageOf(items === undefined ? sample() : sample(manyItems(items)));
            await viewer.open(html, viewing, async ({ page }) => {
                // A whole page is as high as the window at least.
                await page.setViewport({ ...page.viewport()!, height: height ?? 100 });
                await page.screenshot({ path: path.join(folder, name), fullPage: height === undefined });
            });
            console.log(`docs/status/${name}`);
        }
    } finally {
        await viewer.stop();
    }
}

take().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
