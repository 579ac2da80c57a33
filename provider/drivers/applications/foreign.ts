import { kinds } from "../../clients/kubernetes/kinds";
import { describeObject, type Kind } from "../../clients/kubernetes/objects";
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

function foreign(
    { application, schedules, hooks, mirror }: ApplicationState,
    settings: ApplicationSettings,
): { kind: Kind; name: string }[] {
    const item = settings.application;
    const ours = scheduleManifests(settings).map(({ metadata }) => metadata.name);
    return [
        ...(application === undefined || isOurs(application, item)
            ? []
            : [{ kind: kinds.application, name: application.metadata.name }]),
        ...schedules
            .filter(({ metadata }) => ours.includes(metadata.name))
            .filter((schedule) => !isOurs(schedule, item))
            .map(({ metadata }) => ({ kind: kinds.schedule, name: metadata.name })),
        ...hooks
            .filter(({ metadata }) => settings.hooks?.some(({ name }) => name === metadata.name))
            .filter((hook) => !isOurs(hook, item))
            .map(({ metadata }) => ({ kind: kinds.execHook, name: metadata.name })),
        ...(mirror?.isForeign === true ? [{ kind: kinds.appMirror, name: mirrorNameOf(settings) }] : []),
    ];
}
