import type { Cluster, ClusterReference } from "../clients/kubernetes/cluster";
import { KubernetesError } from "../clients/kubernetes/errors";
import { describeReference } from "../clients/kubernetes/reference";
import { kinds } from "../clients/kubernetes/kinds";
import { describeObject } from "../clients/kubernetes/objects";
import type { Action } from "../drivers/action";
import { upCommand } from "../roles/messages/commands";
import { MessageError, text } from "../roles/messages/message";
import type { SiteMark } from "../roles/situation";

interface MarkerSettings {
    site: string;
    peer: string;
    protectNamespace: string;
    cluster: ClusterReference;
}

/**
 * Says in a cluster which site of a pair it is, so that a stack that is pointed at the other site's cluster finds out
 * before it touches anything. One for each pair: a cluster can be a site of several.
 */
export class SiteMarker {
    private readonly key: { name: string; namespace: string };

    constructor(
        private readonly cluster: Pick<Cluster, "get" | "create">,
        private readonly settings: MarkerSettings,
    ) {
        const { site, peer, protectNamespace: namespace } = settings;
        this.key = { name: ["trident-dr-site", ...[site, peer].sort()].join("."), namespace };
    }

    async read(): Promise<SiteMark> {
        const found = await this.cluster.get(kinds.configMap, this.key);
        return {
            place: `${this.key.namespace}/${this.key.name}`,
            cluster: describeReference(this.settings.cluster),
            ...(found === undefined ? {} : { site: found.data?.["site"] ?? "nobody" }),
        };
    }

    /** Creates it, which the server refuses when there is one by then: another item of this stack may have been faster. */
    claim(): Action[] {
        const { site } = this.settings;
        return [
            {
                call: `create ${describeObject(kinds.configMap, this.key)}: this cluster is ${site}`,
                effect: "write",
                when: "if no other item of the stack has",
                run: async () => {
                    try {
                        await this.cluster.create(this.manifest());
                    } catch (error) {
                        if (!(error instanceof KubernetesError && error.kind === "conflict")) {
                            throw error;
                        }
                        await this.requireOurs();
                    }
                },
            },
        ];
    }

    private async requireOurs(): Promise<void> {
        const { site } = this.settings;
        const found = await this.read();
        if (found.site !== site) {
            throw new MessageError(
                text`${site}: ConfigMap ${found.place} says that the cluster of ${found.cluster} is ${found.site ?? "nobody"}'s; expected ${site}. Nothing was changed there. Correct the stack's kubernetes.context, then ${upCommand(site)}`,
            );
        }
    }

    private manifest() {
        const { site, peer } = this.settings;
        return {
            apiVersion: kinds.configMap.apiVersion,
            kind: kinds.configMap.kind,
            metadata: this.key,
            data: { site, pair: [site, peer].sort().join(" and ") },
        };
    }
}
