import { readdirSync, readFileSync } from "node:fs";

/** The most memory that each of Pulumi's processes of a run had resident at once, in MB. */
export interface Peaks {
    /** That of the dynamic provider. */
    provider: number;
    program: number;
}

/**
 * Watches the processes that come below this one while something runs. It looks often, and each process knows its own
 * peak (`VmHWM`, man 5 proc): what is missed is what it took in the last moments.
 */
export async function withPeaks<T>(run: () => Promise<T>): Promise<{ result: T; peaks: Peaks }> {
    const peaks: Peaks = { provider: 0, program: 0 };
    const timer = setInterval(() => look(peaks), 50);
    try {
        return { result: await run(), peaks };
    } finally {
        clearInterval(timer);
    }
}

/** The launchers in the SDK, by which its processes are known. */
const launchers: Readonly<Record<keyof Peaks, RegExp>> = {
    provider: /@pulumi\/pulumi\/cmd\/dynamic-provider/,
    program: /@pulumi\/pulumi\/cmd\/run/,
};

function look(peaks: Peaks): void {
    for (const pid of descendantsOf(process.pid)) {
        const command = read(`/proc/${pid}/cmdline`);
        for (const kind of ["provider", "program"] as const) {
            if (launchers[kind].test(command)) {
                peaks[kind] = Math.max(peaks[kind], peakIn(read(`/proc/${pid}/status`)));
            }
        }
    }
}

/** MB of the line `VmHWM:     1234 kB`; 0 where there is none. */
export function peakIn(status: string): number {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
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

/** The fourth field, after a name in parentheses that may have anything in it. */
function parentIn(stat: string): number | undefined {
    const parent = /^.*\) \S (\d+)/s.exec(stat)?.[1];
    return parent === undefined ? undefined : Number(parent);
}

/** Empty where the process has ended meanwhile. */
function read(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
