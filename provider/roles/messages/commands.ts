import type { Configuration, OwnKey } from "../situation";
import { join, type Command, type Message } from "./message";

/** Takes a site further. */
export function upCommand(site: string): Command {
    return { pulumi: "up", site };
}

/** Shows what is to be done at a site. */
export function previewCommand(site: string): Command {
    return { pulumi: "preview", site };
}

/**
 * Sets a value in the stack of `site`: the application's own where it has one, since that of the pair would have no
 * effect on it.
 */
export function configSetCommand(
    key: OwnKey | "unprotect",
    value: string | number,
    { application, path, ownKeys = [] }: Pick<Configuration, "application" | "path" | "ownKeys">,
    site: string,
): Command | Message {
    if (key !== "unprotect" && !ownKeys.includes(key)) {
        return { pulumi: `config set ${key} ${value}`, site };
    }
    return path === undefined
        ? `set ${key}: ${value} for ${application} in the stack of ${site}`
        : { pulumi: `config set --path '${path}.${key}' ${value}`, site };
}

/** Makes a site the one that is to serve, in both stacks. */
export function activateCommands(active: string, configuration: Configuration): Message {
    return join(
        [configuration.site, configuration.peer].map((site) => configSetCommand("active", active, configuration, site)),
        "; ",
    );
}
