import type { EngineEvent } from "@pulumi/pulumi/automation";
import { ConcurrentUpdateError, StackNotFoundError } from "@pulumi/pulumi/automation";
import type { RunOfCli } from "./project";

/** What the engine tells of a run, as a person reads it: each line once. */
export class Heard {
    readonly errors: string[] = [];
    private readonly lines: string[] = [];
    private readonly known = new Set<string>();
    private changes = false;

    /** @param onOutputs told the outputs of each resource once it is done, and at the end those of the stack */
    constructor(
        private readonly onLine: (line: string) => void,
        private readonly onOutputs: (outputs: Record<string, unknown>) => void = () => undefined,
    ) {}

    take({ diagnosticEvent, summaryEvent, resOutputsEvent }: EngineEvent): void {
        const outputs = resOutputsEvent?.metadata.new?.outputs;
        if (outputs !== undefined) {
            this.onOutputs(outputs);
        }
        // What the engine notes for those who debug it has a severity of its own, which its types do not name.
        if (diagnosticEvent !== undefined && shown.has(diagnosticEvent.severity)) {
            const lines = plain(diagnosticEvent.message)
                .split("\n")
                .map((line) => line.trimEnd())
                .filter((line) => line.trim() !== "");
            lines.forEach((line) => this.hear(line, diagnosticEvent.severity === "error"));
        }
        if (summaryEvent !== undefined) {
            const { same: _same, read: _read, ...changed } = summaryEvent.resourceChanges as Record<string, number>;
            this.changes = Object.values(changed).some((count) => count > 0);
        }
    }

    run(why: string): RunOfCli {
        return { ok: why === "", lines: this.lines, changes: this.changes, why };
    }

    private hear(line: string, isError: boolean): void {
        if (this.known.has(line) || isOfEngine(line)) {
            return;
        }
        this.known.add(line);
        this.lines.push(line);
        if (isError) {
            this.errors.push(line);
        }
        this.onLine(line);
    }
}

/** From where the engine has a plugin, where that is not its own folder. */
function isOfEngine(line: string): boolean {
    return /^using pulumi-\S+ from \$PATH at /.test(line);
}

const shown: ReadonlySet<string> = new Set(["info", "info#err", "warning", "error"]);

/** Without the engine's marks for colours. */
function plain(message: string): string {
    return message.replace(/<\{%.*?%\}>/g, "");
}

/** Why a run failed, in a sentence that says what to do next, or in what its resources said. */
export function whyRunFailed(error: unknown, stack: string, said: readonly string[]): string {
    if (error instanceof ConcurrentUpdateError) {
        return `stack ${stack} is locked by another run: wait until that has ended; if it was killed, "pulumi cancel --stack ${stack}" unlocks it. Then the same command goes on`;
    }
    if (error instanceof StackNotFoundError) {
        return `there is no stack ${stack} any more`;
    }
    if (said.length > 0) {
        return said.join("\n");
    }
    const { message } = error as Error;
    return message.split("\n").find((line) => line.includes("error: ")) ?? message;
}
