import type { ClusterReference } from "../../provider/clients/kubernetes/cluster";
import type { MirrorRoleInputs } from "../../provider/engine/inputs";
import type { RoleRecord } from "../../provider/roles/record";
import type { ItemKind } from "./document";

/** The two sites of a pair, as a person named them or as a project is configured. */
export type Places = readonly [Place, Place];

/** One site, and how it is reached. */
export interface Place {
    site: string;
    peer: string;
    cluster: ClusterReference;
    /** Where records are looked for. Default: where applications and groups of volumes have theirs. */
    recordNamespace?: string;
    /** What only a project tells. Absent where none was read: then the site is read without Pulumi. */
    stack?: StackOfSite;
}

export interface StackOfSite {
    name: string;
    /** Of the pair's keys in its configuration. */
    namespace: string;
    items: ReadonlyMap<string, ConfiguredItem>;
    /** Whether the pair's key is among its secrets. Default: it is not. */
    hasPairKey?: boolean;
    /** The values of its configuration, with its secrets, by `<namespace>:<key>`. */
    values(): Promise<Readonly<Record<string, string>>>;
    /** The records that its last run published, by item. */
    published(): Promise<ReadonlyMap<string, RoleRecord>>;
}

/** What the configuration of a stack says of an item that a run does not read from the site. */
export interface ConfiguredItem extends Pick<
    MirrorRoleInputs,
    "active" | "acknowledgements" | "unprotect" | "unmanage"
> {
    kind: ItemKind;
    recordNamespace?: string;
}
