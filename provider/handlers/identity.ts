import { type ApplicationInputs, type MirrorRoleInputs, parseInputs } from "../engine/inputs";
import type { CheckFailure } from "./results";

/** What a protected item is cannot change in place: another one would begin from nothing. */
export function changeOfIdentity(olds: unknown, news: MirrorRoleInputs): CheckFailure | undefined {
    const before = parseInputs(olds);
    if (!before.ok) {
        return undefined;
    }
    const [was, is] = [identityOf(before.inputs), identityOf(news)];
    const changed = Object.keys({ ...was, ...is }).find((key) => JSON.stringify(was[key]) !== JSON.stringify(is[key]));
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
export function changeOfNames(olds: unknown, news: MirrorRoleInputs): string | undefined {
    const before = parseInputs(olds);
    if (!before.ok || before.inputs.kind === "volumes" || news.kind === "volumes") {
        return undefined;
    }
    const [was, is] = [namesOf(before.inputs), namesOf(news)];
    const changed = Object.keys({ ...was, ...is }).find((key) => was[key] !== is[key]);
    const told = (name: string | undefined) => (name === undefined ? "the default" : JSON.stringify(name));
    return changed === undefined
        ? undefined
        : `${changed}: was ${told(was[changed])}, is ${told(is[changed])}. ${news.site} has a role, and its objects have the name of before: others would be made beside them. Set it back. To change it, take ${news.application} out of the mirror first (unprotect)`;
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
              // Trident Protect does not let it change.
              includedClusterScopedResources: inputs.includedClusterScopedResources,
          };
}
