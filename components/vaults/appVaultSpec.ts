import * as pulumi from "@pulumi/pulumi";
import type { VaultArgs, VaultCredentials } from "./vault";

/**
 * The `spec` of an AppVault. By its definition `secure` and `skipCertValidation` are strings, `useIAM` is a boolean, and
 * credentials refer to the keys of a Secret.
 */
export function appVaultSpec(
    vault: VaultArgs,
    secretName: string | undefined,
    credentials: Readonly<Record<string, string>>,
) {
    return {
        providerType: vault.type,
        providerConfig: providerConfig(vault),
        ...(secretName === undefined ? {} : { providerCredentials: references(secretName, credentials) }),
        ...given({ prefix: vault.prefix, dataMoverPasswordSecretRef: vault.dataMoverPasswordSecretRef }),
    };
}

/** The credentials in a Secret that is made here, in a fixed order, each under its own name. */
export function ownKeysOf(credentials: VaultCredentials): Record<string, string> {
    const names = Object.entries(credentials)
        .filter(([, value]) => value !== undefined)
        .map(([name]) => name)
        .sort();
    return Object.fromEntries(names.map((name) => [name, name]));
}

function providerConfig(vault: VaultArgs) {
    switch (vault.type) {
        case "Azure":
            return {
                azure: {
                    accountName: vault.accountName,
                    bucketName: vault.bucket,
                    endpoint: vault.endpoint ?? pulumi.interpolate`${vault.accountName}.blob.core.windows.net`,
                },
            };
        case "GCP":
            return { gcp: { bucketName: vault.bucket, projectID: vault.projectID } };
        default:
            return {
                s3: {
                    bucketName: vault.bucket,
                    endpoint: vault.endpoint ?? amazonEndpoint(vault.region),
                    ...given({
                        secure: text(vault.secure),
                        skipCertValidation: text(vault.skipCertValidation),
                        rootCA: vault.rootCA,
                        proxyURL: vault.proxyURL,
                        useIAM: vault.useIAM,
                    }),
                },
            };
    }
}

function amazonEndpoint(region: string | undefined): string {
    return region === undefined ? "s3.amazonaws.com" : `s3.${region}.amazonaws.com`;
}

function references(secretName: string, credentials: Readonly<Record<string, string>>) {
    return Object.fromEntries(
        Object.entries(credentials).map(([name, key]) => [name, { valueFromSecret: { name: secretName, key } }]),
    );
}

function text(flag: boolean | undefined): string | undefined {
    return flag === undefined ? undefined : String(flag);
}

/** Leaves out what is undefined: an explicit null would be a field of the object. */
function given<T extends object>(fields: T): Partial<T> {
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
