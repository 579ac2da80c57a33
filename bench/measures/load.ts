import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { Bench } from "../bench";
import { atMost, noGoal } from "../goals";
import { watchIdle } from "../idle";
import { rowOf } from "../rows";

const root = path.join(__dirname, "..", "..");

/** What is loaded, and what a program or a provider has loaded before it anyway. */
const entries = [
    { entry: "dist/provider", over: "@pulumi/pulumi" },
    { entry: "dist/index", over: "@pulumi/kubernetes" },
];
const limit = atMost(150, "ms");

/** What the built package weighs, and what it takes to load its entries. */
export async function load({ report, options, log }: Bench): Promise<void> {
    for (const { entry, over } of entries) {
        const idle = watchIdle();
        const loads: Loaded[] = [];
        for (let run = 1; run <= Math.max(options.runs, fewest); run++) {
            loads.push(await loadOnce(entry, over));
            log(`load ${entry}: run ${run}`);
        }
        const share = idle();
        const subject = { size: 1, latency: "none" as const };
        report.add(
            rowOf(
                { measure: `load ${entry} over ${over}`, ...subject, unit: "ms", goal: limit },
                loads.map(({ own }) => own),
                { peer: { name: `${over} itself`, values: loads.map(({ base }) => base) }, idle: share },
            ),
            rowOf({ measure: `size of ${entry}`, ...subject, unit: "kB", goal: noGoal }, [loads[0]!.bytes / 1000]),
        );
    }
    report.add(
        rowOf({ measure: "size of the package, packed", size: 1, latency: "none", unit: "kB", goal: noGoal }, [
            (await packedSize()) / 1000,
        ]),
    );
}

/** A load takes no time, and its spread is wide. */
const fewest = 5;

/** Milliseconds that each took to load, and the bytes of the package's own files that were loaded. */
const loaded = z.object({ base: z.number(), own: z.number(), bytes: z.number() });
type Loaded = z.infer<typeof loaded>;

/** In a process of its own: what was loaded once is there. */
async function loadOnce(entry: string, over: string): Promise<Loaded> {
    const script = `
        const time = (name) => { const begin = performance.now(); require(name); return performance.now() - begin; };
        const base = time(${JSON.stringify(over)});
        const own = time(${JSON.stringify(path.join(root, entry))});
        const files = Object.keys(require.cache).filter((file) => file.startsWith(${JSON.stringify(path.join(root, "dist"))}));
        const bytes = files.reduce((sum, file) => sum + require("node:fs").statSync(file).size, 0);
        console.log(JSON.stringify({ base, own, bytes }));
        process.exit(0);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { cwd: root });
    return loaded.parse(JSON.parse(stdout));
}

async function packedSize(): Promise<number> {
    const args = ["pack", "--dry-run", "--ignore-scripts", "--json"];
    const { stdout } = await promisify(execFile)("npm", args, { cwd: root, maxBuffer: 16 * 2 ** 20 });
    return z.array(z.object({ size: z.number() })).parse(JSON.parse(stdout))[0]!.size;
}
