import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startSimulator, type Simulator } from "../../../../lab/ontap";
import type { SiteDescriptor } from "../../../../lab/site";
import { startTrident } from "../../../../lab/trident/trident";
import { Ontap } from "../../../../lab/trident/ontap";
import { startControlPlane, type TestControlPlane } from "../controllers/controlPlane";
import { eventually, until } from "../controllers/until";

/** One simulated array with a client that has every right on it. */
export interface TestArray {
    simulator: Simulator;
    client: Ontap;
    svm: string;
    /** Writes to a file on a mounted volume, past Trident. The HTTP status. */
    append(volume: string, text: string): Promise<number>;
    /** The file's text, read by the volume's name. */
    read(volume: string): Promise<string>;
}

/** A real API server and two peered arrays, `east` and `west`, each with a backend and a storage class of its name. */
export interface TestSite {
    plane: TestControlPlane;
    east: TestArray;
    west: TestArray;
    descriptor: SiteDescriptor;
    /** Ends this Trident and starts another one. */
    restartTrident(): Promise<void>;
    stop(): Promise<void>;
}

export const speed = 600;
const file = "data.txt";

export async function startTestSite(): Promise<TestSite> {
    const plane = await startControlPlane();
    const stops: (() => Promise<void> | void)[] = [plane.stop];
    const stop = async (): Promise<void> => {
        for (const one of stops.reverse()) {
            await one();
        }
    };
    try {
        const east = await startArray(join(plane.folder, "east"), "east");
        stops.push(() => east.simulator.close());
        const west = await startArray(join(plane.folder, "west"), "west");
        stops.push(() => west.simulator.close());
        await peer(east, west);
        const descriptor = await describe(plane, east);
        let trident = await startTrident(descriptor);
        stops.push(() => trident.stop());
        await takeIntoUse(plane, east, "east");
        await takeIntoUse(plane, west, "west");
        await plane.cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
        const restartTrident = async (): Promise<void> => {
            await trident.stop();
            trident = await startTrident(descriptor);
        };
        return { plane, east, west, descriptor, restartTrident, stop };
    } catch (error) {
        await stop();
        throw error;
    }
}

async function startArray(folder: string, name: string): Promise<TestArray> {
    await mkdir(folder, { recursive: true });
    const simulator = await startSimulator({ folder, clusterName: `cluster-${name}`, svm: `svm-${name}`, speed });
    const { certificate: ca, svm, dataUrl } = simulator;
    const client = new Ontap({ managementLif: simulator.url, username: "admin", password: "admin", ca, speed });
    return {
        simulator,
        client,
        svm,
        append: async (volume, text) => {
            const answer = await fetch(`${dataUrl}/${svm}/${volume}/${file}?append`, { method: "POST", body: text });
            return answer.status;
        },
        read: async (volume) => {
            const answer = await fetch(`${dataUrl}/${svm}/.volumes/${volume}/${file}`);
            return answer.status === 200 ? answer.text() : "";
        },
    };
}

/** Both halves of the cluster peering and of the SVM peering, as an administrator would make them. */
async function peer(east: TestArray, west: TestArray): Promise<void> {
    const passphrase = "correct-horse-battery";
    const offer = (array: TestArray, other: TestArray): Promise<unknown> =>
        array.client.request("POST", "/cluster/peers", {
            remote: { ip_addresses: [other.simulator.interclusterAddress] },
            authentication: { passphrase },
            initial_allowed_svms: [{ name: "*" }],
            peer_applications: ["snapmirror"],
        });
    await offer(east, west);
    await offer(west, east);
    for (const array of [east, west]) {
        await eventually(async () => {
            const peers = await array.client.list<{ status?: { state?: string } }>("/cluster/peers", {
                fields: "status",
            });
            return peers[0]?.status?.state === "available" ? true : undefined;
        });
    }
    await west.client.request("POST", "/svm/peers", {
        svm: { name: west.svm },
        peer: { svm: { name: east.svm }, cluster: { name: east.simulator.clusterName } },
        applications: ["snapmirror"],
    });
    await eventually(async () => {
        const peers = await west.client.list<{ state?: string }>("/svm/peers", { fields: "state" });
        return peers[0]?.state === "peered" ? true : undefined;
    });
}

async function takeIntoUse(plane: TestControlPlane, array: TestArray, name: string): Promise<void> {
    const { cluster } = plane;
    const namespace = "trident";
    const trident = "trident.netapp.io/v1";
    await cluster.create({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { namespace, name: `ontap-${name}` },
        stringData: { username: "trident", password: "trident" },
    });
    await cluster.create({
        apiVersion: trident,
        kind: "TridentBackendConfig",
        metadata: { namespace, name },
        spec: {
            version: 1,
            backendName: name,
            storageDriverName: "ontap-nas",
            managementLIF: array.simulator.url,
            svm: array.svm,
            trustedCACertificate: Buffer.from(array.simulator.certificate).toString("base64"),
            // The other one is left to ONTAP's default.
            ...(name === "west" ? { replicationPolicy: "MirrorAllSnapshots" } : {}),
            credentials: { name: `ontap-${name}` },
        },
    });
    await cluster.create({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name },
        provisioner: "csi.trident.netapp.io",
        parameters: { backendType: "ontap-nas", storagePools: `${name}:.*` },
    });
    const isBound = (config?: { metadata: { name: string }; status?: { phase?: string } }): boolean =>
        config?.status?.phase === "Bound";
    await until(cluster, { apiVersion: trident, kind: "TridentBackendConfig" }, { namespace, name }, isBound);
}

/** What a Trident reads of its site; the rest is there for form's sake. */
async function describe(plane: TestControlPlane, array: TestArray): Promise<SiteDescriptor> {
    const caFile = join(plane.folder, "ontap-ca.crt");
    await writeFile(caFile, array.simulator.certificate);
    const account = { username: "trident", password: "trident" };
    const none = { host: "", port: 0, certFile: "", keyFile: "", caFile: "" };
    return {
        name: "test",
        folder: plane.folder,
        ledgerFolder: join(plane.folder, "ledger"),
        speed,
        calendarSpeed: speed,
        kubernetes: {
            server: "",
            adminKubeconfig: plane.kubeconfig,
            productKubeconfig: plane.kubeconfig,
            auditLog: "",
            webhook: none,
        },
        ontap: {
            url: array.simulator.url,
            certFile: caFile,
            keyFile: "",
            caFile,
            clusterName: array.simulator.clusterName,
            svm: array.svm,
            aggregate: array.simulator.aggregate,
            interclusterAddress: array.simulator.interclusterAddress,
            dataUrl: array.simulator.dataUrl,
            users: { admin: account, trident: account, product: account },
            requestLog: "",
            folder: "",
        },
        s3: { endpoint: "", bucket: "", accessKey: "", secretKey: "", caFile: "", accessLog: "" },
    };
}
