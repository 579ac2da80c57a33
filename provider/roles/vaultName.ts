/** Name of a site's AppVault, at both sites. */
export function vaultName(site: string, names: Readonly<Record<string, string>> = {}): string {
    return names[site] ?? `vault-${site}`;
}

/** Name of the Secret with the credentials of its bucket. */
export function vaultSecretName(vault: string): string {
    return `${vault}-credentials`;
}
