import type { Row } from "./rows";
import type { Measured } from "./statistics";

export const headings = ["measure", "size", "latency", "ours", "peer", "", "ratio", "goal", "met", "idle"];

/** The rows as a text with aligned columns. */
export function tableOf(rows: readonly Row[]): string {
    const lines = [headings, ...rows.map(cellsOf)];
    const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
    return lines
        .map((line) =>
            line
                .map((cell, column) => cell.padEnd(widths[column]!))
                .join("  ")
                .trimEnd(),
        )
        .join("\n");
}

/** One row as a line of progress. */
export function lineOf(row: Row): string {
    return cellsOf(row)
        .filter((cell) => cell !== "")
        .join("  ");
}

export function cellsOf(row: Row): string[] {
    const { measure, size, latency, unit, ours, peer, ratio, goal, met, idle, notRun } = row;
    return [
        measure,
        String(size),
        latency,
        ours === null ? `not run: ${notRun ?? ""}` : told(ours, unit),
        peer === null ? (ours !== null && notRun !== undefined ? `not run: ${notRun}` : "") : told(peer, unit),
        peer?.name ?? "",
        ratio === null ? "" : ratio.toFixed(2),
        goal,
        met === null ? "" : met ? "yes" : "no",
        idle === null ? "" : `${Math.round(idle * 100)} %`,
    ];
}

/** `1.2 s (1.1 to 1.4, 5)`: the median, the spread, the number of runs. */
function told({ median, min, max, runs }: Measured, unit: string): string {
    return `${short(median)} ${unit} (${short(min)} to ${short(max)}, ${runs})`;
}

function short(value: number): string {
    return Number(value.toPrecision(3)).toString();
}
