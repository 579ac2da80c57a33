import { objectNameProblems } from "../validation/names";
import type { Problem } from "../validation/problems";
import { type ExistingArgs, existingProblems } from "../storage/existing";

/**
 * A vault that somebody else made: an AppVault of this name is in Trident Protect's namespace at both sites.
 *
 * @example
 * { existing: "east-archive", credentialsSecret: "east-archive-key" }
 */
export interface ExistingVaultArgs extends ExistingArgs {
    /**
     * The Secret to which the AppVault refers. It is read, to claim epochs in the bucket.
     * @default none: the cluster's own identity opens the bucket
     */
    credentialsSecret?: string;
}

/** In configuration, as JSON Schema. */
export const existingVaultForm = {
    type: "object",
    properties: {
        existing: {
            type: "string",
            pattern: "^[a-z0-9][-a-z0-9.]*$",
            maxLength: 253,
            description: "name of an AppVault that somebody else made, at both sites; it is checked, and never changed",
            "x-default": "none: one is declared",
        },
        credentialsSecret: {
            type: "string",
            pattern: "^[a-z0-9][-a-z0-9.]*$",
            maxLength: 253,
            description: "Secret of somebody else with the bucket's credentials, in Trident Protect's namespace",
            "x-default": "one is declared; with `existing`, none",
        },
    },
    required: ["existing"],
    additionalProperties: false,
};

export function existingVaultProblems(key: string, vault: ExistingVaultArgs): Problem[] {
    return [
        ...existingProblems(key, vault, ["credentialsSecret"]),
        ...(vault.credentialsSecret === undefined
            ? []
            : objectNameProblems(`${key}.credentialsSecret`, vault.credentialsSecret)),
    ];
}
