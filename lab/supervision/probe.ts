import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { setTimeout as pause } from "node:timers/promises";

/** An https URL, and how to be let in. Files hold PEM. */
export interface HttpsProbe {
    url: string;
    caFile: string;
    certFile?: string;
    keyFile?: string;
}

/** Asks until the answer is 200; false when `signal` comes first. */
export async function httpsAnswers(probe: HttpsProbe, signal: AbortSignal): Promise<boolean> {
    const read = async (file: string | undefined) => (file === undefined ? undefined : readFile(file));
    const [ca, cert, key] = await Promise.all([read(probe.caFile), read(probe.certFile), read(probe.keyFile)]);
    while (!signal.aborted) {
        if ((await statusOf(probe.url, { ca, cert, key }, signal)) === 200) {
            return true;
        }
        await pause(100, undefined, { signal }).catch(() => undefined);
    }
    return false;
}

type Credentials = Record<"ca" | "cert" | "key", Buffer | undefined>;

function statusOf(url: string, credentials: Credentials, signal: AbortSignal): Promise<number | undefined> {
    return new Promise((resolve) => {
        const call = request(url, { ...credentials, agent: false, timeout: 2_000, signal }, (response) => {
            response.resume();
            resolve(response.statusCode);
        });
        call.on("timeout", () => call.destroy());
        call.on("error", () => resolve(undefined));
        call.end();
    });
}
