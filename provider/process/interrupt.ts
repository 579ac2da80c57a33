import { whenEngineIsGone } from "./engineWatch";

const controller = new AbortController();
let running = 0;

/** Aborted when the run is interrupted: waiting is then given up, and the run ends between two steps. */
export const interrupted: AbortSignal = controller.signal;

/**
 * Runs something that an interrupt may end only at a safe point. The engine lets a dynamic provider's call go on after
 * the first Ctrl-C, and signals its process with the second, and when it is done with it.
 */
export async function uninterrupted<T>(run: () => Promise<T>): Promise<T> {
    running++;
    try {
        return await run();
    } finally {
        running--;
        if (interrupted.aborted && running === 0) {
            // The answer is still on its way to an engine that may be there.
            setTimeout(() => process.exit(0), 1_000);
        }
    }
}

function interrupt(): void {
    controller.abort();
    if (running === 0) {
        process.exit(0);
    }
}

process.on("SIGINT", interrupt);
// The run of an engine that was killed must not go on beside the next one.
whenEngineIsGone(process.argv.at(-1), interrupt);
