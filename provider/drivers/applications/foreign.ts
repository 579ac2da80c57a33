import { kinds } from "../../clients/kubernetes/kinds";
import { describeObject, type Kind } from "../../clients/kubernetes/objects";
import type { ForeignObject } from "../../roles/situation";
import { applicationLabel, isOurs, namespaceOf, scheduleManifests } from "./manifests";
import type { ApplicationState } from "./observe";
import type { ApplicationSettings } from "./settings";

/**
 * Objects that have the names of ours and lack our label. Only of meaning before a site's first role: Trident Protect
 * makes the Application at the receiving site, and no source says with which labels.
 */
export function foreignObjects(
    { application, schedules, mirror }: ApplicationState,
    settings: ApplicationSettings,
): ForeignObject[] {
    const name = settings.application;
    const ours = scheduleManifests(settings).map(({ metadata }) => metadata.name);
    return [
        ...(application === undefined || isOurs(application, name)
            ? []
            : [foreign(settings, kinds.application, application.metadata.name)]),
        ...schedules
            .filter((item) => ours.includes(item.metadata.name) && !isOurs(item, name))
            .map((item) => foreign(settings, kinds.schedule, item.metadata.name)),
        ...(mirror?.isForeign === true ? [foreign(settings, kinds.appMirror, name)] : []),
    ];
}

function foreign(settings: ApplicationSettings, kind: Kind, name: string): ForeignObject {
    const namespace = namespaceOf(settings);
    const resource = `${kind.plural}.${kind.apiVersion.split("/")[0]}`;
    return {
        what: describeObject(kind, { name, namespace }),
        takeOver: `kubectl -n ${namespace} label ${resource} ${name} ${applicationLabel}=${settings.application}`,
    };
}
