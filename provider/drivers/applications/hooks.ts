import { describeObject, type KubernetesObject } from "../../clients/kubernetes/objects";
import { kinds } from "../../clients/kubernetes/kinds";
import type { Action } from "../action";
import { type ApplicationContext, keyOf } from "./context";
import { applyActions, isForeign, tellForeign } from "./declare";
import { hookManifests, isOurs, namespaceOf, otherApplicationOf } from "./manifests";
import type { ApplicationState } from "./observe";
import type { ApplicationSettings } from "./settings";

/** The ExecHooks as they are declared; those of ours that are declared no more go. */
export function declareHooks(
    context: ApplicationContext,
    { hooks, mirror }: Pick<ApplicationState, "hooks" | "mirror">,
): Action[] {
    const declared = hookManifests(context.settings);
    const names = new Set(declared.map(({ metadata }) => metadata.name));
    const obsolete = hooks.filter(({ metadata }) => !names.has(metadata.name)).filter(isOf(context.settings, false));
    const theirs = hooks.filter((hook) => names.has(hook.metadata.name) && isForeign(context, hook));
    const own = declared.filter(({ metadata }) => theirs.every((hook) => hook.metadata.name !== metadata.name));
    return [
        ...obsolete.map((hook) => deletion(context, hook)),
        ...(mirror?.desiredState === "Established" ? [deletionOfBrought(context)] : []),
        ...theirs.map((hook) => tellForeign(context, hook, "hooks")),
        ...applyActions(context, own, hooks.map(asDeclared)).map((action) =>
            mirror === undefined ? action : { ...action, when: ifNotBrought },
        ),
    ];
}

/** Announced before the promotion, which is when nobody knows yet; what was brought goes by its name. */
function deletionOfBrought({ settings }: ApplicationContext): Action {
    return {
        call: `delete ExecHooks of ${settings.application} in ${namespaceOf(settings)} that are not declared`,
        effect: "write",
        when: "if the promotion brings any",
        run: () => Promise.resolve(),
    };
}

/** A promotion brings what the other site had, and as it had it. */
const ifNotBrought = "if the promotion does not bring it";

/** @param adopted whether those that have the name of a declared one are ours by now */
export function deleteHooks(
    context: ApplicationContext,
    { hooks }: Pick<ApplicationState, "hooks">,
    adopted = false,
): Action[] {
    return hooks.filter(isOf(context.settings, adopted)).map((hook) => deletion(context, hook));
}

function isOf({ application, hooks = [] }: ApplicationSettings, adopted: boolean): (hook: KubernetesObject) => boolean {
    const isNamed = (hook: KubernetesObject) => adopted && hooks.some(({ name }) => name === hook.metadata.name);
    return (hook) =>
        otherApplicationOf(hook, application) === undefined && (isOurs(hook, application) || isNamed(hook));
}

function deletion(context: ApplicationContext, { metadata }: KubernetesObject): Action {
    const key = keyOf(context, metadata.name);
    return {
        call: `delete ${describeObject(kinds.execHook, key)}`,
        effect: "write",
        run: () => context.cluster.delete(kinds.execHook, key),
    };
}

/** Lists that are empty may be left out of what is stored. */
function asDeclared(hook: KubernetesObject): KubernetesObject {
    return { ...hook, spec: { arguments: [], matchingCriteria: [], ...(hook.spec as object) } };
}
