import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { webcrypto } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

/** Files of a certificate and its private key, both PEM. */
export interface CertificateFiles {
    certFile: string;
    keyFile: string;
}

/** Whom a certificate speaks for. */
export interface Subject {
    commonName: string;
    /** Groups of a Kubernetes user. */
    organization?: string;
    /** Addresses and DNS names that a server is reached by. */
    addresses?: readonly string[];
    names?: readonly string[];
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 24 * 3600 * 1000;
/** Long enough for a folder that is kept for years; and a clock that was set back a little must not break it. */
const validity = () => ({ notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + 3650 * dayMs) });

/** A certificate authority that lives as long as the process: its key is never written. */
export class Authority {
    private constructor(
        private readonly certificate: x509.X509Certificate,
        private readonly keys: webcrypto.CryptoKeyPair,
        /** The authority's own certificate, PEM. */
        readonly certFile: string,
    ) {}

    /** Makes an authority and writes its certificate to `<folder>/<name>.crt`. */
    static async create(folder: string, name: string): Promise<Authority> {
        const keys = await newKeys();
        const certificate = await x509.X509CertificateGenerator.createSelfSigned({
            ...validity(),
            name: [{ CN: [name] }],
            keys,
            signingAlgorithm: algorithm,
            extensions: [
                new x509.BasicConstraintsExtension(true, undefined, true),
                new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
                await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
            ],
        });
        const certFile = path.join(folder, `${name}.crt`);
        await mkdir(folder, { recursive: true });
        await writeFile(certFile, certificate.toString("pem"));
        return new Authority(certificate, keys, certFile);
    }

    /** Issues a certificate for servers and clients alike, to `<folder>/<name>.crt` and `<name>.key`. */
    async issue(folder: string, name: string, subject: Subject): Promise<CertificateFiles> {
        const keys = await newKeys();
        const certificate = await x509.X509CertificateGenerator.create({
            ...validity(),
            subject: distinguishedName(subject),
            issuer: this.certificate.subject,
            publicKey: keys.publicKey,
            signingKey: this.keys.privateKey,
            signingAlgorithm: algorithm,
            extensions: [
                ...(await usage(subject, keys.publicKey)),
                await x509.AuthorityKeyIdentifierExtension.create(this.keys.publicKey),
            ],
        });
        return writePair(folder, name, certificate, keys.privateKey);
    }
}

/** Makes a certificate that vouches for itself, as a storage array has it when it is new. */
export async function selfSigned(folder: string, name: string, subject: Subject): Promise<CertificateFiles> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
        ...validity(),
        name: distinguishedName(subject),
        keys,
        signingAlgorithm: algorithm,
        extensions: await usage(subject, keys.publicKey),
    });
    return writePair(folder, name, certificate, keys.privateKey);
}

/** Where a certificate of that name and its key lie. */
export function certificateFiles(folder: string, name: string): CertificateFiles {
    return { certFile: path.join(folder, `${name}.crt`), keyFile: path.join(folder, `${name}.key`) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
    return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
}

function distinguishedName({ commonName, organization }: Subject): x509.JsonName {
    return [...(organization === undefined ? [] : [{ O: [organization] }]), { CN: [commonName] }];
}

async function usage(subject: Subject, publicKey: webcrypto.CryptoKey): Promise<x509.Extension[]> {
    const alternatives: x509.JsonGeneralName[] = [
        ...(subject.addresses ?? []).map((value) => ({ type: "ip" as const, value })),
        ...(subject.names ?? []).map((value) => ({ type: "dns" as const, value })),
    ];
    return [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
        ...(alternatives.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(alternatives)]),
    ];
}

async function writePair(
    folder: string,
    name: string,
    certificate: x509.X509Certificate,
    privateKey: webcrypto.CryptoKey,
): Promise<CertificateFiles> {
    const files = certificateFiles(folder, name);
    const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", privateKey);
    await mkdir(folder, { recursive: true });
    await writeFile(files.certFile, certificate.toString("pem"));
    await writeFile(files.keyFile, x509.PemConverter.encode(pkcs8, "PRIVATE KEY"), { mode: 0o600 });
    return files;
}
