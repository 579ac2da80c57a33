import type * as pulumi from "@pulumi/pulumi";
import { ThinResource } from "./thinResource";

/** An object of a site's cluster by its name. */
export interface DeclaredObject {
    apiVersion: string;
    kind: string;
    /** Plural of the kind, in lower case. */
    plural: string;
    namespace?: string;
    name: string;
}

/** An object that somebody else made and keeps: it is read, and never written. */
export interface ExistingObject extends DeclaredObject {
    /** The argument that names it. */
    key: string;
    /** Who has to make it. */
    maker: string;
    /** What has to be in it: at a path, one of these values or any at all. */
    expects: { at: string[]; values?: string[]; optional?: boolean; why: string }[];
}

export interface DeclaredObjectsArgs {
    /** Name of this site. */
    site: pulumi.Input<string>;
    /** How to reach the site's cluster. */
    cluster: pulumi.Input<{ context?: string; kubeconfig?: string; fromConfig?: boolean }>;
    /** Namespace of the configuration in which the kubeconfig is; only where it is there. */
    configNamespace?: pulumi.Input<string | undefined>;
    /** What Pulumi's Kubernetes provider is to create or change. */
    objects: pulumi.Input<DeclaredObject[]>;
    /** What is there already, and has to be. */
    existing?: pulumi.Input<ExistingObject[]>;
    /** The other site's AppVault, which may be dark: it is asked ahead of the roles that want to know. */
    peerVault?: pulumi.Input<{ namespace: string; name: string } | undefined>;
    /** Name of the stack of each site whose stack is not named like it. */
    stacks?: pulumi.Input<Readonly<Record<string, string>> | undefined>;
}

/**
 * Refuses, before anything is written, what is declared under a name under which somebody else created something. It
 * creates nothing: whatever declares these objects depends on it.
 */
export class DeclaredObjects extends ThinResource {
    constructor(name: string, args: DeclaredObjectsArgs, opts?: pulumi.CustomResourceOptions) {
        super("declaredObjects", "DeclaredObjects", name, { ...args }, opts);
    }
}
