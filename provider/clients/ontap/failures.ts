import axios, { type AxiosResponse } from "axios";
import { errorBodyOf, errorOfAnswer, OntapError } from "./errors";
import {
    answerTooLong,
    certificateProblem,
    connectionProblem,
    isBadAddress,
    isClientCertificateRefused,
    isNotBegun,
    isServerCertificateRefused,
} from "./networkCodes";

const clientCertificateRemedy =
    "set ontapClientCertificate and ontapClientKey of this stack (pulumi config set --secret) to a " +
    "matching pair, and check that the certificate has not expired, that the cluster trusts its CA (security " +
    "certificate install -type client-ca), and that an account named after its common name exists (security login " +
    "create -application http -authentication-method cert)";

/** What {@link Failures} has to know of the cluster that is called. */
interface CalledCluster {
    site: string;
    /** URL of the management endpoint. */
    url: string;
    /** Whether the account is proved by a client certificate. */
    byCertificate: () => boolean;
    /** Replaces every known secret in a text. */
    redact: (text: string) => string;
    signal: AbortSignal | undefined;
}

/** Turns whatever went wrong with a call to one cluster into an {@link OntapError}. */
export class Failures {
    constructor(private readonly cluster: CalledCluster) {}

    /** What a request ended with. */
    ofRequest(call: string, error: unknown): OntapError {
        const { url, signal } = this.cluster;
        const where = this.where(call);
        if (signal?.aborted === true) {
            return new OntapError({
                ...where,
                kind: "interrupted",
                what: `interrupted during ${call}`,
                ...unknownOutcome(call),
            });
        }
        if (axios.isAxiosError(error) && error.response !== undefined) {
            return this.ofResponse(call, error.response as AxiosResponse<unknown>);
        }
        const code = (axios.isAxiosError(error) ? error.code : undefined) ?? "";
        if (isClientCertificateRefused(code)) {
            return this.refusedCertificate(call, `it refuses the client certificate (${code})`);
        }
        if (isServerCertificateRefused(code)) {
            return new OntapError({
                ...where,
                kind: "certificate",
                what: `ONTAP at ${url} presents a certificate that is not the declared one (${certificateProblem(code)})`,
                remedy: 'set the site\'s certificate to its CA or to the certificate itself, or remove it and set verification to "none"',
            });
        }
        if (code === answerTooLong) {
            return this.unreadable(call, "it is longer than 32 MiB, which no answer that is asked for here can be");
        }
        if (isNotBegun(code) || isBadAddress(code) || (call.startsWith("GET ") && code !== "")) {
            return new OntapError({
                ...where,
                kind: "unreachable",
                what: `ONTAP at ${url} cannot be reached (${connectionProblem(code)})`,
                meaning: "nothing was changed",
                remedy: "check that the URL is that of the management interface, that it is up, and that no firewall blocks it",
                retriable: !isBadAddress(code),
            });
        }
        return new OntapError({
            ...where,
            kind: "timeout",
            what: `${call} at ${url} was not answered (${connectionProblem(code)})`,
            ...unknownOutcome(call),
        });
    }

    /** The deadline has passed before the call was made. */
    outOfTime(call: string): OntapError {
        return new OntapError({
            ...this.where(call),
            kind: "timeout",
            what: `no time is left for ${call} at ${this.cluster.url}`,
            meaning: "it was not begun",
            remedy: "run it again to continue",
        });
    }

    /** A collection took longer than one lookup may. */
    tooLong(call: string, milliseconds: number, pages: number): OntapError {
        return new OntapError({
            ...this.where(call),
            kind: "timeout",
            what: `${call} at ${this.cluster.url} was not read to its end within ${milliseconds / 1000} s (${pages} ${pages === 1 ? "page" : "pages"} read)`,
            remedy: "check how busy the array is, then run it again",
            retriable: true,
        });
    }

    /** An answer of this cluster that is not what it should be. */
    unreadable(call: string, problem: string, status?: number): OntapError {
        return new OntapError({
            ...this.where(call),
            kind: "answer",
            status,
            what: this.cluster.redact(`the answer to ${call} at ${this.cluster.url} cannot be read: ${problem}`),
            meaning: "what the call did is not known",
            remedy: "check that the URL is that of an ONTAP management interface with REST (9.12.1 or newer)",
        });
    }

    /** The certificate that is declared for the endpoint is not one. */
    unreadableCertificate(): OntapError {
        return new OntapError({
            ...this.where("GET /cluster"),
            kind: "certificate",
            what: `the certificate that is declared for ONTAP at ${this.cluster.url} cannot be read`,
            remedy: "give a certificate in PEM form (-----BEGIN CERTIFICATE-----)",
        });
    }

    /** What proves the account could not be found. */
    unknownAccount(call: string, why: string): OntapError {
        return new OntapError({
            ...this.where(call),
            kind: "credentials",
            what: `no access to ONTAP at ${this.cluster.url}: ${why}`,
            meaning: "nothing was changed",
            remedy: "give this program an account at ONTAP in the Secret that ontap.accountSecret names, or in the environment (TRIDENT_DR_ONTAP_USERNAME, TRIDENT_DR_ONTAP_PASSWORD)",
        });
    }

    /** The client certificate cannot be used, here or at the array. */
    refusedCertificate(call: string, problem: string): OntapError {
        return new OntapError({
            ...this.where(call),
            kind: "credentials",
            what: `no access to ONTAP at ${this.cluster.url}: ${problem}`,
            meaning: "nothing was changed",
            remedy: clientCertificateRemedy,
        });
    }

    private ofResponse(call: string, { status, data }: AxiosResponse<unknown>): OntapError {
        const { byCertificate, redact } = this.cluster;
        if (status >= 300 && status < 400) {
            return this.unreadable(call, `expected an answer, found a redirect (HTTP ${status})`, status);
        }
        if (status === 401 && byCertificate()) {
            return this.refusedCertificate(call, "it does not accept the client certificate (HTTP 401)");
        }
        const { code, message, target } = errorBodyOf(data);
        const said = (words: string | undefined) => (words === undefined ? undefined : redact(words));
        return errorOfAnswer(this.where(call), {
            status,
            code: said(code),
            message: said(message),
            target: said(target),
        });
    }

    private where(call: string): { site: string; cluster: string; call: string } {
        return { site: this.cluster.site, cluster: this.cluster.url, call };
    }
}

function unknownOutcome(call: string): { meaning: string; remedy: string } {
    return {
        meaning: call.startsWith("GET ") ? "nothing was changed" : "whether it was done is not known",
        remedy: "run it again: it starts from the current state",
    };
}
