import { type Namespaces, ownNamespace } from "../provider/roles/namespaces";
import type { ResourceFilter } from "./mirroredApplication";
import { namespaceProblems } from "./validation/names";
import { describe, type Problem } from "./validation/problems";

/** An application's namespaces: the same at both sites, or for each site its own, the first for the first and so on. */
export type NamespacesOfSites = string[] | Record<string, string[]>;

/** As one site's stack is to know them: `peerNamespaces` only where the other site's are others. */
export function namespacesAt(
    namespaces: NamespacesOfSites,
    site: string,
    peer: string,
): { namespaces: string[]; peerNamespaces?: string[] } {
    const [own, theirs] = [namespacesOf(namespaces, site), namespacesOf(namespaces, peer)];
    return isSame(own, theirs) ? { namespaces: own } : { namespaces: own, peerNamespaces: theirs };
}

/** Those of one site; none where they are given for other sites only. */
export function namespacesOf(namespaces: NamespacesOfSites, site: string): string[] {
    return Array.isArray(namespaces) ? namespaces : (namespaces[site] ?? []);
}

/** At least one namespace, each with a valid name, and none twice. */
export function namespacesProblems(key: string, value: unknown): Problem[] {
    if (!Array.isArray(value) || value.length === 0) {
        return [{ key, expected: "one namespace or more", found: describe(value) }];
    }
    return value.flatMap((namespace, index) =>
        value.indexOf(namespace) < index
            ? [{ key: `${key}[${index}]`, expected: "each namespace once", found: `${describe(namespace)} twice` }]
            : namespaceProblems(`${key}[${index}]`, namespace),
    );
}

/** The same of a list, or of each site's. Which sites there are is known elsewhere. */
export function namespacesOfSitesProblems(key: string, value: unknown): Problem[] {
    return isBySite(value)
        ? Object.entries(value).flatMap(([site, namespaces]) => namespacesProblems(`${key}.${site}`, namespaces))
        : namespacesProblems(key, value);
}

/** What is wrong between the lists of two sites, and with whose they are; of values that are valid on their own. */
export function namespacesRelationProblems(key: string, value: unknown, sites: readonly string[]): Problem[] {
    if (!isBySite(value) || sites.length !== 2) {
        return [];
    }
    const given = Object.keys(value);
    if (given.length !== 2 || !sites.every((site) => given.includes(site))) {
        const found = given.length === 0 ? "an empty object" : given.join(", ");
        return [{ key, expected: `the namespaces of ${sites.join(" and ")}`, found }];
    }
    const [first, second] = sites as [string, string];
    return mappingProblems(`${key}.${second}`, value[first], value[second]);
}

/**
 * What is wrong with the other site's namespaces beside those of one. Each is mirrored into that of the same place, in
 * both directions: one that both sites have would otherwise be two different ones, by the site that speaks of it.
 */
export function mappingProblems(key: string, own: unknown, theirs: unknown): Problem[] {
    if (!Array.isArray(own) || !Array.isArray(theirs)) {
        return [];
    }
    if (own.length !== theirs.length) {
        return [
            {
                key,
                expected: `as many namespaces as at the other site, each for that in the same place: ${own.length}`,
                found: String(theirs.length),
            },
        ];
    }
    return theirs.flatMap((namespace, index) =>
        own.includes(namespace) && own[index] !== namespace
            ? [
                  {
                      key: `${key}[${index}]`,
                      expected: "a namespace that both sites have in the same place of both lists",
                      found: `${describe(namespace)}, which is in another place of the other list`,
                  },
              ]
            : [],
    );
}

/** What is wrong where both sites are on one cluster: a namespace there can be one site's alone. */
export function apartProblems(key: string, own: unknown, theirs: unknown): Problem[] {
    const shared = Array.isArray(own) && Array.isArray(theirs) ? theirs.filter((one) => own.includes(one)) : [];
    return shared.length === 0
        ? []
        : [
              {
                  key,
                  expected: "namespaces that the other site does not have, since both sites are on one cluster",
                  found: `${shared.map((one) => describe(one)).join(", ")} at both sites`,
              },
          ];
}

/** The filter with the namespaces of this site: one program for both sites may name either site's. */
export function filterAtSite({
    resourceFilter,
    ...placed
}: Namespaces & { resourceFilter?: ResourceFilter }): ResourceFilter | undefined {
    return (
        resourceFilter && {
            ...resourceFilter,
            resourceMatchers: resourceFilter.resourceMatchers.map((matcher) =>
                matcher.namespaces === undefined
                    ? matcher
                    : {
                          ...matcher,
                          namespaces: [...new Set(matcher.namespaces.map((one) => ownNamespace(one, placed)))],
                      },
            ),
        }
    );
}

export function isSame(left: readonly string[], right: readonly string[]): boolean {
    return left.length === right.length && left.every((one, index) => one === right[index]);
}

function isBySite(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
