import { setTimeout as pause } from "node:timers/promises";
import pLimit from "p-limit";
import { Kept } from "../../support/kept";
import { Secrets } from "../../support/secrets";
import { span } from "../../support/trace";
import { Budget, TimeUp } from "./budget";
import { VaultError } from "./objectStore";

/** What a client library says of a request that failed. */
export interface Failure {
    /** The server's answer; undefined where there was none. */
    status: number | undefined;
    /** The server's or the system's one word for it, such as `SlowDown` or `ECONNREFUSED`. */
    word: string;
    /** What its status does not tell. */
    meaning?: string;
}

/**
 * One lookup in a vault. All its requests, and their repetitions where the server is only busy, share one budget. To wait
 * for other lookups in the same vault costs nothing of it: a vault that is asked much is not one that is silent.
 */
export class Lookup {
    private readonly turns: Turns;
    private readonly budget: Budget;
    /** Whether there was no answer in time. */
    private isLate = false;

    /**
     * @param vault name of the vault in errors
     * @param way how it is reached, if not directly: ` through proxy …`
     */
    constructor(
        private readonly vault: string,
        budget: number,
        private readonly secrets: Secrets,
        private readonly describe: (error: unknown) => Failure,
        private readonly way = "",
    ) {
        this.turns = turnsOf.get(vault, () => ({ take: pLimit(requestsAtOnce), silentAt: -Infinity }));
        this.budget = new Budget(budget);
    }

    /** Makes a request, again while the server answers that it is busy and there is time. */
    async ask<T>(call: string, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
        for (let attempt = 0; ; attempt++) {
            try {
                return await this.attempt(call, request);
            } catch (error) {
                this.isLate ||= error instanceof TimeUp;
                if (error instanceof VaultError) {
                    throw error;
                }
                const failure = this.describe(error);
                if (!isTemporary(failure) || !(await this.pauseAfter(attempt))) {
                    throw this.errorOf(call, failure);
                }
            }
        }
    }

    tooLarge(call: string): (found: string) => VaultError {
        return (found) =>
            new VaultError(
                `vault ${this.vault}: ${call}: found ${found}, which nothing of ours is; inspect it, and delete what does not belong there`,
                false,
            );
    }

    private attempt<T>(call: string, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
        const [verb = "", path = ""] = call.split(/ (.*)/);
        const about = { target: "bucket", server: `vault ${this.vault}`, verb, path } as const;
        const asked = performance.now();
        return this.turns.take(async () => {
            // Those before it got no answer: neither will this, and each after the other would wait for it.
            if (this.turns.silentAt >= asked) {
                throw new TimeUp();
            }
            try {
                return await this.budget.spend((signal) => span(call, "request", about, () => request(signal)));
            } catch (error) {
                if (error instanceof TimeUp) {
                    this.turns.silentAt = performance.now();
                }
                throw error;
            }
        });
    }

    /** False: there is no time left. */
    private async pauseAfter(attempt: number): Promise<boolean> {
        const most = Math.min(longestPause, firstPause * 2 ** attempt);
        const time = most / 2 + (Math.random() * most) / 2;
        try {
            await this.budget.spend((signal) =>
                span("pause", "wait", { instead: `vault ${this.vault} is busy` }, () =>
                    pause(time, undefined, { signal }),
                ),
            );
            return true;
        } catch {
            this.isLate = true;
            return false;
        }
    }

    private errorOf(call: string, failure: Failure): VaultError {
        const { status } = failure;
        const word = this.wordOf(failure);
        const at = `vault ${this.vault}: ${call}:`;
        if (status === undefined) {
            const { isLate } = this;
            const why = isLate || word === "" ? "" : ` (${word})`;
            return new VaultError(`${at} ${isLate ? "no answer in time" : "no answer"}${why}${this.way}`, true, true);
        }
        const said = `(HTTP ${status}${word === "" ? "" : `, ${word}`})`;
        return isBusy(status)
            ? new VaultError(`${at} it cannot answer now ${said}${this.way}`, true)
            : new VaultError(`${at} ${failure.meaning ?? meaningOf(status)} ${said}${this.way}`, false);
    }

    /** The server's word for what went wrong, if it is one: of its sentences none is quoted. */
    private wordOf({ word }: Failure): string {
        const redacted = this.secrets.redact(word);
        return /^[A-Za-z]\w{0,63}$/.test(redacted) ? redacted : "";
    }
}

/** Of all lookups in one vault together: each request at the same time is a connection of its own. */
const requestsAtOnce = 4;

/** Who asks a vault next. */
interface Turns {
    take: ReturnType<typeof pLimit>;
    /** When it last gave no answer in time. */
    silentAt: number;
}
const turnsOf = new Kept<Turns>();

/** Milliseconds. */
const firstPause = 100;
const longestPause = 1_000;

/** Servers that throttle or restart, and two writers of one key at the same instant. */
function isTemporary({ status, word }: Failure): boolean {
    return status === undefined ? ["ECONNRESET", "EPIPE"].includes(word) : isBusy(status) || status === 409;
}

/** Whoever answers in the place of a dead server, such as a balancer or a proxy, does so with one of these. */
function isBusy(status: number): boolean {
    return status === 429 || (status >= 500 && status !== 501);
}

function meaningOf(status: number): string {
    switch (status) {
        case 401:
        case 403:
            return "its credentials are refused, or lack a right";
        case 404:
            return "no such bucket";
        default:
            return "refused";
    }
}

/** The system's code for a request without an answer, which libraries wrap in errors of their own. */
export function networkWord(error: unknown): string {
    for (let one: unknown = error, depth = 0; one instanceof Error && depth < 4; one = one.cause, depth++) {
        const { code } = one as { code?: unknown };
        if (typeof code === "string") {
            return code;
        }
    }
    return "";
}
