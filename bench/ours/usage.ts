import { readdirSync, readFileSync } from "node:fs";

/** What one of Pulumi's processes took in a run. */
export interface Usage {
    /** The most memory that it had resident at once, in MB. */
    memory: number;
    /** Processor time of all its threads, in seconds. */
    processor: number;
}

/** Those of which it is counted: the engine and the display are the CLI's. */
const processes = {
    cli: /^(?:[^\0]*\/)?pulumi\0/,
    program: /@pulumi\/pulumi\/cmd\/run/,
    /** The dynamic provider. */
    provider: /@pulumi\/pulumi\/cmd\/dynamic-provider/,
} as const;
export type CountedProcess = keyof typeof processes;

/**
 * Watches the processes that come below this one while something runs. It looks often, and each process knows its own
 * peak and its processor time (man 5 proc): what is missed is what it took in the last moments.
 */
export async function withUsage<T>(
    run: () => Promise<T>,
): Promise<{ result: T; usage: Readonly<Record<CountedProcess, Usage>> }> {
    const usage = { cli: nothing(), program: nothing(), provider: nothing() };
    const timer = setInterval(() => look(usage), 50);
    try {
        return { result: await run(), usage };
    } finally {
        clearInterval(timer);
    }
}

function nothing(): Usage {
    return { memory: 0, processor: 0 };
}

function look(usage: Record<CountedProcess, Usage>): void {
    for (const pid of descendantsOf(process.pid)) {
        const kind = kindOf(read(`/proc/${pid}/cmdline`));
        if (kind !== undefined) {
            const { memory, processor } = usage[kind];
            usage[kind] = {
                memory: Math.max(memory, peakIn(read(`/proc/${pid}/status`))),
                processor: Math.max(processor, processorIn(read(`/proc/${pid}/stat`))),
            };
        }
    }
}

/** By the command line, whose arguments end with a NUL each. */
export function kindOf(command: string): CountedProcess | undefined {
    return (Object.keys(processes) as CountedProcess[]).find((kind) => processes[kind].test(command));
}

/** MB of the line `VmHWM:     1234 kB`; 0 where there is none. */
export function peakIn(status: string): number {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Seconds of `utime` and `stime`, the 14th and the 15th field, in hundredths; 0 where there are none. */
export function processorIn(stat: string): number {
    const [utime = 0, stime = 0] = fieldsIn(stat).slice(11, 13).map(Number);
    return (utime + stime) / 100;
}

function descendantsOf(ancestor: number): number[] {
    const parents = new Map(
        readdirSync("/proc")
            .filter((name) => /^\d+$/.test(name))
            .map((pid) => [Number(pid), parentIn(read(`/proc/${pid}/stat`))]),
    );
    const isBelow = (pid: number | undefined): boolean =>
        pid !== undefined && pid > 1 && (pid === ancestor || isBelow(parents.get(pid)));
    return [...parents.keys()].filter((pid) => pid !== ancestor && isBelow(pid));
}

function parentIn(stat: string): number | undefined {
    const parent = fieldsIn(stat)[1];
    return parent === undefined ? undefined : Number(parent);
}

/** From the third on: the second is a name in parentheses that may have anything in it. */
function fieldsIn(stat: string): string[] {
    const rest = /^.*\) (.*)/s.exec(stat)?.[1];
    return rest === undefined ? [] : rest.trim().split(" ");
}

/** Empty where the process has ended meanwhile. */
function read(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
