import { readFileSync } from "node:fs";
import os from "node:os";

/** Where it was measured, and with which versions. */
export interface Machine {
    processor: string;
    cores: number;
    memory: string;
    system: string;
    node: string;
    /** Of what was compared with, by name. */
    versions: Record<string, string>;
    /** Processes that were ready to run before the first row, on average of a minute: near 0 on an idle host. */
    loadBefore: number;
    date: string;
}

export function thisMachine(): Machine {
    const [first] = os.cpus();
    return {
        processor: first === undefined ? "unknown" : processorOf(first),
        cores: os.cpus().length,
        memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
        system: `${os.type()} ${os.release()} ${os.arch()}`,
        node: process.versions.node,
        versions: {},
        loadBefore: Math.round(os.loadavg()[0]! * 100) / 100,
        date: new Date().toISOString(),
    };
}

/**
 * That of the report that is added to, as it was before its first row.
 * @throws if this is another one: durations of two machines do not belong into one report
 */
export function machineOf(before: Machine, now: Machine = thisMachine()): Machine {
    for (const key of ["processor", "cores", "memory"] as const) {
        if (before[key] !== now[key]) {
            throw new Error(
                `The report is of another machine: ${key}: expected ${before[key]}, found ${now[key]}. Begin a report of its own: --report with another file, without --append.`,
            );
        }
    }
    return before;
}

/** With its speed in a virtual machine, whose processor is often named by its maker alone. */
function processorOf({ model, speed }: os.CpuInfo): string {
    const megahertz = speed > 0 ? undefined : speedOfVirtualMachine();
    return megahertz === undefined ? model.trim() : `${model.trim()}, ${(megahertz / 1000).toFixed(1)} GHz`;
}

/** Elsewhere Node.js has it from the kernel's frequency scaling: that of the moment, which names no machine. */
function speedOfVirtualMachine(): number | undefined {
    try {
        const found = /^cpu MHz\s*:\s*([\d.]+)/m.exec(readFileSync("/proc/cpuinfo", "utf8"));
        return found === null ? undefined : Number(found[1]);
    } catch {
        return undefined;
    }
}
