import type { Cluster, ClusterReference } from "../clients/kubernetes/cluster";
import { KubernetesError } from "../clients/kubernetes/errors";
import { describeReference } from "../clients/kubernetes/reference";
import { kinds } from "../clients/kubernetes/kinds";
import { describeObject } from "../clients/kubernetes/objects";
import type { Action } from "../drivers/action";
import { upCommand } from "../roles/messages/commands";
import { MessageError, text } from "../roles/messages/message";
import { bothSites, namespaceMarkerName, siteMarkerName } from "../roles/sharedCluster";
import type { SiteMark } from "../roles/situation";
import { defined } from "../support/defined";

interface MarkerSettings {
    site: string;
    peer: string;
    protectNamespace: string;
    cluster: ClusterReference;
    /** The item's namespaces, where both sites are on this cluster. Default: it is one site's alone. */
    sharedBy?: readonly string[];
}

/** A ConfigMap, and what it is to say. */
interface Mark {
    key: { name: string; namespace: string };
    /** The site, or both where the cluster is shared. */
    says: string;
    /** What it is about. Default: the cluster. */
    about?: string;
}

/**
 * Says in a cluster which site of a pair it is, so that a stack that is pointed at the other site's cluster finds out
 * before it touches anything. One for each pair: a cluster can be a site of several. A cluster that both sites share says
 * so, and of each namespace whose it is.
 */
export class SiteMarker {
    private readonly marks: readonly [Mark, ...Mark[]];

    constructor(
        private readonly cluster: Pick<Cluster, "get" | "create">,
        private readonly settings: MarkerSettings,
    ) {
        const { site, peer, protectNamespace: namespace, sharedBy } = settings;
        const sites = [site, peer];
        const ofCluster = { name: siteMarkerName(sites), namespace };
        const ofNamespaces = (sharedBy ?? []).map((about) => ({
            key: { name: namespaceMarkerName(sites, about), namespace },
            says: site,
            about,
        }));
        this.marks = [{ key: ofCluster, says: sharedBy === undefined ? site : bothSites(sites) }, ...ofNamespaces];
    }

    /** The first mark that is wrong, else the first that is missing, else that of the cluster. */
    async read(): Promise<SiteMark> {
        const read = await Promise.all(this.marks.map(async (mark) => ({ mark, says: await this.find(mark) })));
        const wrong = read.find(({ mark, says }) => says !== undefined && says !== mark.says);
        const { mark, says } = wrong ?? read.find((one) => one.says === undefined) ?? read[0]!;
        return {
            place: `${mark.key.namespace}/${mark.key.name}`,
            cluster: describeReference(this.settings.cluster),
            ...(says === undefined ? {} : { site: says }),
            ...(mark.says === this.settings.site ? {} : { expected: mark.says }),
            ...defined({ about: mark.about }),
        };
    }

    /** Creates them, which the server refuses where there is one by then: another item of this stack may have been faster. */
    claim(): Action[] {
        return this.marks.map((mark) => ({
            call: `create ${describeObject(kinds.configMap, mark.key)}: ${whatOf(mark)} is ${mark.says}`,
            effect: "write",
            when: "if no other item of the stack has",
            run: async () => {
                try {
                    await this.cluster.create(this.manifest(mark));
                } catch (error) {
                    if (!(error instanceof KubernetesError && error.kind === "conflict")) {
                        throw error;
                    }
                    await this.require(mark);
                }
            },
        }));
    }

    private async require(mark: Mark): Promise<void> {
        const { site, cluster } = this.settings;
        const found = await this.find(mark);
        if (found !== mark.says) {
            const what = mark.about === undefined ? "the cluster" : `namespace ${mark.about} in the cluster`;
            const correct = mark.about === undefined ? "kubernetes.context" : "namespaces";
            throw new MessageError(
                text`${site}: ConfigMap ${mark.key.namespace}/${mark.key.name} says that ${what} of ${describeReference(cluster)} is ${found ?? "nobody"}'s; expected ${mark.says}. Nothing was changed there. Correct the stack's ${correct}, then ${upCommand(site)}`,
            );
        }
    }

    private async find({ key }: Mark): Promise<string | undefined> {
        const found = await this.cluster.get(kinds.configMap, key);
        return found === undefined ? undefined : (found.data?.["site"] ?? "nobody");
    }

    private manifest({ key, says }: Mark) {
        const { site, peer } = this.settings;
        return {
            apiVersion: kinds.configMap.apiVersion,
            kind: kinds.configMap.kind,
            metadata: key,
            data: { site: says, pair: bothSites([site, peer]) },
        };
    }
}

function whatOf({ about }: Mark): string {
    return about === undefined ? "this cluster" : `namespace ${about}`;
}
