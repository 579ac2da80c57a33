import type { Cluster } from "../../clients/kubernetes/cluster";
import { KubernetesError } from "../../clients/kubernetes/errors";
import { kinds } from "../../clients/kubernetes/kinds";
import type { KubernetesObject } from "../../clients/kubernetes/objects";
import { type LabelSelector, requirementsOf } from "../../support/labelSelector";
import type { Look } from "../../support/poll";

/** A policy by which a pod is to be refused. */
export interface ProbedPolicy {
    name: string;
    fingerprint: string;
}

/** Asks for a pod that is never made, and says whether this very policy refuses it, or what happens instead. */
export async function probe(
    cluster: Pick<Cluster, "create">,
    pod: KubernetesObject,
    policy: ProbedPolicy,
): Promise<Look<"refused">> {
    try {
        await cluster.create(pod, { dryRun: true });
        return { instead: "it would be created" };
    } catch (error) {
        if (!(error instanceof KubernetesError) || (error.kind !== "rejected" && error.passing === undefined)) {
            throw error;
        }
        return isRefusalBy(policy, error.message) ? { found: "refused" } : { instead: error.message };
    }
}

function isRefusalBy({ name, fingerprint }: ProbedPolicy, message: string): boolean {
    return (
        message.includes(`ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request`) &&
        message.includes(fingerprint)
    );
}

/** A pod that nothing but a policy has a reason to refuse: it meets the strictest of the Pod Security Standards. */
export function probePod(namespace: string, labels: Readonly<Record<string, string>>): KubernetesObject {
    const resources = { cpu: "1m", memory: "1Mi" };
    return {
        apiVersion: kinds.pod.apiVersion,
        kind: kinds.pod.kind,
        metadata: { name: "trident-dr-probe", namespace, labels: { ...labels } },
        spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
                {
                    name: "probe",
                    image: "registry.k8s.io/pause:3.10",
                    resources: { requests: resources, limits: resources },
                    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                },
            ],
        },
    };
}

/** Labels that a selector chooses, and no more than it takes; undefined where it chooses none, whatever they are. */
export function labelsChosenBy(selector: LabelSelector): Record<string, string> | undefined {
    const requirements = requirementsOf(selector);
    const chosen: Record<string, string> = {};
    for (const key of new Set(requirements.map((one) => one.key))) {
        const ofKey = requirements.filter((one) => one.key === key);
        const valuesOf = (operator: string) =>
            ofKey.filter((one) => one.operator === operator).map((one) => one.values);
        const excluded = new Set(valuesOf("NotIn").flat());
        const sets = valuesOf("In");
        const isWanted = sets.length > 0 || valuesOf("Exists").length > 0;
        const candidates = (sets[0] ?? anyValues(excluded.size)).filter(
            (value) => !excluded.has(value) && sets.every((set) => set.includes(value)),
        );
        if (isWanted && (candidates.length === 0 || valuesOf("DoesNotExist").length > 0)) {
            return undefined;
        }
        if (isWanted) {
            chosen[key] = candidates[0]!;
        }
    }
    return chosen;
}

/** One more than are excluded. */
function anyValues(excluded: number): string[] {
    return Array.from({ length: excluded + 1 }, (_, index) => `probe-${index}`);
}
