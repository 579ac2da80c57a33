import type * as pulumi from "@pulumi/pulumi";
import { ThinResource } from "./thinResource";

export interface MirrorOutcomeArgs {
    applications: pulumi.Input<string[]>;
    /** The roles of all of them, so that this one comes last. */
    roles: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * The outcome of a run for each of several protected items. A role that fails would stop those whose turn has not come,
 * so among several a failure is reported here, when all have had theirs.
 */
export class MirrorOutcome extends ThinResource {
    /** One line for each application when any of them failed, else "". */
    declare readonly summary: pulumi.Output<string>;

    constructor(name: string, args: MirrorOutcomeArgs, opts?: pulumi.CustomResourceOptions) {
        super("mirrorOutcome", "MirrorOutcome", name, { summary: undefined, ...args }, opts);
    }
}
