import { kinds } from "../../clients/kubernetes/kinds";
import { WaitError } from "../../clients/kubernetes/wait";
import type { KubernetesObject } from "../../clients/kubernetes/objects";
import { describeProgress, progressOf, type VolumeCopy } from "../../roles/copy";
import { upCommand } from "../../roles/messages/commands";
import { MessageError, messageOf, render, text } from "../../roles/messages/message";
import { poll, type Look } from "../../support/poll";
import { printable } from "../../support/printable";
import { type Action, ifComplete, type Progress } from "../action";
import { type Survey, copyOf } from "./arrayReport";
import { type ApplicationContext, goesOn, keyOf, type Wait, waitAction, waitUntilReached } from "./context";
import { mirrorNameOf } from "./manifests";
import { type ApplicationState, type MirrorState, readMirror } from "./observe";

/**
 * Waits until everything is replicated, by the mirror's status and on the array. Where a run may leave a long copy to
 * itself, it waits for so long, and then until the transfers are certain to run.
 */
export function awaitCopy(
    context: ApplicationContext,
    { mirror }: Pick<ApplicationState, "mirror">,
    sourceUid: string,
): Action[] {
    if (mirror !== undefined && mirror.sourceApplicationUid === sourceUid && isWhole(mirror)) {
        return [];
    }
    const { settings, volumes } = context;
    const { copy: patience, establish } = settings.timeouts;
    const wait = copied(context, Math.min(patience ?? establish, establish));
    const action = waitAction(context, wait);
    let goesOn = false;
    return [
        {
            ...action,
            ...(patience === undefined ? {} : { unlessLong: ifComplete }),
            run: async (progress) => {
                if (patience === undefined) {
                    return action.run(progress);
                }
                goesOn = await isLong(context, wait, progress);
            },
        },
        {
            call: `GET /snapmirror/relationships of ${settings.site}: a healthy one into every volume`,
            effect: "read",
            run: () => (goesOn ? Promise.resolve() : volumes.requireMirrored()),
        },
    ];
}

/** The volumes of a copy that is being made; undefined when there is none, or a complete one. */
export function copyUnderWay(mirror: MirrorState | undefined, survey: Survey | undefined): VolumeCopy[] | undefined {
    const isOpen = mirror?.desiredState === "Established" && !mirror.deleting && !isWhole(mirror);
    return isOpen ? (survey === undefined ? [] : copyOf(survey)) : undefined;
}

/** Whether what the mirror is to bring is here. */
function isWhole({ desiredState, state, lastTransferred, deleting }: MirrorState): boolean {
    return desiredState === "Established" && state === "Established" && lastTransferred !== undefined && !deleting;
}

function copied(context: ApplicationContext, deadline: number): Wait {
    const wait = {
        kind: kinds.appMirror,
        name: mirrorNameOf(context.settings),
        wanted: "Established",
        deadline,
        reached: (object: KubernetesObject | undefined) => object !== undefined && isWhole(readMirror(object)),
    };
    return {
        ...wait,
        news: () => toldHowFar(context),
        late: async () =>
            text`On the array of ${context.settings.site}: ${await howFarAtEnd(context)}. ${goesOn(context, wait)()}`,
    };
}

/** Until its volumes are there, nothing is. */
async function toldHowFar({ howFar }: ApplicationContext): Promise<string | undefined> {
    const progress = await howFar?.();
    return progress === undefined || Object.keys(progress.volumes).length === 0
        ? undefined
        : describeProgress(progress);
}

/** What cannot be read is no reason to say nothing of the rest. */
async function howFarAtEnd({ volumes }: ApplicationContext): Promise<string> {
    try {
        return describeProgress(progressOf(copyOf(await volumes.survey()), undefined, new Date()));
    } catch (error) {
        return `not known (${printable(render(messageOf(error)))})`;
    }
}

/** Resolves to whether the copy goes on by itself; to false once it is complete. */
async function isLong(context: ApplicationContext, wait: Wait, progress: Progress): Promise<boolean> {
    const { signal, settings } = context;
    const { copy: patience, establish } = settings.timeouts;
    try {
        await waitUntilReached(context, wait, progress);
        return false;
    } catch (error) {
        if (signal.aborted || !(error instanceof WaitError)) {
            throw error;
        }
        // The array has no watch, and the mirror's status says nothing of the transfers.
        return poll<boolean>({
            look: () => lookAtCopy(context),
            budget: Math.max(0, establish - patience!),
            signal,
            onProgress: ({ instead, seconds }) => progress(`waiting for transfers to run, ${seconds} s: ${instead}`),
            onTimeout: ({ instead }) => {
                throw notBegun(context, instead);
            },
            onAbort: () => {
                throw error;
            },
        });
    }
}

async function lookAtCopy(context: ApplicationContext): Promise<Look<boolean>> {
    const { cluster, settings, volumes } = context;
    const object = await cluster.get(kinds.appMirror, keyOf(context, mirrorNameOf(settings)));
    const mirror = object && readMirror(object);
    if (mirror === undefined || mirror.desiredState !== "Established") {
        return { instead: "no AppMirrorRelationship that is to be Established" };
    }
    if (isWhole(mirror)) {
        return { found: false };
    }
    if (mirror.error !== "") {
        return { instead: mirror.error };
    }
    const idle = await volumes.idle();
    return idle === undefined ? { found: true } : { instead: idle };
}

function notBegun({ settings }: ApplicationContext, instead: string): MessageError {
    const { site, application, timeouts } = settings;
    return new MessageError(
        text`${site}: the copy of ${application} is not complete after ${Math.round(timeouts.establish / 1000)} s, and not all of its transfers run: ${instead}. What has been replicated so far is kept; nothing was recorded. Once that is fixed: ${upCommand(site)}`,
    );
}
