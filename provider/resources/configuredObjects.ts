import * as pulumi from "@pulumi/pulumi";
import type { DeclaredObjectsArgs } from "./declaredObjects";

/**
 * The same resource as DeclaredObjects, for a site whose kubeconfig is in the stack's configuration: its provider is given
 * the configuration. The text of the other one, which is in users' states, stays as it is.
 */
export class ConfiguredObjects extends pulumi.dynamic.Resource {
    constructor(name: string, args: DeclaredObjectsArgs, opts?: pulumi.CustomResourceOptions) {
        super(provider, name, { ...args }, opts, "trident-dr", "DeclaredObjects");
    }
}

/** Only this text reaches the state. */
class ConfiguredObjectsProvider implements pulumi.dynamic.ResourceProvider {
    async configure(request: pulumi.dynamic.ConfigureRequest) {
        return (await import("pulumi-trident-dr/provider")).declaredObjects.configure(request);
    }
    async check(olds: unknown, news: unknown) {
        return (await import("pulumi-trident-dr/provider")).declaredObjects.check(olds, news);
    }
    async diff(id: string, olds: unknown, news: unknown) {
        return (await import("pulumi-trident-dr/provider")).declaredObjects.diff(id, olds, news);
    }
    async create(inputs: unknown) {
        return (await import("pulumi-trident-dr/provider")).declaredObjects.create(inputs);
    }
    async update(id: string, olds: unknown, news: unknown) {
        return (await import("pulumi-trident-dr/provider")).declaredObjects.update(id, olds, news);
    }
}

/** One for all: Pulumi serialises each provider once. */
const provider = new ConfiguredObjectsProvider();
