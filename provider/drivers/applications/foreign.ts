import { z } from "zod";
import { kinds } from "../../clients/kubernetes/kinds";
import { describeObject, type Kind } from "../../clients/kubernetes/objects";
import { type Message, text } from "../../roles/messages/message";
import { namespaceMapping } from "../../roles/namespaces";
import type { ForeignObject } from "../../roles/situation";
import type { Action } from "../action";
import { type ApplicationContext, keyOf } from "./context";
import { applicationLabel, isOurs, mirrorNameOf, namespaceOf, scheduleManifests } from "./manifests";
import type { ApplicationState } from "./observe";
import type { ApplicationSettings } from "./settings";

/**
 * Objects that have the names of ours and lack our label. Only of meaning before a site's first role: Trident Protect
 * makes the Application at the receiving site, and no source says with which labels.
 */
export function foreignObjects(state: ApplicationState, settings: ApplicationSettings): ForeignObject[] {
    return foreign(state, settings).map(({ kind, name }) => {
        const namespace = namespaceOf(settings);
        const resource = `${kind.plural}.${kind.apiVersion.split("/")[0]}`;
        return {
            what: describeObject(kind, { name, namespace }),
            takeOver: `kubectl -n ${namespace} label ${resource} ${name} ${applicationLabel}=${settings.application}`,
        };
    });
}

/** Why a mirror that somebody else created is not to be adopted: it brings volumes into other namespaces than declared. */
export function mappedOtherwise({ mirror }: ApplicationState, settings: ApplicationSettings): Message[] {
    if (mirror?.isForeign !== true || settings.adopt !== true) {
        return [];
    }
    const found = mirrorMapping.parse(mirror.found?.spec).namespaceMapping ?? [];
    const placeOf = (source: string) => found.find((one) => one.source === source)?.destination ?? source;
    const wrong = namespaceMapping(settings).filter(({ source, destination }) => placeOf(source) !== destination);
    const name = describeObject(kinds.appMirror, { name: mirrorNameOf(settings), namespace: namespaceOf(settings) });
    return wrong.map(
        ({ source, destination }) =>
            text`${name} brings namespace ${source} of ${settings.peer} into ${placeOf(source)}, expected ${destination} (namespaces of ${settings.application})`,
    );
}

const mirrorMapping = z.looseObject({
    namespaceMapping: z.array(z.object({ source: z.string(), destination: z.string() })).nullish(),
});

/** Gives them our label. What of them differs from its declaration is changed by the steps that follow. */
export function adoptObjects(context: ApplicationContext, state: ApplicationState): Action[] {
    const labels = { [applicationLabel]: context.settings.application };
    return foreign(state, context.settings).map(({ kind, name }) => {
        const key = keyOf(context, name);
        return {
            call: `patch ${describeObject(kind, key)}: label ${applicationLabel}, adopted as it is`,
            effect: "write",
            run: async () => {
                await context.cluster.patch(kind, key, { metadata: { ...key, labels } });
            },
        };
    });
}

/** Takes our label from them, and changes nothing else: whoever manages them next has to adopt them, this package too. */
export function disownObjects(context: ApplicationContext, state: ApplicationState): Action[] {
    return named(state, context.settings)
        .filter(({ isOwn }) => isOwn)
        .map(({ kind, name }) => {
            const key = keyOf(context, name);
            return {
                call: `patch ${describeObject(kind, key)}: without the label ${applicationLabel}, left as it is`,
                effect: "write",
                run: async () => {
                    await context.cluster.patch(kind, key, {
                        metadata: { ...key, labels: { [applicationLabel]: null } as unknown as Record<string, string> },
                    });
                },
            };
        });
}

function foreign(state: ApplicationState, settings: ApplicationSettings): NamedObject[] {
    return named(state, settings).filter(({ isOwn }) => !isOwn);
}

interface NamedObject {
    kind: Kind;
    name: string;
    /** Whether it has our label. */
    isOwn: boolean;
}

/** What is there under the names of what a role makes. */
function named(
    { application, schedules, hooks, mirror }: ApplicationState,
    settings: ApplicationSettings,
): NamedObject[] {
    const item = settings.application;
    const names = scheduleManifests(settings).map(({ metadata }) => metadata.name);
    return [
        ...(application === undefined
            ? []
            : [{ kind: kinds.application, name: application.metadata.name, isOwn: isOurs(application, item) }]),
        ...schedules
            .filter((schedule) => isOurs(schedule, item) || names.includes(schedule.metadata.name))
            .map((schedule) => ({
                kind: kinds.schedule,
                name: schedule.metadata.name,
                isOwn: isOurs(schedule, item),
            })),
        ...hooks
            .filter((hook) => isOurs(hook, item) || settings.hooks?.some(({ name }) => name === hook.metadata.name))
            .map((hook) => ({ kind: kinds.execHook, name: hook.metadata.name, isOwn: isOurs(hook, item) })),
        ...(mirror === undefined
            ? []
            : [{ kind: kinds.appMirror, name: mirrorNameOf(settings), isOwn: mirror.isForeign !== true }]),
    ];
}
