import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Machine } from "../machine";
import type { Row } from "../rows";
import type { Kept } from "../report";
import { cellsOf, headings } from "../table";
import { type Chart, chartsOf } from "./charts";

/** What `bench` wrote. */
export interface Results extends Kept {
    machine: Machine;
}

/** A report that was kept. */
export interface KeptReport {
    /** Of its file, without `.json`: its date. */
    name: string;
    results: Results;
}

/** The reports in a folder, the newest first. */
export function reportsOf(folder: string): KeptReport[] {
    const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
    return files
        .sort()
        .reverse()
        .map((file) => ({
            name: path.basename(file, ".json"),
            results: JSON.parse(readFileSync(path.join(folder, file), "utf8")) as Results,
        }));
}

/** The files of the page of some reports, by their paths below `docs`. */
export async function pageOf(reports: readonly KeptReport[]): Promise<Record<string, string>> {
    const sections: string[] = [];
    const files: Record<string, string> = {};
    for (const report of reports) {
        const charts = await chartsOf(report.results.rows);
        sections.push(...sectionOf(report, charts));
        for (const { name, svg } of charts) {
            files[chartFile(report, name)] = svg;
        }
    }
    return { "performance-results.md": `${[...opening, ...sections].join("\n\n").trimEnd()}\n`, ...files };
}

const opening = [
    "# Performance: results",
    "Generated from the reports in [bench/results](../bench/results) by `npm run bench:page`. What is measured, and how: [performance](performance.md). Each report is of one machine: do not compare durations of one with those of another.",
    "Ours and the peer's in the tables: the median, and in brackets the least, the most and the number of runs.",
];

function sectionOf(report: KeptReport, charts: readonly Chart[]): string[] {
    const { machine, rows, traces = [] } = report.results;
    const source = `bench/results/${report.name}.json`;
    return [
        `## ${report.name}`,
        `${told(machine)} From [${source}](../${source}).`,
        ...charts.map(({ name, title }) => `### ${title}\n\n![${title}](${chartFile(report, name)})`),
        ...traces.map(
            ({ what, size, latency, lines }) =>
                `### Where the time goes: ${what}, ${size === 1 ? "one application" : `${size} applications`}, latency ${latency}\n\nA trace takes time itself, so that this run is slower than those that were measured.\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\``,
        ),
        "### All rows",
        table(rows),
    ];
}

function chartFile({ name: report }: KeptReport, chart: string): string {
    return `performance/${report}/${chart}.svg`;
}

function told({ processor, cores, memory, system, node, versions, loadBefore, date }: Machine): string {
    const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    return `${date.slice(0, 10)}, ${processor}, ${cores} cores, ${memory}, ${system}, Node.js ${node}${others.map((one) => `, ${one}`).join("")}. Processes ready to run before: ${loadBefore}.`;
}

function table(rows: readonly Row[]): string {
    const lines = [headings, headings.map(() => "---"), ...rows.map(cellsOf)];
    return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}
