import { upCommand } from "../roles/messages/commands";
import { join, MessageError, messageOf, render, text } from "../roles/messages/message";
import { span } from "../support/trace";

/** Called while a step waits, one line each, for example `promoting, 12 s`. */
export type Progress = (line: string) => void;

/**
 * One call that a step makes: its text, and the function that makes it. A preview prints `call` and `up` executes `run`,
 * so that both come from one list.
 */
export interface Action {
    /**
     * The call, what it is made on, and what for. A write begins with its verb (`patch`, `POST`), a read with `GET`,
     * `wait`, `check` or `read`: `PATCH /storage/volumes/{archive01}: mounted at /archive01`.
     */
    call: string;
    effect: "write" | "read";
    /** Whether it only tells something, in each run again: nothing was missing, and nothing is there afterwards. Default: no. */
    tells?: true;
    /** The condition under which it is made, for example `if it answers`. Default: always. */
    when?: string;
    /**
     * The condition under which a run goes on after it, for example `if the copy is complete by then`; else the run ends,
     * as a success, while the step has something to do still. Default: it goes on in any case.
     */
    unlessLong?: string;
    /**
     * Actions of one phase do not depend on each other and run in parallel; a phase begins when the one before has ended.
     * Default: a phase of its own.
     */
    phase?: number;
    run(progress: Progress): Promise<void>;
    /** Undoes it when another action of its phase failed; resolves to a clause for the error message. */
    rollback?(): Promise<string>;
}

/** Under which a run goes on after a copy that may take long. */
export const ifComplete = "if the copy is complete by then";

/** Numbers phases, so that each waits for the one before. */
export function inPhases(phases: readonly (readonly Action[])[]): Action[] {
    return phases.flatMap((actions, phase) => actions.map((action) => ({ ...action, phase })));
}

/** A chain of actions for each of several volumes, as phases: many volumes then take hardly longer than one. */
export function inParallel(chains: readonly (readonly Action[])[]): Action[][] {
    const longest = Math.max(0, ...chains.map((chain) => chain.length));
    return Array.from({ length: longest }, (_, index) => chains.flatMap((chain) => chain[index] ?? []));
}

/**
 * Executes actions phase by phase, and reports each call when it begins. A phase ends with the last of its actions, even
 * where another one failed.
 *
 * @param site where they are executed, for the command in a failure's message
 */
export async function runActions(actions: readonly Action[], progress: Progress, site: string): Promise<void> {
    for (const phase of phasesOf(actions)) {
        const outcomes = await Promise.allSettled(phase.map((action) => begin(action, progress)));
        const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
        if (failures.length > 0) {
            const succeeded = phase.filter((_, index) => outcomes[index]!.status === "fulfilled");
            throw withNotes(oneOf(failures), await rollBack(succeeded), site);
        }
    }
}

function begin({ call, effect, run }: Action, progress: Progress): Promise<void> {
    progress(call);
    return span(call, "action", { call, effect }, () => run(progress));
}

function phasesOf(actions: readonly Action[]): Action[][] {
    const phases: Action[][] = [];
    for (const action of actions) {
        const current = phases.at(-1);
        if (action.phase !== undefined && current?.[0]?.phase === action.phase) {
            current.push(action);
        } else {
            phases.push([action]);
        }
    }
    return phases;
}

/** The only failure as it is; of several, what each says, once. */
function oneOf(failures: readonly unknown[]): unknown {
    const distinct = new Map(failures.map((failure) => [render(messageOf(failure)), messageOf(failure)]));
    return failures.length === 1 ? failures[0] : new MessageError(join([...distinct.values()], "\n"));
}

function rollBack(actions: readonly Action[]): Promise<string[]> {
    return Promise.all(actions.flatMap((action) => action.rollback?.() ?? []));
}

function withNotes(failure: unknown, notes: readonly string[], site: string): unknown {
    return notes.length === 0
        ? failure
        : new MessageError(
              text`${messageOf(failure)}. No volume is writable yet: ${join(notes, "; ")}. Run ${upCommand(site)} again to continue`,
          );
}
