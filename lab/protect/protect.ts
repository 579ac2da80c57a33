import { Cluster, type Controller, type Stoppable } from "../controllers";
import type { SiteDescriptor } from "../site";
import { runApplicationController } from "./application";
import { runBackupController } from "./backup";
import type { Context } from "./context";
import { discover } from "./discovery";
import { runMirrorController } from "./mirror";
import { runMirrorUpdateController } from "./mirrorUpdate";
import { runRestoreControllers } from "./restore";
import { runScheduleController } from "./schedule";
import { runShutdownSnapshotController, runSnapshotController } from "./snapshot";
import { runVaultController } from "./vaultController";
import { serveWebhooks } from "./webhooks";

/**
 * Stands in for Trident Protect at one site. It knows what the site's API server says and what lies in the buckets that
 * AppVaults name; volumes it moves through Trident's kinds alone. It keeps nothing of its own, so it may be frozen or
 * killed at any time.
 */
export async function startProtect(
    site: Pick<SiteDescriptor, "speed" | "calendarSpeed" | "kubernetes">,
    log: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<Stoppable> {
    const { adminKubeconfig, webhook } = site.kubernetes;
    const cluster = await Cluster.connect(adminKubeconfig);
    const stamped = (line: string): void => log(`${new Date().toISOString()} ${line}`);
    const { speed, calendarSpeed } = site;
    const context: Context = { cluster, discovery: discover(adminKubeconfig), speed, calendarSpeed, log: stamped };
    const webhooks = await serveWebhooks(cluster, webhook);
    const controllers: Controller[] = [
        runVaultController(context),
        runApplicationController(context),
        runSnapshotController(context),
        runShutdownSnapshotController(context),
        runBackupController(context),
        runScheduleController(context),
        runMirrorUpdateController(context),
        runMirrorController(context),
        ...runRestoreControllers(context),
    ];
    return {
        stop: async () => {
            await webhooks.stop();
            await Promise.all(controllers.map((controller) => controller.stop()));
        },
    };
}
