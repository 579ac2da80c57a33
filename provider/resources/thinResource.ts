import * as pulumi from "@pulumi/pulumi";

/** A handler, by the name under which `pulumi-trident-dr/provider` exports it. */
type HandlerName = "mirrorRole" | "mirrorOutcome" | "peering" | "mirroredObject" | "declaredObjects";

/**
 * A dynamic resource whose provider is the name of a handler of this package. That text is all that reaches the state: it
 * holds no logic, so that a state never replays an old version of it.
 *
 * `pulumi.dynamic.Resource` would parse and serialise a provider's methods in each run, into a text many times as long,
 * which the engine passes on, compares and logs several times in each run for each resource. The key and the form of the
 * text are those which every state with a dynamic resource has, and which the SDK's dynamic provider therefore reads
 * (`getProvider` in its `cmd/dynamic-provider`).
 */
export class ThinResource extends pulumi.CustomResource {
    /**
     * @param type in the package's module, such as `MirrorRole`
     * @param properties its inputs, and each of its outputs that is no input as undefined
     */
    constructor(
        handler: HandlerName,
        type: string,
        name: string,
        properties: pulumi.Inputs,
        opts?: pulumi.CustomResourceOptions,
    ) {
        const text = `exports.handler = () => require("pulumi-trident-dr/provider").${handler};`;
        super(`pulumi-nodejs:dynamic/trident-dr:${type}`, name, { ...properties, __provider: text }, opts);
    }
}
