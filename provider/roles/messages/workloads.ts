import { join, type Message } from "./message";

/**
 * How a workload is named in what is observed and in messages: `StatefulSet shop/db`, or
 * `Cluster shop/pg (postgresql.cnpg.io)` for a kind that is not Kubernetes' own.
 */
export function describeWorkload({ apiVersion, kind, namespace, name }: WorkloadReference): string {
    const group = apiVersion.includes("/") ? apiVersion.split("/")[0]! : "";
    return `${plain(kind)} ${plain(namespace)}/${plain(name)}${ownGroups.has(group) ? "" : ` (${plain(group)})`}`;
}

interface WorkloadReference {
    apiVersion: string;
    kind: string;
    namespace: string;
    name: string;
}

const ownGroups: ReadonlySet<string> = new Set(["", "apps", "batch"]);

/** The server validates no reference to an owner: whatever is no name must not get into a message or a command. */
function plain(part: string): string {
    return part.replaceAll(/[^A-Za-z0-9.-]/g, "?");
}

/** The command with which a person stops a workload, whoever made it; without losing its declaration where possible. */
export function stopWorkload(workload: string): Message {
    const match =
        /^(?<kind>[A-Za-z0-9]+) (?<namespace>[a-z0-9-]+)\/(?<name>[A-Za-z0-9.-]+)(?: \((?<group>[A-Za-z0-9.-]+)\))?$/.exec(
            workload,
        )?.groups;
    if (match === undefined) {
        return `stop ${workload} by whatever made it`;
    }
    const { kind = "", namespace = "", name = "", group } = match;
    const kubectl = `kubectl -n ${namespace}`;
    const lower = kind.toLowerCase();
    if (group !== undefined) {
        return `stop ${kind} ${name} by its own operator (${kubectl} describe ${lower}.${group}/${name})`;
    }
    switch (kind) {
        case "Deployment":
        case "StatefulSet":
        case "ReplicaSet":
        case "ReplicationController":
            return `${kubectl} scale ${lower}/${name} --replicas 0`;
        case "Job":
        case "CronJob":
            return `${kubectl} patch ${lower}/${name} --patch '{"spec":{"suspend":true}}'`;
        case "DaemonSet":
            return `${kubectl} patch ${lower}/${name} --patch '{"spec":{"template":{"spec":{"nodeSelector":{"stopped":"true"}}}}}'`;
        case "Pod":
            return `${kubectl} delete ${lower}/${name}`;
        default:
            return `stop ${workload} by whatever made it`;
    }
}

/** The commands for several. */
export function stopWorkloads(workloads: readonly string[]): Message {
    return join(workloads.map(stopWorkload), "; ");
}
