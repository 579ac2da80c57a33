import type { Configuration, OwnKey } from "../situation";
import { join, text, type Command, type Message } from "./message";

/** Takes a site further. */
export function upCommand(site: string): Command {
    return { pulumi: "up", site };
}

/** Reads what a site has. */
export function refreshCommand(site: string): Command {
    return { pulumi: "refresh", site };
}

/** Prints what an account needs at the cluster of a site, and gives it. */
export function rightsCommand(site: string): Command {
    return { rights: "--user NAME | kubectl apply -f -", site };
}

/** Shows what is to be done at a site. */
export function previewCommand(site: string): Command {
    return { pulumi: "preview", site };
}

/**
 * Sets a value in the stack of `site`: the item's own where it has one, since that of the pair would have no effect
 * on it.
 */
export function configSetCommand(
    key: OwnKey | LeavingKey,
    value: string | number,
    { item, path, ownKeys = [], configNamespace }: Configurable,
    site: string,
): Command | Message {
    if (!isLeavingKey(key) && !ownKeys.includes(key)) {
        return { pulumi: `config set ${configKey(key, configNamespace)} ${value}`, site };
    }
    return path === undefined
        ? `set ${key}: ${value} for ${item} in the stack of ${site}`
        : { pulumi: `config set --path '${configKey(`${path}.${key}`, configNamespace)}' ${value}`, site };
}

/** What tells where the configuration has a value for an item. */
type Configurable = Pick<Configuration, "item" | "path" | "ownKeys" | "configNamespace">;

/** A key as the CLI wants it: the CLI completes one without a namespace by the project's. */
export function configKey(key: string, namespace: string | undefined): string {
    return namespace === undefined ? key : `${namespace}:${key}`;
}

/** Only an item has them: the pair has no value that they override. */
type LeavingKey = "unprotect" | "unmanage";

function isLeavingKey(key: OwnKey | LeavingKey): key is LeavingKey {
    return key === "unprotect" || key === "unmanage";
}

/** Sets a value in the stack of `site` and brings it into effect there. */
export function setAndUp(
    key: OwnKey | LeavingKey,
    value: string | number,
    configuration: Configurable,
    site: string,
): Message {
    return text`${configSetCommand(key, value, configuration, site)}; ${upCommand(site)}`;
}

/** Makes a site the one that should serve, in the stack of this site alone, and brings that into effect. */
export function activateHere(active: string, configuration: Configuration): Message {
    return setAndUp("active", active, configuration, configuration.site);
}

/** Makes a site the one that should serve, in both stacks. */
export function activateCommands(active: string, configuration: Configuration): Message {
    return join(
        [configuration.site, configuration.peer].map((site) => configSetCommand("active", active, configuration, site)),
        "; ",
    );
}

/** Takes over without Pulumi, with the options that a person gave. */
export function takeoverCommand(options: {
    applications: readonly string[];
    site: string;
    /** The epoch that begins, or `shop=4,bank=2`. Default: it announces what would be lost, and asks. */
    takeover?: number | string;
    kubeconfig?: string;
    context?: string;
    recordNamespace?: string;
    recoverTo?: string;
}): string {
    const { applications, site, takeover, kubeconfig, context, recordNamespace, recoverTo } = options;
    const given = { kubeconfig, context, "record-namespace": recordNamespace, "recover-to": recoverTo, takeover };
    const words = Object.entries(given).flatMap(([name, value]) =>
        value === undefined ? [] : [`--${name} ${quoted(value)}`],
    );
    return ["trident-dr takeover", ...applications.map(quoted), `--site ${quoted(site)}`, ...words].join(" ");
}

/** One word for a shell, whatever is in it. */
function quoted(value: string | number): string {
    const word = String(value);
    return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** How a resource is forgotten, with everything at its site left as it is. */
export function forgetRemedy({ item, site }: Pick<Configuration, "item" | "site">): Message {
    const urn: Command = { pulumi: "stack --show-urns", site, pipe: `grep ${item}-role` };
    return text`to forget it here and leave everything as it is: ${{ pulumi: "state delete", site }} with its URN, which this shows: ${urn}`;
}
