import type { Progress } from "../driver";

/**
 * One call that a step makes, with what it takes to make it: what a preview prints is what `up` does, since both come
 * from the same list.
 */
export interface Action {
    /** Method and path, with the volume or relationship in braces, and what for: `PATCH /storage/volumes/{a}: mounted`. */
    call: string;
    run(progress: Progress): Promise<void>;
}

/** Actions that do not depend on each other. What comes after them waits for all of them. */
export interface Phase {
    actions: readonly Action[];
    /** When one failed: undoes what the others did; a clause for each, for whoever reads of the failure. */
    takeBack?: () => Promise<string[]>;
}

/** For each volume a chain of actions: they go on abreast, so that many volumes take hardly longer than one. */
export function abreast(chains: readonly (readonly Action[])[]): Phase[] {
    const longest = Math.max(0, ...chains.map((chain) => chain.length));
    return Array.from({ length: longest }, (_, index) => ({
        actions: chains.flatMap((chain) => chain[index] ?? []),
    }));
}

/** Ends no earlier than the last action of a phase, even where another one failed. */
export async function carryOutPhases(phases: readonly Phase[], progress: Progress): Promise<void> {
    for (const { actions, takeBack } of phases) {
        const outcomes = await Promise.allSettled(actions.map((action) => action.run(progress)));
        const failed = outcomes.find((outcome) => outcome.status === "rejected");
        if (failed !== undefined) {
            throw withNotes(failed.reason, (await takeBack?.()) ?? []);
        }
    }
}

function withNotes(failure: unknown, notes: readonly string[]): unknown {
    return notes.length === 0 || !(failure instanceof Error)
        ? failure
        : new Error(`${failure.message}. No volume serves yet: ${notes.join("; ")}. pulumi up goes on from there`);
}

export function volumeCall(method: "GET" | "PATCH", volume: string, what: string): string {
    return `${method} /storage/volumes/{${volume}}: ${what}`;
}

export function snapshotCall(method: "POST" | "DELETE", volume: string, snapshot: string): string {
    const one = method === "DELETE" ? `/{${snapshot}}` : "";
    return `${method} /storage/volumes/{${volume}}/snapshots${one}: ${snapshot}`;
}

export function relationshipCall(method: "POST" | "PATCH" | "DELETE", path: string, what: string): string {
    return method === "POST"
        ? `POST /snapmirror/relationships: ${what}`
        : `${method} /snapmirror/relationships/{${path}}: ${what}`;
}

export function transferCall(path: string, what: string): string {
    return `POST /snapmirror/relationships/{${path}}/transfers: ${what}`;
}
