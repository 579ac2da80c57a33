/** Name of a site's AppVault, at both sites. */
export function vaultName(site: string, names: Readonly<Record<string, string>> = {}): string {
    return names[site] ?? `vault-${site}`;
}

/** Name of the Secret with the credentials of its bucket. */
export function vaultSecretName(vault: string): string {
    return vault + suffix;
}

const suffix = "-credentials";

/** Of an AppVault: its Secret needs a name as well, and Kubernetes takes 253 characters. */
export const longestVaultName = 253 - suffix.length;
