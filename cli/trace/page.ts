import { escaped } from "../escaped";
import { lanesOf, type Bar, type Lane } from "./lanes";
import { pageScript, pageStyle } from "./pageStyle";
import { requestsOf } from "./requests";
import { type Run, titleOf } from "./stages";
import { seconds, serverName } from "./table";

/** A page by itself, of no other file or server: the spans of each run on a time axis, and its tables. */
export function pageOf(runs: readonly Run[]): string {
    const title = "Where a run spent its time";
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${runs.map(sectionOf).join("\n")}
</main>
<output id="told">Tap or point at a bar to read what it is.</output>
<script>${pageScript}</script>
</body>
</html>
`;
}

function sectionOf(run: Run): string {
    return `<section>
<h2>${seconds(run.end - run.start)} in all</h2>
<label class="zoom">Zoom <input type="range" min="1" max="40" step="0.5" value="1"></label>
<div class="scroll"><div class="chart">
${axisOf(run)}
${lanesOf(run).map(laneOf).join("\n")}
</div></div>
<h3>Stages</h3>
${stageTable(run)}
<h3>Requests</h3>
${requestTable(run)}
<h3>Connections</h3>
${connectionTable(run)}
</section>`;
}

/** Ticks of a round number of seconds, ten of them or fewer. */
function axisOf({ start, end }: Run): string {
    const length = end - start || 1;
    const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 3e5].find(
        (one) => length / one <= 10,
    );
    const ticks: string[] = [];
    for (let time = 0; time <= length && step !== undefined; time += step) {
        // Beside the right edge a label has its room before the tick.
        const side = time / length > 0.8 ? ' class="before"' : "";
        ticks.push(`<i${side} style="left:${percent(time / length)}">${seconds(time)}</i>`);
    }
    return `<div class="axis">${ticks.join("")}</div>`;
}

function laneOf({ name, rows, isServer }: Lane): string {
    const height = rows.length;
    const bars = rows.flatMap((bars, row) => bars.map((bar) => barOf(bar, row)));
    return `<div class="lane${isServer ? " server" : ""}"><b>${escaped(name)}</b><div class="rows" style="--rows:${height}">${bars.join("")}</div></div>`;
}

function barOf({ left, width, text, time, kind, critical }: Bar, row: number): string {
    const classes = ["bar", kind, critical ? "critical" : ""].filter((one) => one !== "").join(" ");
    const told = escaped(`${text} · ${time}${critical ? " · on the critical path" : ""}`);
    return `<span class="${classes}" tabindex="0" style="left:${percent(left)};width:${percent(width)};--row:${row}" title="${told}">${escaped(text)}</span>`;
}

function stageTable({ stages, start, end }: Run): string {
    const rows = stages.map((stage) => {
        const share = (stage.critical / (end - start || 1)) * 100;
        const meter = `<div class="meter" style="--share:${share.toFixed(1)}%">${stage.critical === 0 ? "" : seconds(stage.critical)}</div>`;
        return [
            escaped(titleOf(stage)),
            seconds(stage.start - start),
            seconds(stage.duration),
            String(stage.calls || ""),
            meter,
        ];
    });
    return table("Stages", ["stage", "begins", "lasts", "calls", "on the critical path"], rows);
}

function requestTable({ nodes }: Run): string {
    const rows = requestsOf(nodes).map((one) => [
        escaped(serverName(one)),
        escaped(one.verb),
        String(one.count),
        seconds(one.total),
        seconds(one.longest),
    ]);
    return table("Requests", ["server", "verb", "count", "in all", "longest"], rows);
}

function connectionTable({ connections }: Run): string {
    const rows = connections.map((one) => [
        escaped(serverName(one)),
        String(one.count),
        seconds(one.total),
        seconds(one.longest),
    ]);
    return table("Connections", ["server", "count", "in all", "longest"], rows);
}

/** Of cells that are HTML already. */
function table(name: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
    if (rows.length === 0) {
        return "<p>none</p>";
    }
    const line = (cells: readonly string[], tag: string) =>
        `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
    return `<div class="scroll" tabindex="0" role="group" aria-label="${name}"><table>${line(head, "th")}${rows.map((row) => line(row, "td")).join("")}</table></div>`;
}

function percent(share: number): string {
    return `${(share * 100).toFixed(3)}%`;
}
