import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { kinds } from "../../clients/kubernetes/kinds";
import { describeObject, type Kind, type KubernetesObject } from "../../clients/kubernetes/objects";
import { type Message, text } from "../../roles/messages/message";
import { namespaceMapping } from "../../roles/namespaces";
import type { ForeignObject } from "../../roles/situation";
import { defined } from "../../support/defined";
import { describeLabelSelector, type LabelSelector, labelSelectorSchema } from "../../support/labelSelector";
import { printable } from "../../support/printable";
import type { Action } from "../action";
import { type ApplicationContext, keyOf } from "./context";
import {
    applicationLabel,
    isOurs,
    mirrorNameOf,
    namespaceOf,
    otherApplicationOf,
    scheduleManifests,
} from "./manifests";
import type { ApplicationState } from "./observe";
import type { ApplicationSettings } from "./settings";

/** What may be there already, made by others. */
type Adoptable = Pick<ApplicationState, "application" | "schedules" | "hooks" | "mirror">;

/**
 * Objects that have the names of ours and lack our label. Only of meaning before a site's first role: Trident Protect
 * makes the Application at the receiving site, and no source says with which labels.
 */
export function foreignObjects(state: Adoptable, settings: ApplicationSettings): ForeignObject[] {
    return foreign(state, settings).map(({ kind, name, of, differs }) => {
        const namespace = namespaceOf(settings);
        const resource = `${kind.plural}.${kind.apiVersion.split("/")[0]}`;
        const what = describeObject(kind, { name, namespace });
        if (of !== undefined || differs !== undefined) {
            return { what, ...defined({ of, differs }) };
        }
        return {
            what,
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
export function adoptObjects(context: ApplicationContext, state: Adoptable): Action[] {
    const labels = { [applicationLabel]: context.settings.application };
    const adopted = foreign(state, context.settings).filter(isAdoptable);
    return adopted.map(({ kind, name }) => {
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
export function disownObjects(context: ApplicationContext, state: Adoptable): Action[] {
    return named(state, context.settings)
        .filter((object) => object.isOwn && isAdoptable(object))
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

function foreign(state: Adoptable, settings: ApplicationSettings): NamedObject[] {
    return named(state, settings).filter((object) => !object.isOwn || !isAdoptable(object));
}

function isAdoptable({ of, differs }: NamedObject): boolean {
    return of === undefined && differs === undefined;
}

interface NamedObject {
    kind: Kind;
    name: string;
    /** Whether it has our label. */
    isOwn: boolean;
    /** The other Application to which it belongs. Default: it is of this one. */
    of?: string;
    /** How it is another one than is declared, and cannot become that. Default: it can. */
    differs?: string;
}

/** What belongs to an Application does not change any more (definition of Application). */
export function differenceOf(
    { spec }: KubernetesObject,
    { namespaces, labelSelector }: Pick<ApplicationSettings, "namespaces" | "labelSelector">,
): string | undefined {
    const { includedNamespaces: found, includedVirtualMachines } = (spec ?? {}) as Record<string, unknown>;
    if (includedVirtualMachines !== undefined) {
        return "it is made of virtual machines";
    }
    const included = includedNamespaces.parse(found ?? []);
    const names = included.map(({ namespace }) => printable(namespace));
    if (!isDeepStrictEqual([...names].sort(), [...namespaces].sort())) {
        return `it is made of ${names.join(", ") || "no namespace"}, where ${namespaces.join(" and ")} would be`;
    }
    const others = included.filter((one) => !choosesAlike(one.labelSelector, labelSelector));
    return others.length === 0
        ? undefined
        : `${others.map((one) => `of ${printable(one.namespace)} it has ${chosenBy(one.labelSelector)}`).join(" and ")}, where it would be ${chosenBy(labelSelector)}`;
}

/** What cannot be read as that is nothing that could be declared. */
const includedNamespaces = z
    .array(z.object({ namespace: z.string(), labelSelector: labelSelectorSchema.nullish() }))
    .catch([]);

/** One that asks for nothing chooses everything. */
function choosesAlike(found: LabelSelector | null | undefined, declared: LabelSelector | undefined): boolean {
    return describeLabelSelector(found ?? {}) === describeLabelSelector(declared ?? {});
}

function chosenBy(selector: LabelSelector | null | undefined): string {
    const told = describeLabelSelector(selector ?? {});
    return told === "" ? "everything" : `what labelSelector ${printable(told)} chooses`;
}

/** What is there under the names of what a role makes. */
function named({ application, schedules, hooks, mirror }: Adoptable, settings: ApplicationSettings): NamedObject[] {
    const item = settings.application;
    const names = scheduleManifests(settings).map(({ metadata }) => metadata.name);
    return [
        ...(application === undefined
            ? []
            : [
                  {
                      kind: kinds.application,
                      name: application.metadata.name,
                      isOwn: isOurs(application, item),
                      ...defined({ differs: differenceOf(application, settings) }),
                  },
              ]),
        ...schedules
            .filter((schedule) => isOurs(schedule, item) || names.includes(schedule.metadata.name))
            .map((schedule) => ({
                kind: kinds.schedule,
                name: schedule.metadata.name,
                isOwn: isOurs(schedule, item),
                ...defined({ of: otherApplicationOf(schedule, item) }),
            })),
        ...hooks
            .filter((hook) => isOurs(hook, item) || settings.hooks?.some(({ name }) => name === hook.metadata.name))
            .map((hook) => ({
                kind: kinds.execHook,
                name: hook.metadata.name,
                isOwn: isOurs(hook, item),
                ...defined({ of: otherApplicationOf(hook, item) }),
            })),
        ...(mirror === undefined
            ? []
            : [
                  {
                      kind: kinds.appMirror,
                      name: mirrorNameOf(settings),
                      isOwn: mirror.isForeign !== true,
                      ...defined({ of: mirror.mirrors }),
                  },
              ]),
    ];
}
