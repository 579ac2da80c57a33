import { criticalPathOf, type Segment } from "./criticalPath";
import { type Connections, connectionsOf } from "./requests";
import { ancestorsOf, type Node, treeOf } from "./tree";
import type { Span } from "./spans";

/** A part of a run, as its reader thinks of it. */
export interface Stage {
    /** `preview` or `update`; empty where the file does not tell. */
    phase: string;
    name: string;
    /** Milliseconds. */
    start: number;
    /** How long at least one of its spans was under way. */
    duration: number;
    calls: number;
    /** How much of it is on the critical path. */
    critical: number;
}

/** A part of the critical path, and the stage that it belongs to. */
export interface StagedSegment extends Segment {
    stage: Pick<Stage, "phase" | "name">;
}

/** What a recorded run tells. */
export interface Run {
    nodes: readonly Node[];
    path: readonly StagedSegment[];
    stages: readonly Stage[];
    connections: readonly Connections[];
    start: number;
    end: number;
}

/** The runs of a file; one that the Pulumi CLI did not take part in has no border. */
export function runsOf(spans: readonly Span[]): Run[] {
    const roots = spans.filter(({ name, process }) => name === "pulumi" && process === "pulumi");
    if (roots.length < 2) {
        return spans.length === 0 ? [] : [runOf(spans)];
    }
    return roots
        .sort((a, b) => a.start - b.start)
        .map((root) => runOf(spans.filter(({ start }) => start >= root.start && start <= root.end)));
}

function runOf(spans: readonly Span[]): Run {
    const nodes = treeOf(spans);
    const start = nodes[0]?.start ?? 0;
    const end = nodes.reduce((latest, node) => Math.max(latest, node.end), start);
    const connections = connectionsOf(spans);
    return { nodes, ...new Stages(nodes).along(criticalPathOf(nodes)), connections, start, end };
}

/** As a reader finds it in the table. */
export function titleOf({ phase, name }: Pick<Stage, "phase" | "name">): string {
    return phase === "" ? name : `${phase}: ${name}`;
}

/** A stage and what counts towards it. */
interface Collected {
    phase: string;
    name: string;
    spans: { start: number; end: number }[];
    calls: number;
    critical: number;
}

class Stages {
    private readonly collected = new Map<string, Collected>();
    private readonly plans: readonly Node[];
    /** By the address at which the engine calls it. */
    private readonly plugins: ReadonlyMap<string, string>;

    constructor(private readonly nodes: readonly Node[]) {
        this.plans = nodes.filter(({ name }) => name === "pulumi-plan");
        this.plugins = new Map(
            nodes
                .filter(({ name, above }) => above?.name === "newPlugin" && name.includes("ResourceProvider/"))
                .map((node) => [node.attributes["net.peer.name"] ?? "", node.above!.attributes["prefix"] ?? ""]),
        );
    }

    along(path: readonly Segment[]): Pick<Run, "path" | "stages"> {
        for (const node of this.nodes) {
            const name = this.nameOf(node);
            if (name !== undefined) {
                const stage = this.stage(this.phaseAt(node.start), name);
                stage.spans.push(node);
                stage.calls++;
            }
        }
        this.addProgram();
        const staged = this.split(path).map((segment) => {
            const stage = this.stageOf(segment);
            stage.critical += segment.end - segment.start;
            return { ...segment, stage };
        });
        const stages = [...this.collected.values()]
            .map(({ spans, ...stage }) => ({ ...stage, start: firstOf(spans), duration: lengthOf(spans) }))
            .sort((a, b) => a.start - b.start);
        return { path: staged, stages };
    }

    /** Where nothing but the program is at work, its stages have no spans: such a time is cut where they meet. */
    private split(path: readonly Segment[]): Segment[] {
        const borders = [...this.collected.values()]
            .filter(({ name }) => Object.values(programStages).includes(name))
            .flatMap(({ spans }) => spans.flatMap(({ start, end }) => [start, end]))
            .sort((a, b) => a - b);
        return path.flatMap((segment) => {
            const within = borders.filter((time) => segment.between && time > segment.start && time < segment.end);
            const starts = [segment.start, ...new Set(within)];
            return starts.map((start, index) => ({ ...segment, start, end: starts[index + 1] ?? segment.end }));
        });
    }

    /** A span that is a stage by itself, or one of several of the same stage. */
    private nameOf(node: Node): string | undefined {
        const { name, attributes } = node;
        if (attributes["kind"] === "start") {
            return `provider: ${name}`;
        }
        if (attributes["kind"] === "handler") {
            const { resource = "", method = "", item, site } = attributes;
            return `${resource}${item === undefined ? "" : ` ${item}`}${site === undefined ? "" : ` at ${site}`}: ${method}`;
        }
        if (name === "newPlugin") {
            return `start of plugin ${attributes["prefix"] ?? ""}`;
        }
        const [, method] = /^pulumirpc\.ResourceProvider\/(\w+)$/.exec(name) ?? [];
        if (method !== undefined && node.above?.name !== "newPlugin") {
            const plugin = this.plugins.get(attributes["net.peer.name"] ?? "") ?? "plugin";
            return `engine calls ${plugin}: ${method}`;
        }
        return name.startsWith("gocloud.dev/") ? "state backend" : undefined;
    }

    /** The program's own time is what passes between the calls that it makes. */
    private addProgram(): void {
        const programs = this.nodes.filter(({ name }) => name === "execNodejs");
        const runs = this.nodes.filter(({ name }) => name === "pulumirpc.LanguageRuntime/Run");
        for (const program of programs.length > 0 ? programs : runs) {
            const calls = this.nodes.filter(
                ({ name, start }) =>
                    name === "pulumirpc.ResourceMonitor/RegisterResource" &&
                    start >= program.start &&
                    start <= program.end,
            );
            const plan = this.planAt(program.start);
            const [first, last] = [calls[0]?.start ?? program.end, calls.at(-1)?.start ?? program.end];
            const phase = this.phaseAt(program.start);
            this.add(phase, programStages.start, { start: plan?.start ?? program.start, end: program.start }, 1);
            this.add(phase, programStages.load, { start: program.start, end: first }, 1);
            this.add(phase, programStages.register, { start: first, end: last }, calls.length);
        }
        const [root, plan] = [this.nodes.find(({ name }) => name === "pulumi"), this.plans[0]];
        if (root !== undefined && plan !== undefined) {
            this.add("", programStages.command, { start: root.start, end: plan.start }, 1);
        }
    }

    /** The stage that a part of the critical path belongs to: its span's, or that of one above it, or the time's. */
    private stageOf({ start, end, node }: Segment): Collected {
        const middle = (start + end) / 2;
        const phase = this.phaseAt(middle);
        for (const above of ancestorsOf(node)) {
            const name = this.nameOf(above);
            if (name !== undefined) {
                return this.stage(this.phaseAt(above.start), name);
            }
        }
        const timed = [...this.collected.values()].find(
            ({ name, spans: [span] }) =>
                Object.values(programStages).includes(name) && span!.start <= middle && middle < span!.end,
        );
        const rest = node === undefined ? "idle: nothing recorded" : "idle: engine and program between other stages";
        return timed ?? this.add(phase, rest, { start, end }, 0);
    }

    private add(phase: string, name: string, span: { start: number; end: number }, calls: number): Collected {
        const stage = this.stage(phase, name);
        stage.spans.push(span);
        stage.calls += calls;
        return stage;
    }

    private stage(phase: string, name: string): Collected {
        const key = JSON.stringify([phase, name]);
        const stage = this.collected.get(key) ?? { phase, name, spans: [], calls: 0, critical: 0 };
        this.collected.set(key, stage);
        return stage;
    }

    /** The CLI calls the preview of an update an update as well. */
    private phaseAt(time: number): string {
        const plan = this.planAt(time);
        const isLast = plan === this.plans.at(-1);
        return isLast ? (plan?.attributes["operation"] ?? "") : plan === undefined ? "" : "preview";
    }

    private planAt(time: number): Node | undefined {
        return this.plans.find(({ start, end }) => start <= time && time <= end);
    }
}

const programStages = {
    command: "command, until the plan begins",
    start: "start of the program",
    load: "program: load, until its first registration",
    register: "program: until its last registration",
};

function firstOf(spans: readonly { start: number }[]): number {
    return spans.reduce((first, { start }) => Math.min(first, start), Infinity);
}

/** Milliseconds in which at least one of them was under way. */
function lengthOf(spans: readonly { start: number; end: number }[]): number {
    let [length, reached] = [0, -Infinity];
    for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
        length += Math.max(0, end - Math.max(start, reached));
        reached = Math.max(reached, end);
    }
    return length;
}
