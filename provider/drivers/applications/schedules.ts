import { describeObject, type KubernetesObject } from "../../clients/kubernetes/objects";
import { kinds } from "../../clients/kubernetes/kinds";
import type { Action } from "../action";
import { type ApplicationContext, keyOf } from "./context";
import { isOurs, scheduleManifests } from "./manifests";
import { applyActions } from "./declare";
import type { ApplicationState } from "./observe";

/** The replication and the daily Schedule, as they are declared. */
export function startSchedules(context: ApplicationContext, { schedules }: ApplicationState): Action[] {
    return applyActions(context, scheduleManifests(context.settings), schedules);
}

/** Every Schedule of the application, also those that somebody else made: none may run into the final snapshot. */
export function stopSchedules(context: ApplicationContext, { schedules }: ApplicationState): Action[] {
    return schedules.filter(isEnabled).map((item) => {
        const key = keyOf(context, item.metadata.name);
        return {
            call: `patch ${describeObject(kinds.schedule, key)}: not enabled`,
            effect: "write",
            run: async () => {
                await context.cluster.patch(kinds.schedule, key, { spec: { enabled: false } });
            },
        };
    });
}

/** Only those that are ours. */
export function deleteSchedules(context: ApplicationContext, { schedules }: ApplicationState): Action[] {
    return schedules
        .filter((item) => isOurs(item, context.settings.application))
        .map((item) => {
            const key = keyOf(context, item.metadata.name);
            return {
                call: `delete ${describeObject(kinds.schedule, key)}`,
                effect: "write",
                run: () => context.cluster.delete(kinds.schedule, key),
            };
        });
}

/** A Schedule is enabled unless it says otherwise (definition of Schedule). */
function isEnabled(object: KubernetesObject): boolean {
    return (object.spec as { enabled?: unknown } | undefined)?.enabled !== false;
}
