import { type Command, InvalidArgumentError } from "commander";
import type { PairOptions } from "./pair";

/** What a person may type to say which project and which stacks are meant. */
export interface TypedPair {
    project?: string;
    stack?: Record<string, string>;
    namespace?: string;
}

/** The options of every command that works on both sites. */
export function addPairOptions(command: Command): Command {
    return command
        .option("--project <folder>", "folder of the Pulumi project (default: the current one)")
        .option(
            "--stack <site=stack>",
            "the stack of a site, also as --stack-<site> <stack> (default: the one configured for it)",
            valueOfSite("stack", "east=prod-east"),
        )
        .option("--namespace <name>", "namespace of the pair's keys, where a project has several pairs");
}

export function pairOptionsOf({ project, stack, namespace }: TypedPair): PairOptions {
    return { project, stacks: stack, namespace };
}

/** Options that each site may have, by command; where there is none of its own, what every command has. */
const siteOptions: Readonly<Record<string, readonly string[]>> = {
    status: ["stack", "context", "kubeconfig"],
    readiness: ["stack", "context", "kubeconfig"],
};

/** `--stack-east prod` is `--stack east=prod`: the names of sites are the user's own. */
export function withSiteOptions(args: readonly string[]): string[] {
    const names = (siteOptions[args[0] ?? ""] ?? ["stack"]).join("|");
    const wanted = new RegExp(`^--(?<name>${names})-(?<site>[a-z0-9-]+)(?:=(?<value>.*))?$`, "s");
    return args.flatMap((arg, index) => {
        const before = wanted.exec(args[index - 1] ?? "")?.groups;
        if (before !== undefined && before["value"] === undefined) {
            return [];
        }
        const option = wanted.exec(arg)?.groups;
        return option === undefined
            ? [arg]
            : [`--${option["name"]}`, `${option["site"]}=${option["value"] ?? args[index + 1] ?? ""}`];
    });
}

/**
 * Reads `<site>=<value>`, one for each site.
 *
 * @param what the value is
 */
export function valueOfSite(what: string, example: string) {
    return (text: string, before: Record<string, string> = {}): Record<string, string> => {
        const [site = "", value = ""] = text.split(/=(.*)/s);
        if (site === "" || value === "") {
            throw new InvalidArgumentError(`expected <site>=<${what}>, such as ${example}; found "${text}"`);
        }
        return { ...before, [site]: value };
    };
}
