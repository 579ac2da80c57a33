import type { Barrier } from "../../roles/situation";
import type { Action } from "../action";
import type { ApplicationContext } from "./context";
import type { ApplicationState } from "./observe";
import * as policy from "./podPolicy";
import * as quota from "./quota";
import type { ApplicationSettings } from "./settings";

/**
 * What keeps an application's pods from starting while its site does not serve: a ResourceQuota in each namespace, or,
 * where a label selector leaves others in them alone, a ValidatingAdmissionPolicy.
 */
type BarrierState = Pick<ApplicationState, "quotas" | "podPolicy" | "mirror" | "workloads">;

export function barrierOf(state: BarrierState, settings: ApplicationSettings): Barrier {
    return settings.labelSelector === undefined
        ? quota.barrierOf(state.quotas, settings.namespaces)
        : policy.barrierOf(state.podPolicy, settings, claimsToKeep(state));
}

/** Quotas of ours that stand beside the policy would keep others' pods from starting. */
export function forbidPods(context: ApplicationContext, state: BarrierState): Action[] {
    return context.settings.labelSelector === undefined
        ? quota.forbidPods(context, state.quotas)
        : [
              ...policy.forbidPods(context, state.podPolicy, claimsToKeep(state)),
              ...quota.allowPods(context, state.quotas),
          ];
}

/** Removes both: pods are to start, whatever keeps them from it. */
export function allowPods(context: ApplicationContext, state: Pick<BarrierState, "quotas" | "podPolicy">): Action[] {
    return [...quota.allowPods(context, state.quotas), ...policy.allowPods(context, state.podPolicy)];
}

/**
 * The claims that the policy must name: all that are mirrored, so that no pod without the label writes to them. While a
 * mirror leads into them the array keeps every write out, and claims come and go with it: only what mounts one counts.
 */
function claimsToKeep({ podPolicy, mirror, workloads }: BarrierState): readonly string[] {
    const isMirrored = mirror?.desiredState === "Established";
    return isMirrored && !workloads.some(({ mounts }) => mounts) ? [] : (podPolicy?.claims ?? []);
}
