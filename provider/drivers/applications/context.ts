import type { Cluster, Kind, KubernetesObject, ObjectName } from "../../clients/kubernetes/cluster";
import { statusOf } from "../../clients/kubernetes/lastSeen";
import { describeObject, fullName } from "../../clients/kubernetes/objects";
import { WaitError } from "../../clients/kubernetes/wait";
import type { CopyProgress } from "../../roles/copy";
import { upCommand } from "../../roles/messages/commands";
import { MessageError, text, type Message } from "../../roles/messages/message";
import type { Action, Progress } from "../action";
import type { Silence } from "../../support/silence";
import type { Archives } from "../../vaults/archives";
import type { ClaimedVolumes } from "./claimedVolumes";
import { namespaceOf } from "./manifests";
import type { ApplicationSettings } from "./settings";

/** What the actions of one application at one site are made with. */
export interface ApplicationContext {
    cluster: Cluster;
    settings: ApplicationSettings;
    volumes: ClaimedVolumes;
    signal: AbortSignal;
    /** Which vaults gave no answer. Default: none is remembered. */
    silence?: Silence | undefined;
    /** How replicated archives are found. Default: each is listed for itself. */
    archives?: Archives | undefined;
    /** How far the copy is that is being made, for whoever waits for it. Default: nobody tells. */
    howFar?(): Promise<CopyProgress>;
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
    /**
     * What to know and to do when the deadline has passed; sentences that end with a command. Default: how to look at
     * the object, and that it goes on.
     */
    late?(last: KubernetesObject | undefined): Message | Promise<Message>;
    /** What is known of how it goes on besides what the object reports; undefined: nothing. Default: nothing. */
    news?(): Promise<string | undefined>;
}

/** Seconds of waiting from which on its news are asked for: most waits are over by then. */
const newsAfter = 10;

export function waitAction(context: ApplicationContext, wait: Wait): Action {
    const { kind, wanted } = wait;
    return {
        call: `wait for ${describeObject(kind, keyOf(context, wait.name))} to be ${wanted}`,
        effect: "read",
        run: (progress) => waitFor(context, wait, progress),
    };
}

/** Waits as `waitAction` does, and fails with a `WaitError` once the deadline has passed: for who then does something else. */
export async function waitUntilReached(context: ApplicationContext, wait: Wait, progress: Progress): Promise<void> {
    const key = keyOf(context, wait.name);
    const name = describeObject(wait.kind, key);
    const news = lastNews(wait);
    await context.cluster.waitFor(wait.kind, key, wait.wanted, (object) => wait.reached(object), {
        deadline: wait.deadline,
        signal: context.signal,
        onProgress: (last, seconds, trouble) =>
            progress(`waiting for ${name} to be ${wait.wanted}, ${seconds} s${newsOf(last, news(seconds), trouble)}`),
    });
}

async function waitFor(context: ApplicationContext, wait: Wait, progress: Progress): Promise<void> {
    try {
        await waitUntilReached(context, wait, progress);
    } catch (error) {
        if (context.signal.aborted || !(error instanceof WaitError)) {
            throw error;
        }
        const advice = await (wait.late ?? goesOn(context, wait))(error.last);
        throw new MessageError(text`${error.message}. ${advice}`);
    }
}

/** What is begun goes on without us: a run that ends does not stop it. */
export function goesOn(context: ApplicationContext, { kind, name }: Wait): () => Message {
    const { site } = context.settings;
    return () =>
        text`Nothing was undone, and it goes on at ${site} by itself. All that is known of it, at ${site}: ${describeCommand(context, kind, name)}. To go on waiting: ${upCommand(site)}`;
}

/** The kubectl command by which a person looks at an object. */
export function describeCommand(context: ApplicationContext, kind: Kind, name: string): string {
    return `kubectl -n ${keyOf(context, name).namespace} describe ${fullName(kind)} ${name}`;
}

/** The kubectl command by which a person deletes an object that will not complete. */
export function deleteCommand(context: ApplicationContext, kind: Kind, name: string): string {
    return `kubectl -n ${keyOf(context, name).namespace} delete ${fullName(kind)} ${name}`;
}

/** What was told when it was last asked for. It is asked for again, and nobody waits for the answer. */
function lastNews({ news }: Wait): (seconds: number) => string | undefined {
    let told: string | undefined;
    let isAsked = false;
    const ask = async () => {
        isAsked = true;
        told = await news!().catch(() => undefined);
        isAsked = false;
    };
    return (seconds) => {
        if (news !== undefined && !isAsked && seconds >= newsAfter) {
            void ask();
        }
        return told;
    };
}

/** What the object itself reports of its progress, what is known besides, and why there is nothing newer. */
function newsOf(last: KubernetesObject | undefined, ...others: readonly (string | undefined)[]): string {
    const news = [statusOf(last), ...others].filter((part) => part !== undefined && part !== "");
    return news.length === 0 ? "" : `: ${news.join("; ")}`;
}
