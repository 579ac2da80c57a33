/** What the real world does in `realMs`, the lab does in `realMs / speed`; never less than a millisecond. */
export function scaled(realMs: number, speed: number): number {
    return Math.max(1, Math.round(realMs / speed));
}

/** Waits, and rejects at once with the signal's reason when it is aborted. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
            reject(signal.reason as Error);
            return;
        }
        const onAbort = (): void => {
            clearTimeout(timer);
            reject(signal?.reason as Error);
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", onAbort);
            resolve();
        }, ms);
        signal?.addEventListener("abort", onAbort, { once: true });
    });
}

/** Now as Kubernetes writes times in metadata and status: RFC 3339, whole seconds, UTC. */
export function timestamp(date: Date = new Date()): string {
    return date.toISOString().replace(/\.\d{3}Z$/, "Z");
}
