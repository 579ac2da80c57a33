import type * as pulumi from "@pulumi/pulumi";
import { ThinResource } from "./thinResource";

/** The kinds of objects that a role keeps at its site. */
export type MirroredKind = "Application" | "Schedule" | "AppMirrorRelationship" | "ExecHook";

export interface MirroredObjectArgs {
    namespace: pulumi.Input<string>;
    name: pulumi.Input<string>;
}

/**
 * Names in the tree of `pulumi up` and in the state one object that MirrorRole creates, changes and deletes. It orders
 * nothing itself: Pulumi deletes last, and a swap of roles has an order of its own.
 *
 * Nothing in it changes with the role. The CLI writes the whole state before and after each resource that changes, one
 * write after the other: a failover of many applications took longer for these than for the promotions. What the role
 * is about to do with each object is in its plan.
 */
export class MirroredObject extends ThinResource {
    constructor(name: string, kind: MirroredKind, args: MirroredObjectArgs, opts?: pulumi.CustomResourceOptions) {
        super("mirroredObject", kind, name, { kind, ...args }, opts);
    }
}
