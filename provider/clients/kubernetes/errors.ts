import { parseJson, valueAt } from "../../support/json";

/** A failed call to a site's Kubernetes API, described for the person who must act. */
export class KubernetesError extends Error {
    constructor(
        message: string,
        readonly kind: KubernetesFailure,
        readonly site: string,
        readonly call: string,
    ) {
        super(message);
        this.name = "KubernetesError";
    }
}

export type KubernetesFailure =
    "unreachable" | "unauthorized" | "forbidden" | "kind-missing" | "not-found" | "conflict" | "rejected" | "timeout";

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
    const make = (kind: KubernetesFailure, message: string) => new KubernetesError(message, kind, site, call);
    if (isKindMissing(status, text)) {
        return make("kind-missing", missingKind(site, call));
    }
    switch (status) {
        case undefined:
            return make("unreachable", `the Kubernetes API of ${site} does not answer (${call}: ${text})`);
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
        default:
            return make("rejected", `${site}: ${call} was refused: ${text}`);
    }
}

export function isNotFound(error: unknown): boolean {
    return error instanceof KubernetesError && error.kind === "not-found";
}

/** The client library looks a kind up before it asks for an object, so that a missing API group is a 404 as well. */
function isKindMissing(status: number | undefined, text: string): boolean {
    return status === undefined
        ? /unrecognized API version and kind|no matches for kind/i.test(text)
        : status === 404 && /failed to fetch resource metadata/i.test(text);
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
    const body = valueAt(error, ["body"]);
    const status = typeof body === "string" ? parseJson(body) : body;
    const message = valueAt(status, ["message"]);
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
