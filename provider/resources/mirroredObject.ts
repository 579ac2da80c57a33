import type * as pulumi from "@pulumi/pulumi";
import { ThinResource } from "./thinResource";

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
export class MirroredObject extends ThinResource {
    declare readonly state: pulumi.Output<"present" | "absent" | "unmanaged">;
    declare readonly spec: pulumi.Output<Record<string, unknown>>;

    constructor(name: string, kind: MirroredKind, args: MirroredObjectArgs, opts?: pulumi.CustomResourceOptions) {
        super("mirroredObject", kind, name, { kind, ...args }, opts);
    }
}
