import { ancestorsOf, isProcess, type Node } from "./tree";

/** A part of the critical path. */
export interface Segment {
    start: number;
    end: number;
    /** What took this time; undefined: nothing that was recorded. */
    node: Node | undefined;
    /** Whether it is the span's own time, between what it waited for. */
    between: boolean;
}

/** What only waits for others, whether their spans are in the file or not. */
const outer =
    /^pulumi$|^pulumi-plan$|^newPlugin$|^execNodejs$|(ResourceMonitor|LanguageRuntime)\/|^language-runtime\.|Engine\//;

/** Milliseconds by which one span may seem to begin before its predecessor has ended. */
const tolerance = 0.5;

/**
 * From the end backwards, each time the span that ended last before its successor began; the time between two of them
 * belongs to the shortest span that encloses it. To make a run faster, something on this path has to become faster.
 */
export function criticalPathOf(nodes: readonly Node[]): Segment[] {
    const end = nodes.reduce((latest, node) => Math.max(latest, node.end), 0);
    const begin = nodes[0]?.start ?? end;
    const working = nodes.filter(isWorking).sort((a, b) => a.end - b.end);
    const path: Segment[] = [];
    let time = end;
    let successor: Node | undefined;
    for (let index = working.length - 1; time > begin; index--) {
        while (index >= 0 && !(working[index]!.end <= time + tolerance && working[index]!.start < time)) {
            index--;
        }
        const node = working[index];
        const ended = Math.min(node?.end ?? begin, time);
        if (ended < time) {
            path.push(...between(ended, time, [node, successor], nodes));
        }
        if (node === undefined) {
            break;
        }
        path.push({ start: node.start, end: ended, node, between: false });
        time = node.start;
        successor = node;
    }
    return path.reverse();
}

function isWorking(node: Node): boolean {
    return node.below.length === 0 && !outer.test(node.name) && !isProcess(node);
}

/** Latest first. Where no single span encloses the whole time, each part has the one that does. */
function between(start: number, end: number, [before, after]: (Node | undefined)[], nodes: readonly Node[]): Segment[] {
    const near = [...ancestorsOf(before?.above), ...ancestorsOf(after?.above)];
    const borders = new Set([start, end]);
    for (const { start: from, end: to } of near) {
        [from, to].filter((time) => time > start && time < end).forEach((time) => borders.add(time));
    }
    const times = [...borders].sort((a, b) => b - a);
    return times.slice(1).map((from, index) => {
        const to = times[index]!;
        const node = shortest(near, from, to) ?? shortest(nodes, from, to);
        return { start: from, end: to, node, between: true };
    });
}

function shortest(nodes: readonly Node[], from: number, to: number): Node | undefined {
    let found: Node | undefined;
    for (const node of nodes) {
        const isShorter = found === undefined || node.end - node.start < found.end - found.start;
        if (node.start <= from && node.end >= to && isShorter) {
            found = node;
        }
    }
    return found;
}
