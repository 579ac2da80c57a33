import type { Cluster, ClusterReference } from "../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../provider/clients/kubernetes/errors";
import { kinds } from "../provider/clients/kubernetes/kinds";
import { describeReference } from "../provider/clients/kubernetes/reference";
import { upCommand } from "../provider/roles/messages/commands";
import { MessageError, text } from "../provider/roles/messages/message";
import { itemOfBundle } from "../provider/roles/recordName";
import { recordNamespacesAt } from "./bundledRole";

/** Which site's items are asked for, and where. */
interface ItemsRequest {
    site: string;
    cluster: ClusterReference;
    /** Default: those in which applications and groups of volumes have their records. */
    recordNamespace?: string | undefined;
}

export interface BundledItems {
    /** Sorted. */
    items: string[];
    /** Namespaces in which the account may not list ConfigMaps, so that there may be more. */
    unlisted: string[];
}

/**
 * The items of which the last `pulumi up` left at a site what a takeover goes by.
 *
 * @throws MessageError where there is none, or none of the namespaces may be listed
 */
export async function bundledItems(cluster: Pick<Cluster, "list">, request: ItemsRequest): Promise<BundledItems> {
    const { site, recordNamespace } = request;
    const namespaces = recordNamespace === undefined ? recordNamespacesAt(site) : [recordNamespace];
    const listed = await Promise.all(namespaces.map((namespace) => itemsIn(cluster, namespace, site)));
    const items = [...new Set(listed.flatMap((found) => found ?? []))].sort();
    const unlisted = namespaces.filter((_namespace, index) => listed[index] === undefined);
    if (unlisted.length === namespaces.length) {
        throw forbidden(request, namespaces);
    }
    if (items.length === 0) {
        throw none(request, namespaces);
    }
    return { items, unlisted };
}

/** Undefined where the account may not list them. */
async function itemsIn(cluster: Pick<Cluster, "list">, namespace: string, site: string): Promise<string[] | undefined> {
    try {
        const found = await cluster.list(kinds.configMap, namespace);
        // Sites that share a cluster may share a namespace of it.
        return found
            .filter(({ data }) => data?.["site"] === site)
            .flatMap(({ metadata }) => itemOfBundle(metadata.name) ?? []);
    } catch (error) {
        if (!(error instanceof KubernetesError && error.kind === "forbidden")) {
            throw error;
        }
        return undefined;
    }
}

function forbidden({ site, cluster }: ItemsRequest, namespaces: readonly string[]): MessageError {
    return new MessageError(
        `${site}: in the cluster of ${describeReference(cluster)} this account may not list the ConfigMaps in ${namespaces.join(", ")}, by which --all finds what can be taken over. Nothing was changed. Name the applications instead, or use an account that may: trident-dr-rbac --list-all prints that right`,
    );
}

function none({ site, cluster }: ItemsRequest, namespaces: readonly string[]): MessageError {
    return new MessageError(
        text`${site}: in the cluster of ${describeReference(cluster)} nothing in ${namespaces.join(", ")} is of ${site} and can be taken over. Either this is not the cluster of ${site}, its records are in another namespace (--record-namespace), or no ${upCommand(site)} of this version has run there. Nothing was changed`,
    );
}
