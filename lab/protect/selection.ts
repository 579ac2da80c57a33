import type { KubeObject } from "../controllers";
import type { Application, LabelSelector, ResourceFilter, ResourceMatcher } from "./kinds";

/** Whether an object is in one of an application's namespaces and has the labels that are asked for there. */
export function isSelected({ spec }: Application, { metadata }: KubeObject): boolean {
    return (spec.includedNamespaces ?? []).some(
        ({ namespace, labelSelector }) =>
            namespace === metadata.namespace && selectorMatches(labelSelector, metadata.labels),
    );
}

/** Namespaces of an application; one may be included several times, each time with other labels. */
export function namespacesOf({ spec }: Application): string[] {
    return [...new Set(spec.includedNamespaces?.map(({ namespace }) => namespace))];
}

/** Whether labels satisfy a selector; no selector is satisfied by all. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Record<string, string> = {}): boolean {
    const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
    return (
        equal &&
        (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
            const value = labels[key];
            switch (operator) {
                case "In":
                    return value !== undefined && values.includes(value);
                case "NotIn":
                    return value === undefined || !values.includes(value);
                case "Exists":
                    return value !== undefined;
                case "DoesNotExist":
                    return value === undefined;
                default:
                    throw new Error(
                        `Expected In, NotIn, Exists or DoesNotExist in a label selector, found ${operator}`,
                    );
            }
        })
    );
}

/** A selector in the form of `kubectl get -l`: `app=shop,tier!=test,stage in (a,b),!legacy`. */
export function parseSelector(text: string): LabelSelector {
    const matchExpressions = text
        .split(/,(?![^(]*\))/)
        .map((term) => term.trim())
        .filter((term) => term !== "")
        .map((term) => {
            const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
            if (set) {
                const values = (set[3] ?? "").split(",").map((value) => value.trim());
                return { key: set[1] ?? "", operator: set[2] === "in" ? "In" : "NotIn", values };
            }
            const equality = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(term);
            if (equality) {
                const operator = equality[2] === "!=" ? "NotIn" : "In";
                return { key: equality[1] ?? "", operator, values: [equality[3] ?? ""] };
            }
            const existence = /^(!?)\s*(\S+)$/.exec(term);
            if (existence) {
                return { key: existence[2] ?? "", operator: existence[1] === "!" ? "DoesNotExist" : "Exists" };
            }
            throw new Error(`Expected a label selector, found "${term}"`);
        });
    return { matchExpressions };
}

/**
 * Whether a filter lets a resource through: one matcher that agrees in all of its fields is enough, and Exclude turns
 * the answer around. Without a filter everything passes.
 */
export function filterPasses(filter: ResourceFilter | undefined, object: KubeObject): boolean {
    if (filter?.resourceSelectionCriteria === undefined) {
        return true;
    }
    const matched = (filter.resourceMatchers ?? []).some((matcher) => matcherMatches(matcher, object));
    return filter.resourceSelectionCriteria === "Include" ? matched : !matched;
}

function matcherMatches(matcher: ResourceMatcher, object: KubeObject): boolean {
    const [group, version] = splitApiVersion(object.apiVersion ?? "");
    const { name, namespace, labels } = object.metadata;
    return (
        (matcher.group === undefined || matcher.group === group) &&
        (matcher.version === undefined || matcher.version === version) &&
        (matcher.kind === undefined || matcher.kind === object.kind) &&
        (matcher.names === undefined || matcher.names.length === 0 || matcher.names.includes(name)) &&
        (matcher.namespaces === undefined ||
            matcher.namespaces.length === 0 ||
            matcher.namespaces.includes(namespace ?? "")) &&
        (matcher.labelSelectors === undefined ||
            matcher.labelSelectors.every((text) => selectorMatches(parseSelector(text), labels)))
    );
}

/** `["apps", "v1"]`, and `["", "v1"]` for the core group. */
export function splitApiVersion(apiVersion: string): [group: string, version: string] {
    const slash = apiVersion.indexOf("/");
    return slash < 0 ? ["", apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}
