import { parseJson, valueAt } from "../../support/json";
import { entryOf } from "./codes";

/** What kind of failure it was, for whoever has to decide what comes next. */
export type OntapErrorKind =
    /** No connection: refused, no route, unknown name, or no answer in time before anything was sent. */
    | "unreachable"
    /** The endpoint presented a certificate that is not the declared one. */
    | "certificate"
    /** 401: user name or password. */
    | "credentials"
    /** 403: the account's role lacks a right. */
    | "rights"
    /** ONTAP said no, with a code. */
    | "refused"
    /** A job ended in failure. */
    | "job"
    /** Sent, but no answer in time, or a job that did not end in time: whether it was done is not known. */
    | "timeout"
    /** An answer that cannot be understood. */
    | "answer"
    /** The run was interrupted. */
    | "interrupted";

export interface OntapErrorDetails {
    kind: OntapErrorKind;
    site: string;
    /** URL of the management endpoint. */
    cluster: string;
    /** Method and path without the query, e.g. `GET /cluster/peers`. */
    call: string;
    /** One clause that says what happened. */
    what: string;
    status?: number | undefined;
    code?: string | undefined;
    ontapMessage?: string | undefined;
    meaning?: string | undefined;
    remedy?: string | undefined;
    retriable?: boolean | undefined;
}

/**
 * A failed call of ONTAP's REST API, in one sentence that begins with the site's name.
 *
 * It never carries credentials, a query, a request or an underlying error: those of an HTTP client hold the
 * authorization header.
 */
export class OntapError extends Error {
    override readonly name = "OntapError";
    readonly kind: OntapErrorKind;
    readonly site: string;
    /** URL of the management endpoint. */
    readonly cluster: string;
    /** Method and path without the query. */
    readonly call: string;
    /** HTTP status, when there was an answer. */
    readonly status: number | undefined;
    /** ONTAP's error number, as text. */
    readonly code: string | undefined;
    /** ONTAP's own words. */
    readonly ontapMessage: string | undefined;
    /** What it means for the data. */
    readonly meaning: string;
    readonly remedy: string;
    /** Whether the same call may succeed after a while, with nothing else done. */
    readonly retriable: boolean;

    constructor(details: OntapErrorDetails) {
        const entry = entryOf(details.code, details.ontapMessage);
        const isRead = details.call.startsWith("GET ");
        // A read that fails changes nothing, whatever its number means for a write.
        const meaning = isRead ? "nothing was changed" : (details.meaning ?? entry?.meaning ?? "nothing was changed");
        const remedy = details.remedy ?? entry?.remedy ?? "act on ONTAP's message";
        super(`${details.site}: ${details.what}; ${meaning}; ${remedy}`);
        this.kind = details.kind;
        this.site = details.site;
        this.cluster = details.cluster;
        this.call = details.call;
        this.status = details.status;
        this.code = details.code;
        this.ontapMessage = details.ontapMessage;
        this.meaning = meaning;
        this.remedy = remedy;
        this.retriable = details.retriable ?? entry?.repeat !== undefined;
    }
}

interface Where {
    site: string;
    cluster: string;
    call: string;
}

/** ONTAP's answer with an error body, as an error. */
export function errorOfAnswer(
    where: Where,
    answer: { status: number; code?: string | undefined; message?: string | undefined; target?: string | undefined },
): OntapError {
    const { status, code, message, target } = answer;
    const number = code === undefined ? `HTTP ${status}` : `HTTP ${status}, code ${code}`;
    const known = { ...where, status, code, ontapMessage: message };
    if (status === 401 || code === "6691623") {
        return new OntapError({
            ...known,
            code: code ?? "6691623",
            kind: "credentials",
            what: `ONTAP at ${where.cluster} refuses the user name or password (${number})`,
        });
    }
    if (status === 403 || code === "6") {
        return new OntapError({
            ...known,
            code: code ?? "6",
            kind: "rights",
            what: `the ONTAP account may not ${where.call} at ${where.cluster} (${number})`,
            remedy: `give the account's role ${where.call.startsWith("GET ") ? "read" : "write"} access to ${endpointOf(where.call)}`,
        });
    }
    const words = message === undefined ? "" : `: ${message}${target === undefined ? "" : ` (${target})`}`;
    return new OntapError({
        ...known,
        kind: "refused",
        what: `${where.call} at ${where.cluster} failed (${number})${words}`,
        retriable: isPassingStatus(status) ? true : undefined,
    });
}

/** `/api/cluster/peers` of `DELETE /cluster/peers/4f…`: what a REST role is given a right to. */
function endpointOf(call: string): string {
    const path = call.slice(call.indexOf(" ") + 1);
    return `/api${path.replace(/\/[0-9a-f]{8}-[0-9a-f-]{27,}/gi, "")}`;
}

/** What an error answer says: ONTAP's error number, its message, and the name of the field that it is about. */
export function errorBodyOf(data: unknown): {
    code?: string | undefined;
    message?: string | undefined;
    target?: string | undefined;
} {
    const body = typeof data === "string" ? parseJson(data) : data;
    const text = (key: string) => {
        const value = valueAt(body, ["error", key]);
        return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
    };
    return { code: text("code"), message: text("message"), target: text("target") };
}

/** HTTP statuses of a server or proxy that cannot serve for the moment. */
export function isPassingStatus(status: number): boolean {
    return [408, 429, 502, 503, 504].includes(status);
}
