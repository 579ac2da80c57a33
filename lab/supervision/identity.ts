import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A process, told from any later one that got the same number by the time at which it started. */
export interface ProcessIdentity {
    pid: number;
    /** Clock ticks since the machine's start: field 22 of /proc/<pid>/stat (man 5 proc). */
    startTime: string;
}

export type ProcessState = "running" | "frozen" | "dead";

/** Takes down who a process is; undefined when there is none of that number. */
export function identify(pid: number): ProcessIdentity | undefined {
    const stat = readStat(pid);
    return stat && { pid, startTime: stat.startTime };
}

/**
 * What has become of a process. One that waits to be collected by its parent is dead, but only once none of its threads
 * is left: until then a killed process still holds its ports.
 */
export function stateOf(identity: ProcessIdentity | undefined): ProcessState {
    const stat = identity && readStat(identity.pid);
    if (stat === undefined || stat.startTime !== identity?.startTime) {
        return "dead";
    }
    if ("ZX".includes(stat.state)) {
        return stat.threads > 1 ? "running" : "dead";
    }
    return stat.state === "T" ? "frozen" : "running";
}

/**
 * Sends a signal, if the process is still there: SIGTERM to itself, so that it can end in order with whatever it started;
 * every other to its whole process group.
 */
export function sendSignal(identity: ProcessIdentity | undefined, signal: NodeJS.Signals): void {
    if (identity === undefined || stateOf(identity) === "dead") {
        return;
    }
    try {
        process.kill(signal === "SIGTERM" ? identity.pid : -identity.pid, signal);
    } catch (error) {
        // Ended between the look and the signal.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
            throw error;
        }
    }
}

/** Waits for the end of a process, which need not be a child of this one. False when it is still there after `ms`. */
export async function ended(identity: ProcessIdentity | undefined, ms = 30_000): Promise<boolean> {
    return until(() => stateOf(identity) === "dead", ms);
}

/** Waits until a process is no more in a state, since signals take their time. False when it still is after `ms`. */
export async function leaves(
    identity: ProcessIdentity | undefined,
    state: ProcessState,
    ms = 30_000,
): Promise<boolean> {
    return until(() => stateOf(identity) !== state, ms);
}

async function until(isSo: () => boolean, ms: number): Promise<boolean> {
    const deadline = Date.now() + ms;
    while (!isSo()) {
        if (Date.now() > deadline) {
            return false;
        }
        await pause(25);
    }
    return true;
}

function readStat(pid: number): { state: string; threads: number; startTime: string } | undefined {
    try {
        const text = readFileSync(`/proc/${pid}/stat`, "latin1");
        // The command's name, in parentheses, may hold anything: fields are counted from behind it.
        const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
        const [state, threads, startTime] = [fields[0], fields[17], fields[19]];
        return state === undefined || startTime === undefined
            ? undefined
            : { state, threads: Number(threads), startTime };
    } catch {
        return undefined;
    }
}
