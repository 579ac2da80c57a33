import type { Cluster, Kind, KubernetesObject, ObjectName } from "../../clients/kubernetes/cluster";
import { describeObject } from "../../clients/kubernetes/objects";
import type { Action, Progress } from "../action";
import type { ClaimedVolumes } from "./claimedVolumes";
import { namespaceOf } from "./manifests";
import type { ApplicationSettings } from "./settings";

/** What the actions of one application at one site are made with. */
export interface ApplicationContext {
    cluster: Cluster;
    settings: ApplicationSettings;
    volumes: ClaimedVolumes;
    signal: AbortSignal;
}

/** The name of one of the application's own objects, in its first namespace. */
export function keyOf({ settings }: ApplicationContext, name: string): Required<ObjectName> {
    return { name, namespace: namespaceOf(settings) };
}

/** A wait by watch until an object is as it must be. `reached` may throw when it never will be. */
export interface Wait {
    kind: Kind;
    name: string;
    /** What it is waited to be, such as `Completed`. */
    wanted: string;
    /** Milliseconds. */
    deadline: number;
    reached(object: KubernetesObject | undefined): boolean;
}

export function waitAction(context: ApplicationContext, wait: Wait): Action {
    const { kind, wanted } = wait;
    return {
        call: `wait for ${describeObject(kind, keyOf(context, wait.name))} to be ${wanted}`,
        effect: "read",
        run: (progress) => waitFor(context, wait, progress),
    };
}

async function waitFor(context: ApplicationContext, wait: Wait, progress: Progress): Promise<void> {
    const key = keyOf(context, wait.name);
    const name = describeObject(wait.kind, key);
    await context.cluster.waitFor(wait.kind, key, wait.wanted, (object) => wait.reached(object), {
        deadline: wait.deadline,
        signal: context.signal,
        onProgress: (last, seconds) =>
            progress(`waiting for ${name} to be ${wait.wanted}, ${seconds} s${statusOf(last)}`),
    });
}

/** The kubectl command by which a person deletes an object that will not complete. */
export function deleteCommand(context: ApplicationContext, kind: Kind, name: string): string {
    const { namespace } = keyOf(context, name);
    return `kubectl -n ${namespace} delete ${kind.plural}.${kind.apiVersion.split("/")[0]} ${name}`;
}

/** What the object itself reports of its progress. */
function statusOf(object: KubernetesObject | undefined): string {
    const status = object?.status as { state?: unknown; error?: unknown } | undefined;
    const state = typeof status?.state === "string" && status.state !== "" ? `: ${status.state}` : "";
    return typeof status?.error === "string" && status.error !== "" ? `${state} (${status.error})` : state;
}
