import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { OntapEndpoint } from "../../provider/clients/ontap/endpoint";
import type { Problem } from "./problems";

/**
 * What is wrong with a certificate that this package accepts and Trident does not: Trident verifies as every Go program
 * does. A certificate that is no CA's has to name the address that Trident connects to; a common name counts for nothing.
 */
export function tridentCertificateProblems(key: string, { url, certificate }: OntapEndpoint): Problem[] {
    const all = readable(certificate);
    if (all.length === 0 || !URL.canParse(url)) {
        return [];
    }
    const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
    return all.some((one) => one.ca || names(one, host))
        ? []
        : [
              {
                  key,
                  expected:
                      `the certificate of a CA, or one with ${host} among its subjectAltNames, since Trident accepts no ` +
                      "other (security certificate create at the array makes one, with -ipaddr or -san)",
                  found: `a certificate of ${all.map(({ subject }) => subject.replace(/\n/g, ", ")).join("; ")} for ${all
                      .map(({ subjectAltName }) => subjectAltName ?? "no address")
                      .join("; ")}`,
              },
          ];
}

/** A certificate that nothing is verified by would look like protection. */
export function verificationProblems(
    key: string,
    { verification, certificate }: { verification?: unknown; certificate?: unknown },
): Problem[] {
    return verification === "none" && certificate !== undefined
        ? [
              {
                  key,
                  expected: "verify, since a certificate is given, or no certificate",
                  found: "none, beside a certificate that would not be used to verify the array",
              },
          ]
        : [];
}

/** What is not verified of an array, in words for a warning; nothing when all is. */
export function unverified(
    site: string,
    { url, verification }: OntapEndpoint,
    forTrident: OntapEndpoint | undefined,
): string[] {
    const own =
        verification === "none"
            ? [
                  `${site}: the certificate of its array is not verified (verification: none): whoever answers at ${url} ` +
                      "is sent the password. Set verification to verify, and the certificate of the array or its CA",
              ]
            : [];
    const trident =
        forTrident !== undefined && forTrident.certificate === undefined
            ? [
                  `${site}: no certificate is given for its array, and without one Trident verifies none: whoever answers ` +
                      `at ${forTrident.url} is sent Trident's password. Set the certificate of the array's CA, or the array's own`,
              ]
            : [];
    return [...own, ...trident];
}

/** Whatever cannot be read is reported elsewhere. */
function readable(certificate: unknown): X509Certificate[] {
    const blocks = typeof certificate === "string" ? certificate.match(/-----BEGIN CERT[^]*?-----END [^-]+-----/g) : [];
    try {
        return (blocks ?? []).map((pem) => new X509Certificate(pem));
    } catch {
        return [];
    }
}

function names(certificate: X509Certificate, host: string): boolean {
    const found = isIP(host) === 0 ? certificate.checkHost(host, { subject: "never" }) : certificate.checkIP(host);
    return found !== undefined;
}
