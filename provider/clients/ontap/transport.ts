import { isDeepStrictEqual } from "node:util";
import axios, { AxiosError, type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from "axios";
import axiosRetry from "axios-retry";
import { parseJson } from "../../support/json";
import { nestingOf } from "../../support/nesting";
import { Secrets } from "../../support/secrets";
import { span } from "../../support/trace";
import { connectionTo, type Connection } from "./connections";
import {
    certificatesOf,
    clientCertificateProblem,
    isByCertificate,
    type AccountLookup,
    type OntapCredentials,
    type OntapEndpoint,
    type OntapPassword,
} from "./endpoint";
import { OntapError } from "./errors";
import { Failures } from "./failures";
import {
    withDefaultPauses,
    withDefaultTimeouts,
    type Method,
    type Pauses,
    type Query,
    type Timeouts,
    type TransportOptions,
} from "./options";
import { answerTooLong } from "./networkCodes";
import { mostRepetitions, repetitionOf } from "./repetition";

const productName = "pulumi-trident-dr";

/** Bytes of one answer; a page of ten thousand volumes takes a fifth of it. */
const longestAnswer = 32 * 2 ** 20;

/** ONTAP's own answers are nested less than ten times. */
const deepestAnswer = 50;

interface SendOptions {
    query?: Query | undefined;
    body?: unknown;
    /** What the call is about, for {@link TransportOptions.onCall}. */
    about?: string | undefined;
    /** Milliseconds for this call with all its repetitions, from its first try. */
    patience?: number | undefined;
}

/** How this package signs in, and by what it sends its requests. */
interface Account {
    credentials: OntapCredentials;
    /** What Basic authentication sends; none when a client certificate proves the account. */
    basic: OntapPassword | undefined;
    connection: Connection;
    axios: AxiosInstance;
}

/** One call, with the time that it has. */
interface Sending {
    method: Method;
    path: string;
    options: SendOptions;
    patience: Patience;
}

export interface Answer {
    status: number;
    body: unknown;
    /** Size of the body. */
    bytes: number;
}

/**
 * Sends requests to one ONTAP cluster and gives back answers that succeeded. Everything else becomes an
 * {@link OntapError}.
 */
export class Transport {
    readonly site: string;
    /** URL of the management endpoint, without a slash at its end. */
    readonly url: string;
    readonly timeouts: Timeouts;
    readonly pauses: Pauses;
    readonly signal: AbortSignal | undefined;
    readonly deadline: number;
    readonly failures: Failures;
    // Real private fields: util.inspect and JSON.stringify of a client must show none of this.
    readonly #secrets: Secrets;
    /** Known at once, or from the first call on. */
    #account: Account | undefined;
    readonly #findAccount: (call: string) => Promise<Account>;
    /** The account by which to try a refused call again, if there is one. */
    readonly #findOther: (refused: Account) => Promise<Account | undefined>;
    readonly #onCall: ((call: string) => void) | undefined;

    constructor(options: TransportOptions) {
        const { site, endpoint, credentials } = options;
        this.site = site;
        this.url = endpoint.url.replace(/\/+$/, "");
        this.timeouts = withDefaultTimeouts(options.timeouts);
        this.pauses = withDefaultPauses(options.pauses);
        this.signal = options.signal;
        this.deadline = options.deadline ?? Infinity;
        this.#onCall = options.onCall;
        this.#secrets = new Secrets(options.secrets ?? []);
        this.failures = new Failures({
            site,
            url: this.url,
            byCertificate: () => this.#account !== undefined && this.#account.basic === undefined,
            redact: (text) => this.redact(text),
            signal: this.signal,
        });
        const accountOf = (found: OntapCredentials) => this.accountOf(found, endpoint, options.clientApp);
        if (typeof credentials !== "function") {
            this.#account = accountOf(credentials);
        }
        this.#findAccount = async (call) => (this.#account ??= accountOf(await this.found(credentials, call)));
        this.#findOther = async (refused) => {
            const found = await rotated(credentials, refused.credentials);
            return found && (this.#account = accountOf(found));
        };
    }

    /** Replaces a value by a placeholder wherever the array's own words repeat it. */
    keepSecret(value: string): void {
        this.#secrets.keep(value);
    }

    /** Sends one request; resolves with the first answer of a status below 300. */
    async send(method: Method, path: string, options: SendOptions = {}): Promise<Answer> {
        const call = `${method} ${path}`;
        const left = this.deadline - Date.now();
        if (left <= 0) {
            throw this.failures.outOfTime(call);
        }
        this.#onCall?.(options.about === undefined ? call : `${call} (${options.about})`);
        const patience = new Patience(options.patience ?? this.timeouts.patience, left);
        try {
            const account = await this.#findAccount(call);
            return await this.sendAs(account, { method, path, options, patience }).catch(async (error: unknown) => {
                const other = isRefusal(error) ? await this.#findOther(account) : undefined;
                if (other === undefined) {
                    throw error;
                }
                return this.sendAs(other, { method, path, options, patience });
            });
        } finally {
            patience.end();
        }
    }

    /** The text with every known secret replaced. */
    redact(text: string): string {
        return this.#secrets.redact(text);
    }

    /** The call with its repetitions. */
    private async sendAs(account: Account, { method, path, options, patience }: Sending): Promise<Answer> {
        const call = `${method} ${path}`;
        let lastFailure: unknown;
        try {
            const response = await account.axios.request<string>({
                method,
                url: path,
                params: options.query,
                ...(options.body === undefined ? {} : { data: options.body }),
                ...(account.basic === undefined ? {} : { auth: account.basic }),
                timeout: this.timeouts.request + 1000 * Number(options.query?.return_timeout ?? 0),
                signal: this.signal === undefined ? patience.signal : AbortSignal.any([this.signal, patience.signal]),
                adapter: (config) =>
                    this.attempt(account, config, () => {
                        patience.begin();
                        // A write under way when patience ends may have been done, whatever became of the try before it.
                        if (method !== "GET") {
                            lastFailure = undefined;
                        }
                    }),
                "axios-retry": repetitionOf(method, this.pauses, (error) => (lastFailure = error)),
            });
            const bytes = Buffer.byteLength(response.data ?? "");
            return { status: response.status, body: this.parseBody(call, response), bytes };
        } catch (error) {
            if (error instanceof OntapError) {
                throw error;
            }
            // When patience ends between two tries, the last failure says more than "cancelled".
            const cause = axios.isCancel(error) && this.signal?.aborted !== true ? (lastFailure ?? error) : error;
            throw this.failures.ofRequest(call, cause);
        }
    }

    private async found(credentials: OntapCredentials | AccountLookup, call: string): Promise<OntapCredentials> {
        if (typeof credentials !== "function") {
            return credentials;
        }
        try {
            return await credentials();
        } catch (error) {
            throw this.failures.unknownAccount(call, error instanceof Error ? error.message : "it could not be found");
        }
    }

    private accountOf(credentials: OntapCredentials, endpoint: OntapEndpoint, clientApp = productName): Account {
        secretsOf(credentials).forEach((secret) => this.#secrets.keep(secret));
        const basic = isByCertificate(credentials) ? undefined : { ...credentials };
        const connection = this.connect(endpoint, credentials);
        return { credentials, basic, connection, axios: this.clientNamed(clientApp, connection) };
    }

    private clientNamed(clientApp: string, { agent }: Connection): AxiosInstance {
        const instance = axios.create({
            baseURL: `${this.url}/api`,
            headers: { Accept: "application/json", "User-Agent": productName, "X-Dot-Client-App": clientApp },
            // A proxy or a redirect would be handed the password.
            proxy: false,
            maxRedirects: 0,
            maxContentLength: longestAnswer,
            httpsAgent: agent,
            paramsSerializer: { serialize: (query: Query) => encodeQuery(query) },
            responseType: "text",
            transformResponse: (text: unknown) => text,
        });
        axiosRetry(instance, { retries: mostRepetitions, shouldResetTimeout: true });
        return instance;
    }

    private connect(endpoint: OntapEndpoint, credentials: OntapCredentials): Connection {
        try {
            if (endpoint.certificate !== undefined) {
                certificatesOf(endpoint.certificate);
            }
        } catch {
            throw this.failures.unreadableCertificate();
        }
        if (!isByCertificate(credentials)) {
            return connectionTo(endpoint, this.timeouts.connect);
        }
        const problem = clientCertificateProblem(credentials);
        if (problem !== undefined) {
            throw this.failures.refusedCertificate("GET /cluster", problem);
        }
        return connectionTo(endpoint, this.timeouts.connect, credentials);
    }

    /** One try, in one of the cluster's slots: pauses between tries hold none. */
    private attempt(
        { connection }: Account,
        config: InternalAxiosRequestConfig,
        begin: () => void,
    ): Promise<AxiosResponse> {
        return connection.limit(async () => {
            const time = AbortSignal.timeout(config.timeout ?? this.timeouts.request);
            const outer = config.signal as AbortSignal;
            if (!outer.aborted) {
                begin();
            }
            try {
                return await this.request({ ...config, signal: AbortSignal.any([outer, time]) });
            } catch (error) {
                if (time.aborted && !outer.aborted) {
                    throw new AxiosError("no answer in time", "ETIMEDOUT", config);
                }
                if (isTooLong(error)) {
                    throw new AxiosError(error.message, answerTooLong, config);
                }
                // The next try is made from the error's configuration, and must not inherit this try's time.
                if (axios.isAxiosError(error)) {
                    error.config = config;
                }
                throw error;
            }
        });
    }

    private request(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
        const { method: verb = "", url: path = "" } = config;
        const about = { site: this.site, server: new URL(this.url).host, verb: verb.toUpperCase(), path };
        return span(`${about.verb} ${path}`, "request", { ...about, target: "array" }, async (note) => {
            const response = await axios.getAdapter("http")(config);
            note({ status: response.status });
            return response;
        });
    }

    private parseBody(call: string, response: AxiosResponse<string>): unknown {
        const text = response.data ?? "";
        if (text === "") {
            return {};
        }
        const nesting = nestingOf(text);
        if (nesting > deepestAnswer) {
            const problem = `expected JSON nested ${deepestAnswer} times at most, found ${nesting}`;
            throw this.failures.unreadable(call, problem, response.status);
        }
        const body = parseJson(text);
        if (body === undefined) {
            // A proxy's page may repeat the request, credentials included, in a form that nobody foresees.
            throw this.failures.unreadable(
                call,
                `expected JSON, found ${text.length} characters of something else`,
                response.status,
            );
        }
        return body;
    }
}

/** The time for one call. It begins with the first try: waiting for one of the cluster's slots is not the array's time. */
class Patience {
    private readonly spent = new AbortController();
    private readonly timers: NodeJS.Timeout[] = [];
    private hasBegun = false;

    /** @param left milliseconds after which the call ends, whether it has begun or not; may be infinite */
    constructor(
        private readonly milliseconds: number,
        left: number,
    ) {
        if (left !== Infinity) {
            this.endAfter(left);
        }
    }

    get signal(): AbortSignal {
        return this.spent.signal;
    }

    begin(): void {
        if (!this.hasBegun) {
            this.hasBegun = true;
            this.endAfter(this.milliseconds);
        }
    }

    end(): void {
        this.timers.forEach(clearTimeout);
    }

    private endAfter(milliseconds: number): void {
        this.timers.push(setTimeout(() => this.spent.abort(), Math.ceil(milliseconds)));
    }
}

/** Whether an answer was given up because it went on beyond {@link longestAnswer}. */
function isTooLong(error: unknown): error is AxiosError {
    return (
        axios.isAxiosError(error) &&
        error.code === AxiosError.ERR_BAD_RESPONSE &&
        error.message.includes("maxContentLength")
    );
}

/** Whether the array refuses the account, so that nothing of the call was begun. */
function isRefusal(error: unknown): boolean {
    return error instanceof OntapError && error.kind === "credentials";
}

/**
 * What is to be found now in the place of refused credentials: undefined where that is the same, since each refusal brings
 * an account closer to being locked, or where it cannot be found.
 */
async function rotated(
    credentials: OntapCredentials | AccountLookup,
    refused: OntapCredentials,
): Promise<OntapCredentials | undefined> {
    const found = typeof credentials === "function" ? await credentials(refused).catch(() => undefined) : undefined;
    return found === undefined || isDeepStrictEqual(found, refused) ? undefined : found;
}

/** What of the credentials must not be printed, in the forms in which it is sent. */
function secretsOf(credentials: OntapCredentials): string[] {
    if (isByCertificate(credentials)) {
        return [credentials.clientKey];
    }
    const { username, password } = credentials;
    return [password, Buffer.from(`${username}:${password}`).toString("base64")];
}

/** Percent-encoded: ONTAP does not read `+` as a space. */
export function encodeQuery(query: Query): string {
    return Object.entries(query)
        .filter((pair): pair is [string, string | number | boolean] => pair[1] !== undefined)
        .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
        .join("&");
}
