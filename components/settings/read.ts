import * as pulumi from "@pulumi/pulumi";
import { ownStackName } from "../stackNames";

/** One namespace of a stack's configuration, as it was written. */
export interface StackConfiguration {
    /** The prefix of each key, such as `trident-dr:`. */
    namespace: string;
    /** Values by key: strings, or parsed JSON for keys that hold a structure or a number. */
    values: Record<string, unknown>;
    /** Keys whose values were written in plain text. */
    plain: ReadonlySet<string>;
    environment: NodeJS.ProcessEnv;
    /** Full name of the stack: `<organization>/<project>/<stack>`. */
    stack: string;
}

/** Keys that a user writes as YAML structures or numbers: Pulumi passes them on as JSON. */
export const structuredKeys: readonly string[] = [
    "sites",
    "applications",
    "volumes",
    "vaultCredentials",
    "takeover",
    "fullCopy",
    "warnings",
    "acceptUnauthenticated",
    "sharedCluster",
];

export function readStackConfiguration(config: pulumi.Config): StackConfiguration {
    const namespace = `${config.name}:`;
    const entries = Object.entries(pulumi.runtime.allConfig())
        .filter(([key]) => key.startsWith(namespace))
        .map(([key, text]): [string, string] => [key.slice(namespace.length), text]);
    return {
        namespace,
        values: Object.fromEntries(
            entries.map(([key, text]) => [key, structuredKeys.includes(key) ? json(text) : text]),
        ),
        plain: new Set(entries.map(([key]) => key).filter((key) => !isSecret(namespace + key))),
        environment: process.env,
        stack: ownStackName(),
    };
}

/** Keep invalid JSON as text; the schema rejects it later. */
function json(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return text;
    }
}

/** Undocumented SDK function; if absent, assume the value is secret. */
function isSecret(key: string): boolean {
    const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };
    return isConfigSecret?.(key) ?? true;
}
