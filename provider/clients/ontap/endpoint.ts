import { createPrivateKey, X509Certificate } from "node:crypto";
import { z } from "zod";

/** What a program says of one ONTAP management endpoint. Nothing in it is secret. */
export interface OntapEndpoint {
    /** https URL of the management LIF, e.g. `https://10.0.0.5`. No path. */
    url: string;
    /**
     * PEM of the CA that signed the endpoint's certificate, or of that very certificate. With a CA the host name is
     * checked as usual; a certificate that is presented itself is accepted under any name, since ONTAP's factory
     * certificates carry a common name only. Default: the system's CAs.
     */
    certificate?: string | undefined;
    /** `none` turns verification off, and goes with no certificate. Default `verify`. */
    verification?: "verify" | "none" | undefined;
}

/** An ONTAP account with application `http` and authentication method `password`. */
export interface OntapPassword {
    username: string;
    password: string;
}

/**
 * An ONTAP account with application `http` and authentication method `cert`. Its name is the certificate's common
 * name; the cluster must know the CA that signed it (`security certificate install -type client-ca`).
 */
export interface OntapClientCertificate {
    /** PEM. */
    clientCertificate: string;
    /** PEM of the certificate's private key, without a passphrase. */
    clientKey: string;
}

/** Credentials of an ONTAP account. They come from secret configuration, and are never part of a resource's state. */
export type OntapCredentials = OntapPassword | OntapClientCertificate;

/**
 * Finds them when the first call is made. What it throws says why they are not known, and shows nothing of them.
 *
 * @param refused what it found before, which the array refuses: they may have been rotated since
 */
export type AccountLookup = (refused?: OntapCredentials) => Promise<OntapCredentials>;

/** Whether the account is proved by a client certificate. */
export function isByCertificate(credentials: OntapCredentials): credentials is OntapClientCertificate {
    return "clientCertificate" in credentials;
}

/** What is wrong with a client certificate and its key, as one clause that shows neither; undefined when nothing is. */
export function clientCertificateProblem({ clientCertificate, clientKey }: OntapClientCertificate): string | undefined {
    let certificate: X509Certificate | undefined;
    try {
        [certificate] = certificatesOf(clientCertificate);
    } catch {
        return "the client certificate cannot be read: expected PEM (-----BEGIN CERTIFICATE-----)";
    }
    try {
        const key = createPrivateKey(clientKey);
        return certificate?.checkPrivateKey(key) === true
            ? undefined
            : "the private key is not that of the client certificate";
    } catch {
        return "the private key cannot be read: expected PEM without a passphrase (-----BEGIN PRIVATE KEY-----)";
    }
}

function isHttpsUrlWithoutPath(text: string): boolean {
    if (!URL.canParse(text)) {
        return false;
    }
    const url = new URL(text);
    return (
        url.protocol === "https:" &&
        /^\/?$/.test(url.pathname) &&
        !url.search &&
        !url.hash &&
        !url.username &&
        !url.password
    );
}

/** The certificates of a PEM text, in its order. Throws when there is none, or one that cannot be read. */
export function certificatesOf(pem: string): X509Certificate[] {
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
    if (blocks === null) {
        throw new Error("no certificate in the text");
    }
    return blocks.map((block) => new X509Certificate(block));
}

function holdsCertificates(pem: string): boolean {
    try {
        certificatesOf(pem);
        return true;
    } catch {
        return false;
    }
}

/** Validates an endpoint; each issue says what was expected. */
export const ontapEndpointSchema: z.ZodType<OntapEndpoint> = z.object({
    url: z.string().refine(isHttpsUrlWithoutPath, { error: "expected an https URL without a path or a user" }),
    certificate: z
        .string()
        .refine(holdsCertificates, { error: "expected a certificate in PEM form (-----BEGIN CERTIFICATE-----)" })
        .optional(),
    verification: z.enum(["verify", "none"]).optional(),
});
