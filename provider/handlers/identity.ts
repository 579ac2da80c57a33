import { isDeepStrictEqual } from "node:util";
import { type ApplicationInputs, type MirrorRoleInputs, parseInputs } from "../engine/inputs";
import { configKey, configSetCommand, upCommand } from "../roles/messages/commands";
import { join, text, type Command, type Message } from "../roles/messages/message";
import { defined } from "../support/defined";
import type { CheckFailure } from "./results";

/** What a protected item is cannot change in place: another one would begin from nothing. */
export function changeOfIdentity(olds: unknown, news: MirrorRoleInputs): CheckFailure | undefined {
    const before = parseInputs(olds);
    if (!before.ok) {
        return undefined;
    }
    const [was, is] = [identityOf(before.inputs), identityOf(news)];
    const changed = Object.keys({ ...was, ...is }).find((key) => !isDeepStrictEqual(was[key], is[key]));
    return changed === undefined
        ? undefined
        : {
              property: changed,
              reason: `was ${JSON.stringify(was[changed])}, is ${JSON.stringify(is[changed])}: that would be another protected item, with a baseline of its own. Declare it under another name, and retire this one`,
          };
}

/**
 * Why the objects of a site with a role cannot have other names: those of before would stay, a second mirror among them.
 * Undefined where they have the same.
 */
export function changeOfNames(olds: unknown, news: MirrorRoleInputs): Message | undefined {
    const before = parseInputs(olds);
    if (!before.ok || before.inputs.kind === "volumes" || news.kind === "volumes") {
        return undefined;
    }
    const [was, is] = [namesOf(before.inputs), namesOf(news)];
    const changed = Object.keys({ ...was, ...is }).find((key) => was[key] !== is[key]);
    return changed === undefined ? undefined : refuseRenaming(news, changed, was[changed], is[changed]);
}

function refuseRenaming(news: ApplicationInputs, changed: string, was?: string, is?: string): Message {
    const { application: item, site, peerSite: peer, path, configNamespace } = news;
    const told = (name: string | undefined) => (name === undefined ? "the default" : JSON.stringify(name));
    const [part, which] = changed.split(".") as ["names" | "vaults", string];
    const usesExisting = news.access?.existing?.objects?.some((one) => one.startsWith("appvaults/")) === true;
    const ofVault = usesExisting ? undefined : `sites.${which}.vault.name`;
    const at = part === "vaults" ? ofVault : path === undefined ? undefined : `${path}.${changed}`;
    const key = at === undefined ? undefined : configKey(at, configNamespace);
    const set = (name: string | undefined, where: string): Command | Message =>
        key === undefined
            ? `set ${changed} of ${item} to ${told(name)} in the stack of ${where}`
            : {
                  pulumi: name === undefined ? `config rm --path '${key}'` : `config set --path '${key}' ${name}`,
                  site: where,
              };
    const leave = (value: "true" | "false") =>
        [site, peer].map((where) =>
            configSetCommand("unprotect", value, { item, ...defined({ path, configNamespace }) }, where),
        );
    const ups = [upCommand(site), upCommand(peer)];
    return text`${changed}: was ${told(was)}, is ${told(is)}. ${site} has a role, and its objects have the name of before: others would be made beside them. Nothing was changed. To set it back: ${set(was, site)}. To change it, take ${item} out of the mirror first: ${set(was, site)}; ${join([...leave("true"), ...ups], "; ")}, until \`next\` is empty at both; then ${join([set(is, site), set(is, peer), ...leave("false"), ...ups], "; ")}`;
}

function namesOf({ names = {}, vaults }: ApplicationInputs): Record<string, string | undefined> {
    const of = (prefix: string, all: Readonly<Record<string, string | undefined>>) =>
        Object.entries(all).map(([key, name]) => [`${prefix}.${key}`, name]);
    return Object.fromEntries([...of("names", names), ...of("vaults", vaults)]) as Record<string, string | undefined>;
}

function identityOf(inputs: MirrorRoleInputs): Record<string, unknown> {
    const { application, site, peerSite } = inputs;
    return inputs.kind === "volumes"
        ? { kind: "volumes", application, site, peerSite, volumes: inputs.volumes }
        : {
              kind: "application",
              application,
              site,
              peerSite,
              namespaces: inputs.namespaces,
              peerNamespaces: inputs.peerNamespaces,
              // Trident Protect does not let these change.
              labelSelector: inputs.labelSelector,
              includedClusterScopedResources: inputs.includedClusterScopedResources,
          };
}
