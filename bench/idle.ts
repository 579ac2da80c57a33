import os from "node:os";

/** Measures which share of the machine's time goes by unused, from now until it is asked. */
export function watchIdle(): () => number {
    const begin = times();
    return () => {
        const end = times();
        const total = end.total - begin.total;
        return total === 0 ? 1 : (end.idle - begin.idle) / total;
    };
}

function times(): { idle: number; total: number } {
    const all = os.cpus().map(({ times: spent }) => spent);
    return {
        idle: all.reduce((sum, { idle }) => sum + idle, 0),
        total: all.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
    };
}
