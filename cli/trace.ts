import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { pageOf } from "./trace/page";
import { requestsOf } from "./trace/requests";
import { spansIn } from "./trace/spans";
import { runsOf } from "./trace/stages";
import { tableOf } from "./trace/table";

/** `trident-dr trace FILE`: where a recorded run spent its time. */
export function addTrace(program: Command, print: (text: string) => void): void {
    program
        .command("trace")
        .description("show where a recorded run spent its time")
        .argument("<file>", "what pulumi --otel-traces file:///… or TRIDENT_DR_TRACE wrote")
        .option("--html <out>", "write a page with all spans on a time axis")
        .action((file: string, { html }: { html?: string }) => {
            const runs = runsOf(spansIn(file));
            for (const run of runs) {
                print(`${tableOf(run, requestsOf(run.nodes))}\n`);
            }
            if (html !== undefined) {
                writeFileSync(html, pageOf(runs));
            }
        });
}
