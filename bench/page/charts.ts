import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Row } from "../rows";

/** A chart that a report has the rows for. */
export interface Chart {
    /** Of its file, without `.svg`. */
    name: string;
    title: string;
    svg: string;
}

/** The charts of a report, as SVG; those that it has no rows for are left out. */
export async function chartsOf(rows: readonly Row[]): Promise<Chart[]> {
    const charts: Chart[] = [];
    for (const { name, title, barsOf } of drawn) {
        const bars = rows.filter(isDrawn).flatMap(barsOf);
        if (bars.length > 0) {
            charts.push({ name, title, svg: await svgOf(barChart(bars)) });
        }
    }
    return charts;
}

/** One bar: a way to do something, and the seconds that it took. */
interface Bar {
    what: string;
    way: string;
    whose: "ours" | "peer";
    seconds: number;
}

/** Charts show the lab as it is by default: other latencies are in the table. */
function isDrawn({ latency, ours }: Row): boolean {
    return latency === "default" && ours !== null;
}

const drawn: readonly { name: string; title: string; barsOf: (row: Row) => Bar[] }[] = [
    {
        name: "failover",
        title: "Failover: from the start of the command to the first write of every application",
        barsOf: ({ measure, size, ours, peer }) => {
            const [, way] = /^failover, (.*): first write of every application$/.exec(measure) ?? [];
            return way === undefined ? [] : barsFor(applications(size), way, ours!.median, peer);
        },
    },
    {
        name: "planned",
        title: "Switch and rejoin",
        barsOf: ({ measure, size, ours, peer }) => {
            const [, verb, way = "up --skip-preview", what] =
                /^(switch|rejoin)(?:, ([^:]*))?: ([^,]*)$/.exec(measure) ?? [];
            return verb === undefined
                ? []
                : barsFor(`${verb}: ${what}, ${applications(size)}`, way, ours!.median, peer);
        },
    },
    {
        name: "no-change",
        title: "A preview that finds nothing to do, at the site that serves",
        barsOf: ({ measure, size, ours, peer }) =>
            measure.startsWith("preview without changes, serving") && !measure.includes("each further")
                ? barsFor(applications(size), "ours", ours!.median / 1000, peer && inSeconds(peer))
                : [],
    },
];

function barsFor(what: string, way: string, seconds: number, peer: { name: string; median: number } | null): Bar[] {
    return [
        { what, way, whose: "ours", seconds },
        ...(peer === null ? [] : [{ what, way: peer.name, whose: "peer" as const, seconds: peer.median }]),
    ];
}

function inSeconds({ name, median }: { name: string; median: number }): { name: string; median: number } {
    return { name, median: median / 1000 };
}

function applications(size: number): string {
    return size === 1 ? "1 application" : `${size} applications`;
}

/** A peer is in one row for each of our ways. The fastest comes first. */
function distinct(bars: readonly Bar[]): Bar[] {
    const all = [...new Map(bars.map((bar) => [`${bar.what}\n${bar.way}`, bar])).values()];
    return all.sort((left, right) => left.seconds - right.seconds);
}

function barChart(bars: readonly Bar[]): TopLevelSpec {
    const y = { field: "way", type: "nominal", sort: null, title: null } as const;
    const x = { field: "seconds", type: "quantitative", title: "seconds" } as const;
    return {
        background: "white",
        data: {
            values: distinct(bars).map((bar) => ({ ...bar, label: bar.seconds.toPrecision(3) })),
        },
        facet: {
            row: { field: "what", type: "nominal", title: null, sort: [...new Set(bars.map(({ what }) => what))] },
        },
        resolve: { scale: { y: "independent" } },
        spec: {
            width: 420,
            height: { step: 20 },
            layer: [
                {
                    mark: "bar",
                    encoding: {
                        y,
                        x,
                        color: {
                            field: "whose",
                            type: "nominal",
                            title: null,
                            scale: { domain: ["ours", "peer"], range: ["#1f77b4", "#9a9a9a"] },
                        },
                    },
                },
                {
                    mark: { type: "text", align: "left", dx: 4 },
                    encoding: { y, x, text: { field: "label", type: "nominal" } },
                },
            ],
        },
        config: {
            header: { labelAngle: 0, labelAlign: "left", labelOrient: "top", labelAnchor: "start" },
            axis: { labelLimit: 400 },
        },
    };
}

async function svgOf(spec: TopLevelSpec): Promise<string> {
    // It warns that each part of the chart has bars of its own, which is meant.
    const compiled = compile(spec, { logger: vega.logger(vega.Error) });
    const view = new vega.View(vega.parse(compiled.spec), { renderer: "none" });
    return `${await view.toSVG()}\n`;
}
