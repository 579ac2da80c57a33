import type { AccountLookup, OntapCredentials, OntapEndpoint } from "./endpoint";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";
export type Query = Record<string, string | number | boolean | undefined>;

/** How long a client waits, in milliseconds. */
interface OntapTimeouts {
    /** Until the TLS connection is established. Default 6 s. */
    connect?: number | undefined;
    /** Until one request is answered, beyond the `return_timeout` that it asks for. Default 45 s. */
    request?: number | undefined;
    /** A call with all its repetitions, or a lookup with all its pages, from its first request. Default 90 s. */
    patience?: number | undefined;
    /** A job, once it has been accepted. Default 120 s. */
    job?: number | undefined;
}

/** Pauses before a call is repeated, in milliseconds. */
interface OntapPauses {
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
    credentials: OntapCredentials | AccountLookup;
    timeouts?: OntapTimeouts | undefined;
    pauses?: OntapPauses | undefined;
    /** The client's name in ONTAP's audit log. Default `pulumi-trident-dr`. */
    clientApp?: string | undefined;
    /** Called with each call before it is made, e.g. `POST /cluster/peers (west, 10.0.0.9)`. */
    onCall?: ((call: string) => void) | undefined;
    /** What must be redacted from the array's own words, besides the credentials. */
    secrets?: readonly string[] | undefined;
    /** Ends waiting and calls under way. */
    signal?: AbortSignal | undefined;
    /** Milliseconds since the epoch after which nothing is begun, repeated or waited for. Default: never. */
    deadline?: number | undefined;
}

/** Every one of an interface's optional numbers. */
type Complete<Numbers> = { readonly [Key in keyof Numbers]-?: number };

export type Timeouts = Complete<OntapTimeouts>;
export type Pauses = Complete<OntapPauses>;

export function withDefaultTimeouts(timeouts: OntapTimeouts = {}): Timeouts {
    return {
        connect: timeouts.connect ?? 6_000,
        request: timeouts.request ?? 45_000,
        patience: timeouts.patience ?? 90_000,
        job: timeouts.job ?? 120_000,
    };
}

export function withDefaultPauses(pauses: OntapPauses = {}): Pauses {
    return {
        transport: pauses.transport ?? 500,
        short: pauses.short ?? 3_000,
        long: pauses.long ?? 30_000,
        job: pauses.job ?? 200,
    };
}
