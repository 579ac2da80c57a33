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
        processor: processors[0]?.model.trim() ?? "unknown",
        cores: processors.length,
        memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
        system: `${os.type()} ${os.release()} ${os.arch()}`,
        node: process.versions.node,
        versions: {},
        loadBefore: Math.round(os.loadavg()[0]! * 100) / 100,
        date: new Date().toISOString(),
    };
}
