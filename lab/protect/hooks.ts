import { type KubeObject, ownerReference, timestamp } from "../controllers";
import type { Context } from "./context";
import { type Application, type Existing, type ExecHook, type ExecHooksRun, type HookResult, kinds } from "./kinds";
import { podsOf } from "./resources";

/**
 * On a pod: hooks that fail in it, one a line, `<hook>: <what it says>`. Nothing runs in the lab's containers, so that no
 * script does.
 */
export const failingHooksAnnotation = "trident-dr-lab/failing-hooks";

/** What a hook is run for, and what it belongs to. */
export interface Occasion {
    action: ExecHook["spec"]["action"];
    stage: ExecHook["spec"]["stage"];
    /** Snapshot, mirror or restore, which takes the run with it when it goes. */
    owner: Existing<KubeObject>;
    /** What tells several runs for one owner apart. Default: there is one. */
    suffix?: string;
    appVaultRef: string;
    appArchivePath: string;
}

/**
 * Runs an application's hooks once for an occasion, and keeps what they did in an ExecHooksRun; what each did in each
 * container. A hook that fails fails nothing else. Without a hook for it there is no run, unlike with the real one.
 */
export async function runHooks(
    { cluster }: Context,
    application: Existing<Application>,
    { action, stage, owner, suffix, appVaultRef, appArchivePath }: Occasion,
): Promise<HookResult[]> {
    const { namespace, name } = application.metadata;
    const all = await cluster.list<ExecHook>(kinds.execHook, { namespace });
    const hooks = all.filter(
        ({ spec }) =>
            spec.applicationRef === name && spec.action === action && spec.stage === stage && spec.enabled !== false,
    );
    if (hooks.length === 0) {
        return [];
    }
    const run = await cluster.ensure<ExecHooksRun>({
        ...kinds.execHooksRun,
        metadata: {
            name: [stage, action, owner.metadata.uid, ...(suffix === undefined ? [] : [suffix])]
                .join("-")
                .toLowerCase(),
            namespace,
            ownerReferences: [ownerReference(owner)],
        },
        spec: { applicationRef: name, action, stage, appVaultRef, appArchivePath },
    });
    if (run.status?.state === "Completed") {
        return run.status.matchingContainers ?? [];
    }
    const pods = (await podsOf(cluster, application)).filter(({ status }) => status?.phase === "Running");
    const matchingContainers = hooks.flatMap((hook) => pods.flatMap((pod) => resultsIn(pod, hook)));
    await cluster.modifyStatus(kinds.execHooksRun, { namespace, name: run.metadata.name }, (found) => {
        found.status = { state: "Completed", completionTimestamp: timestamp(), matchingContainers };
    });
    return matchingContainers;
}

function resultsIn(pod: KubeObject, hook: ExecHook): HookResult[] {
    const containers = (pod.spec?.containers ?? []) as { name: string; image: string }[];
    return containers
        .filter((container) => meets(pod, container, hook))
        .map((container) => ({
            execHookRef: hook.metadata.name,
            execHookUID: hook.metadata.uid ?? "",
            namespace: pod.metadata.namespace ?? "",
            podName: pod.metadata.name,
            podUID: pod.metadata.uid ?? "",
            containerName: container.name,
            containerImage: container.image,
            startTimestamp: timestamp(),
            completionTimestamp: timestamp(),
            failures: failuresIn(pod, hook.metadata.name),
        }));
}

/** All criteria have to be met; of a type that is not known none is. */
function meets(pod: KubeObject, container: { name: string; image: string }, { spec }: ExecHook): boolean {
    const values: Record<string, string[]> = {
        containerimage: [container.image],
        containername: [container.name],
        podname: [pod.metadata.name],
        podlabel: Object.entries(pod.metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`),
        namespacename: [pod.metadata.namespace ?? ""],
    };
    return (spec.matchingCriteria ?? []).every(({ type, value }) =>
        (values[type.toLowerCase()] ?? []).some((found) => new RegExp(value).test(found)),
    );
}

function failuresIn({ metadata }: KubeObject, hook: string): HookResult["failures"] {
    const lines = metadata.annotations?.[failingHooksAnnotation]?.split("\n") ?? [];
    return lines
        .filter((line) => line.startsWith(`${hook}: `))
        .map((line) => ({
            isExecError: false,
            isTimeout: false,
            exitCode: 1,
            stderr: line.slice(hook.length + 2),
        }));
}
