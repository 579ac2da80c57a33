/** `npm run check:rights -- <folder>`: the generated roles against what all scenarios together asked for. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { mergeRights, type MergedRights, rightsReportIn, type RightsReport } from "./scenarios/mergedRights";
import { unusedRights } from "./scenarios/unusedRights";

const usage = "usage: npm run check:rights -- <folder with the reports of all scenarios (npm run scenario), *.json>";

function main([folder, ...more]: readonly string[]): void {
    if (folder === undefined || more.length > 0) {
        throw new Error(usage);
    }
    const reports = readReports(folder);
    if (reports.length === 0) {
        throw new Error(`${folder}: expected reports of scenarios, found none\n${usage}`);
    }
    const merged = mergeRights(reports, unusedRights);
    console.log(`scenarios: ${reports.map(({ scenario }) => scenario).join(", ")}`);
    console.log(account(merged));
    process.exitCode = merged.missing.length + merged.tooMuch.length + merged.notGenerated.length === 0 ? 0 : 1;
}

function readReports(folder: string): RightsReport[] {
    return readdirSync(folder)
        .filter((file) => file.endsWith(".json"))
        .sort()
        .flatMap((file) => {
            const report = rightsReportIn(readFileSync(path.join(folder, file), "utf8"));
            if (typeof report === "string") {
                console.log(`left out: ${file}: ${report}`);
                return [];
            }
            return [report];
        });
}

function account({ missing, tooMuch, explained, usedAfterAll, notGenerated }: MergedRights): string {
    return [
        ...missing.map((right) => `FAULT: asked for, and not generated: ${right}`),
        ...tooMuch.map((right) => `FAULT: generated, and used by none of them: ${right}`),
        ...notGenerated.map((right) => `FAULT: lab/scenarios/unusedRights.ts lists what is not generated: ${right}`),
        ...explained.map(({ right, reason }) => `not used: ${right} (${reason})`),
        ...usedAfterAll.map((right) => `used, and listed as unused: ${right}`),
        `${missing.length} missing, ${tooMuch.length} too much, ${explained.length} unused for a reason`,
    ].join("\n");
}

try {
    main(process.argv.slice(2));
} catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
}
