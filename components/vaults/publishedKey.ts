import { describeSecret, InvalidInput } from "../validation/problems";

interface PublishedKey {
    accessKeyID: string;
    secretAccessKey: string;
}

/**
 * The access key in an output of the peer's stack; undefined where none is published.
 * @throws InvalidInput for an output that is there and cannot be read, as with another passphrase than the peer's
 */
export function publishedKey(peer: string, name: string, output: unknown): PublishedKey | undefined {
    if (output === undefined || output === null) {
        return undefined;
    }
    const { accessKeyID, secretAccessKey } = output as Record<string, unknown>;
    if (typeof accessKeyID === "string" && typeof secretAccessKey === "string") {
        return accessKeyID === "" || secretAccessKey === "" ? undefined : { accessKeyID, secretAccessKey };
    }
    throw new InvalidInput(`The access key of ${peer}'s vault`, [
        {
            key: `output ${name} of ${peer}'s stack`,
            expected: `accessKeyID and secretAccessKey: this stack must be able to decrypt the secrets of ${peer}'s, with the same passphrase or secrets provider, or have the key as vaultCredentials.${peer}`,
            found: describeSecret(output),
        },
    ]);
}
