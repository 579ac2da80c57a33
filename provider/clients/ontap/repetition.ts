import axios, { type AxiosError } from "axios";
import type { IAxiosRetryConfig } from "axios-retry";
import { entryOf } from "./codes";
import { errorBodyOf, isPassingStatus } from "./errors";
import {
    answerTooLong,
    isBadAddress,
    isClientCertificateRefused,
    isNotBegun,
    isServerCertificateRefused,
} from "./networkCodes";
import type { Method, Pauses } from "./options";

const mostTries = { transport: 12, short: 5, long: 3 };
const longestTransportPause = 10_000;

/** Kinds of failures after which a call is repeated, each with a pause of its own. */
type RepeatClass = keyof typeof mostTries;

/** More repetitions than any one kind allows. */
export const mostRepetitions = Math.max(...Object.values(mostTries));

/**
 * When one call is repeated. A GET is repeated after every failure that can pass; a write only where the failure says
 * that it was not begun, since ONTAP has no idempotency keys.
 *
 * @param remember called with the failure of each try
 */
export function repetitionOf(method: Method, pauses: Pauses, remember: (error: unknown) => void): IAxiosRetryConfig {
    const tries: Record<RepeatClass, number> = { transport: 0, short: 0, long: 0 };
    let repeat: RepeatClass | undefined;
    return {
        retryCondition: (error) => {
            if (axios.isCancel(error)) {
                return false;
            }
            remember(error);
            repeat = repeatClassOf(method, error);
            return repeat !== undefined && ++tries[repeat] <= mostTries[repeat];
        },
        retryDelay: () => (repeat === undefined ? 0 : jitter(pauseOf(repeat, tries[repeat], pauses))),
    };
}

/** The pause with a tenth more or less, so that several clients do not come back at once. */
export function jitter(milliseconds: number): number {
    return milliseconds * (0.9 + Math.random() * 0.2);
}

function pauseOf(repeat: RepeatClass, tries: number, pauses: Pauses): number {
    if (repeat !== "transport") {
        return pauses[repeat];
    }
    return Math.min(pauses.transport * 2 ** (tries - 1), longestTransportPause);
}

function repeatClassOf(method: Method, { code, response }: AxiosError): RepeatClass | undefined {
    if (response === undefined) {
        if (
            isClientCertificateRefused(code) ||
            isServerCertificateRefused(code) ||
            isBadAddress(code) ||
            code === answerTooLong
        ) {
            return undefined;
        }
        return method === "GET" || isNotBegun(code) ? "transport" : undefined;
    }
    // Refused credentials are never repeated: that locks accounts.
    if (response.status === 401) {
        return undefined;
    }
    const error = errorBodyOf(response.data);
    const repeat = entryOf(error.code, error.message)?.repeat;
    if (repeat !== undefined) {
        return repeat;
    }
    // 429 and 503 say that the request was turned away; after 408, 502 and 504 a write may have been done.
    const turnedAway = response.status === 429 || response.status === 503;
    return turnedAway || (method === "GET" && isPassingStatus(response.status)) ? "transport" : undefined;
}
