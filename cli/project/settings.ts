import { type ParsedSettings, secretKeys } from "../../components/settings/schema";
import { validate } from "../../components/settings/validate";
import { ProjectProblem } from "./problem";

/**
 * Validates a stack's configuration as its program will, but for its secrets, which are not decrypted here.
 *
 * @throws ProjectProblem with everything that is wrong
 */
export function parseSettings({
    stack,
    project,
    namespace,
    values,
}: {
    stack: string;
    project: string;
    namespace: string;
    values: Record<string, unknown>;
}): ParsedSettings {
    const isSecret = (key: string) => secretKeys.some((secret) => key.split(/[.[]/)[0] === secret);
    const { problems, parsed } = validate({
        namespace: `${namespace}:`,
        values: Object.fromEntries(Object.entries(values).filter(([key]) => !isSecret(key))),
        plain: new Set(),
        environment: process.env,
        stack: `organization/${project}/${stack}`,
    });
    const plain = problems.filter(({ key }) => !isSecret(key.slice(namespace.length + 1)));
    if (plain.length > 0 || parsed === undefined) {
        throw new ProjectProblem(
            [
                `the configuration of stack ${stack} is not valid, and nothing was done:`,
                ...plain.map(({ key, expected, found }) => `  ${key}: expected ${expected}; found ${found}`),
            ].join("\n"),
        );
    }
    return parsed;
}
