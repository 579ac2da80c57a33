import type { Browser } from "puppeteer-core";

/** Where in a picture something is drawn: for each column, how many of its pixels are not of the ground's colour. */
export async function inkOf(browser: Browser, png: Uint8Array): Promise<number[]> {
    const page = await browser.newPage();
    try {
        return (await page.evaluate(
            `(${columns})(${JSON.stringify(Buffer.from(png).toString("base64"))})`,
        )) as number[];
    } finally {
        await page.close();
    }
}

/** Runs in the browser, which can read a picture. The first pixel is of the ground. */
const columns = `async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    const { data, width, height } = canvas.getImageData(0, 0, picture.width, picture.height);
    const isDrawn = (x, y) => [0, 1, 2].some((part) => Math.abs(data[(y * width + x) * 4 + part] - data[part]) > 40);
    return Array.from({ length: width }, (_, x) => Array.from({ length: height }, (_, y) => isDrawn(x, y)).filter(Boolean).length);
}`;
