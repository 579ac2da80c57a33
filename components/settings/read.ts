import * as pulumi from "@pulumi/pulumi";
import { ownStackName } from "../stackNames";

/** A stack's configuration as it was written, one namespace of it. */
export interface StackConfiguration {
    /** Before each key, such as `trident-dr:`. */
    namespace: string;
    /** Values by key: texts, or what their JSON says where the key holds a structure or a number. */
    values: Record<string, unknown>;
    /** Keys whose values were written in plain text. */
    plain: ReadonlySet<string>;
    environment: NodeJS.ProcessEnv;
    /** Full name of the stack: `<organization>/<project>/<stack>`. */
    stack: string;
}

/** Keys that hold what a user writes as YAML: Pulumi hands it over as JSON text. */
const structured = ["sites", "applications", "volumes", "vaultCredentials", "takeover", "fullCopy"];

export function readStackConfiguration(config: pulumi.Config): StackConfiguration {
    const namespace = `${config.name}:`;
    const entries = Object.entries(pulumi.runtime.allConfig())
        .filter(([key]) => key.startsWith(namespace))
        .map(([key, text]): [string, string] => [key.slice(namespace.length), text]);
    return {
        namespace,
        values: Object.fromEntries(entries.map(([key, text]) => [key, structured.includes(key) ? json(text) : text])),
        plain: new Set(entries.map(([key]) => key).filter((key) => !isSecret(namespace + key))),
        environment: process.env,
        stack: ownStackName(),
    };
}

/** What is no JSON stays text, and is then found to be no structure. */
function json(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return text;
    }
}

/** The SDK knows, but does not declare it; where it does not tell, nobody is accused. */
function isSecret(key: string): boolean {
    const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };
    return isConfigSecret?.(key) ?? true;
}
