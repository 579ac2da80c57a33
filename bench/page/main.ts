import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { pageOf, type Results } from "./page";

const root = path.join(__dirname, "..", "..");

new Command("npm run bench:page --")
    .description("Writes the page and the charts of a report of the benchmark into docs")
    .argument("<report>", "such as bench/results/2026-11-27.json")
    .action(async (report: string) => {
        const source = path.relative(root, path.resolve(report));
        const results = JSON.parse(readFileSync(report, "utf8")) as Results;
        for (const [name, content] of Object.entries(await pageOf(results, source))) {
            const file = path.join(root, "docs", name);
            mkdirSync(path.dirname(file), { recursive: true });
            writeFileSync(file, content);
        }
    })
    .parseAsync()
    .catch((error: unknown) => {
        console.error(error);
        process.exitCode = 1;
    });
