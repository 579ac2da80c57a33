import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster } from "../../../../lab/controllers";
import { prepareControlPlane } from "../../../../lab/kubernetes/controlPlane";
import { furnish } from "../../../../lab/kubernetes/furnish";
import { Authority } from "../../../../lab/ontap";
import { holdPorts } from "../../../../lab/ports";
import { Supervisor } from "../../../../lab/processes";
import { ensureTools } from "../../../../lab/tools";

/** A real Kubernetes API with the lab's kinds, for the tests of one file. */
export interface TestControlPlane {
    /** Folder for what else a test keeps; removed with the rest. */
    folder: string;
    kubeconfig: string;
    /** That of the product's user. */
    productKubeconfig: string;
    cluster: Cluster;
    supervisor: Supervisor;
    stop(): Promise<void>;
}

/** Building the tools on a machine that has none takes this long at most. */
export const toolsMs = 30 * 60_000;

const site = "test";

/** @param options.controllers Whether volumes bind, pods run and owners' objects are collected. Default true. */
export async function startControlPlane(options: { controllers?: boolean } = {}): Promise<TestControlPlane> {
    const folder = await mkdtemp(join(tmpdir(), "control-plane-"));
    const supervisor = new Supervisor(join(folder, "processes"));
    const stop = async (): Promise<void> => {
        await supervisor.stop();
        await rm(folder, { recursive: true, force: true });
    };
    try {
        const [tools, authority, ports] = await Promise.all([
            ensureTools(),
            Authority.create(join(folder, "pki"), "test"),
            holdPorts(3),
        ]);
        const place = { folder: join(folder, "kubernetes"), logs: join(folder, "logs") };
        const plane = await prepareControlPlane({ site, ...place, tools, authority, ports });
        await ports.release();
        const wanted = ["etcd", "kube-apiserver"].concat(
            options.controllers === false ? [] : ["kube-controller-manager", "kwok"],
        );
        await supervisor.start(plane.processes.filter((process) => wanted.includes(process.name)));
        await furnish(plane.adminKubeconfig);
        const cluster = await Cluster.connect(plane.adminKubeconfig);
        const { adminKubeconfig: kubeconfig, productKubeconfig } = plane;
        return { folder, kubeconfig, productKubeconfig, cluster, supervisor, stop };
    } catch (error) {
        await stop();
        throw error;
    }
}
