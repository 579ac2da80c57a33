import { type DeclaredAccess, type Permission, permissionsOf } from "../../provider/roles/permissions";
import { rightsLabel } from "../../provider/roles/rightsLabel";

const api = "rbac.authorization.k8s.io";
const apiVersion = `${api}/v1`;

/** Who runs `pulumi up`, as a subject of Kubernetes' RBAC. */
export type Subject =
    { kind: "User" | "Group"; name: string } | { kind: "ServiceAccount"; name: string; namespace: string };

/** A Kubernetes object, ready to be written as YAML. */
export type Manifest = Record<string, unknown>;

/**
 * A Role and its binding for each namespace, and one ClusterRole for what is in none. The applications' namespaces come
 * first: a Role needs the namespace to be there, and at the standby site it is not before the first `pulumi up`.
 *
 * @param name of the roles and their bindings
 */
export function permissionManifests(declared: DeclaredAccess, subject: Subject, name: string): Manifest[] {
    const permissions = permissionsOf(declared);
    const own = new Set([
        ...declared.applications.flatMap(({ namespaces }) => namespaces),
        ...(declared.applications.length === 0 ? [] : [declared.recordNamespace]),
    ]);
    const namespaces = [...new Set(permissions.flatMap(({ namespace }) => namespace ?? []))];
    return [
        ...[...own].map((namespace) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } })),
        ...[undefined, ...namespaces].flatMap((namespace) => {
            const here = permissions.filter((permission) => permission.namespace === namespace);
            const labels = { [rightsLabel.name]: rightsLabel.value };
            return roleAndBinding(here, { name, ...(namespace === undefined ? {} : { namespace }), labels }, subject);
        }),
    ];
}

function roleAndBinding(
    permissions: readonly Permission[],
    metadata: { name: string; namespace?: string; labels: Record<string, string> },
    subject: Subject,
): Manifest[] {
    const kind = metadata.namespace === undefined ? "ClusterRole" : "Role";
    const apiGroup = subject.kind === "ServiceAccount" ? "" : api;
    return [
        { apiVersion, kind, metadata, rules: permissions.map(ruleOf) },
        {
            apiVersion,
            kind: `${kind}Binding`,
            metadata,
            roleRef: { apiGroup: api, kind, name: metadata.name },
            subjects: [{ apiGroup, ...subject }],
        },
    ];
}

function ruleOf({ group, resource, verbs, names }: Permission): Manifest {
    return {
        apiGroups: [group],
        resources: [resource],
        ...(names === undefined ? {} : { resourceNames: [...names] }),
        verbs: [...verbs],
    };
}
