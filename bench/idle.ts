import os from "node:os";
import { setTimeout as pause } from "node:timers/promises";

/** Measures which share of the machine's time goes by unused, from now until it is asked. */
export function watchIdle(): () => number {
    const begin = times();
    return () => {
        const end = times();
        const total = end.total - begin.total;
        return total === 0 ? 1 : (end.idle - begin.idle) / total;
    };
}

/** From which share on a machine does too little else to be what limits a run. */
export const quiet = 0.7;

/**
 * Lets the lab finish what its setup left it to do, and tells which share of the machine's time is idle while nothing is
 * measured. A machine that does not become quiet is measured as it is, and the number says so.
 */
export async function untilQuiet(
    log: (line: string) => void,
    shareOfWindow: () => Promise<number> = idleOfTwoSeconds,
): Promise<number> {
    for (let window = 1; ; window++) {
        const share = await shareOfWindow();
        if (share >= quiet || window === mostWindows) {
            return share;
        }
        if (window % windowsALine === 1) {
            log(`idle for ${Math.round(share * 100)} % of the time: waiting until it is ${quiet * 100} %`);
        }
    }
}

/** Two minutes, and a line every twenty seconds. */
const mostWindows = 60;
const windowsALine = 10;

async function idleOfTwoSeconds(): Promise<number> {
    const idle = watchIdle();
    await pause(2_000);
    return idle();
}

function times(): { idle: number; total: number } {
    const all = os.cpus().map(({ times: spent }) => spent);
    return {
        idle: all.reduce((sum, { idle }) => sum + idle, 0),
        total: all.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
    };
}
