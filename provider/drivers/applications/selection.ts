import { z } from "zod";
import type { KubernetesObject } from "../../clients/kubernetes/cluster";
import { describeLabelSelector, labelSelectorMatches } from "../../support/labelSelector";
import type { ApplicationSettings } from "./settings";

/** What decides it. */
export type Selection = Pick<ApplicationSettings, "resourceFilter" | "labelSelector">;

/** What is looked at. */
export type Selectable = Pick<KubernetesObject, "apiVersion" | "kind" | "metadata">;

/** Whether an object in an application's namespaces belongs to it: by its `resourceFilter` and by its `labelSelector`. */
export function belongsToApplication(selection: Selection, object: Selectable): boolean {
    return reasonLeftOut(selection, object) === undefined;
}

/** Why it does not; a clause. Undefined when it does. Trident Protect's filter comes first as well. */
export function reasonLeftOut(selection: Selection, object: Selectable): string | undefined {
    if (!passesFilter(selection.resourceFilter, object)) {
        return "resourceFilter excludes it";
    }
    return isChosen(selection, object) ? undefined : notChosen(selection);
}

/** Whether it has the labels by which objects belong to the application. */
export function isChosen({ labelSelector }: Selection, { metadata }: Pick<Selectable, "metadata">): boolean {
    return labelSelectorMatches(labelSelector, metadata.labels);
}

/** Why an object that lacks those labels does not belong to it. */
export function notChosen({ labelSelector = {} }: Selection): string {
    return `labelSelector ${describeLabelSelector(labelSelector)} does not choose it`;
}

/**
 * Matchers are alternatives, within one all fields must match, and `Exclude` turns the answer round
 * (docs/facts/trident-protect.md#application). What cannot be read as a filter selects everything: it is for Trident
 * Protect to refuse.
 */
function passesFilter(filter: Readonly<Record<string, unknown>> | undefined, object: Selectable): boolean {
    const { data } = filterSchema.safeParse(filter);
    if (data === undefined) {
        return true;
    }
    const matched = data.resourceMatchers.some((matcher) => matches(matcher, object));
    return data.resourceSelectionCriteria === "Include" ? matched : !matched;
}

const names = z.array(z.string()).nullish();
const matcherSchema = z.object({
    group: z.string().nullish(),
    version: z.string().nullish(),
    kind: z.string().nullish(),
    names,
    namespaces: names,
    labelSelectors: names,
});
const filterSchema = z.object({
    resourceSelectionCriteria: z.enum(["Include", "Exclude"]),
    resourceMatchers: z
        .array(matcherSchema)
        .nullish()
        .transform((matchers) => matchers ?? []),
});

type Matcher = z.infer<typeof matcherSchema>;

function matches(matcher: Matcher, { apiVersion, kind, metadata }: Selectable): boolean {
    const parts = apiVersion.split("/");
    const version = parts.at(-1)!;
    const group = parts.length === 1 ? "" : parts[0]!;
    const isOneOf = (wanted: string[] | null | undefined, found: string) =>
        wanted === null || wanted === undefined || wanted.length === 0 || wanted.includes(found);
    return (
        (matcher.group ?? group) === group &&
        (matcher.version ?? version) === version &&
        (matcher.kind ?? kind) === kind &&
        isOneOf(matcher.names, metadata.name) &&
        isOneOf(matcher.namespaces, metadata.namespace ?? "") &&
        (matcher.labelSelectors ?? []).every((selector) => labelsMatch(selector, metadata.labels ?? {}))
    );
}

/** A selector as `kubectl get -l` takes it: `app=shop,tier!=test,stage in (a,b),!legacy`. */
function labelsMatch(selector: string, labels: Record<string, string>): boolean {
    return selector
        .split(/,(?![^(]*\))/)
        .map((term) => term.trim())
        .filter((term) => term !== "")
        .every((term) => termMatches(term, labels));
}

function termMatches(term: string, labels: Record<string, string>): boolean {
    const set = /^(?<key>\S+)\s+(?<not>not)?in\s+\((?<values>[^)]*)\)$/.exec(term)?.groups;
    const equality = /^(?<key>[^=!\s]+)\s*(?<operator>==|=|!=)\s*(?<value>\S*)$/.exec(term)?.groups;
    const found = (key: string | undefined) => labels[key ?? ""];
    if (set !== undefined) {
        const values = set["values"]!.split(",").map((value) => value.trim());
        return values.includes(found(set["key"]) ?? "\0") !== (set["not"] !== undefined);
    }
    if (equality !== undefined) {
        return (found(equality["key"]) === equality["value"]) !== (equality["operator"] === "!=");
    }
    const absent = term.startsWith("!");
    return (found(absent ? term.slice(1).trim() : term) !== undefined) !== absent;
}
