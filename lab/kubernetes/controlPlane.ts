import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { Authority } from "../ontap";
import type { HeldPorts } from "../ports";
import type { ProcessSpecification } from "../processes";
import type { Tools } from "../tools";
import { type Access, writeKubeconfig } from "./kubeconfig";
import { signingKey } from "./signingKey";

/** Kubernetes user that the product runs as. */
export const productUser = "pulumi-trident-dr";

/** Ports that one control plane listens on. */
export const controlPlanePorts = 3;

/** The Kubernetes of one site, ready to be started. */
export interface ControlPlane {
    server: string;
    adminKubeconfig: string;
    productKubeconfig: string;
    auditLog: string;
    /** Contexts for the kubeconfig of the whole lab. */
    accesses: { product: Access; admin: Access };
    processes: ProcessSpecification[];
}

/** Without the node lifecycle controller nobody would take away the taint that this plugin gives to a new node. */
const disabledAdmissionPlugins = ["TaintNodesByCondition"];

const controllers = [
    "namespace-controller",
    "garbage-collector-controller",
    "deployment-controller",
    "replicaset-controller",
    "statefulset-controller",
    "daemonset-controller",
    "job-controller",
    "cronjob-controller",
    "persistentvolume-binder-controller",
    "persistentvolumeclaim-protection-controller",
    "persistentvolume-protection-controller",
    "serviceaccount-controller",
    "resourcequota-controller",
];

/**
 * Writes the keys and settings of a site's control plane, and says which processes it consists of.
 *
 * @param options.folder Folder for all that this control plane keeps.
 * @param options.logs Folder for the logs of its processes.
 * @param options.authority Authority of the lab: it vouches for servers. Clients have one of their own at each site, so
 *   that the credentials of one site are worth nothing at the other.
 */
export async function prepareControlPlane(options: {
    site: string;
    folder: string;
    logs: string;
    tools: Tools;
    authority: Authority;
    ports: HeldPorts;
}): Promise<ControlPlane> {
    const { site, folder, logs, tools, authority, ports } = options;
    const pki = path.join(folder, "pki");
    const clients = await Authority.create(pki, "clients");
    const storage = await Authority.create(pki, "etcd");
    const [serving, adminCertificate, productCertificate, etcdServer, etcdClient, serviceAccounts] = await Promise.all([
        authority.issue(pki, "apiserver", {
            commonName: "kube-apiserver",
            addresses: ["127.0.0.1", "10.96.0.1"],
            names: ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"],
        }),
        clients.issue(pki, "admin", { commonName: "admin", organization: "system:masters" }),
        clients.issue(pki, "product", { commonName: productUser }),
        storage.issue(pki, "etcd-server", { commonName: "etcd", addresses: ["127.0.0.1"], names: ["localhost"] }),
        storage.issue(pki, "etcd-client", { commonName: "kube-apiserver" }),
        signingKey(pki, "service-accounts"),
    ]);
    const [etcdPort, etcdPeerPort, serverPort] = [ports.next(), ports.next(), ports.next()];
    const server = `https://127.0.0.1:${serverPort}`;
    const access = (context: string, user: string, certificate: Access["certificate"]): Access => {
        return { context, cluster: site, user, server, caFile: authority.certFile, certificate };
    };
    const accesses = {
        product: access(site, productUser, productCertificate),
        admin: access(`${site}-admin`, "admin", adminCertificate),
    };
    const adminKubeconfig = path.join(folder, "admin.kubeconfig");
    const productKubeconfig = path.join(folder, "product.kubeconfig");
    const auditLog = path.join(logs, "audit.jsonl");
    const auditPolicy = path.join(folder, "audit-policy.yaml");
    await mkdir(logs, { recursive: true });
    await Promise.all([
        writeKubeconfig(adminKubeconfig, [{ ...accesses.admin, context: site }]),
        writeKubeconfig(productKubeconfig, [accesses.product]),
        writeFile(auditPolicy, stringify(auditPolicyOfProduct)),
        writeFile(auditLog, ""),
    ]);
    const etcdUrl = `https://127.0.0.1:${etcdPort}`;
    const etcdPeerUrl = `https://127.0.0.1:${etcdPeerPort}`;
    const common = { site, cwd: folder, readySeconds: 180 };
    const processes: ProcessSpecification[] = [
        {
            ...common,
            name: "etcd",
            stage: 1,
            log: path.join(logs, "etcd.log"),
            ready: {
                kind: "https",
                url: `${etcdUrl}/health`,
                caFile: storage.certFile,
                certFile: etcdClient.certFile,
                keyFile: etcdClient.keyFile,
            },
            argv: [
                tools.etcd,
                `--name=${site}`,
                `--data-dir=${path.join(folder, "etcd")}`,
                `--listen-client-urls=${etcdUrl}`,
                `--advertise-client-urls=${etcdUrl}`,
                `--listen-peer-urls=${etcdPeerUrl}`,
                `--initial-advertise-peer-urls=${etcdPeerUrl}`,
                `--initial-cluster=${site}=${etcdPeerUrl}`,
                `--cert-file=${etcdServer.certFile}`,
                `--key-file=${etcdServer.keyFile}`,
                `--trusted-ca-file=${storage.certFile}`,
                "--client-cert-auth",
                `--peer-cert-file=${etcdServer.certFile}`,
                `--peer-key-file=${etcdServer.keyFile}`,
                `--peer-trusted-ca-file=${storage.certFile}`,
                "--peer-client-cert-auth",
                // The lab's processes die, its machine does not: what was written survives without a sync to disk.
                "--unsafe-no-fsync",
                "--log-level=warn",
            ],
        },
        {
            ...common,
            name: "kube-apiserver",
            stage: 2,
            log: path.join(logs, "kube-apiserver.log"),
            ready: { kind: "https", url: `${server}/readyz`, caFile: authority.certFile, ...adminCertificate },
            argv: [
                tools["kube-apiserver"],
                `--etcd-servers=${etcdUrl}`,
                `--etcd-cafile=${storage.certFile}`,
                `--etcd-certfile=${etcdClient.certFile}`,
                `--etcd-keyfile=${etcdClient.keyFile}`,
                "--bind-address=127.0.0.1",
                `--secure-port=${serverPort}`,
                `--tls-cert-file=${serving.certFile}`,
                `--tls-private-key-file=${serving.keyFile}`,
                `--client-ca-file=${clients.certFile}`,
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc",
                `--service-account-key-file=${serviceAccounts.publicFile}`,
                `--service-account-signing-key-file=${serviceAccounts.privateFile}`,
                "--service-cluster-ip-range=10.96.0.0/16",
                // A loopback address cannot be an endpoint of the service `kubernetes`, which nothing here uses.
                "--endpoint-reconciler-type=none",
                `--disable-admission-plugins=${disabledAdmissionPlugins.join(",")}`,
                `--audit-policy-file=${auditPolicy}`,
                `--audit-log-path=${auditLog}`,
                "--profiling=false",
            ],
        },
        {
            ...common,
            name: "kube-controller-manager",
            stage: 3,
            log: path.join(logs, "kube-controller-manager.log"),
            ready: { kind: "started" },
            argv: [
                tools["kube-controller-manager"],
                `--kubeconfig=${adminKubeconfig}`,
                `--controllers=${controllers.join(",")}`,
                // Else a claim waits up to 15 s for a volume that is already there.
                "--pvclaimbinder-sync-period=1s",
                // Of each there is one; and one that was frozen for minutes must not end because its lease ran out.
                "--leader-elect=false",
                "--secure-port=0",
                "--kube-api-qps=100",
                "--kube-api-burst=200",
            ],
        },
        {
            ...common,
            name: "kube-scheduler",
            stage: 3,
            log: path.join(logs, "kube-scheduler.log"),
            ready: { kind: "started" },
            argv: [
                tools["kube-scheduler"],
                `--kubeconfig=${adminKubeconfig}`,
                "--leader-elect=false",
                "--secure-port=0",
            ],
        },
        {
            ...common,
            name: "kwok",
            stage: 3,
            log: path.join(logs, "kwok.log"),
            ready: { kind: "started" },
            argv: [tools.kwok, `--kubeconfig=${adminKubeconfig}`, "--manage-all-nodes=true"],
            // Keeps what the user may have set up for another KWOK out of this one.
            env: { KWOK_WORKDIR: path.join(folder, "kwok") },
        },
    ];
    return { server, adminKubeconfig, productKubeconfig, auditLog, accesses, processes };
}

/**
 * One line for each request of the product's user, written when it is answered, and for each status that somebody else
 * writes for an AppMirrorRelationship: what the product waits for. Whoever reads the log tells them apart by the user.
 */
const auditPolicyOfProduct = {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived", "ResponseStarted"],
    rules: [
        { level: "Metadata", users: [productUser] },
        {
            level: "Metadata",
            verbs: ["update", "patch"],
            resources: [{ group: "protect.trident.netapp.io", resources: ["appmirrorrelationships/status"] }],
        },
        { level: "None" },
    ],
};
