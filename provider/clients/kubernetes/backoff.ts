import { setTimeout as pause } from "node:timers/promises";
import { jittered, type Pace } from "./pace";

/** Pauses that grow until something works again. */
export class Backoff {
    private next: number;

    constructor(private readonly pace: Pick<Pace, "firstPause" | "longestPause">) {
        this.next = pace.firstPause;
    }

    works(): void {
        this.next = this.pace.firstPause;
    }

    /** Ends early when the signal is aborted. */
    async pause(signal: AbortSignal, atLeast = 0): Promise<void> {
        const milliseconds = Math.max(jittered(this.next), atLeast);
        this.next = Math.min(this.next * 2, this.pace.longestPause);
        try {
            await pause(milliseconds, undefined, { signal });
        } catch {
            // Whoever waits looks at the signal.
        }
    }
}
