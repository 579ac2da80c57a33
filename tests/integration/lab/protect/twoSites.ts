import { readFileSync } from "node:fs";
import { Cluster, type KubeObject, type Ref } from "../../../../lab/controllers";
import { kinds, protectNamespace } from "../../../../lab/protect/kinds";
import type { SiteDescriptor } from "../../../../lab/site";
import { Ontap } from "../../../../lab/trident/ontap";
import { eventually, until } from "../controllers/until";

/** A site as a test sees it. */
export interface TestSite {
    site: SiteDescriptor;
    cluster: Cluster;
    ontap: Ontap;
}

export const namespace = "shop";
export const application: Ref = { namespace, name: "shop" };

/** Waits until an object is as wanted; a minute of the clock is long, even for a busy machine. */
export function see<T extends KubeObject = KubeObject>(
    { cluster }: TestSite,
    kind: { apiVersion: string; kind: string },
    ref: Ref,
    wanted: (object: T | undefined) => boolean,
    timeoutMs = 90_000,
): Promise<T | undefined> {
    return until<T>(cluster, kind, ref, wanted, timeoutMs);
}

/** The parts that stand still at both sites: peering, backend, classes, both vaults, the application's namespace. */
export async function prepareSites(east: SiteDescriptor, west: SiteDescriptor): Promise<[TestSite, TestSite]> {
    const sites = (await Promise.all([east, west].map(open))) as [TestSite, TestSite];
    await peer(...sites);
    for (const one of sites) {
        await prepareStorage(one);
        await prepareVault(one, east);
        await prepareVault(one, west);
        await one.cluster.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    }
    for (const one of sites) {
        for (const { name } of [east, west]) {
            const ref = { namespace: protectNamespace, name: `vault-${name}` };
            await see(one, kinds.appVault, ref, (vault) => vault?.status?.state === "Available");
        }
    }
    return sites;
}

async function open(site: SiteDescriptor): Promise<TestSite> {
    const ontap = new Ontap({
        managementLif: site.ontap.url,
        ...site.ontap.users.admin,
        ca: readFileSync(site.ontap.caFile, "utf8"),
        speed: site.speed,
    });
    return { site, cluster: await Cluster.connect(site.kubernetes.adminKubeconfig), ontap };
}

async function peer(east: TestSite, west: TestSite): Promise<void> {
    const pairs = [
        [east, west],
        [west, east],
    ] as const;
    for (const [one, other] of pairs) {
        await one.ontap.request("POST", "/cluster/peers", {
            remote: { ip_addresses: [other.site.ontap.interclusterAddress] },
            authentication: { passphrase: "correct-horse-battery" },
            initial_allowed_svms: [{ name: "*" }],
            peer_applications: ["snapmirror"],
        });
    }
    for (const { ontap } of [east, west]) {
        await eventually(async () => {
            const peers = await ontap.list<{ status?: { state?: string } }>("/cluster/peers", { fields: "status" });
            return peers[0]?.status?.state === "available" ? true : undefined;
        });
    }
    await west.ontap.request("POST", "/svm/peers", {
        svm: { name: west.site.ontap.svm },
        peer: { svm: { name: east.site.ontap.svm }, cluster: { name: east.site.ontap.clusterName } },
        applications: ["snapmirror"],
    });
    await eventually(async () => {
        const peers = await west.ontap.list<{ state?: string }>("/svm/peers", { fields: "state" });
        return peers[0]?.state === "peered" ? true : undefined;
    });
}

async function prepareStorage(one: TestSite): Promise<void> {
    const { cluster, site } = one;
    const { username, password } = site.ontap.users.trident;
    const ref = { namespace: "trident", name: "trident-dr-ontap" };
    await cluster.ensure({
        ...kinds.secret,
        metadata: { namespace: "trident", name: "trident-dr-ontap-credentials" },
        stringData: { username, password },
    });
    await cluster.ensure({
        ...kinds.backendConfig,
        metadata: ref,
        spec: {
            version: 1,
            backendName: site.name,
            storageDriverName: "ontap-nas",
            managementLIF: site.ontap.url,
            svm: site.ontap.svm,
            trustedCACertificate: readFileSync(site.ontap.caFile).toString("base64"),
            replicationPolicy: "MirrorAllSnapshots",
            credentials: { name: "trident-dr-ontap-credentials" },
        },
    });
    await cluster.ensure({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: "trident-dr" },
        provisioner: "csi.trident.netapp.io",
        parameters: { backendType: "ontap-nas" },
    });
    await cluster.ensure({
        ...kinds.volumeSnapshotClass,
        metadata: { name: "trident-dr" },
        driver: "csi.trident.netapp.io",
        deletionPolicy: "Delete",
    });
    await see(one, kinds.backendConfig, ref, (config) => config?.status?.phase === "Bound");
}

async function prepareVault({ cluster }: TestSite, { name, s3 }: SiteDescriptor): Promise<void> {
    const secret = `vault-${name}-credentials`;
    const credential = (key: string) => ({ valueFromSecret: { name: secret, key } });
    await cluster.ensure({
        ...kinds.secret,
        metadata: { namespace: protectNamespace, name: secret },
        stringData: { accessKeyID: s3.accessKey, secretAccessKey: s3.secretKey },
    });
    await cluster.ensure({
        ...kinds.appVault,
        metadata: { namespace: protectNamespace, name: `vault-${name}` },
        spec: {
            providerType: "GenericS3",
            providerConfig: {
                s3: { bucketName: s3.bucket, endpoint: s3.endpoint, rootCA: readFileSync(s3.caFile, "utf8") },
            },
            providerCredentials: {
                accessKeyID: credential("accessKeyID"),
                secretAccessKey: credential("secretAccessKey"),
            },
            prefix: "dr",
        },
    });
}

/** A small application with everything that tells a good restore from a bad one. */
export async function deployShop(one: TestSite): Promise<void> {
    const { cluster } = one;
    const labels = { app: "shop" };
    const mine = (name: string) => ({ name, namespace, labels });
    await cluster.create({ apiVersion: "v1", kind: "ConfigMap", metadata: mine("settings"), data: { colour: "blue" } });
    await cluster.create({ apiVersion: "v1", kind: "Secret", metadata: mine("key"), stringData: { key: "s3cret" } });
    await cluster.create({
        apiVersion: "v1",
        kind: "Service",
        metadata: mine("shop"),
        spec: { selector: labels, ports: [{ port: 80 }] },
    });
    await cluster.create({
        ...kinds.volumeClaim,
        metadata: mine("data"),
        spec: {
            accessModes: ["ReadWriteMany"],
            resources: { requests: { storage: "100Mi" } },
            storageClassName: "trident-dr",
        },
    });
    await cluster.create({
        ...deploymentKind,
        metadata: mine("shop"),
        spec: {
            replicas: 1,
            selector: { matchLabels: labels },
            template: {
                metadata: { labels },
                spec: {
                    containers: [{ name: "shop", image: "shop", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
                    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
                },
            },
        },
    });
    await cluster.create({
        ...kinds.application,
        metadata: { ...application },
        spec: { includedNamespaces: [{ namespace }] },
    });
    await see(one, deploymentKind, application, isAvailable);
}

export const deploymentKind = { apiVersion: "apps/v1", kind: "Deployment" };

export function isAvailable(deployment: KubeObject | undefined): boolean {
    return (deployment?.status?.availableReplicas ?? 0) > 0;
}

/** FlexVol of the application's claim, or of another one, at a site, and what ONTAP says of it. */
export async function volumeOf(
    { cluster, ontap, site }: TestSite,
    claimName = "data",
): Promise<{ name: string; type: string }> {
    const claim = await cluster.get(kinds.volumeClaim, { namespace, name: claimName });
    const volume = await cluster.get(kinds.volume, { name: (claim?.spec.volumeName ?? "") as string });
    const name = (volume?.spec.csi?.volumeAttributes?.internalName ?? "") as string;
    return { name, type: (await ontap.volume(site.ontap.svm, name))?.type ?? "" };
}

export function schedule(name: string, more: object = {}): KubeObject {
    return {
        ...kinds.schedule,
        metadata: { namespace, name },
        spec: {
            applicationRef: "shop",
            appVaultRef: "vault-east",
            granularity: "Custom",
            recurrenceRule: everyFiveMinutes,
            snapshotRetention: "2",
            backupRetention: "0",
            ...more,
        },
    };
}

export const everyFiveMinutes = "DTSTART:20220101T000200Z\nRRULE:FREQ=MINUTELY;INTERVAL=5";

export function mirror(from: string, to: string, sourceApplicationUID: string, more: object = {}): KubeObject {
    return {
        ...kinds.mirror,
        metadata: { ...application },
        spec: {
            desiredState: "Established",
            sourceAppVaultRef: `vault-${from}`,
            destinationAppVaultRef: `vault-${to}`,
            sourceApplicationName: "shop",
            sourceApplicationUID,
            namespaceMapping: [{ source: namespace, destination: namespace }],
            storageClassName: "trident-dr",
            recurrenceRule: everyFiveMinutes,
            ...more,
        },
    };
}

export function snapshotOf(kind: { apiVersion: string; kind: string }, name: string, vault: string): KubeObject {
    return { ...kind, metadata: { namespace, name }, spec: { applicationRef: "shop", appVaultRef: vault } };
}
