import axios, { AxiosError, type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from "axios";
import axiosRetry, { type IAxiosRetryConfig } from "axios-retry";
import { quote } from "./answers";
import { entryOf } from "./codes";
import { connectTimeout, connectionTo, type Connection } from "./connections";
import {
    certificatesOf,
    clientCertificateProblem,
    isByCertificate,
    type OntapCredentials,
    type OntapEndpoint,
    type OntapPassword,
} from "./endpoint";
import { errorOfAnswer, isPassingStatus, OntapError } from "./errors";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";
export type Query = Record<string, string | number | boolean | undefined>;

/** How long a client waits, in milliseconds. */
export interface OntapTimeouts {
    /** Until the TLS connection stands. Default 6 s. */
    connect?: number | undefined;
    /** Until one request is answered, beyond the `return_timeout` that it asks for. Default 45 s. */
    request?: number | undefined;
    /** A call with all its repetitions. Default 90 s. */
    patience?: number | undefined;
    /** A job, from the call that started it. Default 120 s. */
    job?: number | undefined;
}

/** Pauses before a call is repeated, in milliseconds (ONTAP REST reference, 1.6). */
export interface OntapPauses {
    /** First pause after a failure of the connection; it doubles up to ten seconds. Default 500. */
    transport?: number | undefined;
    /** After a code of the class `short`, at most five times. Default 3000. */
    short?: number | undefined;
    /** After a code of the class `long`. Default 30000. */
    long?: number | undefined;
    /** Between two looks at a job, at first; it grows to five seconds. Default 200. */
    job?: number | undefined;
}

export interface TransportOptions {
    /** Name of the site, with which every error begins. */
    site: string;
    endpoint: OntapEndpoint;
    credentials: OntapCredentials;
    timeouts?: OntapTimeouts | undefined;
    pauses?: OntapPauses | undefined;
    /** What ONTAP's audit log calls us. Default `pulumi-trident-dr`. */
    clientApp?: string | undefined;
    /** Told each call before it is made, e.g. `POST /cluster/peers (west, 10.0.0.9)`. */
    onCall?: ((call: string) => void) | undefined;
    /** What must never be repeated from the array's own words, besides the credentials. */
    secrets?: readonly string[] | undefined;
    /** Ends waiting and calls under way. */
    signal?: AbortSignal | undefined;
    /** Milliseconds since the epoch after which nothing is begun, repeated or waited for. Default: never. */
    deadline?: number | undefined;
}

export interface SendOptions {
    query?: Query | undefined;
    body?: unknown;
    /** What the call is about, for {@link TransportOptions.onCall}. */
    about?: string | undefined;
    /** Milliseconds for this call with all its repetitions. */
    patience?: number | undefined;
}

export interface Answer {
    status: number;
    body: unknown;
}

const notBegun = [connectTimeout, "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN", "EAI_AGAIN"];
const badAddress = ["ENOTFOUND", "EINVAL", "EADDRNOTAVAIL", "ENONAME"];
const longestTransportPause = 10_000;
const mostTries = { transport: 12, short: 5, long: 3 };

const clientCertificateRemedy =
    "set trident-dr:ontapClientCertificate and trident-dr:ontapClientKey of this stack (pulumi config set --secret) to a " +
    "pair that belongs together, see that the certificate has not expired, that the cluster knows its CA (security " +
    "certificate install -type client-ca), and that an account with its common name exists (security login create " +
    "-application http -authentication-method cert)";

type RepeatClass = keyof typeof mostTries;

interface ErrorBody {
    code?: string | undefined;
    message?: string | undefined;
    target?: string | undefined;
}

/**
 * Sends requests to one ONTAP cluster and gives back answers that succeeded. Everything else becomes an
 * {@link OntapError}.
 *
 * A GET is repeated after every failure that can pass; a write only where the failure says that it was not begun,
 * since ONTAP has no idempotency keys. Refused credentials are never repeated: that locks accounts.
 */
export class Transport {
    readonly site: string;
    /** URL of the management endpoint, without a slash at its end. */
    readonly url: string;
    readonly timeouts: Required<{ [K in keyof OntapTimeouts]: number }>;
    readonly pauses: Required<{ [K in keyof OntapPauses]: number }>;
    readonly signal: AbortSignal | undefined;
    readonly deadline: number;
    // Real private fields: util.inspect and JSON.stringify of a client must show none of this.
    /** What Basic authentication sends; none when a client certificate proves the account. */
    readonly #basic: OntapPassword | undefined;
    readonly #secrets = new Set<string>();
    readonly #axios: AxiosInstance;
    readonly #connection: Connection;
    readonly #onCall: ((call: string) => void) | undefined;

    constructor(options: TransportOptions) {
        const { site, endpoint, credentials, timeouts = {}, pauses = {} } = options;
        this.site = site;
        this.url = endpoint.url.replace(/\/+$/, "");
        this.timeouts = {
            connect: timeouts.connect ?? 6_000,
            request: timeouts.request ?? 45_000,
            patience: timeouts.patience ?? 90_000,
            job: timeouts.job ?? 120_000,
        };
        this.pauses = {
            transport: pauses.transport ?? 500,
            short: pauses.short ?? 3_000,
            long: pauses.long ?? 30_000,
            job: pauses.job ?? 200,
        };
        this.signal = options.signal;
        this.deadline = options.deadline ?? Infinity;
        this.#onCall = options.onCall;
        for (const secret of options.secrets ?? []) {
            this.keepSecret(secret);
        }
        if (isByCertificate(credentials)) {
            this.keepSecret(credentials.clientKey);
        } else {
            const { username, password } = credentials;
            this.#basic = { username, password };
            this.keepSecret(password);
            this.keepSecret(Buffer.from(`${username}:${password}`).toString("base64"));
        }
        this.#connection = this.connect(endpoint, credentials);
        this.#axios = axios.create({
            baseURL: `${this.url}/api`,
            headers: {
                Accept: "application/json",
                "User-Agent": "pulumi-trident-dr",
                "X-Dot-Client-App": options.clientApp ?? "pulumi-trident-dr",
            },
            // A proxy or a redirect would be handed the password.
            proxy: false,
            maxRedirects: 0,
            httpsAgent: this.#connection.agent,
            paramsSerializer: { serialize: (query: Query) => encodeQuery(query) },
            responseType: "text",
            transformResponse: (text: unknown) => text,
        });
        axiosRetry(this.#axios, { retries: mostTries.transport, shouldResetTimeout: true });
    }

    /** Replaces a value by a placeholder wherever the array's own words repeat it. */
    keepSecret(value: string): void {
        if (value !== "") {
            this.#secrets.add(value);
        }
    }

    /** Sends one request; resolves with the first answer of a status below 300. */
    async send(method: Method, path: string, options: SendOptions = {}): Promise<Answer> {
        const call = `${method} ${path}`;
        const left = this.deadline - Date.now();
        if (left <= 0) {
            throw this.outOfTime(call);
        }
        this.#onCall?.(options.about === undefined ? call : `${call} (${options.about})`);
        const patience = AbortSignal.timeout(Math.min(options.patience ?? this.timeouts.patience, Math.ceil(left)));
        let lastFailure: unknown;
        try {
            const response = await this.#axios.request<string>({
                method,
                url: path,
                params: options.query,
                ...(options.body === undefined ? {} : { data: options.body }),
                ...(this.#basic === undefined ? {} : { auth: this.#basic }),
                timeout: this.timeouts.request + 1000 * Number(options.query?.return_timeout ?? 0),
                signal: this.signal === undefined ? patience : AbortSignal.any([this.signal, patience]),
                adapter: (config) =>
                    this.attempt(config, () => {
                        // A write under way when patience ends may have been done, whatever became of the try before it.
                        if (method !== "GET") {
                            lastFailure = undefined;
                        }
                    }),
                "axios-retry": this.repetition(method, (failure) => (lastFailure = failure)),
            });
            return { status: response.status, body: this.parseBody(call, response) };
        } catch (failure) {
            if (failure instanceof OntapError) {
                throw failure;
            }
            // When patience ends between two tries, the last failure says more than "cancelled".
            const cause = axios.isCancel(failure) && this.signal?.aborted !== true ? (lastFailure ?? failure) : failure;
            throw this.errorOf(call, cause);
        }
    }

    private outOfTime(call: string): OntapError {
        return new OntapError({
            kind: "timeout",
            site: this.site,
            cluster: this.url,
            call,
            what: `no time is left for ${call} at ${this.url}`,
            meaning: "it was not begun",
            remedy: "run it again, which goes on where it stopped",
        });
    }

    /** An answer of this cluster that is not what it should be. */
    unreadable(call: string, problem: string, status?: number): OntapError {
        return new OntapError({
            kind: "answer",
            site: this.site,
            cluster: this.url,
            call,
            status,
            what: this.redact(`the answer to ${call} at ${this.url} cannot be read: ${problem}`),
            meaning: "what the call did is not known",
            remedy: "see that the URL is that of an ONTAP management interface with REST (9.12.1 or newer)",
        });
    }

    /** The text with every known secret replaced. */
    redact(text: string): string {
        let redacted = text;
        for (const secret of this.#secrets) {
            redacted = redacted.replaceAll(secret, "[secret]");
        }
        return redacted;
    }

    private connect(endpoint: OntapEndpoint, credentials: OntapCredentials): Connection {
        try {
            if (endpoint.certificate !== undefined) {
                certificatesOf(endpoint.certificate);
            }
        } catch {
            throw new OntapError({
                kind: "certificate",
                site: this.site,
                cluster: this.url,
                call: "GET /cluster",
                what: `the certificate that is declared for ONTAP at ${this.url} cannot be read`,
                remedy: "give a certificate in PEM form (-----BEGIN CERTIFICATE-----)",
            });
        }
        if (!isByCertificate(credentials)) {
            return connectionTo(endpoint, this.timeouts.connect);
        }
        const problem = clientCertificateProblem(credentials);
        if (problem !== undefined) {
            throw this.refusedAccount("GET /cluster", problem);
        }
        return connectionTo(endpoint, this.timeouts.connect, credentials);
    }

    /** The client certificate is no good, here or to the array. */
    private refusedAccount(call: string, problem: string): OntapError {
        return new OntapError({
            kind: "credentials",
            site: this.site,
            cluster: this.url,
            call,
            what: `no access to ONTAP at ${this.url}: ${problem}`,
            meaning: "nothing was changed",
            remedy: clientCertificateRemedy,
        });
    }

    /** One try, in one of the cluster's slots: pauses between tries hold none. */
    private attempt(config: InternalAxiosRequestConfig, begin: () => void): Promise<AxiosResponse> {
        return this.#connection.limit(async () => {
            const time = AbortSignal.timeout(config.timeout ?? this.timeouts.request);
            const outer = config.signal as AbortSignal;
            if (!outer.aborted) {
                begin();
            }
            try {
                const http = axios.getAdapter("http");
                return await http({ ...config, signal: AbortSignal.any([outer, time]) } as InternalAxiosRequestConfig);
            } catch (failure) {
                if (time.aborted && !outer.aborted) {
                    throw new AxiosError("no answer in time", "ETIMEDOUT", config);
                }
                // The next try is made from the error's configuration, and must not inherit this try's time.
                if (axios.isAxiosError(failure)) {
                    failure.config = config;
                }
                throw failure;
            }
        });
    }

    private repetition(method: Method, remember: (failure: unknown) => void): IAxiosRetryConfig {
        const tries: Record<RepeatClass, number> = { transport: 0, short: 0, long: 0 };
        let repeat: RepeatClass | undefined;
        return {
            retryCondition: (failure) => {
                if (axios.isCancel(failure)) {
                    return false;
                }
                remember(failure);
                repeat = this.repeatClassOf(method, failure);
                return repeat !== undefined && ++tries[repeat] <= mostTries[repeat];
            },
            retryDelay: () => (repeat === undefined ? 0 : jitter(this.pauseOf(repeat, tries[repeat]))),
        };
    }

    private pauseOf(repeat: RepeatClass, tries: number): number {
        if (repeat !== "transport") {
            return this.pauses[repeat];
        }
        return Math.min(this.pauses.transport * 2 ** (tries - 1), longestTransportPause);
    }

    private repeatClassOf(method: Method, failure: AxiosError): RepeatClass | undefined {
        const { response } = failure;
        if (response === undefined) {
            if (isRefusedByAlert(failure.code) || isCertificateFailure(failure.code)) {
                return undefined;
            }
            if (badAddress.includes(failure.code ?? "")) {
                return undefined;
            }
            return method === "GET" || notBegun.includes(failure.code ?? "") ? "transport" : undefined;
        }
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
        if (turnedAway || (method === "GET" && isPassingStatus(response.status))) {
            return "transport";
        }
        return undefined;
    }

    private parseBody(call: string, response: AxiosResponse<string>): unknown {
        const text = response.data ?? "";
        if (text === "") {
            return {};
        }
        try {
            return JSON.parse(text) as unknown;
        } catch {
            throw this.unreadable(call, `expected JSON, found ${quote(text)}`, response.status);
        }
    }

    private errorOf(call: string, failure: unknown): OntapError {
        const where = { site: this.site, cluster: this.url, call };
        if (this.signal?.aborted === true) {
            return new OntapError({
                ...where,
                kind: "interrupted",
                what: `stopped during ${call}`,
                ...unknownOutcome(call),
            });
        }
        if (axios.isAxiosError(failure) && failure.response !== undefined) {
            return this.errorOfResponse(call, failure.response as AxiosResponse<unknown>);
        }
        const code = (axios.isAxiosError(failure) ? failure.code : undefined) ?? "";
        if (isRefusedByAlert(code)) {
            return this.refusedAccount(call, `it refuses the client certificate (${code})`);
        }
        if (isCertificateFailure(code)) {
            return new OntapError({
                ...where,
                kind: "certificate",
                what: `ONTAP at ${this.url} presents a certificate that is not the declared one (${certificateProblem(code)})`,
                remedy: 'set the site\'s certificate to its CA or to the very certificate, or verification to "none"',
            });
        }
        if (notBegun.includes(code) || badAddress.includes(code) || (call.startsWith("GET ") && code !== "")) {
            return new OntapError({
                ...where,
                kind: "unreachable",
                what: `ONTAP at ${this.url} cannot be reached (${connectionProblem(code)})`,
                meaning: "nothing was changed",
                remedy: "see that the URL is that of the management interface, that it is up, and that a firewall lets us in",
                retriable: !badAddress.includes(code),
            });
        }
        return new OntapError({
            ...where,
            kind: "timeout",
            what: `${call} at ${this.url} was not answered (${connectionProblem(code)})`,
            ...unknownOutcome(call),
        });
    }

    private errorOfResponse(call: string, response: AxiosResponse<unknown>): OntapError {
        const error = errorBodyOf(response.data);
        const where = { site: this.site, cluster: this.url, call };
        if (response.status >= 300 && response.status < 400) {
            return this.unreadable(
                call,
                `expected an answer, found a redirect (HTTP ${response.status})`,
                response.status,
            );
        }
        if (response.status === 401 && this.#basic === undefined) {
            return this.refusedAccount(call, "it does not accept the client certificate (HTTP 401)");
        }
        return errorOfAnswer(where, {
            status: response.status,
            code: error.code,
            message: error.message === undefined ? undefined : this.redact(error.message),
            target: error.target,
        });
    }
}

function unknownOutcome(call: string): { meaning: string; remedy: string } {
    return {
        meaning: call.startsWith("GET ") ? "nothing was changed" : "whether it was done is not known",
        remedy: "run it again, which looks before it acts",
    };
}

/** Percent-encoded: ONTAP does not read `+` as a space. */
export function encodeQuery(query: Query): string {
    return Object.entries(query)
        .filter((pair): pair is [string, string | number | boolean] => pair[1] !== undefined)
        .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
        .join("&");
}

/** The pause with a tenth more or less, so that several clients do not come back at once. */
export function jitter(milliseconds: number): number {
    return milliseconds * (0.9 + Math.random() * 0.2);
}

function errorBodyOf(data: unknown): ErrorBody {
    let body: unknown;
    try {
        body = typeof data === "string" ? JSON.parse(data) : data;
    } catch {
        return {};
    }
    const error = (body as { error?: Record<string, unknown> } | null)?.error;
    if (typeof error !== "object" || error === null) {
        return {};
    }
    const text = (value: unknown) =>
        typeof value === "string" || typeof value === "number" ? String(value) : undefined;
    return { code: text(error.code), message: text(error.message), target: text(error.target) };
}

/** The server ended the handshake, or what came after it, because of the certificate that we presented. */
function isRefusedByAlert(code: string | undefined): boolean {
    return code !== undefined && /ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code);
}

function isCertificateFailure(code: string | undefined): boolean {
    return code !== undefined && /CERT|SELF_SIGNED|ISSUER|LEAF_SIGNATURE|ALTNAME|HOSTNAME_MISMATCH/.test(code);
}

function certificateProblem(code: string): string {
    switch (code) {
        case "CERT_HAS_EXPIRED":
            return "it has expired";
        case "ERR_TLS_CERT_ALTNAME_INVALID":
        case "HOSTNAME_MISMATCH":
            return "it is for another host name";
        default:
            return `nothing that is declared vouches for it, ${code}`;
    }
}

function connectionProblem(code: string): string {
    switch (code) {
        case "ECONNREFUSED":
            return "connection refused";
        case "ENOTFOUND":
            return "unknown host name";
        case connectTimeout:
        case "ETIMEDOUT":
        case "ECONNABORTED":
        case "ERR_CANCELED":
            return "no answer in time";
        case "ECONNRESET":
            return "connection reset";
        case "EHOSTUNREACH":
        case "ENETUNREACH":
            return "no route to it";
        case "EPROTO":
            return "it does not speak TLS";
        default:
            return code === "" ? "no answer" : code;
    }
}
