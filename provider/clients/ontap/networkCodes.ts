// Error codes of Node.js for a request that got no answer: of name resolution, of TCP and of TLS.

/** Error code of a connection that was not established in time. Nothing was sent over it. */
export const connectTimeout = "ECONNECTTIMEOUT";

/** Error code of an answer that was given up because it is longer than any that is asked for. */
export const answerTooLong = "EANSWERTOOLONG";

/** The server ended the handshake, or what came after it, because of the certificate that we presented. */
export function isClientCertificateRefused(code: string | undefined): boolean {
    return code !== undefined && /ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code);
}

/** We ended the handshake because of the certificate that the server presented. */
export function isServerCertificateRefused(code: string | undefined): boolean {
    return code !== undefined && /CERT|SELF_SIGNED|ISSUER|LEAF_SIGNATURE|ALTNAME|HOSTNAME_MISMATCH/.test(code);
}

/** There was no connection, so that the array did not begin anything. */
export function isNotBegun(code: string | undefined): boolean {
    return notBegun.includes(code ?? "");
}

/** Trying again does not help: the address itself is wrong. */
export function isBadAddress(code: string | undefined): boolean {
    return badAddress.includes(code ?? "");
}

const notBegun = [connectTimeout, "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN", "EAI_AGAIN"];
const badAddress = ["ENOTFOUND", "EINVAL", "EADDRNOTAVAIL", "ENONAME"];

/** What is wrong with the certificate that the server presented. */
export function certificateProblem(code: string): string {
    switch (code) {
        case "CERT_HAS_EXPIRED":
            return "it has expired";
        case "ERR_TLS_CERT_ALTNAME_INVALID":
        case "HOSTNAME_MISMATCH":
            return "it is for another host name";
        default:
            return `it is not signed by the configured certificate or CA, ${code}`;
    }
}

/** Why there was no answer. */
export function connectionProblem(code: string): string {
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
            return "no route to host";
        case "EPROTO":
            return "the server does not speak TLS";
        default:
            return code === "" ? "no answer" : code;
    }
}
