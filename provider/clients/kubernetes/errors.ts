import { parseJson, valueAt } from "../../support/json";
import { UnacceptableAnswer } from "./answers";

/** A failed call to a site's Kubernetes API, described for the person who must act. */
export class KubernetesError extends Error {
    constructor(
        message: string,
        readonly kind: KubernetesFailure,
        readonly site: string,
        readonly call: string,
        /** That it passes by itself, such as a restart of the API server. Absent: it does not. */
        readonly passing?: Passing,
    ) {
        super(message);
        this.name = "KubernetesError";
    }
}

export type KubernetesFailure =
    | "unreachable"
    | "unavailable"
    | "unauthorized"
    | "forbidden"
    | "kind-missing"
    | "not-found"
    | "conflict"
    | "expired"
    | "rejected"
    | "timeout";

/** A failure after which the same call may succeed. */
export interface Passing {
    /** Whether there was an answer; without one, a write may still be under way. */
    answered: boolean;
    /** Whether a write certainly was not carried out. */
    notDone: boolean;
    /** Milliseconds that the server asks to wait. */
    retryAfter?: number;
}

/**
 * Turns whatever the client library threw into a {@link KubernetesError}; the library's own error is not kept, it holds
 * headers.
 *
 * @param redact takes secrets out of others' words
 */
export function toKubernetesError(
    site: string,
    call: string,
    error: unknown,
    redact: (text: string) => string = (text) => text,
): KubernetesError {
    const status = statusOf(error);
    const text = messageOf(error, redact);
    const make = (kind: KubernetesFailure, message: string, passing?: Passing) =>
        new KubernetesError(message, kind, site, call, passing);
    if (error instanceof UnacceptableAnswer) {
        return make("rejected", `${site}: ${call}: ${text}. Nothing of it was used`);
    }
    if (isKindMissing(status, error)) {
        return make("kind-missing", missingKind(site, call));
    }
    if (status === undefined) {
        return make(
            "unreachable",
            `the Kubernetes API of ${site} does not answer (${call}: ${text})`,
            unanswered(error),
        );
    }
    if (isWebhookSilent(text)) {
        return make("rejected", silentWebhookWords(site, call, text), notStored);
    }
    if (isWebhooks(text)) {
        return make("rejected", `${site}: ${call} was refused by a webhook of its cluster: ${text}`);
    }
    if (isAdmissions(status, text)) {
        return make("rejected", `${site}: ${call} was refused by the admission of its cluster: ${text}`);
    }
    if (isUnavailable(status, text)) {
        return make(
            "unavailable",
            `the Kubernetes API of ${site} is not available at the moment (${call}: ${status}, ${text})`,
            unavailable(error, status),
        );
    }
    switch (status) {
        case 401:
            return make(
                "unauthorized",
                `the Kubernetes API of ${site} refuses the credentials of its kubeconfig (${call})`,
            );
        case 403:
            return make(
                "forbidden",
                `${site}: the kubeconfig's user lacks a right; have an administrator apply what trident-dr-rbac prints for this stack (docs/permissions.md): ${text}`,
            );
        case 404:
            return make("not-found", `${site}: ${call}: ${text}`);
        case 409:
            return make("conflict", `${site}: ${call}: ${text}`);
        case 410:
            return make("expired", `${site}: ${call}: ${text}`);
        default:
            return make("rejected", `${site}: ${call} was refused: ${text}`);
    }
}

/** Whether the same call may succeed later. */
export function isPassing(error: unknown): error is KubernetesError & { passing: Passing } {
    return error instanceof KubernetesError && error.passing !== undefined;
}

export function isNotFound(error: unknown): boolean {
    return error instanceof KubernetesError && error.kind === "not-found";
}

/** What comes and goes with a restart, a change of leader or too many requests. */
function isUnavailable(status: number, text: string): boolean {
    return (
        [429, 502, 503, 504].includes(status) || (status === 500 && /etcdserver|rpc error|leader changed/i.test(text))
    );
}

function unavailable(error: unknown, status: number): Passing {
    const seconds = Number(valueAt(error, ["headers", "retry-after"]));
    return {
        answered: true,
        // Too many requests are turned away before anything is done; a store that fails may have done it.
        notDone: status === 429,
        ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfter: Math.min(seconds, mostSeconds) * 1000 } : {}),
    };
}

/** Seconds that a server may ask to wait. */
const mostSeconds = 10;

/** No answer passes by itself unless the address or the certificate is wrong. */
function unanswered(error: unknown): Passing | undefined {
    const code = valueAt(error, ["code"]);
    const isInterrupted = error instanceof Error && ["AbortError", "TimeoutError"].includes(error.name);
    if (typeof code !== "string" || !passingCodes.has(code)) {
        return isInterrupted ? { answered: false, notDone: false } : undefined;
    }
    return { answered: false, notDone: notBegun.has(code) };
}

/** There was no connection, so that nothing was sent. */
const notBegun: ReadonlySet<string> = new Set([
    "ECONNREFUSED",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EHOSTDOWN",
    "ENETDOWN",
    "EAI_AGAIN",
]);
const passingCodes: ReadonlySet<string> = new Set([
    ...notBegun,
    "ECONNRESET",
    "EPIPE",
    "ETIMEDOUT",
    "ERR_STREAM_PREMATURE_CLOSE",
]);

/** Kubernetes' own admission plugins also answer 403, but only a missing right names the user. */
function isAdmissions(status: number, text: string): boolean {
    return status === 403 && / is forbidden: (?!User ")/.test(text);
}

/** A webhook refuses with whatever status it likes, also with the one for a missing right. */
function isWebhooks(text: string): boolean {
    return /admission webhook/.test(text);
}

/** The API server asks a webhook once, also over a connection that its pod has just closed. */
function isWebhookSilent(text: string): boolean {
    return /failed calling webhook/.test(text);
}

function silentWebhookWords(site: string, call: string, text: string): string {
    return `${site}: ${call} was refused, because a webhook of its cluster did not answer: ${text}. Nothing was changed. Check the pods that serve the webhook`;
}

/** Admission comes before anything is stored. */
const notStored: Passing = { answered: true, notDone: true };

/** Where the server knows the kind, its 404 names the object, or the namespace, that is not there. */
function isKindMissing(status: number | undefined, error: unknown): boolean {
    return status === 404 && valueAt(bodyOf(error), ["details", "name"]) === undefined;
}

function missingKind(site: string, call: string): string {
    return `${site}: its cluster does not know the kind asked for (${call}); install Trident and Trident Protect with their custom resource definitions there`;
}

function statusOf(error: unknown): number | undefined {
    const code = valueAt(error, ["code"]);
    return typeof code === "number" ? code : undefined;
}

/** The API server's own sentence, where the answer was a `Status`. Secrets go before anything is cut. */
function messageOf(error: unknown, redact: (text: string) => string): string {
    const message = valueAt(bodyOf(error), ["message"]);
    if (typeof message === "string") {
        return redact(message);
    }
    if (error instanceof SyntaxError) {
        // Its message quotes what could not be parsed: a proxy's page, or the token that a plugin printed.
        return "the answer, or what the kubeconfig's credential plugin printed, is not JSON";
    }
    if (error instanceof Error) {
        return error.name === "AbortError" || error.name === "TimeoutError"
            ? "no answer in time"
            : redact(error.message).split("\n")[0]!;
    }
    return redact(String(error));
}

/** The answer's body, as far as it is JSON. */
function bodyOf(error: unknown): unknown {
    const body = valueAt(error, ["body"]);
    return typeof body === "string" ? parseJson(body) : body;
}
