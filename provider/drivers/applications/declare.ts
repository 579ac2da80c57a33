import type { KubernetesObject } from "../../clients/kubernetes/cluster";
import { kinds } from "../../clients/kubernetes/kinds";
import { describeObject, fullName } from "../../clients/kubernetes/objects";
import { upCommand } from "../../roles/messages/commands";
import { MessageError, render, text } from "../../roles/messages/message";
import { defined } from "../../support/defined";
import type { Action } from "../action";
import type { ApplicationContext } from "./context";
import { differenceOf } from "./foreign";
import { applicationManifest, changeOf, isOurs, namespaceOf, otherApplicationOf } from "./manifests";
import { matches } from "./matches";
import type { ApplicationState } from "./observe";

/**
 * The Application itself. What it is made of does not change any more: it stays as it is written where it says what is
 * declared, and one of other labels is refused.
 */
export function declareApplication(
    context: ApplicationContext,
    { application }: Pick<ApplicationState, "application">,
): Action[] {
    const { settings } = context;
    const declared = applicationManifest(settings);
    const differs = application && differenceOf(application, settings);
    if (differs !== undefined && settings.labelSelector !== undefined) {
        return [refuseOther(settings, differs)];
    }
    const manifest =
        application === undefined || differs !== undefined
            ? declared
            : { ...declared, spec: { ...(declared.spec as object), ...placesOf(application) } };
    return applyActions(context, [manifest], [application]);
}

/** One without them is made of virtual machines. */
function placesOf({ spec }: KubernetesObject): { includedNamespaces?: unknown } {
    const { includedNamespaces } = (spec ?? {}) as { includedNamespaces?: unknown };
    return defined({ includedNamespaces });
}

function refuseOther(settings: ApplicationContext["settings"], differs: string): Action {
    const { site, application } = settings;
    const key = { name: application, namespace: namespaceOf(settings) };
    const name = describeObject(kinds.application, key);
    return {
        call: `check ${name}: it is made of what is declared`,
        effect: "read",
        run: () =>
            Promise.reject(
                new MessageError(
                    text`${site}: ${name} is not what is declared: ${differs}. Trident Protect does not let that change, and by it more or less than ${application} would be stopped and mirrored. Nothing was changed. To see it: kubectl -n ${key.namespace} get ${fullName(kinds.application)} ${application} -o yaml. Once it is gone, with its Snapshots: ${upCommand(site)}`,
                ),
            ),
    };
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
