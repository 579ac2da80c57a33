import type { KubernetesObject } from "../../clients/kubernetes/cluster";
import type { Action } from "../action";
import type { ApplicationContext } from "./context";
import { applicationManifest, changeOf, namespaceOf } from "./manifests";
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
