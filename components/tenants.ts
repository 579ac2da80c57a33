import type * as k8s from "@pulumi/kubernetes";
import type { NamedObject } from "../provider/drivers/applications/namedObjects";
import { areDisjoint, describeLabelSelector, type LabelSelector } from "../provider/support/labelSelector";
import { describe, type Problem, refuse } from "./validation/problems";

/** An application, by what it has at its site. */
export interface Tenant {
    application: string;
    namespaces: readonly string[];
    /** Default: it has everything in its namespaces. */
    labelSelector?: LabelSelector | undefined;
    /** What its roles keep there. */
    objects: readonly Pick<NamedObject, "kind" | "namespace" | "name">[];
}

/** The applications of a pair at its site: of two in one namespace neither may have what the other one has. */
export class Tenants {
    private readonly all: Tenant[] = [];
    private readonly namespaces = new Map<string, k8s.core.v1.Namespace>();

    /**
     * Takes in an application, before anything of it is declared.
     * @throws InvalidInput when it could have an object of another one
     */
    add(tenant: Tenant): void {
        refuse(
            `The application ${tenant.application}`,
            this.all
                // One of the same name is refused as such.
                .filter(({ application }) => application !== tenant.application)
                .flatMap((other) => [...sharingProblems(tenant, other), ...nameProblems(tenant, other)]),
        );
        this.all.push(tenant);
    }

    /** The same namespace as another application declares it. */
    namespaceOf(name: string): k8s.core.v1.Namespace | undefined {
        return this.namespaces.get(name);
    }

    made(name: string, namespace: k8s.core.v1.Namespace): void {
        this.namespaces.set(name, namespace);
    }
}

function sharingProblems(tenant: Tenant, other: Tenant): Problem[] {
    return tenant.namespaces
        .filter((namespace) => other.namespaces.includes(namespace))
        .flatMap((namespace) => overlapProblems("namespaces", namespace, tenant, other, other.application));
}

/**
 * What is wrong with two applications in one namespace: each is stopped, snapshotted and mirrored by itself, so that no
 * object may belong to both.
 *
 * @param whose what the other one is called
 */
export function overlapProblems(
    key: string,
    namespace: string,
    one: Pick<Tenant, "labelSelector">,
    other: Pick<Tenant, "labelSelector">,
    whose: string,
): Problem[] {
    const [own, theirs] = [one.labelSelector, other.labelSelector];
    const found = `${describe(namespace)}, which is in ${whose}`;
    if (own === undefined && theirs === undefined) {
        return [{ key, expected: "namespaces of no other application", found }];
    }
    return own !== undefined && theirs !== undefined && areDisjoint(own, theirs)
        ? []
        : [
              {
                  key,
                  expected:
                      "namespaces of no other application, or labelSelectors of both by which no object can be chosen twice, such as one label with different values",
                  found: `${found}; this one has ${told(own)}, that one ${told(theirs)}`,
              },
          ];
}

function told(selector: LabelSelector | undefined): string {
    return selector === undefined ? "no labelSelector" : `labelSelector ${describeLabelSelector(selector)}`;
}

/** Objects of one name would be one: each role would write and delete the other's. */
function nameProblems(tenant: Tenant, other: Tenant): Problem[] {
    return tenant.objects
        .filter(({ kind, namespace, name }) =>
            other.objects.some((one) => one.kind === kind && one.namespace === namespace && one.name === name),
        )
        .map(({ kind, namespace, name }) => ({
            key: keyOfKind[kind],
            expected: `names of its own in namespace ${namespace}, which ${other.application} is in as well`,
            found: `${kind} ${name} of both`,
        }));
}

const keyOfKind: Readonly<Record<NamedObject["kind"], string>> = {
    Application: "application",
    Schedule: "schedules",
    ExecHook: "hooks",
    AppMirrorRelationship: "names",
};
