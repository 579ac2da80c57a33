import * as pulumi from "@pulumi/pulumi";

/** The kinds of objects that a role swap touches. */
export type MirroredKind = "Application" | "Schedule" | "AppMirrorRelationship" | "ExecHook";

export interface MirroredObjectArgs {
    namespace: pulumi.Input<string>;
    name: pulumi.Input<string>;
    /**
     * `absent`: the role does without it, for example a mirror at the site that serves. `unmanaged`: the site let go of
     * it, and it may be there or not.
     */
    state: pulumi.Input<"present" | "absent" | "unmanaged">;
    spec: pulumi.Input<Record<string, unknown>>;
}

/**
 * Shows in the tree of `pulumi up` and in the state one object that the role orders, with its spec. It orders nothing
 * itself: Pulumi deletes last, and a swap of roles has an order of its own, which MirrorRole keeps.
 */
export class MirroredObject extends pulumi.dynamic.Resource {
    declare readonly state: pulumi.Output<"present" | "absent" | "unmanaged">;
    declare readonly spec: pulumi.Output<Record<string, unknown>>;

    constructor(name: string, kind: MirroredKind, args: MirroredObjectArgs, opts?: pulumi.CustomResourceOptions) {
        super(provider, name, { kind, ...args }, opts, "trident-dr", kind);
    }
}

/** Only this text reaches the state. */
class MirroredObjectProvider implements pulumi.dynamic.ResourceProvider {
    async diff(id: string, olds: unknown, news: unknown) {
        return (await import("pulumi-trident-dr/provider")).mirroredObject.diff(id, olds, news);
    }
    async create(inputs: unknown) {
        return (await import("pulumi-trident-dr/provider")).mirroredObject.create(inputs);
    }
    async update(id: string, olds: unknown, news: unknown) {
        return (await import("pulumi-trident-dr/provider")).mirroredObject.update(id, olds, news);
    }
}

/** One for all: Pulumi serialises each provider once. */
const provider = new MirroredObjectProvider();
