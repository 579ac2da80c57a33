import type { Permission, Verb } from "./permissions";

/** What the account of `pulumi up` may not do of what the item needs; or why that cannot be told. */
export type ObservedRights = { missing: readonly Permission[] } | { unknown: string };

/** What an account may do in a namespace, as Kubernetes tells it; `*` stands for all of something, no names for every name. */
export interface Granted {
    verbs: readonly string[];
    apiGroups: readonly string[];
    resources: readonly string[];
    resourceNames: readonly string[];
}

/**
 * What of the needed is not granted. What is in no namespace is granted by rules that count in every one.
 *
 * @param granted the rules of each namespace
 */
export function missingRights(
    needed: readonly Permission[],
    granted: ReadonlyMap<string, readonly Granted[]>,
): Permission[] {
    return needed.flatMap((permission) => {
        const { namespace, verbs, names } = permission;
        const places = namespace === undefined ? [...granted.values()] : [granted.get(namespace) ?? []];
        const isGranted = (verb: Verb, name: string | undefined) =>
            places.every((rules) => rules.some((rule) => covers(rule, permission, verb, name)));
        const lacking = (verb: Verb) => (names ?? [undefined]).filter((name) => !isGranted(verb, name));
        const missing = verbs.filter((verb) => lacking(verb).length > 0);
        const missingNames = names?.filter((name) => missing.some((verb) => lacking(verb).includes(name)));
        return missing.length === 0
            ? []
            : [{ ...permission, verbs: missing, ...(missingNames === undefined ? {} : { names: missingNames }) }];
    });
}

/** As RBAC decides: a rule that is restricted to names covers nothing that is needed for all. */
function covers(rule: Granted, { group, resource }: Permission, verb: Verb, name: string | undefined): boolean {
    const has = (list: readonly string[], one: string) => list.includes(one) || list.includes("*");
    return (
        has(rule.verbs, verb) &&
        has(rule.apiGroups, group) &&
        has(rule.resources, resource) &&
        (rule.resourceNames.length === 0 || (name !== undefined && rule.resourceNames.includes(name)))
    );
}
