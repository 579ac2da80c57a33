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
            siteStack,
        )
        .option("--namespace <name>", "namespace of the pair's keys, where a project has several pairs");
}

export function pairOptionsOf({ project, stack, namespace }: TypedPair): PairOptions {
    return { project, stacks: stack, namespace };
}

/** `--stack-east prod` is `--stack east=prod`: the names of sites are the user's own. */
export function withSiteOptions(args: readonly string[]): string[] {
    return args.flatMap((arg, index) => {
        const isValue = /^--stack-[a-z0-9-]+$/.test(args[index - 1] ?? "");
        if (isValue) {
            return [];
        }
        const option = /^--stack-(?<site>[a-z0-9-]+)(?:=(?<stack>.*))?$/.exec(arg)?.groups;
        return option === undefined
            ? [arg]
            : ["--stack", `${option["site"]}=${option["stack"] ?? args[index + 1] ?? ""}`];
    });
}

function siteStack(text: string, before: Record<string, string> = {}): Record<string, string> {
    const [site = "", stack = ""] = text.split(/=(.*)/s);
    if (site === "" || stack === "") {
        throw new InvalidArgumentError(`expected <site>=<stack>, such as east=prod-east; found "${text}"`);
    }
    return { ...before, [site]: stack };
}
