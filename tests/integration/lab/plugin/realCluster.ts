import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { controlPlanePorts, prepareControlPlane } from "../../../../lab/kubernetes/controlPlane";
import { Authority } from "../../../../lab/ontap";
import { holdPorts } from "../../../../lab/ports";
import { Supervisor } from "../../../../lab/processes";
import { ensureTools, type Tools } from "../../../../lab/tools";

/** A real API server with its storage and controllers, and nothing in it. */
export interface RealCluster {
    tools: Tools;
    /** Folder that is removed with the cluster. */
    folder: string;
    kubeconfig: string;
    freeze(): void;
    thaw(): Promise<void>;
    stop(): Promise<void>;
}

const usedParts = ["etcd", "kube-apiserver", "kube-controller-manager"];

export async function startCluster(): Promise<RealCluster> {
    const tools = await ensureTools();
    const folder = await mkdtemp(path.join(tmpdir(), "trident-dr-plugin-"));
    const authority = await Authority.create(path.join(folder, "pki"), "lab");
    const ports = await holdPorts(controlPlanePorts);
    const site = "test";
    const places = { site, folder: path.join(folder, "kubernetes"), logs: path.join(folder, "logs") };
    const plane = await prepareControlPlane({ ...places, tools, authority, ports });
    await ports.release();
    const supervisor = new Supervisor(path.join(folder, "processes"));
    const stop = async (): Promise<void> => {
        await supervisor.stop();
        await rm(folder, { recursive: true, force: true });
    };
    try {
        await supervisor.start(plane.processes.filter(({ name }) => usedParts.includes(name)));
    } catch (error) {
        await stop();
        throw error;
    }
    const server = { site, name: "kube-apiserver" };
    return {
        tools,
        folder,
        kubeconfig: plane.adminKubeconfig,
        freeze: () => supervisor.freeze(server),
        thaw: () => supervisor.revive(server),
        stop,
    };
}
