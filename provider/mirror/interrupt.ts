const controller = new AbortController();

/**
 * Aborted when the run is interrupted. The engine lets a dynamic provider's call finish after the first Ctrl-C and
 * signals its process with the second: waiting is then given up, and the run ends between two steps.
 */
export const interrupted: AbortSignal = controller.signal;

process.once("SIGINT", () => controller.abort());
