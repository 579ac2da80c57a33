import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import axe, { type AxeResults } from "axe-core";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { ensureChromium } from "./chromium";
import { inkOf } from "./ink";

/** How somebody looks at a page. */
export interface Viewing {
    scheme: "light" | "dark";
    device: keyof typeof devices;
}

const devices = {
    desk: { width: 1280, height: 900 },
    phone: { width: 390, height: 844, isMobile: true, hasTouch: true },
} as const;

export const viewings: readonly Viewing[] = (["light", "dark"] as const).flatMap((scheme) =>
    (["desk", "phone"] as const).map((device) => ({ scheme, device })),
);

export interface Box {
    left: number;
    right: number;
    top: number;
    bottom: number;
}

/** What of a page a person can see (inPage.js). */
export interface Seen {
    /** Pixels by which the document is wider than the window. */
    overflow: number;
    /** What lies beside the window, with no bar of its own to scroll to it. */
    outside: string[];
    /** What does not show all of its text. */
    cut: string[];
    ground: string;
    items: {
        name: string;
        text: string;
        box: Box;
        arrow: Box;
        ends: { text: string; box: Box }[];
    }[];
}

/** A page that is open in a browser, with all that went wrong in it. */
export class OpenPage {
    /** Errors and warnings of the console, exceptions, and dialogs. */
    readonly complaints: string[] = [];
    readonly requests: string[] = [];

    private constructor(readonly page: Page) {
        page.on("console", (message) => this.complaints.push(`console: ${message.text()}`));
        page.on("pageerror", (error) => this.complaints.push(`exception: ${String(error)}`));
        page.on("dialog", (dialog) => {
            this.complaints.push(`dialog: ${dialog.message()}`);
            void dialog.dismiss();
        });
        page.on("request", (request) => this.requests.push(request.url()));
    }

    static async at(page: Page, file: string, { scheme, device }: Viewing): Promise<OpenPage> {
        const open = new OpenPage(page);
        await page.setViewport(devices[device]);
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await page.goto(pathToFileURL(file).href);
        return open;
    }

    async look(): Promise<Seen> {
        return (await this.page.evaluate(await inPage)) as Seen;
    }

    /** What axe finds wrong, each with its place; text of every size is to have a contrast of 4.5. */
    async flaws(): Promise<{ flaws: string[]; textsMeasured: number }> {
        await this.page.evaluate(axe.source);
        const contrastRatio = { normal: { expected: 4.5 }, large: { expected: 4.5 } };
        const checks = JSON.stringify([{ id: "color-contrast", options: { contrastRatio, ignoreLength: true } }]);
        const found = (await this.page.evaluate(
            `axe.configure({ checks: ${checks} }); axe.run({ resultTypes: ["violations", "incomplete", "passes"] })`,
        )) as AxeResults;
        const flaws = [...found.violations, ...found.incomplete].flatMap(({ id, nodes }) =>
            nodes
                .filter(({ any }) => !isScrolledAway(any[0]?.data))
                .map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ""}`),
        );
        flaws.push(...((await this.page.evaluate(await placeholders)) as string[]));
        const contrast = found.passes.find(({ id }) => id === "color-contrast");
        return { flaws, textsMeasured: contrast?.nodes.length ?? 0 };
    }
}

/** What lies below a bar, or is scrolled to the edge, has the same colours as the rest of its kind. */
function isScrolledAway(data: unknown): boolean {
    const { messageKey } = (data ?? {}) as { messageKey?: string };
    return messageKey === "elmPartiallyObscured" || messageKey === "bgOverlap";
}

const inPage = readFile(path.join(__dirname, "inPage.js"), "utf8");
const placeholders = readFile(path.join(__dirname, "placeholders.js"), "utf8");

/** A browser for the tests of a suite, and a folder for its pages. */
export class Viewer {
    private constructor(
        private readonly browser: Browser,
        private readonly folder: string,
    ) {}

    static async start(): Promise<Viewer> {
        const { executable, environment } = await ensureChromium();
        const browser = await puppeteer.launch({
            executablePath: executable,
            headless: "shell",
            // The pages are our own, and Chromium's sandbox asks for rights that a container's root has not.
            args: ["--no-sandbox", "--force-color-profile=srgb"],
            env: { ...process.env, ...environment },
        });
        return new Viewer(browser, await mkdtemp(path.join(tmpdir(), "trident-dr-pages-")));
    }

    /** Opens a page as a person does who has got it as a file; it is closed when `use` is done with it. */
    async open<T>(html: string, viewing: Viewing, use: (open: OpenPage) => Promise<T>): Promise<T> {
        const file = path.join(this.folder, "page.html");
        await writeFile(file, html);
        const page = await this.browser.newPage();
        try {
            return await use(await OpenPage.at(page, file, viewing));
        } finally {
            await page.close();
        }
    }

    /** What is drawn in a part of a page, with a little around it, column by column (ink.ts). */
    async inkIn({ page }: OpenPage, { left, right, top, bottom }: Box): Promise<number[]> {
        const clip = { x: left - 4, y: top, width: right - left + 8, height: bottom - top };
        return inkOf(this.browser, await page.screenshot({ clip, captureBeyondViewport: true }));
    }

    async stop(): Promise<void> {
        await this.browser.close();
        await rm(this.folder, { recursive: true, force: true });
    }
}
