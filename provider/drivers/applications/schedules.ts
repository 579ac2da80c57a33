import { describeObject, type KubernetesObject } from "../../clients/kubernetes/objects";
import { kinds } from "../../clients/kubernetes/kinds";
import { upCommand } from "../../roles/messages/commands";
import { render, text } from "../../roles/messages/message";
import { printable } from "../../support/printable";
import type { Action } from "../action";
import { type ApplicationContext, keyOf } from "./context";
import { isOurs, otherApplicationOf, scheduleManifests } from "./manifests";
import { applyActions, isForeign, tellForeign } from "./declare";
import type { ApplicationState } from "./observe";

/** The Schedules as they are declared; of ours, those that are not declared any more go. */
export function startSchedules(
    context: ApplicationContext,
    { schedules }: Pick<ApplicationState, "schedules">,
): Action[] {
    const manifests = scheduleManifests(context.settings);
    const named = (name: string) => manifests.find(({ metadata }) => metadata.name === name);
    const obsolete = schedules.filter(
        (found) => isOurs(found, context.settings.application) && named(found.metadata.name) === undefined,
    );
    const stuck = schedules.flatMap((found) => {
        const declared = named(found.metadata.name);
        const isOthers = otherApplicationOf(found, context.settings.application) !== undefined;
        return declared !== undefined && !isOthers && changesMover(declared, found) ? [{ declared, found }] : [];
    });
    const { application } = context.settings;
    const further = new Set(context.settings.schedules?.map(({ name }) => name));
    const theirs = schedules.filter(
        (found) =>
            otherApplicationOf(found, application) !== undefined ||
            (further.has(found.metadata.name) && isForeign(context, found)),
    );
    const applied = manifests.filter(
        (manifest) =>
            stuck.every(({ declared }) => declared !== manifest) &&
            theirs.every(({ metadata }) => metadata.name !== manifest.metadata.name),
    );
    return [
        ...theirs.map((found) => tellForeign(context, found, further.has(found.metadata.name) ? "schedules" : "names")),
        ...stuck.map(({ declared, found }) => tellMover(context, declared, found)),
        ...applyActions(context, applied, schedules),
        ...obsolete.map((found) => deletion(context, found, ": it is not declared any more, what it made stays")),
    ];
}

/** Every Schedule of the application, also those that somebody else made: none may run into the final snapshot. */
export function stopSchedules(
    context: ApplicationContext,
    { schedules }: Pick<ApplicationState, "schedules">,
): Action[] {
    const own = schedules.filter((item) => otherApplicationOf(item, context.settings.application) === undefined);
    return own.filter(isEnabled).map((item) => {
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

/**
 * Only those that are ours.
 *
 * @param adopted whether those that have the name of a declared one are ours by now
 */
export function deleteSchedules(
    context: ApplicationContext,
    { schedules }: Pick<ApplicationState, "schedules">,
    adopted = false,
): Action[] {
    const names = adopted ? scheduleManifests(context.settings).map(({ metadata }) => metadata.name) : [];
    return schedules
        .filter((item) => otherApplicationOf(item, context.settings.application) === undefined)
        .filter((item) => isOurs(item, context.settings.application) || names.includes(item.metadata.name))
        .map((item) => deletion(context, item, ""));
}

function deletion(context: ApplicationContext, { metadata }: KubernetesObject, why: string): Action {
    const key = keyOf(context, metadata.name);
    return {
        call: `delete ${describeObject(kinds.schedule, key)}${why}`,
        effect: "write",
        run: () => context.cluster.delete(kinds.schedule, key),
    };
}

/** It cannot be changed once it is set (definition of Schedule). */
function changesMover(declared: KubernetesObject, found: KubernetesObject): boolean {
    return moverOf(declared) !== "" && moverOf(found) !== "" && moverOf(declared) !== moverOf(found);
}

function moverOf({ spec }: KubernetesObject): string {
    const { dataMover = "" } = (spec ?? {}) as { dataMover?: unknown };
    return String(dataMover);
}

/** That one stays as it is: a takeover does not wait for what a backup is copied by. */
function tellMover(context: ApplicationContext, declared: KubernetesObject, found: KubernetesObject): Action {
    const { site, application } = context.settings;
    const name = describeObject(kinds.schedule, keyOf(context, declared.metadata.name));
    const told = text`${site}: ${name} has dataMover ${printable(moverOf(found))}, and ${moverOf(declared)} is declared: Trident Protect does not let it change, and this Schedule stays as it is. Give the one with ${moverOf(declared)} another name in schedules of ${application}; then ${upCommand(site)}`;
    return {
        call: `check ${name}: its dataMover is ${moverOf(declared)}`,
        effect: "read",
        tells: true,
        run: (progress) => Promise.resolve(progress(render(told))),
    };
}

/** A Schedule is enabled unless it says otherwise (definition of Schedule). */
function isEnabled(object: KubernetesObject): boolean {
    return (object.spec as { enabled?: unknown } | undefined)?.enabled !== false;
}
