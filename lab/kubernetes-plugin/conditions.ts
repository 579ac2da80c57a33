import { query } from "jsonpath-rfc9535";
import { annotation, at, gvkOf, text, type KubernetesObject } from "./objects";
import { type Plain } from "./values";

/** What an object looks like against a condition: met, or what is being waited for. */
export interface Verdict {
    met: boolean;
    /** What to tell the user meanwhile; "" for nothing. */
    message: string;
    /** The condition can never be met. */
    failed?: boolean;
}

type Condition = (object: KubernetesObject) => Verdict;

const isMet: Verdict = { met: true, message: "" };

/**
 * The condition after which a created or updated object counts as ready, or undefined if it does at once:
 * annotation `pulumi.com/skipAwait`, else `pulumi.com/waitFor`, else what is built in for the kind. `bindsLate` says
 * that the StorageClass of a claim waits for the first Pod that uses it.
 * Throws an Error for an annotation that cannot be read.
 */
export function readiness(inputs: KubernetesObject, facts: { bindsLate: boolean }): Condition | undefined {
    if (annotation(inputs, "pulumi.com/skipAwait") === "true") {
        return undefined;
    }
    const waitFor = annotation(inputs, "pulumi.com/waitFor");
    return waitFor !== "" ? parseWaitFor(waitFor) : builtIn(inputs, facts.bindsLate);
}

/** Reads `pulumi.com/waitFor`: one expression, or a JSON array of expressions that must all hold. */
export function parseWaitFor(annotationValue: string): Condition {
    const conditions = expressions(annotationValue).map(parseExpression);
    return (object) => {
        for (const [index, condition] of conditions.entries()) {
            const verdict = condition(object);
            if (!verdict.met) {
                const message =
                    conditions.length > 1 ? `[${index + 1}/${conditions.length}] ${verdict.message}` : verdict.message;
                return { ...verdict, message };
            }
        }
        return isMet;
    };
}

function expressions(annotationValue: string): string[] {
    let parsed: unknown;
    try {
        parsed = JSON.parse(annotationValue);
    } catch {
        return [annotationValue];
    }
    if (!Array.isArray(parsed) || !parsed.every((item) => typeof item === "string")) {
        return [annotationValue];
    }
    if (parsed.length === 0) {
        throw new Error("pulumi.com/waitFor is an empty list: at least one condition is expected");
    }
    return parsed;
}

function parseExpression(expression: string): Condition {
    if (expression.startsWith("jsonpath=")) {
        return jsonPathCondition(expression.slice("jsonpath=".length));
    }
    if (expression.startsWith("condition=")) {
        return statusCondition(expression.slice("condition=".length));
    }
    throw new Error(`pulumi.com/waitFor: expected "jsonpath=…" or "condition=…", found "${expression}"`);
}

function jsonPathCondition(expression: string): Condition {
    const match = /^\{\s*(.*?)\s*\}(?:=(?!=)(.*))?$/s.exec(expression);
    if (match === null || match[2] === "") {
        throw new Error(
            `pulumi.com/waitFor: expected "{.path}" or "{.path}=value" after jsonpath=, found "${expression}"`,
        );
    }
    const [, path = "", value] = match;
    const rooted = path.startsWith("$") ? path : `$${path}`;
    const select = (object: KubernetesObject): Plain[] => query(object, rooted) as Plain[];
    select({}); // an expression that cannot be parsed is an error now, not while waiting
    return (object) => {
        if (isBehind(object, at(object, "status", "observedGeneration"))) {
            return { met: false, message: `Waiting for ${expression}: the controller has not seen the last change` };
        }
        const [found] = select(object);
        if (found === undefined) {
            return { met: false, message: `Waiting for ${expression}: nothing there yet` };
        }
        if (value === undefined) {
            return isMet;
        }
        if (typeof found === "object" && found !== null) {
            return {
                met: false,
                failed: true,
                message: `{${path}} is not a single value: it cannot be compared with "${value}"`,
            };
        }
        return String(found) === value
            ? isMet
            : { met: false, message: `Waiting for ${expression} (found "${found}")` };
    };
}

function statusCondition(expression: string): Condition {
    const equals = expression.indexOf("=");
    const type = equals < 0 ? expression : expression.slice(0, equals);
    const wanted = equals < 0 ? "True" : expression.slice(equals + 1);
    return (object) => {
        const conditions = at(object, "status", "conditions");
        const found = Array.isArray(conditions)
            ? conditions.find((condition) => sameWord(text(condition, "type"), type))
            : undefined;
        if (found === undefined) {
            return { met: false, message: `Waiting for condition ${type}=${wanted}: nothing there yet` };
        }
        if (isBehind(object, at(found, "observedGeneration") ?? at(object, "status", "observedGeneration"))) {
            return {
                met: false,
                message: `Waiting for condition ${type}=${wanted}: the controller has not seen the last change`,
            };
        }
        const status = text(found, "status");
        return sameWord(status, wanted)
            ? isMet
            : { met: false, message: `Waiting for condition ${type}=${wanted} (found "${status}")` };
    };
}

function isBehind(object: KubernetesObject, observed: Plain | undefined): boolean {
    const generation = at(object, "metadata", "generation");
    return typeof generation === "number" && typeof observed === "number" && observed < generation;
}

function sameWord(left: string, right: string): boolean {
    return left.toLowerCase() === right.toLowerCase();
}

function builtIn(inputs: KubernetesObject, bindsLate: boolean): Condition | undefined {
    const { group, kind } = gvkOf(inputs);
    switch (`${group}/${kind}`) {
        case "apps/Deployment":
            return deploymentReady;
        case "apps/StatefulSet":
            return statefulSetReady;
        case "/PersistentVolumeClaim":
            return phaseOneOf("the claim", "Bound", ...(bindsLate ? ["Pending"] : []));
        case "/PersistentVolume":
            return phaseOneOf("the volume", "Available", "Bound");
        default:
            return undefined;
    }
}

function deploymentReady(object: KubernetesObject): Verdict {
    const wanted = count(object, "spec", "replicas");
    const updated = count(object, "status", "updatedReplicas");
    const available = count(object, "status", "availableReplicas");
    const conditions = at(object, "status", "conditions");
    const stuck =
        Array.isArray(conditions) &&
        conditions.find((condition) => text(condition, "reason") === "ProgressDeadlineExceeded");
    if (stuck !== false && stuck !== undefined) {
        return { met: false, failed: true, message: text(stuck, "message") };
    }
    if (isBehind(object, at(object, "status", "observedGeneration") ?? 0) || updated < wanted) {
        return {
            met: false,
            message: `[1/2] Waiting for app ReplicaSet to be available (${available}/${wanted} Pods available)`,
        };
    }
    const old = count(object, "status", "replicas") - updated;
    if (available < wanted || old > 0) {
        return {
            met: false,
            message: `[2/2] Waiting for ${wanted} Pods to be available and ${old} old ones to be gone (${available} available)`,
        };
    }
    return isMet;
}

function statefulSetReady(object: KubernetesObject): Verdict {
    const wanted = count(object, "spec", "replicas");
    const ready = count(object, "status", "readyReplicas");
    const current = text(object, "status", "currentRevision") === text(object, "status", "updateRevision");
    if (isBehind(object, at(object, "status", "observedGeneration") ?? 0) || ready < wanted) {
        return { met: false, message: `[1/2] Waiting for StatefulSet's Pods (${ready}/${wanted} ready)` };
    }
    return current ? isMet : { met: false, message: "[2/2] Waiting for StatefulSet to update its Pods" };
}

function phaseOneOf(what: string, ...phases: string[]): Condition {
    return (object) =>
        phases.includes(text(object, "status", "phase"))
            ? isMet
            : { met: false, message: `Waiting for ${what} to be ${phases.join(" or ")}` };
}

function count(object: KubernetesObject, ...path: string[]): number {
    const value = at(object, ...path);
    return typeof value === "number" ? value : 0;
}
