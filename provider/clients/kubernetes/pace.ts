/** How long requests, watches and pauses may be. Milliseconds. */
export interface Pace {
    /** One read: a healthy API server answers at once, and a dead one must not hold a takeover up. */
    read: number;
    /** One write: the API server waits up to 30 s for each webhook, and ends a request itself after a minute. */
    write: number;
    /** From the first try of a call to the last: outside of a wait, what does not come back in this time is reported. */
    retries: number;
    /** A kubeconfig's credential plugin, which may have to reach its own server. */
    plugin: number;
    /** After which the server is to end a watch by itself. */
    watch: number;
    /** How much longer we listen before we end it. */
    watchGrace: number;
    /** A watch of an object that is there begins with it: one that says nothing for so long is followed by a read. */
    firstEvent: number;
    /** A watch that ended sooner did not work, and the next one begins after a pause. */
    shortWatch: number;
    firstPause: number;
    longestPause: number;
}

export const defaultPace: Readonly<Pace> = {
    read: 10_000,
    write: 65_000,
    retries: 10_000,
    plugin: 30_000,
    watch: 30_000,
    watchGrace: 5_000,
    firstEvent: 500,
    shortWatch: 2_000,
    firstPause: 250,
    longestPause: 10_000,
};

/** Lengthens or shortens a pause by a fifth at most, so that several who wait do not come back at once. */
export function jittered(milliseconds: number): number {
    return milliseconds * (0.8 + 0.4 * Math.random());
}
