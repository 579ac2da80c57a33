import type { Run } from "./stages";
import { nameOf, serverName, seconds } from "./table";
import { ancestorsOf, type Node } from "./tree";

/** A line of the chart: a process, or a server. */
export interface Lane {
    name: string;
    /** Bars that do not overlap, from the top. */
    rows: Bar[][];
    isServer: boolean;
}

export interface Bar {
    /** Shares of the whole run. */
    left: number;
    width: number;
    text: string;
    time: string;
    kind: string;
    critical: boolean;
}

/** The critical path, then each process, then each server that was asked. */
export function lanesOf(run: Run): Lane[] {
    const processes = new Map<string, Packed>();
    const servers = new Map<string, Packed>();
    const critical = new Set(run.path.filter(({ between }) => !between).map(({ node }) => node));
    for (const node of run.nodes) {
        const isRequest = node.attributes["kind"] === "request";
        const [lanes, name] = isRequest ? [servers, serverOf(node)] : [processes, node.process];
        const lane = lanes.get(name) ?? new Packed();
        lanes.set(name, lane);
        lane.put(node, barOf(run, node, critical.has(node)));
    }
    return [
        { name: "critical path", rows: [pathBars(run)], isServer: false },
        ...[...processes].map(([name, { rows }]) => ({ name, rows, isServer: false })),
        ...[...servers]
            .sort(([a], [b]) => a.localeCompare(b))
            .map(([name, { rows }]) => ({ name, rows, isServer: true })),
    ];
}

/** Puts each span into the first row in which it overlaps with none, and below those that it is part of. */
class Packed {
    readonly rows: Bar[][] = [];
    private readonly ends: number[] = [];
    private readonly placed = new Map<Node, number>();

    put(node: Node, bar: Bar): void {
        let row = 0;
        for (const above of ancestorsOf(node.above)) {
            row = Math.max(row, (this.placed.get(above) ?? -1) + 1);
        }
        while ((this.ends[row] ?? -Infinity) > node.start) {
            row++;
        }
        this.ends[row] = node.end;
        this.placed.set(node, row);
        for (let filled = this.rows.length; filled <= row; filled++) {
            this.rows.push([]);
        }
        this.rows[row]!.push(bar);
    }
}

function barOf({ start, end }: Run, node: Node, critical: boolean): Bar {
    const length = end - start || 1;
    const { item, site } = node.attributes;
    const about = [item, site].filter((part) => part !== undefined).join(" at ");
    return {
        left: (node.start - start) / length,
        width: (node.end - node.start) / length,
        text: about === "" || node.attributes["kind"] === "request" ? node.name : `${node.name} ${about}`,
        time: `${seconds(node.end - node.start)}, from ${seconds(node.start - start)}`,
        kind: node.attributes["kind"] ?? "",
        critical,
    };
}

function pathBars({ path, start, end }: Run): Bar[] {
    const length = end - start || 1;
    return path.map((segment) => ({
        left: (segment.start - start) / length,
        width: (segment.end - segment.start) / length,
        text: nameOf(segment),
        time: `${seconds(segment.end - segment.start)}, from ${seconds(segment.start - start)}`,
        kind: segment.between ? "between" : "",
        critical: true,
    }));
}

function serverOf({ attributes }: Node): string {
    const { target = "", site = "", server = "" } = attributes;
    return serverName({ target, site, server });
}
