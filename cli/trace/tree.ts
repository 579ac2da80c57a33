import type { Span } from "./spans";

/** A span with those above and below it. */
export interface Node extends Span {
    above: Node | undefined;
    below: Node[];
}

/** Milliseconds by which the clocks of two processes may differ. */
const tolerance = 5;

/** What the engine prints, and what Pulumi measures twice: they gate nothing. */
const ignored = /Engine\/Log$|^time-to-first-print$|ResourceMonitor\/SupportsFeature$/;

/**
 * Puts each span below the one that it is part of. Not every process is told which that is: a span whose own is not in
 * the file belongs to the shortest one that encloses it in time.
 */
export function treeOf(spans: readonly Span[]): Node[] {
    const nodes: Node[] = spans
        .filter(isPart)
        .map((span) => ({ ...span, above: undefined, below: [] }))
        .sort((a, b) => a.start - b.start || b.end - a.end);
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const programs = nodes.filter(({ name }) => name === "execNodejs");
    const orphans: Node[] = [];
    for (const node of nodes) {
        const known = node.parent === undefined ? undefined : byId.get(node.parent);
        node.above = programs.find((program) => program !== node && isCallOf(node, program)) ?? known;
        if (node.above === undefined) {
            orphans.push(node);
        }
    }
    for (const orphan of orphans) {
        orphan.above = enclosing(orphan, nodes);
    }
    for (const node of nodes) {
        node.above?.below.push(node);
    }
    return nodes;
}

/** A connection is made within the request that waits for it, and is counted by itself. */
function isPart({ name, attributes }: Span): boolean {
    return !ignored.test(name) && attributes["kind"] !== "connection";
}

export function* ancestorsOf(node: Node | undefined): Generator<Node> {
    for (let above = node; above !== undefined; above = above.above) {
        yield above;
    }
}

/** The language host names its own call as the parent of what the program asks. */
function isCallOf(node: Node, program: Node): boolean {
    return node.parent === program.parent && /ResourceMonitor\//.test(node.name) && encloses(program, node);
}

function enclosing(node: Node, nodes: readonly Node[]): Node | undefined {
    let found: Node | undefined;
    for (const one of nodes) {
        if (one.start > node.start + tolerance) {
            break;
        }
        if (isCandidate(one, node) && (found === undefined || isCloser(one, found, node))) {
            found = one;
        }
    }
    return found;
}

/** What is known to be below a span does not enclose it, and nothing encloses a process that outlives a call. */
function isCandidate(one: Node, node: Node): boolean {
    return one !== node && encloses(one, node) && !isProcess(one) && ![...ancestorsOf(one)].includes(node);
}

function encloses(outer: Span, inner: Span): boolean {
    const isLonger = outer.end - outer.start > inner.end - inner.start;
    return isLonger && outer.start <= inner.start + tolerance && outer.end >= inner.end - tolerance;
}

/** Of several calls at once, the one of the same method. */
function isCloser(one: Node, found: Node, node: Node): boolean {
    const { method } = node.attributes;
    const fits = ({ name }: Span) => method !== undefined && name.toLowerCase().endsWith(`resourceprovider/${method}`);
    return fits(one) === fits(found) ? one.end - one.start < found.end - found.start : fits(one);
}

/** Its span is the time before it did anything. */
export function isProcess({ attributes, name }: Span): boolean {
    return attributes["kind"] === "start" && name.startsWith("process");
}
