import { KubernetesError } from "../../clients/kubernetes/errors";
import { kinds } from "../../clients/kubernetes/kinds";
import { describeObject } from "../../clients/kubernetes/objects";
import { upCommand } from "../../roles/messages/commands";
import { MessageError, text, type Message } from "../../roles/messages/message";
import { stopWorkloads } from "../../roles/messages/workloads";
import type { Action, Progress } from "../action";
import { type ApplicationContext, keyOf } from "./context";
import { outlivedAnnotation } from "./manifests";
import { isFinished, readWorkloads, type Workload } from "./workloads";

/** Milliseconds beyond its grace period after which a pod that is left does not end by itself any more. */
const patience = 60_000;

/** Waits until no pod mounts a mirrored volume; fails with what is left, and how it is stopped. */
export function awaitUnmounted(context: ApplicationContext): Action {
    return {
        call: waitCall(context),
        effect: "read",
        run: (progress) => untilUnmounted(context, progress),
    };
}

/**
 * The same after a final snapshot. A pod that is there then may have written since, and nobody could tell once it is
 * gone: it is written down before it is waited for, so that no later run hands over with that snapshot.
 */
export function awaitLastWriter(context: ApplicationContext, snapshot: string): Action[] {
    const { cluster, settings } = context;
    const key = keyOf(context, snapshot);
    let outlivedBy: string | undefined;
    return [
        {
            call: `patch ${describeObject(kinds.shutdownSnapshot, key)}: not final, what was written after it is not in it`,
            effect: "write",
            when: "if a pod still mounts a volume",
            run: async () => {
                const left = await mounting(context);
                if (left.length > 0) {
                    outlivedBy = left.map(({ name }) => name).join(", ");
                    const annotations = { [outlivedAnnotation]: outlivedBy };
                    await cluster.patch(kinds.shutdownSnapshot, key, { metadata: { annotations } });
                }
            },
        },
        {
            call: waitCall(context),
            effect: "read",
            run: async (progress) => {
                await untilUnmounted(context, progress);
                if (outlivedBy !== undefined) {
                    throw new MessageError(
                        text`${settings.site}: ${outlivedBy} outlived the final snapshot of ${settings.application}, so that writes may be missing from it. ${settings.site} does not stand down with it; nothing is lost. What to do: ${upCommand(settings.site)}`,
                    );
                }
            },
        },
    ];
}

function waitCall({ settings }: ApplicationContext): string {
    return `wait until no pod mounts a volume of ${settings.application}`;
}

async function untilUnmounted(context: ApplicationContext, progress: Progress): Promise<void> {
    const began = Date.now();
    for (let left = await mounting(context); left.length > 0; left = await mounting(context)) {
        const remaining = began + deadlineFor(context, left) - Date.now();
        if (remaining <= 0) {
            throw new MessageError(stillMounted(context, left));
        }
        await firstGone(context, left, remaining, (line) =>
            progress(`${line}, ${Math.round((Date.now() - began) / 1000)} s`),
        );
    }
}

async function mounting({ cluster, settings }: ApplicationContext): Promise<Workload[]> {
    return (await readWorkloads(cluster, settings)).filter(({ pods }) => pods.length > 0);
}

/** A database is given minutes to stop, and what nobody stops none. */
function deadlineFor({ settings }: ApplicationContext, left: readonly Workload[]): number {
    const grace = Math.max(...left.flatMap(({ pods }) => pods.map(({ graceSeconds }) => graceSeconds)));
    return Math.min(settings.timeouts.snapshot, grace * 1000 + patience);
}

/** Watches one of the pods until it is gone or has ended; returns as well when its time is up. */
async function firstGone(
    { cluster, settings, signal }: ApplicationContext,
    left: readonly Workload[],
    deadline: number,
    progress: Progress,
): Promise<void> {
    const { namespace, name, uid } = left[0]!.pods[0]!;
    try {
        await cluster.waitFor(
            kinds.pod,
            { namespace, name },
            "gone",
            (pod) => pod === undefined || pod.metadata.uid !== uid || isFinished(pod),
            {
                deadline,
                signal,
                onProgress: () =>
                    progress(`waiting until no pod mounts a volume of ${settings.application}: ${listOf(left)}`),
            },
        );
    } catch (error) {
        if (signal.aborted || !(error instanceof KubernetesError) || error.kind !== "timeout") {
            throw error;
        }
    }
}

function stillMounted({ settings }: ApplicationContext, left: readonly Workload[]): Message {
    const { site, application } = settings;
    const names = left.map(({ name }) => name);
    return text`${site}: ${application} is not stopped: ${listOf(left)}. What is written there is on the volumes of ${site} only. To stop it at ${site}: ${stopWorkloads(names)}; ${upCommand(site)}`;
}

/** `Pod shop/x of ReplicaSet shop/y mounts its volumes`. */
function listOf(left: readonly Workload[]): string {
    const pods = left.flatMap((workload) =>
        workload.pods.map(({ namespace, name }) => {
            const pod = `Pod ${namespace}/${name}`;
            return pod === workload.name ? pod : `${pod} of ${workload.name}`;
        }),
    );
    return `${pods.join(", ")} still ${pods.length === 1 ? "mounts" : "mount"} its volumes`;
}
