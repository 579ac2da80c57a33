import type * as pulumi from "@pulumi/pulumi";
import type { MirrorRoleInputs } from "../engine/inputs";
import type { CopyProgress } from "../roles/copy";
import type { RoleRecord } from "../roles/record";
import { ThinResource } from "./thinResource";

/** Arguments of {@link MirrorRole}: {@link MirrorRoleInputs}, each of which may be an output of something else. */
export type MirrorRoleArgs = Lifted<MirrorRoleInputs>;

/** Of each member of a union for itself. */
type Lifted<Inputs> = Inputs extends unknown ? { [Key in keyof Inputs]: pulumi.Input<Inputs[Key]> } : never;

/**
 * The role of one site for one protected item. Creating and updating it executes the plan that brings the site from what
 * it is to what the configuration asks for; `pulumi preview` prints the plan.
 */
export class MirrorRole extends ThinResource {
    /** The site's role and its history; the peer reads it from this stack's outputs. */
    declare readonly record: pulumi.Output<RoleRecord>;
    /** Each volume on the site's array, by its claim or its name; `pulumi refresh` shows what changed there. */
    declare readonly array: pulumi.Output<Record<string, Record<string, string>> | undefined>;

    /** How far a copy to this site is, by volume; only until it is complete. */
    declare readonly establishing: pulumi.Output<CopyProgress | undefined>;

    constructor(name: string, args: MirrorRoleArgs, opts?: pulumi.CustomResourceOptions) {
        const outputs = { record: undefined, array: undefined, establishing: undefined };
        super("mirrorRole", "MirrorRole", name, { ...outputs, ...args }, opts);
    }
}
