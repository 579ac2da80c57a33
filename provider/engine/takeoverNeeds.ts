import { z } from "zod";
import type { Cluster, KubernetesObject } from "../clients/kubernetes/cluster";
import { KubernetesError } from "../clients/kubernetes/errors";
import { kinds } from "../clients/kubernetes/kinds";
import { describeObject, fullName } from "../clients/kubernetes/objects";
import type { ClusterNode, ClusterPeer, OntapClient, SvmPeer } from "../clients/ontap";
import { VaultError } from "../clients/buckets/objectStore";
import { podPolicyName } from "../roles/podPolicyName";
import { quotaName } from "../roles/quotaName";
import { messageOf, render } from "../roles/messages/message";
import { isOurs } from "../drivers/applications/manifests";
import type { ApplicationSettings } from "../drivers/applications/settings";
import { openVault } from "../vaults/appVault";
import type { PrerequisiteFault, Prerequisites } from "./prerequisites";

/** What was read, or why it could not be. */
export type Told<T> = T | { unknown: string };

/** What a takeover stands on that no plan depends on, as one site was read. */
export interface ObservedNeeds {
    vaults: readonly VaultAnswer[];
    /** Declared objects that their controllers do not report as usable. */
    prerequisites: Told<readonly PrerequisiteFault[]>;
    peerings: Told<Peerings>;
    nodes: Told<readonly ClusterNode[]>;
    /** Absent where none is used. */
    storageClass?: Told<{ name: string; exists: boolean }>;
    /** Absent where the item has no namespaces. */
    quotas?: Told<ObservedQuotas>;
    /** Absent where no label selector chooses what belongs to the item. */
    podPolicy?: Told<ObservedPodPolicy>;
}

/** ResourceQuotas in the item's namespaces. */
export interface ObservedQuotas {
    /** Those by which no pod starts and that a takeover leaves, as `<namespace>/<name>`. */
    inTheWay: readonly string[];
    /** Whether all were seen: an account need not be allowed to list them. */
    all: boolean;
}

/** The policy that keeps the item's pods from starting, and its binding. */
export interface ObservedPodPolicy {
    /** Kind and name of those that a takeover leaves, since they are somebody else's. */
    inTheWay: readonly { what: string; remove: string }[];
}

/** Whether the bucket of a site answers whoever runs this, with what the AppVault at this site has. */
export interface VaultAnswer {
    /** The site whose vault it is. */
    owner: string;
    name: string;
    /** `not asked`: only the cluster's own identity opens it. */
    is: "answers" | "not asked" | { fault: string; unreachable: boolean };
}

/** Between this array and the other one. */
export interface Peerings {
    svm: string;
    svms: readonly SvmPeer[];
    clusters: readonly ClusterPeer[];
}

interface NeedsSources {
    cluster: Pick<Cluster, "get" | "list" | "site">;
    prerequisites: Pick<Prerequisites, "faults">;
    protectNamespace: string;
    /** AppVault name at this site for each site's vault. */
    vaults: Readonly<Record<string, string>>;
    svm: string;
    /** Opened when it is first asked: without its credentials the rest can be read. */
    array(): Pick<OntapClient, "nodes" | "svmPeers" | "clusterPeers">;
    /** Of an application: what its pods need. */
    pods?: Pick<ApplicationSettings, "application" | "namespaces" | "storageClass" | "labelSelector">;
}

/** Milliseconds for each vault. */
const vaultBudget = 5_000;

/** Reads it. It writes nothing, and what cannot be read is unknown. */
export class TakeoverNeeds {
    constructor(private readonly sources: NeedsSources) {}

    async read(): Promise<ObservedNeeds> {
        const { prerequisites, vaults, pods } = this.sources;
        const [answers, faults, peerings, nodes, storageClass, quotas, podPolicy] = await Promise.all([
            Promise.all(Object.entries(vaults).map(([owner, name]) => this.ask(owner, name))),
            told(() => prerequisites.faults()),
            told(() => this.peerings()),
            told(async () => this.sources.array().nodes()),
            pods && told(() => this.storageClass(pods.storageClass)),
            pods && told(() => this.quotas(pods)),
            pods?.labelSelector && told(() => this.podPolicy(pods)),
        ]);
        return {
            vaults: answers,
            prerequisites: faults,
            peerings,
            nodes,
            ...(storageClass === undefined ? {} : { storageClass }),
            ...(quotas === undefined ? {} : { quotas }),
            ...(podPolicy === undefined ? {} : { podPolicy }),
        };
    }

    /** With a read of an object that need not exist, as a site that asks whether the other one is there. */
    private async ask(owner: string, name: string): Promise<VaultAnswer> {
        const { cluster, protectNamespace } = this.sources;
        try {
            const { store, prefix } = await openVault(cluster, protectNamespace, name, vaultBudget);
            await store?.get(`${prefix}trident-dr/answers`);
            return { owner, name, is: store === undefined ? "not asked" : "answers" };
        } catch (error) {
            const unreachable = !(error instanceof VaultError) || error.unreachable;
            return { owner, name, is: { fault: error instanceof Error ? error.message : String(error), unreachable } };
        }
    }

    private async peerings(): Promise<Peerings> {
        const client = this.sources.array();
        const [svms, clusters] = await Promise.all([client.svmPeers.all(), client.clusterPeers.all()]);
        return { svm: this.sources.svm, svms: svms.filter(({ svm }) => svm.name === this.sources.svm), clusters };
    }

    private async storageClass(name: string): Promise<{ name: string; exists: boolean }> {
        return { name, exists: (await this.sources.cluster.get(kinds.storageClass, { name })) !== undefined };
    }

    /** A takeover removes the quota that keeps pods from starting, and no other. */
    private async quotas({ application, namespaces }: NonNullable<NeedsSources["pods"]>): Promise<ObservedQuotas> {
        const { found, all } = await this.quotasIn(namespaces, quotaName(application));
        const isInTheWay = (quota: KubernetesObject) =>
            quota.metadata.name === quotaName(application)
                ? !isOurs(quota, application)
                : allowsNoPods.safeParse(quota.spec).success;
        const inTheWay = found.filter(isInTheWay).map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`);
        return { inTheWay, all };
    }

    /** Under its name: which other policies there are is not for this account to see. */
    private async podPolicy({
        application,
        namespaces,
    }: NonNullable<NeedsSources["pods"]>): Promise<ObservedPodPolicy> {
        const name = podPolicyName(namespaces[0]!, application);
        const found = await Promise.all(
            [kinds.podPolicyBinding, kinds.podPolicy].map(async (kind) => {
                const object = await this.sources.cluster.get(kind, { name });
                return object === undefined || isOurs(object, application)
                    ? []
                    : [{ what: describeObject(kind, { name }), remove: `kubectl delete ${fullName(kind)} ${name}` }];
            }),
        );
        return { inTheWay: found.flat() };
    }

    private async quotasIn(namespaces: readonly string[], own: string) {
        const { cluster } = this.sources;
        const each = async <T>(read: (namespace: string) => Promise<T>) =>
            (await Promise.all(namespaces.map(read))).flat();
        try {
            return { found: await each((namespace) => cluster.list(kinds.resourceQuota, namespace)), all: true };
        } catch (error) {
            if (!(error instanceof KubernetesError && error.kind === "forbidden")) {
                throw error;
            }
            const found = await each((namespace) => cluster.get(kinds.resourceQuota, { name: own, namespace }));
            return { found: found.filter((quota) => quota !== undefined), all: false };
        }
    }
}

const allowsNoPods = z.looseObject({ hard: z.looseObject({ pods: z.literal("0") }) });

async function told<T>(read: () => Promise<T>): Promise<Told<T>> {
    try {
        return await read();
    } catch (error) {
        return { unknown: render(messageOf(error)) };
    }
}
