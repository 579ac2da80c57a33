/**
 * Tells a failure that lasts from one of an earlier transfer: an array may report that until the transfer which was just
 * asked for has begun.
 */
export class LastingFailure {
    private since: number | undefined;

    /** @param grace milliseconds for which a failure may be an old one */
    constructor(
        private readonly grace: number,
        private readonly now: () => number = Date.now,
    ) {}

    /** Takes what was seen now; tells whether it has failed without a break for longer than the grace. */
    lasts(fails: boolean): boolean {
        if (!fails) {
            this.since = undefined;
            return false;
        }
        this.since ??= this.now();
        return this.now() - this.since > this.grace;
    }
}
