import type { OntapClient, SvmPeer } from "../clients/ontap";
import { upCommand } from "../roles/messages/commands";
import { text, type Message } from "../roles/messages/message";
import type { PeeringInputs } from "./inputs";
import type { ObservedPeering, PeeringPlan } from "./peeringPlan";

/**
 * A peering that the storage team manages. Only the SVM peering is read, so that an account of the SVM can do it; nothing
 * is ever changed, and what is missing becomes the commands for the storage team to run.
 */
export async function observeExisting(client: OntapClient): Promise<ObservedPeering> {
    const svmPeers = await client.svmPeers.all();
    return { cluster: { name: "" }, svms: [], interclusterInterfaces: [], clusterPeers: [], svmPeers, nodes: [] };
}

/** Whether it is as mirrors need it, or what the storage team has to run. Pure. */
export function planExisting({ svmPeers }: Pick<ObservedPeering, "svmPeers">, desired: PeeringInputs): PeeringPlan {
    const found = findExisting(svmPeers, desired);
    const [what, ...commands] = found === undefined ? absent(desired) : faultOf(found, desired);
    if (what !== undefined) {
        return { refusal: refusalOf(what, commands, desired) };
    }
    const link = {
        clusterPeer: found?.peer.cluster?.name ?? "",
        clusterPeerState: "unknown",
        svmPeerState: "peered",
        peered: true,
    };
    return { steps: [], later: [], link, next: "", notes: [] };
}

/** What is wrong, and the commands against it; nothing where all is well. */
type Fault = [what?: string, ...commands: string[]];

/** Of several clusters with an SVM of that name, the one that is declared. Within one cluster either SVM may come first. */
function findExisting(svmPeers: readonly SvmPeer[], { svm, peer }: PeeringInputs): SvmPeer | undefined {
    const between = svmPeers.filter((one) => one.svm.name === svm && one.peer.svm.name === peer.svm);
    const reverse = svmPeers
        .filter((one) => one.svm.name === peer.svm && one.peer.svm.name === svm)
        .map((one) => ({ ...one, name: undefined, svm: one.peer.svm, peer: { ...one.peer, svm: one.svm } }));
    const all = between.length > 0 ? between : reverse;
    return all.find((one) => one.peer.cluster?.name === peer.cluster) ?? all[0];
}

function absent({ site, peerSite, svm, peer }: PeeringInputs): Fault {
    const cluster = peer.cluster ?? `<cluster of ${peerSite}>`;
    return [
        "there is no peering of them",
        `at ${site}'s cluster: vserver peer create -vserver ${svm} -peer-vserver ${peer.svm} -peer-cluster ${cluster} -applications snapmirror`,
        `at ${peerSite}'s cluster: vserver peer accept -vserver ${peer.svm} -peer-vserver ${svm}`,
    ];
}

function faultOf({ name, state = "initializing", applications, peer: found }: SvmPeer, desired: PeeringInputs): Fault {
    const { site, peerSite, svm, peer } = desired;
    const between = `-vserver ${svm} -peer-vserver ${peer.svm}`;
    if (peer.cluster !== undefined && found.cluster?.name !== undefined && found.cluster.name !== peer.cluster) {
        return [
            `${peer.svm} is peered as an SVM of the cluster ${found.cluster.name}, expected ${peer.cluster}`,
            "correct the cluster in the configuration, or peer the SVM of the other cluster",
        ];
    }
    if (name !== undefined && name !== peer.svm) {
        return [
            `${peer.svm} is known as ${name}, and Trident addresses it by its own name`,
            `at ${site}'s cluster: vserver peer modify-local-name -vserver ${svm} -peer-vserver ${name} -new-name ${peer.svm}`,
        ];
    }
    switch (state) {
        case "peered":
            return applications.includes("snapmirror")
                ? []
                : [
                      `the peering is not for SnapMirror (applications: ${applications.join(", ") || "none"})`,
                      `at ${site}'s cluster: vserver peer modify ${between} -applications ${[...applications, "snapmirror"].join(",")}`,
                  ];
        case "pending":
            return ["the peering is pending", `at ${site}'s cluster: vserver peer accept ${between}`];
        case "initiated":
            return [
                `${peerSite} has not accepted the peering`,
                `at ${peerSite}'s cluster: vserver peer accept -vserver ${peer.svm} -peer-vserver ${svm}`,
            ];
        case "suspended":
            return ["the peering is suspended", `at ${site}'s cluster: vserver peer resume ${between}`];
        case "rejected": {
            const [, ...create] = absent(desired);
            return [
                "the peering was rejected",
                `at ${site}'s cluster: vserver peer delete ${between}`,
                ...(create as string[]),
            ];
        }
        default:
            return [`the peering is ${state}`, `wait until it is peered: vserver peer show ${between}`];
    }
}

function refusalOf(what: string, commands: readonly string[], desired: PeeringInputs): Message {
    const { site, peerSite, svm, peer } = desired;
    return text`${site}: volumes cannot be mirrored between ${svm} and ${peerSite}'s ${peer.svm}: ${what}. With peering: existing this program changes nothing of it. For the storage team: ${commands.join("; ")}; then ${upCommand(site)}`;
}
