import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";

const cli = path.join(__dirname, "..", "..", "lab", "ontap", "cli.ts");

const facts = z.object({
    url: z.string(),
    username: z.string(),
    password: z.string(),
    certificateFile: z.string(),
    certificate: z.string(),
    cluster: z.string(),
    svm: z.string(),
    aggregate: z.string(),
    interclusterAddress: z.string(),
});

/** An array, as a client has to know it. */
export type ArrayFacts = z.infer<typeof facts>;

/** An array of the lab alone, in a process of its own, as real ones are none of ours. */
export class SimulatedArray {
    private constructor(
        private readonly child: ChildProcess,
        readonly facts: ArrayFacts,
    ) {}

    static async start(folder: string, site: string, speed: number): Promise<SimulatedArray> {
        const options = ["--name", `cluster_${site}`, "--svm", `svm_${site}`, "--speed", String(speed)];
        const args = ["--import", "tsx", cli, "--folder", path.join(folder, site), ...options, "--json"];
        const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
        for await (const line of createInterface({ input: child.stdout })) {
            return new SimulatedArray(child, facts.parse(JSON.parse(line)));
        }
        throw new Error(`The array of ${site} ended before it served`);
    }

    async stop(): Promise<void> {
        const ended = once(this.child, "exit");
        this.child.kill("SIGTERM");
        await ended;
    }
}
