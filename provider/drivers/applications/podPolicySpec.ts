import { createHash } from "node:crypto";
import { z } from "zod";
import { kinds } from "../../clients/kubernetes/kinds";
import type { KubernetesObject } from "../../clients/kubernetes/objects";
import { podPolicyName } from "../../roles/podPolicyName";
import { parseJson } from "../../support/json";
import { describeLabelSelector, type Requirement, requirementsOf } from "../../support/labelSelector";
import { applicationLabel } from "./manifests";
import { matches } from "./matches";
import type { ApplicationSettings } from "./settings";

/** What a policy is made from. */
export type PolicySettings = Pick<ApplicationSettings, "application" | "site" | "namespaces" | "labelSelector">;

export function policyNameOf(settings: Pick<PolicySettings, "application" | "namespaces">): string {
    return podPolicyName(settings.namespaces[0]!, settings.application);
}

/**
 * Refuses new pods that the application's selector chooses, and those that mount one of the claims.
 *
 * @param claims `<namespace>/<claim>`
 */
export function policyManifest(settings: PolicySettings, claims: readonly string[]): KubernetesObject {
    return { ...ownObject(kinds.podPolicy, settings), spec: policySpec(settings, claims) };
}

export function bindingManifest(settings: PolicySettings): KubernetesObject {
    return {
        ...ownObject(kinds.podPolicyBinding, settings),
        spec: { policyName: policyNameOf(settings), validationActions: ["Deny"] },
    };
}

/** By what a refusal shows which policy it comes from: a policy that was changed is in force a moment later. */
export function fingerprintOf(settings: PolicySettings, claims: readonly string[]): string {
    const content = [settings.namespaces, expressionOf(settings), [...claims].sort(), settings.site];
    return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 8);
}

/** The claims that a policy names; undefined where it is not one that we made, or was changed. */
export function claimsNamedIn(spec: unknown, settings: PolicySettings): readonly string[] | undefined {
    const claims = named.safeParse(spec).data?.variables.find(({ name }) => name === "claims")?.expression;
    const listed = z.array(z.string()).safeParse(parseJson(claims ?? "")).data;
    return listed !== undefined && matches(policySpec(settings, listed), spec) && unconditional.safeParse(spec).success
        ? listed
        : undefined;
}

export function isBindingAsDeclared(spec: unknown, settings: PolicySettings): boolean {
    return matches(bindingManifest(settings).spec, spec) && binding.safeParse(spec).success;
}

/** Merge patches that put a policy, or a binding, back: null is what would make an exception. */
export function policyPatch(settings: PolicySettings, claims: readonly string[]): Record<string, unknown> {
    const { matchConstraints, ...rest } = policySpec(settings, claims);
    const exceptions = { excludeResourceRules: null, objectSelector: null };
    const { namespaceSelector } = matchConstraints;
    return {
        spec: {
            ...rest,
            paramKind: null,
            matchConditions: null,
            matchConstraints: {
                ...matchConstraints,
                ...exceptions,
                namespaceSelector: { ...namespaceSelector, matchLabels: null },
            },
        },
    };
}

export function bindingPatch(settings: PolicySettings): Record<string, unknown> {
    const declared = bindingManifest(settings).spec as Record<string, unknown>;
    return { spec: { ...declared, paramRef: null, matchResources: null } };
}

function ownObject(kind: { apiVersion: string; kind: string }, settings: PolicySettings): KubernetesObject {
    const labels = { [applicationLabel]: settings.application };
    return { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: policyNameOf(settings), labels } };
}

/** Every field that the server would fill in is given. */
function policySpec(settings: PolicySettings, claims: readonly string[]) {
    const refusal = { reason: "Forbidden", message: messageOf(settings, claims) };
    return {
        failurePolicy: "Fail",
        matchConstraints: {
            matchPolicy: "Equivalent",
            namespaceSelector: {
                matchExpressions: [
                    { key: "kubernetes.io/metadata.name", operator: "In", values: [...settings.namespaces] },
                ],
            },
            resourceRules: [
                {
                    apiGroups: [""],
                    apiVersions: ["v1"],
                    operations: ["CREATE"],
                    resources: ["pods"],
                    scope: "Namespaced",
                },
            ],
        },
        variables: [
            { name: "labels", expression: "has(object.metadata.labels) ? object.metadata.labels : {}" },
            { name: "claims", expression: quoted([...claims].sort()) },
        ],
        validations: [
            { expression: `!(${expressionOf(settings)})`, ...refusal },
            {
                expression:
                    "!has(object.spec.volumes) || !object.spec.volumes.exists(volume, has(volume.persistentVolumeClaim)" +
                    ' && (request.namespace + "/" + volume.persistentVolumeClaim.claimName) in variables.claims)',
                ...refusal,
            },
        ],
    };
}

/** Who reads it looks for why a pod does not start. */
function messageOf(settings: PolicySettings, claims: readonly string[]): string {
    const { application, site, labelSelector = {} } = settings;
    return `${site} does not serve ${application}: until it does, no pod starts here that ${describeLabelSelector(labelSelector)} chooses, or that mounts a claim of ${application} (trident-dr ${fingerprintOf(settings, claims)})`;
}

/** The selector in CEL, whatever the order of its requirements. */
function expressionOf({ labelSelector }: PolicySettings): string {
    const terms = [...new Set(requirementsOf(labelSelector).map(termOf))].sort();
    return terms.length === 0 ? "true" : terms.join(" && ");
}

/** As Kubernetes selects: what is not to have a value need not have the label. */
function termOf({ key, operator, values }: Requirement): string {
    const has = `${quoted(key)} in variables.labels`;
    const isOneOf = `variables.labels[${quoted(key)}] in ${quoted([...new Set(values)].sort())}`;
    switch (operator) {
        case "In":
            return `(${has} && ${isOneOf})`;
        case "NotIn":
            return `!(${has} && ${isOneOf})`;
        case "Exists":
            return `(${has})`;
        case "DoesNotExist":
            return `!(${has})`;
    }
}

/** A text, or a list of texts, is written in CEL as it is in JSON: every escape of JSON is one of CEL's as well. */
function quoted(value: string | readonly string[]): string {
    return JSON.stringify(value);
}

const named = z.looseObject({ variables: z.array(z.object({ name: z.string(), expression: z.string() })) });

const nothing = z.union([z.null(), z.array(z.unknown()).length(0), z.strictObject({})]).optional();

/** What would let pods past it without a change of what is declared. */
const unconditional = z.looseObject({
    paramKind: nothing,
    matchConditions: nothing,
    matchConstraints: z.looseObject({
        excludeResourceRules: nothing,
        objectSelector: nothing,
        namespaceSelector: z.looseObject({ matchLabels: nothing }),
    }),
});

const binding = z.looseObject({ paramRef: nothing, matchResources: nothing });
