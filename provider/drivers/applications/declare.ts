import type { KubernetesObject } from "../../clients/kubernetes/cluster";
import { upCommand } from "../../roles/messages/commands";
import { render, text } from "../../roles/messages/message";
import type { Action } from "../action";
import type { ApplicationContext } from "./context";
import { applicationManifest, changeOf, isOurs, namespaceOf, otherApplicationOf } from "./manifests";
import { matches } from "./matches";
import type { ApplicationState } from "./observe";

/** The Application itself. */
export function declareApplication(context: ApplicationContext, { application }: ApplicationState): Action[] {
    return applyActions(context, [applicationManifest(context.settings)], [application]);
}

/** Labels and annotations count where the user's `transform` has changed them. */
function isAsDeclared(
    settings: ApplicationContext["settings"],
    manifest: KubernetesObject,
    found: KubernetesObject,
): boolean {
    const changed = changeOf(settings, manifest)?.["metadata"] !== undefined;
    return matches(manifest.spec, found.spec) && (!changed || matches(manifest.metadata, found.metadata));
}

/** Applies what is missing or differs from its declaration. */
export function applyActions(
    { cluster, settings }: ApplicationContext,
    manifests: readonly KubernetesObject[],
    found: readonly (KubernetesObject | undefined)[],
): Action[] {
    return manifests
        .filter((manifest) => {
            const object = found.find((item) => item?.metadata.name === manifest.metadata.name);
            return object === undefined || !isAsDeclared(settings, manifest, object);
        })
        .map((manifest) => ({
            call: `apply ${manifest.kind} ${namespaceOf(settings)}/${manifest.metadata.name}`,
            effect: "write",
            run: async () => {
                await cluster.apply(manifest);
            },
        }));
}

/** One that somebody else made, under a name that was declared since the site has a role, stays as it is. */
export function tellForeign({ settings }: ApplicationContext, object: KubernetesObject, key: string): Action {
    const { site, application } = settings;
    const name = `${object.kind} ${namespaceOf(settings)}/${object.metadata.name}`;
    const another = otherApplicationOf(object, application);
    const whose = another === undefined ? "is somebody else's" : `belongs to the Application ${another}`;
    const orAdopt = another === undefined ? ", or set adopt: true to take it over" : "";
    const told = text`${site}: ${name} ${whose} and stays as it is; what is declared under its name is not there. Give it another name in ${key} of ${application}${orAdopt}; then ${upCommand(site)}`;
    return {
        call: `check ${name}: whose it is`,
        effect: "read",
        tells: true,
        run: (progress) => Promise.resolve(progress(render(told))),
    };
}

/** Whether somebody else made an object, and the configuration does not let it be taken over; that of another never. */
export function isForeign({ settings }: ApplicationContext, object: KubernetesObject): boolean {
    const { adopt, application } = settings;
    return (adopt !== true && !isOurs(object, application)) || otherApplicationOf(object, application) !== undefined;
}
