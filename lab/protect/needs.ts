import type { KubeObject } from "../controllers";
import type { Context } from "./context";
import { type AppVault, type Application, type Existing, kinds, protectNamespace } from "./kinds";

/** What cannot be put right by trying again. */
export class FinalFailure extends Error {}

/** A Snapshot or a Backup: what it is of, and where it is kept. */
export interface Protecting extends KubeObject {
    spec: { applicationRef: string; appVaultRef?: string };
}

export async function applicationOf(
    context: Context,
    protecting: Existing<Protecting>,
): Promise<Existing<Application>> {
    const { namespace } = protecting.metadata;
    const name = protecting.spec.applicationRef;
    const application = await context.cluster.get<Existing<Application>>(kinds.application, { namespace, name });
    if (application === undefined) {
        throw new FinalFailure(`Application ${namespace}/${name} does not exist`);
    }
    return application;
}

/** Name of the vault to write into. A vault in trouble is waited for; one that does not exist is not. */
export async function usableVault(context: Context, protecting: Protecting): Promise<string> {
    const name = protecting.spec.appVaultRef ?? "";
    if (name === "") {
        throw new FinalFailure("Expected spec.appVaultRef, found none");
    }
    const ref = { namespace: protectNamespace, name };
    const vault = await context.cluster.get<AppVault>(kinds.appVault, ref);
    if (vault === undefined) {
        throw new FinalFailure(`AppVault ${name} does not exist in namespace ${protectNamespace}`);
    }
    if (vault.status?.state !== "Available") {
        throw new Error(`AppVault ${name} is not available: ${vault.status?.error ?? "not checked yet"}`);
    }
    return name;
}
