import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { askedBy, isOfProduct } from "../kubernetes/auditLog";
import type { SiteDescriptor } from "../site";

/** A call of the product that changed something, as the server that served it wrote it down. */
export interface RecordedWrite {
    site: string;
    time: Date;
    /** For example `patch AppMirrorRelationship shop/shop` or `POST /cluster/peers`; paths are without uuids. */
    call: string;
}

/** What the product changed at a site since a time, in order, from the servers' own logs. */
export function writesSince(site: SiteDescriptor, since: Date): RecordedWrite[] {
    return [...kubernetesWrites(site), ...ontapWrites(site), ...claims(site)]
        .filter(({ time }) => time >= since)
        .sort((left, right) => left.time.getTime() - right.time.getTime());
}

/** Questions of the account about its own rights, which are sent as creates, and of which nothing is kept. */
export const ownRights: readonly string[] = ["selfsubjectrulesreviews", "selfsubjectaccessreviews"];

const auditSchema = z.object({
    stage: z.string(),
    verb: z.string(),
    user: askedBy,
    requestURI: z.string(),
    requestReceivedTimestamp: z.string(),
    objectRef: z
        .object({ resource: z.string(), namespace: z.string().optional(), name: z.string().optional() })
        .optional(),
    responseStatus: z.object({ code: z.number().optional() }).optional(),
});

function kubernetesWrites(site: SiteDescriptor): RecordedWrite[] {
    return readLines(site.kubernetes.auditLog)
        .map((line) => auditSchema.parse(JSON.parse(line)))
        .filter(isOfProduct)
        .filter(
            ({ stage, verb, requestURI, objectRef, responseStatus }) =>
                stage === "ResponseComplete" &&
                !ownRights.includes(objectRef?.resource ?? "") &&
                ["create", "update", "patch", "delete"].includes(verb) &&
                !requestURI.includes("dryRun=All") &&
                (responseStatus?.code ?? 0) < 300,
        )
        .map(({ verb, requestURI, objectRef, requestReceivedTimestamp }) => ({
            site: site.name,
            time: new Date(requestReceivedTimestamp),
            call: `${requestURI.includes("force=") ? "apply" : verb} ${kindOf(objectRef?.resource ?? "")} ${[objectRef?.namespace, objectRef?.name].filter(Boolean).join("/")}`,
        }));
}

const ontapSchema = z.object({
    time: z.string(),
    user: z.string().nullish(),
    method: z.string(),
    path: z.string(),
    status: z.number().nullish(),
});

function ontapWrites(site: SiteDescriptor): RecordedWrite[] {
    return readLines(site.ontap.requestLog)
        .map((line) => ontapSchema.parse(JSON.parse(line)))
        .filter(
            ({ user, method, status }) =>
                user === site.ontap.users.product.username &&
                ["POST", "PATCH", "DELETE"].includes(method) &&
                (status ?? 0) < 300,
        )
        .map(({ time, method, path }) => ({
            site: site.name,
            time: new Date(time),
            call: `${method} ${path.replace(/^\/api|\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "")}`,
        }));
}

/** Epochs that were claimed in the site's bucket, and claims that were deleted again; nobody but the product writes below `trident-dr/`. */
function claims(site: SiteDescriptor): RecordedWrite[] {
    return readLines(site.s3.accessLog).flatMap((line) => {
        const match = /\[(?<time>[^\]]+)\].* s3_(?<method>Put|Delete)Object (?<key>trident-dr\/\S+) \S+ 20[04] /.exec(
            line,
        );
        if (match?.groups === undefined) {
            return [];
        }
        const time = match.groups["time"]!.replace(/^(\d+)\/(\w+)\/(\d+):/, "$1 $2 $3 ");
        const method = match.groups["method"]!.toUpperCase();
        return [
            { site: site.name, time: new Date(time), call: `${method} vault-${site.name} ${match.groups["key"]!}` },
        ];
    });
}

function readLines(file: string): string[] {
    return existsSync(file)
        ? readFileSync(file, "utf8")
              .split("\n")
              .filter((line) => line !== "")
        : [];
}

const kinds: Readonly<Record<string, string>> = {
    applications: "Application",
    appmirrorrelationships: "AppMirrorRelationship",
    appvaults: "AppVault",
    configmaps: "ConfigMap",
    namespaces: "Namespace",
    resourcequotas: "ResourceQuota",
    schedules: "Schedule",
    secrets: "Secret",
    shutdownsnapshots: "ShutdownSnapshot",
    exechooks: "ExecHook",
    snapshotinplacerestores: "SnapshotInplaceRestore",
    snapshots: "Snapshot",
    storageclasses: "StorageClass",
    tridentbackendconfigs: "TridentBackendConfig",
    validatingadmissionpolicies: "ValidatingAdmissionPolicy",
    validatingadmissionpolicybindings: "ValidatingAdmissionPolicyBinding",
    volumesnapshotclasses: "VolumeSnapshotClass",
};

function kindOf(resource: string): string {
    return kinds[resource] ?? resource;
}
