import { Cluster, type Controller, delay, type Stoppable } from "../controllers";
import type { SiteDescriptor } from "../site";
import { Backends } from "./backends";
import { kinds, tridentFinalizer } from "./kinds";
import { MirrorUpdates } from "./mirrorUpdates";
import { Mirrors } from "./mirrors";
import { Provisioner } from "./provisioner";
import { SnapshotRestores } from "./snapshotRestores";
import { Snapshots } from "./snapshots";

/** How long a start waits for all the kinds to be served; those that come later are found then. */
const syncDeadlineMs = 20_000;

/**
 * Stand-in of NetApp Trident, and of the CSI sidecars and the snapshot controller, for one site. It acts on what it
 * sees through the site's Kubernetes API and ONTAP's REST API, and keeps nothing of its own.
 */
export async function startTrident(site: SiteDescriptor): Promise<Stoppable> {
    const cluster = await Cluster.connect(site.kubernetes.adminKubeconfig, { userAgent: "trident" });
    await publishVersion(cluster);
    const { speed } = site;
    const backends = new Backends(cluster, site);
    const mirrors = new Mirrors(cluster, backends, speed);
    const controllers: Controller[] = [
        backends.run(),
        ...new Provisioner(cluster, backends, speed).run(),
        ...new Snapshots(cluster, backends, speed).run(),
        mirrors.run(),
        new MirrorUpdates(cluster, mirrors, speed).run(),
        new SnapshotRestores(cluster, backends).run(),
    ];
    const waiting = new AbortController();
    await Promise.race([
        Promise.all(controllers.map((controller) => controller.synced)),
        delay(syncDeadlineMs, waiting.signal).catch(() => undefined),
    ]);
    waiting.abort();
    return {
        stop: async () => {
            await Promise.all(controllers.map((controller) => controller.stop()));
        },
    };
}

/** The release that it imitates. */
const release = "26.06.2";

async function publishVersion(cluster: Cluster): Promise<void> {
    if (!(await cluster.serves(kinds.version))) {
        return;
    }
    const metadata = { name: "trident", namespace: "trident", finalizers: [tridentFinalizer] };
    await cluster.serverSideApply(
        { ...kinds.version, metadata, trident_version: release, trident_store_version: "1", trident_api_version: "1" },
        { fieldManager: "trident" },
    );
}
