/**
 * The cluster's clock, and its sense of duration. Timestamps are those of the machine plus the cluster's own skew;
 * intervals of the real world are divided by `speed`.
 */
export class Clock {
    /** Milliseconds that this cluster's clock is ahead of the machine's; a fault sets it. */
    skew = 0;
    private readonly timers = new Set<NodeJS.Timeout>();
    private closed = false;

    constructor(readonly speed: number) {}

    now(): number {
        return Date.now() + this.skew;
    }

    /** Real milliseconds that `seconds` of the real world take here, at least `floor`. */
    scaled(seconds: number, floor = 0): number {
        return Math.max(floor, (seconds * 1000) / this.speed);
    }

    /** Calls `work` after so many real milliseconds, unless the simulator has been closed. */
    after(milliseconds: number, work: () => void): () => void {
        if (this.closed) {
            return () => undefined;
        }
        const timer = setTimeout(
            () => {
                this.timers.delete(timer);
                work();
            },
            Math.min(milliseconds, 2 ** 31 - 1),
        );
        this.timers.add(timer);
        return () => {
            clearTimeout(timer);
            this.timers.delete(timer);
        };
    }

    /** Resolves after so many real milliseconds, and at once when `signal` aborts. */
    pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
        return new Promise((resolve) => {
            if (signal?.aborted) {
                return resolve();
            }
            const cancel = this.after(milliseconds, () => {
                signal?.removeEventListener("abort", stop);
                resolve();
            });
            const stop = () => {
                cancel();
                resolve();
            };
            signal?.addEventListener("abort", stop, { once: true });
        });
    }

    close(): void {
        this.closed = true;
        this.timers.forEach((timer) => clearTimeout(timer));
        this.timers.clear();
    }
}

/** `2026-11-22T16:15:04+00:00`, as ONTAP writes times. */
export function isoTime(milliseconds: number): string {
    return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "+00:00");
}

/** `PT8H35M42S`, as ONTAP writes durations; days come first, as in `P2DT3S`. */
export function isoDuration(milliseconds: number): string {
    let seconds = Math.max(0, Math.round(milliseconds / 1000));
    const days = Math.floor(seconds / 86_400);
    seconds -= days * 86_400;
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    const rest = seconds % 60;
    const time = `${hours ? `${hours}H` : ""}${minutes ? `${minutes}M` : ""}${rest || (!hours && !minutes) ? `${rest}S` : ""}`;
    return days ? `P${days}D${hours || minutes || rest ? `T${time}` : ""}` : `PT${time}`;
}

/** Milliseconds of an ISO 8601 duration in weeks, days, hours, minutes and seconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
    const found = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
    if (!found || found.slice(1).every((part) => part === undefined)) {
        return undefined;
    }
    const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
    return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
