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
    const processors = os.cpus();
    return {
        processor: processorOf(processors[0]),
        cores: processors.length,
        memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
        system: `${os.type()} ${os.release()} ${os.arch()}`,
        node: process.versions.node,
        versions: {},
        loadBefore: Math.round(os.loadavg()[0]! * 100) / 100,
        date: new Date().toISOString(),
    };
}

/** With its speed: a cloud's machines name their maker and no more. */
function processorOf(first: os.CpuInfo | undefined): string {
    return first === undefined ? "unknown" : `${first.model.trim()}, ${(first.speed / 1000).toFixed(1)} GHz`;
}
