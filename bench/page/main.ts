import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { pageOf, reportsOf } from "./page";

const root = path.join(__dirname, "..", "..");

new Command("npm run bench:page")
    .description("Writes the page and the charts of all reports in bench/results into docs")
    .action(async () => {
        rmSync(path.join(root, "docs", "performance"), { recursive: true, force: true });
        for (const [name, content] of Object.entries(await pageOf(reportsOf(path.join(root, "bench", "results"))))) {
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
