import type { Machine } from "../machine";
import type { Row } from "../rows";
import type { Kept } from "../report";
import { cellsOf, headings } from "../table";
import { type Chart, chartsOf } from "./charts";

/** What `bench` wrote. */
export interface Results extends Kept {
    machine: Machine;
}

/** The files of the page of some results, by their paths below `docs`. */
export async function pageOf(results: Results, source: string): Promise<Record<string, string>> {
    const charts = await chartsOf(results.rows);
    return {
        "performance-results.md": text(results, charts, source),
        ...Object.fromEntries(charts.map(({ name, svg }) => [`performance/${name}.svg`, svg])),
    };
}

function text({ machine, rows, traces = [] }: Results, charts: readonly Chart[], source: string): string {
    return (
        [
            "# Performance: results",
            `Generated from [${source}](../${source}) by \`npm run bench:page -- ${source}\`. What is measured, and how: [performance](performance.md).`,
            told(machine),
            ...charts.map(({ name, title }) => `## ${title}\n\n![${title}](performance/${name}.svg)`),
            ...traces.map(
                ({ what, size, latency, lines }) =>
                    `## Where the time goes: ${what}, ${size === 1 ? "one application" : `${size} applications`}, latency ${latency}\n\nA trace takes time itself, so that this run is slower than those that were measured.\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\``,
            ),
            "## All rows\n\nOurs and the peer's: the median, and in brackets the least, the most and the number of runs.",
            table(rows),
            "",
        ]
            .join("\n\n")
            .trimEnd() + "\n"
    );
}

function told({ processor, cores, memory, system, node, versions, loadBefore, date }: Machine): string {
    const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    return `${date.slice(0, 10)}, ${processor}, ${cores} cores, ${memory}, ${system}, Node.js ${node}${others.map((one) => `, ${one}`).join("")}. Processes ready to run before: ${loadBefore}.`;
}

function table(rows: readonly Row[]): string {
    const lines = [headings, headings.map(() => "---"), ...rows.map(cellsOf)];
    return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}
