import { formatSeconds } from "../../provider/support/duration";

/** When whatever has not answered by then is unknown. */
export class Deadline {
    /** @param signal aborted when the time is over */
    constructor(
        private readonly milliseconds: number,
        readonly signal: AbortSignal = AbortSignal.timeout(milliseconds),
    ) {}

    /** The answer, or a failure once the time is over. What is under way ends by limits of its own. */
    async within<T>(who: string, answer: () => Promise<T>): Promise<T> {
        const over = () => new Error(`${who} did not answer within ${formatSeconds(this.milliseconds / 1000)}`);
        if (this.signal.aborted) {
            throw over();
        }
        let giveUp = (): void => undefined;
        const timedOut = new Promise<never>((_, reject) => {
            giveUp = () => reject(over());
            this.signal.addEventListener("abort", giveUp, { once: true });
        });
        try {
            return await Promise.race([answer(), timedOut]);
        } finally {
            this.signal.removeEventListener("abort", giveUp);
        }
    }
}
