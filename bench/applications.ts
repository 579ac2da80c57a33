import pLimit from "p-limit";
import { installApplication } from "../lab/application";
import type { Lab } from "../lab/lab";
import { writesEvery } from "./latency";

/** More at a time only wait for one another at the API server. */
const atOnce = 8;

/** Applications at east that nothing mirrors yet, each named as its namespace. */
export async function installApplications(lab: Lab, names: readonly string[]): Promise<void> {
    const limit = pLimit(atOnce);
    const pause = writesEvery(names.length);
    await Promise.all(names.map((name) => limit(() => installApplication(lab.sites.east, name, pause))));
}
