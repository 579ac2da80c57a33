import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Lab } from "../../lab";
import type { CliResult, Stack } from "../../pulumi";
import type { Call, Point } from "./points";

/** A run of `pulumi up` whose dynamic provider's calls were noted. */
export interface RecordedRun {
    result: CliResult;
    calls: Call[];
    /** Whether the run came by the point at which it was to be killed. */
    killed: boolean;
}

const noted = z.union([
    z.object({ call: z.string(), occurrence: z.number() }),
    z.object({ killed: z.enum(["all", "provider", "cli"]) }),
]);

let runs = 0;

/**
 * Runs `pulumi up` once, and notes its calls; with a point it is killed there. Without the preview before it, which only
 * reads: what is killed there has not begun.
 */
export async function recordedUp(lab: Lab, stack: Stack, point?: Point): Promise<RecordedRun> {
    const file = path.join(lab.folder, `calls-${++runs}.jsonl`);
    const preload = path.join(__dirname, "calls.cjs");
    const recorded = stack.with({
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --require ${JSON.stringify(preload)}`.trim(),
        LAB_CALLS: JSON.stringify({ file, ...namesAt(lab, stack), kill: point }),
    });
    const result = await recorded.upAtOnce();
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    const entries = lines.filter((line) => line !== "").map((line) => noted.parse(JSON.parse(line)));
    return {
        result,
        calls: entries.flatMap((entry) => ("call" in entry ? [entry] : [])),
        killed: entries.some((entry) => "killed" in entry),
    };
}

/** How servers and sites are called, seen from one site. */
function namesAt(lab: Lab, { site }: Stack): { hosts: Record<string, string>; names: Record<string, string> } {
    const peer = site === "east" ? "west" : "east";
    const [own, other] = [lab.sites[site], lab.sites[peer]];
    return {
        hosts: {
            [new URL(own.kubernetes.server).host]: "kubernetes",
            [new URL(own.ontap.url).host]: "array",
            [own.s3.endpoint]: "own vault",
            [other.s3.endpoint]: "peer vault",
        },
        names: { [site]: "own", [peer]: "peer" },
    };
}
