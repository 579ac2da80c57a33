import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { type DeclaredAccess, declaredAccessIn } from "../../components/permissions/declaredAccess";
import { type Permission, permissionsOf, type Verb } from "../../provider/roles/permissions";
import { askedBy, isOfProduct } from "../kubernetes/auditLog";
import { listsAll } from "../kubernetes/rights";
import { ownRights } from "./writes";

/** What the product asked of an API server, as its audit log has it. */
export interface Request {
    verb: string;
    namespace?: string | undefined;
    group: string;
    resource: string;
    name?: string | undefined;
}

/** The generated permissions of a site against what was asked of its API server. */
interface SiteAccess {
    permissions: readonly Permission[];
    requests: readonly Request[];
    /** What a namespace is to the stack, so that rights of several stacks can be compared. Default: its name. */
    placeOf?: (namespace: string) => string;
}

/** Both directions, each as a list of `verb resource.group in a namespace`. */
export interface PermissionReport {
    /** Generated, and used at a site. */
    used: string[];
    /** Generated, and used at no site. A scenario uses only a part; what none of them uses is too much. */
    unused: string[];
    /** Used, and not generated, with the names of this scenario. Must be empty. */
    missing: string[];
}

/** Compares what was generated for each site with what was asked of it. Sites swap roles: one use is enough. */
export function comparePermissions(sites: readonly SiteAccess[]): PermissionReport {
    const granted = new Set<string>();
    const used = new Set<string>();
    const missing = new Set<string>();
    for (const { permissions, requests, placeOf = (namespace: string) => namespace } of sites) {
        for (const one of permissions) {
            one.verbs.forEach((verb) => granted.add(describeRight(one, verb, placeOf)));
        }
        for (const request of requests) {
            const permission = permissions.find((one) => covers(one, request));
            if (permission === undefined) {
                missing.add(describe(request) + (request.name === undefined ? "" : ` (${request.name})`));
            } else {
                used.add(describeRight(permission, request.verb, placeOf));
            }
        }
    }
    return {
        used: [...used].sort(),
        unused: [...granted].filter((one) => !used.has(one)).sort(),
        missing: [...missing].sort(),
    };
}

/** One right as reports name it: `list pods in an application's namespace`, `get secrets in trident, by name`. */
export function describeRight(permission: Permission, verb: string, placeOf: (namespace: string) => string): string {
    const { group, resource, namespace, names } = permission;
    const where = namespace === undefined ? {} : { namespace: placeOf(namespace) };
    return `${describe({ verb, group, resource, ...where })}${names === undefined ? "" : ", by name"}`;
}

/** As RBAC decides: a permission that is restricted to names covers no request that names nothing. */
function covers({ namespace, group, resource, verbs, names }: Permission, request: Request): boolean {
    return (
        group === request.group &&
        resource === request.resource &&
        // Of a namespace itself, the API server says that it is in itself.
        (namespace === request.namespace || (namespace === undefined && resource === "namespaces")) &&
        verbs.includes(request.verb as Verb) &&
        (names === undefined || (request.name !== undefined && names.includes(request.name)))
    );
}

function describe({ verb, group, resource, namespace }: Pick<Request, "verb" | "group" | "resource" | "namespace">) {
    const where = namespace === undefined || resource === "namespaces" ? "" : ` in ${namespace}`;
    return `${verb} ${resource}${group === "" ? "" : `.${group}`}${where}`;
}

const eventSchema = z.object({
    stage: z.string(),
    verb: z.string(),
    user: askedBy,
    objectRef: z
        .object({
            resource: z.string(),
            subresource: z.string().optional(),
            apiGroup: z.string().optional(),
            namespace: z.string().optional(),
            name: z.string().optional(),
        })
        .optional(),
    responseStatus: z.object({ code: z.number().optional() }).optional(),
});

/** What an audit log says the product asked, refused requests included; without what every user may do: discovery, and asking for its own rights. */
export function requestsIn(lines: readonly string[]): Request[] {
    return lines
        .map((line) => eventSchema.parse(JSON.parse(line)))
        .filter((event) => isOfProduct(event) && event.stage === "ResponseComplete")
        .flatMap(({ verb, objectRef, responseStatus }) => {
            if (objectRef === undefined || ownRights.includes(objectRef.resource)) {
                return [];
            }
            const { namespace, apiGroup: group = "", subresource } = objectRef;
            const resource = objectRef.resource + (subresource === undefined ? "" : `/${subresource}`);
            // The log has the name of what a plain create made; whoever authorised it did not.
            const name = verb === "create" ? undefined : objectRef.name;
            const request = { verb, namespace, group, resource, name };
            // A server-side apply of what is not there needs both; it is authorised by name.
            return verb === "patch" && responseStatus?.code === 201
                ? [request, { ...request, verb: "create" }]
                : [request];
        });
}

/**
 * The permissions of a lab's stacks against the audit logs of their API servers.
 *
 * @param sites the file of each site's stack, with those of before where it lost rights on the way, and the log of its API
 *     server
 */
export function permissionReport(
    sites: readonly { stackFile: string; before?: readonly string[]; auditLog: string }[],
): PermissionReport {
    return comparePermissions(
        sites.map(({ stackFile, before = [], auditLog }) => ({
            ...rightsOf(accessIn(stackFile)),
            permissions: [stackFile, ...before].flatMap((file) => rightsOf(accessIn(file)).permissions),
            requests: requestsIn(
                existsSync(auditLog) ? readFileSync(auditLog, "utf8").split("\n").filter(Boolean) : [],
            ),
        })),
    );
}

/** What is generated for a stack, and what its namespaces are to it. */
export function rightsOf(declared: DeclaredAccess) {
    const ofApplications = declared.applications.flatMap(({ namespaces }) => namespaces);
    return {
        permissions: permissionsOf(declared),
        placeOf(namespace: string): string {
            return ofApplications.includes(namespace)
                ? "an application's namespace"
                : namespace === declared.recordNamespace
                  ? "the namespace of records"
                  : namespace;
        },
    };
}

function accessIn(stackFile: string): DeclaredAccess {
    const { config } = parse(readFileSync(stackFile, "utf8")) as { config: Record<string, unknown> };
    const values = Object.entries(config).map(([key, value]) => [key.replace(/^trident-dr:/, ""), value]);
    const declared = declaredAccessIn(Object.fromEntries(values));
    if (!declared.ok) {
        throw new Error(`${stackFile}: ${declared.failure.join("; ")}`);
    }
    return { ...declared.value, listsAll: listsAll(declared.value.applications) };
}
