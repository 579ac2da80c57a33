import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { OntapClient } from "../../provider/clients/ontap";
import { Cluster, type KubeObject } from "../controllers";
import type { Lab } from "../lab";
import type { SiteDescriptor } from "../site";

/** What stands at both sites, a line for each thing, less what is another one each time: UIDs, times, epochs. */
export type Fingerprint = ReadonlyMap<string, string>;

/** Kinds of which each object counts, with its labels and what it asks for. */
const kinds: readonly { apiVersion: string; kind: string; namespace: "application" | "protect" | "records" }[] = [
    { apiVersion: "apps/v1", kind: "Deployment", namespace: "application" },
    { apiVersion: "v1", kind: "Service", namespace: "application" },
    { apiVersion: "v1", kind: "Secret", namespace: "application" },
    { apiVersion: "v1", kind: "ConfigMap", namespace: "application" },
    { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "application" },
    { apiVersion: "protect.trident.netapp.io/v1", kind: "Application", namespace: "application" },
    { apiVersion: "protect.trident.netapp.io/v1", kind: "Schedule", namespace: "application" },
    { apiVersion: "protect.trident.netapp.io/v1", kind: "AppMirrorRelationship", namespace: "application" },
    { apiVersion: "protect.trident.netapp.io/v1", kind: "ExecHook", namespace: "application" },
    { apiVersion: "protect.trident.netapp.io/v1", kind: "Snapshot", namespace: "application" },
    { apiVersion: "protect.trident.netapp.io/v1", kind: "ShutdownSnapshot", namespace: "application" },
    { apiVersion: "protect.trident.netapp.io/v1", kind: "SnapshotInplaceRestore", namespace: "application" },
    { apiVersion: "protect.trident.netapp.io/v1", kind: "AppVault", namespace: "protect" },
    { apiVersion: "v1", kind: "ConfigMap", namespace: "records" },
];

/** Looks at both sites as their administrators would: at the clusters and at the arrays. */
export async function fingerprint(lab: Lab, application = "shop"): Promise<Fingerprint> {
    const sites = await Promise.all(
        Object.values(lab.sites).map(async (site) => [
            ...(await objectsAt(site, application)),
            ...(await mirrorsAt(site)),
        ]),
    );
    return new Map(sites.flat().sort(([left], [right]) => (left < right ? -1 : 1)));
}

export function digest(print: Fingerprint): string {
    return createHash("sha256")
        .update(JSON.stringify([...print]))
        .digest("hex")
        .slice(0, 16);
}

/** A sentence for each thing that is not as it was. */
export function differences(before: Fingerprint, after: Fingerprint): string[] {
    const names = [...new Set([...before.keys(), ...after.keys()])].sort();
    return names.flatMap((name) => {
        const [was, is] = [before.get(name), after.get(name)];
        if (was === is) {
            return [];
        }
        return [
            was === undefined
                ? `${name} is new`
                : is === undefined
                  ? `${name} is gone`
                  : `${name} was ${was}, is ${is}`,
        ];
    });
}

async function objectsAt(site: SiteDescriptor, application: string): Promise<[string, string][]> {
    const cluster = await Cluster.connect(site.kubernetes.adminKubeconfig);
    const found = await Promise.all(
        kinds.map(async (kind) => {
            const namespace = { protect: "trident-protect", records: "trident-dr", application }[kind.namespace];
            const objects = await cluster.list<KubeObject & { spec?: object; data?: object }>(kind, { namespace });
            return objects
                .filter(counts)
                .map((object): [string, string] => [
                    `${site.name} ${kind.kind} ${bare(object.metadata.name)}`,
                    bare(JSON.stringify({ labels: object.metadata.labels, ...asks(object) })),
                ]);
        }),
    );
    return found.flat();
}

/** Scheduled snapshots come and go, and a cluster makes some objects by itself. */
function counts({ kind, metadata }: KubeObject): boolean {
    return !(
        (kind === "Snapshot" && /^(custom|daily)-/.test(metadata.name)) ||
        metadata.name === "kube-root-ca.crt" ||
        metadata.deletionTimestamp !== undefined
    );
}

function asks(object: KubeObject & { spec?: object; data?: object }): object {
    if (/^trident-dr-record-/.test(object.metadata.name)) {
        return { role: (object.data as { role?: string } | undefined)?.role };
    }
    if (/^trident-dr-takeover-/.test(object.metadata.name)) {
        // When it was written, and the history of the other site's record, are other ones each time.
        const { bundle = "{}" } = (object.data ?? {}) as { bundle?: string };
        return { inputs: (JSON.parse(bundle) as { inputs?: object }).inputs };
    }
    const { volumeName: _, clusterIP: _ip, clusterIPs: _ips, ...spec } = (object.spec ?? {}) as Record<string, unknown>;
    return { spec, data: object.data };
}

/** Relationships at a site that is their destination, and what the array remembers of those whose source it is. */
async function mirrorsAt(site: SiteDescriptor): Promise<[string, string][]> {
    const ontap = new OntapClient({
        site: site.name,
        endpoint: { url: site.ontap.url, certificate: await readFile(site.ontap.caFile, "utf8") },
        credentials: site.ontap.users.admin,
    });
    const into = await ontap.relationships.ofDestinationSvm(site.ontap.svm);
    const outOf = await ontap.relationships.knownDestinations(site.ontap.svm);
    return [
        ...into.map(({ state }, index): [string, string] => [`${site.name} mirror ${index}`, state ?? ""]),
        [`${site.name} mirrors that lead away`, String(outOf.length)],
    ];
}

/** UIDs, times and epochs are other ones each time. */
function bare(text: string): string {
    return text
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>")
        .replace(/(-(?:base|final|aside|restore))-\d+(?:-\d+)?/g, "$1-<epoch>")
        .replace(/\b20\d{12}\b/g, "<time>")
        .replace(/DTSTART:\d{8}T\d{6}Z/g, "DTSTART:<time>");
}
