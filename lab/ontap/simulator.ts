import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { cifsShares, exportPolicies, qtrees } from "./api/access";
import { igroups, lunMaps, luns, namespaces, subsystemMaps, subsystems } from "./api/blocks";
import { aggregates, clusterResource, ipInterfaces, jobs, nodes, schedules } from "./api/cluster";
import { Context } from "./api/context";
import { clusterPeers, peerPermissions, svmPeers } from "./api/peers";
import { policies, relationships, transfers } from "./api/snapmirror";
import { snapshots, svms, volumes } from "./api/volumes";
import { Cluster } from "./cluster";
import { Blobs } from "./data/blobs";
import { Volumes } from "./data/volumes";
import { buildDataPath } from "./dataPath";
import { Faults } from "./faults";
import { buildServer } from "./http/server";
import type { Resource } from "./http/resource";
import { interclusterPort, type SimulatorOptions } from "./options";
import { type CertificateFiles, certificateFiles, selfSigned } from "./pki";
import { ClusterPeers } from "./peering/clusterPeers";
import { Link } from "./peering/link";
import { SvmPeers } from "./peering/svmPeers";
import { Cron } from "./snapmirror/cron";
import { Relationships } from "./snapmirror/relationships";
import { Source } from "./snapmirror/source";
import { Transfers } from "./snapmirror/transfers";

type Tls = NonNullable<SimulatorOptions["tls"]>;

/** Every endpoint of the REST interface. */
export const endpoints: ((context: Context) => Resource)[] = [
    clusterResource,
    nodes,
    jobs,
    schedules,
    clusterPeers,
    aggregates,
    ipInterfaces,
    svms,
    svmPeers,
    peerPermissions,
    volumes,
    snapshots,
    exportPolicies,
    cifsShares,
    qtrees,
    luns,
    igroups,
    lunMaps,
    namespaces,
    subsystems,
    subsystemMaps,
    policies,
    relationships,
    transfers,
];

/** A simulator that serves. */
export interface Simulator {
    /** https URL of the management interface, without `/api`. */
    url: string;
    /** http URL of the data path. */
    dataUrl: string;
    interclusterAddress: string;
    /** PEM of the certificate that the management interface presents. */
    certificate: string;
    clusterName: string;
    svm: string;
    aggregate: string;
    /** The faults, for a test in the same process. */
    faults: Faults;
    /** Stops serving, and every timer with it; what was answered is on disk. */
    close(): Promise<void>;
}

/**
 * Starts a simulator of one ONTAP cluster: the REST API over HTTPS, the data path over HTTP, and the intercluster
 * interface that other simulators talk to. On a folder that a simulator used before it goes on with its data.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
    const tls = options.tls ?? (await ownCertificate(options));
    const cluster = new Cluster(options, await freeAddress());
    const volumeService = new Volumes(cluster, new Blobs(join(options.folder, "volumes")));
    const link = new Link(cluster, options.peerTimeout);
    const source = new Source(cluster, volumeService, link);
    const transferService = new Transfers(cluster, volumeService, link, source);
    const relationshipService = new Relationships(cluster, volumeService, transferService);
    const peers = new ClusterPeers(cluster, link);
    const context: Context = {
        cluster,
        volumes: volumeService,
        clusterPeers: peers,
        svmPeers: new SvmPeers(cluster, link),
        source,
        relationships: relationshipService,
        cron: new Cron(cluster, (schedule) => relationshipService.tick(schedule)),
    };
    if (cluster.restarted) {
        await volumeService.recover();
        cluster.jobs.failInterrupted();
        transferService.failInterrupted();
    }
    const resources = endpoints.map((make) => make(context));
    const users = options.users ?? {
        admin: { username: "admin", password: "admin" },
        trident: { username: "trident", password: "trident" },
        product: { username: "product", password: "product" },
    };
    const { clientCertificates, requestLog, answerLog } = options;
    const management = buildServer(cluster, resources, { tls, users, clientCertificates, requestLog, answerLog });
    const data = buildDataPath(cluster, volumeService);
    await cluster.save();
    await link.listen();
    await data.listen(options.data ?? { host: "127.0.0.1", port: 0 });
    await management.listen(options.management ?? { host: "127.0.0.1", port: 0 });
    context.cron.plan();
    void peers.watch();
    const [svm] = cluster.state.svms;
    const [aggregate] = cluster.state.aggregates;
    return {
        url: urlOf("https", management.server.address() as AddressInfo),
        dataUrl: urlOf("http", data.server.address() as AddressInfo),
        interclusterAddress: cluster.interclusterAddress,
        certificate: tls.cert,
        clusterName: cluster.identity.name,
        svm: svm?.name ?? "",
        aggregate: aggregate?.name ?? "",
        faults: cluster.faults,
        close: async () => {
            peers.stop();
            context.cron.stop();
            cluster.clock.close();
            await Promise.all([management.close(), data.close(), link.close()]);
            await cluster.save();
        },
    };
}

/** The certificate in the cluster's folder; made at the first start, so that clients that trust it go on to do so. */
async function ownCertificate({ folder, clusterName = "cluster" }: SimulatorOptions): Promise<Tls> {
    const subject = { commonName: clusterName, addresses: ["127.0.0.1"], names: ["localhost"] };
    const existing = await readTls(certificateFiles(folder, "management")).catch(() => undefined);
    return existing ?? readTls(await selfSigned(folder, "management", subject));
}

async function readTls({ certFile, keyFile }: CertificateFiles): Promise<Tls> {
    return { cert: await readFile(certFile, "utf8"), key: await readFile(keyFile, "utf8") };
}

function urlOf(scheme: string, address: AddressInfo): string {
    return `${scheme}://${address.address}:${address.port}`;
}

/** An address of 127.0.0.0/8, other than 127.0.0.1, whose intercluster port nobody holds. */
export async function freeAddress(): Promise<string> {
    for (;;) {
        const address = `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(2, 255)}`;
        const free = await new Promise<boolean>((resolve) => {
            const probe = createServer();
            probe.once("error", () => resolve(false));
            probe.listen(interclusterPort, address, () => probe.close(() => resolve(true)));
        });
        if (free) {
            return address;
        }
    }
}
