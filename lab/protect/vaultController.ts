import { randomUUID } from "node:crypto";
import {
    type Controller,
    type ReconcileResult,
    addFinalizer,
    isDeleting,
    messageOf,
    removeFinalizer,
    runController,
    scaled,
} from "../controllers";
import { type Context, lookAgain } from "./context";
import { type AppSnapshot, type AppVault, kinds, protectNamespace } from "./kinds";
import { reportStatus } from "./status";
import { openAppVault } from "./vault";

const finalizer = "protect.trident.netapp.io/appvault";

/** Object that marks a bucket: the vault's UID in quotes and a line end, 39 bytes. */
const markerKey = "appVault.json";

const recheckMs = 5 * 60_000;
/** At the highest speeds that would be many times a second, of each AppVault, and nothing waits for it. */
const shortestRecheckMs = 5_000;
const retryMs = 60_000;

/** Tells of each AppVault whether its bucket can be used, and which bucket it is. */
export function runVaultController(context: Context): Controller {
    const { cluster } = context;
    const namespace = protectNamespace;
    /** Which Secrets each AppVault named when it was last looked at. */
    const secretsOf = new Map<string, Set<string>>();
    const usersOf = (secret: string): { namespace: string; name: string }[] =>
        [...secretsOf].filter(([, secrets]) => secrets.has(secret)).map(([name]) => ({ namespace, name }));
    return runController<AppVault>({
        cluster,
        kind: kinds.appVault,
        select: { namespace },
        triggers: [{ kind: kinds.secret, options: { namespace }, concerns: ({ metadata }) => usersOf(metadata.name) }],
        log: context.log,
        reconcile: (vault) => {
            const credentials = Object.values(vault.spec.providerCredentials ?? {});
            secretsOf.set(vault.metadata.name, new Set(credentials.map(({ valueFromSecret }) => valueFromSecret.name)));
            return isDeleting(vault) ? release(context, vault) : check(context, vault);
        },
        gone: async ({ name }) => void secretsOf.delete(name),
    });
}

async function check(context: Context, appVault: AppVault): Promise<ReconcileResult> {
    const { cluster } = context;
    await addFinalizer(cluster, appVault, finalizer);
    try {
        const vault = await openAppVault(cluster, appVault);
        if ((await vault.get(markerKey)) === undefined) {
            await vault.put(markerKey, `"${randomUUID()}"\n`);
        }
        const marker = await vault.get(markerKey);
        const uid = JSON.parse(marker?.toString("utf8") ?? '""') as string;
        await reportStatus(context, kinds.appVault, appVault, { state: "Available", uid, error: "", message: "" });
        return { requeueAfterMs: Math.max(shortestRecheckMs, scaled(recheckMs, context.speed)) };
    } catch (error) {
        await reportStatus(context, kinds.appVault, appVault, { state: "Error", error: messageOf(error), message: "" });
        return lookAgain(context, retryMs);
    }
}

/** An AppVault goes once no snapshot needs it any more to remove its archive. */
async function release(context: Context, appVault: AppVault): Promise<ReconcileResult> {
    const { cluster } = context;
    const lists = await Promise.all([
        cluster.list<AppSnapshot>(kinds.snapshot),
        cluster.list<AppSnapshot>(kinds.shutdownSnapshot),
    ]);
    const users = lists.flat().filter(({ spec }) => spec.appVaultRef === appVault.metadata.name);
    if (users.length > 0) {
        const names = users.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(", ");
        await reportStatus(context, kinds.appVault, appVault, { message: `waits for the deletion of ${names}` });
        return lookAgain(context, 30_000);
    }
    await removeFinalizer(cluster, appVault, finalizer);
}
