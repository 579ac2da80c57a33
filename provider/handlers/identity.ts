import { type MirrorRoleInputs, parseInputs } from "../engine/inputs";
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

function identityOf(inputs: MirrorRoleInputs): Record<string, unknown> {
    const { application, site, peerSite } = inputs;
    return inputs.kind === "volumes"
        ? { kind: "volumes", application, site, peerSite, volumes: inputs.volumes }
        : { kind: "application", application, site, peerSite, namespaces: inputs.namespaces };
}
