import { generateKeyPairSync } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

/** Writes an RSA key pair (PEM) that API servers sign service account tokens with. */
export async function signingKey(folder: string, name: string): Promise<{ publicFile: string; privateFile: string }> {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const files = { publicFile: path.join(folder, `${name}.pub`), privateFile: path.join(folder, `${name}.key`) };
    await mkdir(folder, { recursive: true });
    await writeFile(files.publicFile, publicKey);
    await writeFile(files.privateFile, privateKey, { mode: 0o600 });
    return files;
}
