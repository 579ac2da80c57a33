import { describeObject } from "../../clients/kubernetes/objects";
import { kinds } from "../../clients/kubernetes/kinds";
import { previewCommand, upCommand } from "../../roles/messages/commands";
import { MessageError, messageOf, text } from "../../roles/messages/message";
import type { MirrorWay } from "../../roles/steps";
import type { Action } from "../action";
import { type ApplicationContext, keyOf, waitAction } from "./context";
import { troubleWithHooks } from "./hookRuns";
import { changeOf, mirrorManifest, mirrorNameOf } from "./manifests";
import { matches } from "./matches";
import { defined } from "../../support/defined";
import { type ApplicationState, awaitedPoint, type MirrorState, promotedWithAnnotation, readMirror } from "./observe";
import { printable } from "../../support/printable";
import { howToPromoteByHand } from "./unfinishedPromotion";

/** A mirror from the peer's vault, whatever is there of it now; its first copy goes on by itself. */
export function establishMirror(
    context: ApplicationContext,
    { mirror }: Pick<ApplicationState, "mirror">,
    sourceUid: string,
    way: MirrorWay,
): Action[] {
    if (mirror === undefined || mustReplace(mirror, sourceUid, way)) {
        return [...(mirror === undefined ? [] : removal(context, mirror)), create(context, sourceUid)];
    }
    return mirror.desiredState === "Established" ? reschedule(context, mirror) : [resync(context, mirror)];
}

/**
 * Promotes the mirror at a snapshot, or at the recovery point; nothing where there is no mirror.
 *
 * @param point the folder of an archive: what `promotedSnapshot` wants
 * @param isOlder whether newer snapshots are given up, for which Trident Protect may want annotations
 *     (docs/facts/trident-protect.md)
 */
export function promote(
    context: ApplicationContext,
    { mirror, recoveryPoint }: Pick<ApplicationState, "mirror" | "recoveryPoint">,
    point: string | undefined,
    isOlder: boolean,
): Action[] {
    if (mirror === undefined || (mirror.desiredState === "Promoted" && mirror.state === "Promoted")) {
        return [];
    }
    const change = promotion(context, point, isOlder);
    const awaited = awaitedPoint(mirror, recoveryPoint);
    // Consent that was refused by the controller may have been configured since.
    const asksAgain = isOlder && "metadata" in change;
    const isOrdered = mirror.desiredState === "Promoted" && !asksAgain && (awaited === undefined || awaited === point);
    return [
        ...(isOrdered
            ? []
            : [
                  reachable(context),
                  ...(isOlder ? [accepted(context, change)] : []),
                  patchPromoted(context, change, point, awaited),
              ]),
        waitAction(context, {
            kind: kinds.appMirror,
            name: mirrorNameOf(context.settings),
            wanted: "Promoted",
            deadline: context.settings.timeouts.promote,
            reached: (object) =>
                object !== undefined &&
                isPromoted(context, readMirror(object), point, isOlder ? mirror.error : undefined),
            late: async () => {
                const trouble = (await troubleWithHooks(context)).map((words) => `${words}. `);
                return text`${trouble.join("")}${await howToPromoteByHand(context, point)}`;
            },
        }),
    ];
}

/** Deleted while it is promoted, a mirror leaves the application, its volumes and its Application as they are. */
export function removeMirror(context: ApplicationContext, { mirror }: Pick<ApplicationState, "mirror">): Action[] {
    return mirror === undefined ? [] : removal(context, mirror);
}

/** A promoted mirror goes back only by a resync; any other way begins with a new one. */
function mustReplace(mirror: MirrorState, sourceUid: string, way: MirrorWay): boolean {
    return (
        mirror.deleting ||
        mirror.sourceApplicationUid !== sourceUid ||
        (mirror.desiredState === "Promoted" && way !== "resync")
    );
}

function removal(context: ApplicationContext, mirror: MirrorState): Action[] {
    const key = keyOf(context, mirrorNameOf(context.settings));
    const gone = waitAction(context, {
        kind: kinds.appMirror,
        name: key.name,
        wanted: "gone",
        deadline: context.settings.timeouts.promote,
        reached: (object) => object === undefined,
    });
    return mirror.deleting
        ? [gone]
        : [
              {
                  call: `delete ${describeObject(kinds.appMirror, key)}`,
                  effect: "write",
                  run: () => context.cluster.delete(kinds.appMirror, key),
              },
              gone,
          ];
}

function create(context: ApplicationContext, sourceUid: string): Action {
    const { settings, cluster } = context;
    return {
        call: `create ${mirrorName(context)}: Established, from ${settings.vaults[settings.peer]}`,
        effect: "write",
        run: async () => {
            await cluster.create(mirrorManifest(settings, sourceUid));
        },
    };
}

function resync(context: ApplicationContext, mirror: MirrorState): Action {
    const { promotedWith = [] } = mirror;
    const key = keyOf(context, mirrorNameOf(context.settings));
    const names = new Set([
        ...Object.keys(context.settings.promoteAnnotations ?? {}),
        // The configuration may have lost them since.
        ...promotedWith,
        ...(promotedWith.length === 0 ? [] : [promotedWithAnnotation]),
    ]);
    const removed = Object.fromEntries([...names].map((name) => [name, null]));
    return {
        call: `patch ${mirrorName(context)}: Established, what was written here since is discarded`,
        effect: "write",
        run: async () => {
            // The next promotion would wait for a snapshot that an earlier one named, or have its consent already.
            const declared = differences(context, mirror);
            const metadata = { ...declared.metadata, annotations: { ...declared.metadata?.annotations, ...removed } };
            await context.cluster.patch(kinds.appMirror, key, {
                ...(Object.keys(metadata.annotations).length === 0 && declared.metadata === undefined
                    ? {}
                    : { metadata: { ...key, ...metadata } }),
                spec: { desiredState: "Established", promotedSnapshot: null, ...declared.spec },
            });
        },
    };
}

/** What of a mirror that stands is not as it is declared: its rule, and what the user changes of it. */
function differences({ settings }: ApplicationContext, mirror: MirrorState): Differences {
    const declared = mirrorManifest(settings, mirror.sourceApplicationUid);
    const { metadata, spec = {} } = (changeOf(settings, declared) ?? {}) as Partial<Differences>;
    const wanted = declared.spec as Record<string, unknown>;
    const found = {
        ...(mirror.found?.spec as object | undefined),
        ...defined({ recurrenceRule: mirror.recurrenceRule }),
    };
    const isSame = (field: string) => {
        const [declaredValue, foundValue] = [wanted[field], (found as Record<string, unknown>)[field]];
        return matches(declaredValue, foundValue) || (isEmptyList(declaredValue) && foundValue === undefined);
    };
    const fields = [
        ...(mirror.recurrenceRule === undefined ? [] : ["recurrenceRule"]),
        ...["transformations", "transformationsRef"].filter((field) => wanted[field] !== undefined),
        ...Object.keys(spec),
    ];
    const changed = [...new Set(fields)].filter((field) => !isSame(field));
    return {
        ...(metadata === undefined || matches(declared.metadata, mirror.found?.metadata) ? {} : { metadata }),
        spec: Object.fromEntries(changed.map((field) => [field, wanted[field] ?? null])),
    };
}

/** The API server, or a controller, may leave out a list that is empty. */
function isEmptyList(value: unknown): boolean {
    return Array.isArray(value) && value.length === 0;
}

interface Differences {
    metadata?: { annotations?: Record<string, unknown>; labels?: Record<string, unknown> };
    spec: Record<string, unknown>;
}

/** The configuration may have another rule by now, or somebody else may have changed it. */
function reschedule(context: ApplicationContext, mirror: MirrorState): Action[] {
    const key = keyOf(context, mirrorNameOf(context.settings));
    const { metadata, spec } = differences(context, mirror);
    const names = [...Object.keys(metadata ?? {}), ...Object.keys(spec)];
    const { recurrenceRule, ...others } = spec;
    const { recurrenceRule: found = "" } = mirror;
    const rule =
        recurrenceRule === undefined
            ? []
            : [`recurrenceRule ${printable(String(recurrenceRule))}, in place of ${printable(found)}`];
    const rest = [...Object.keys(metadata ?? {}), ...Object.keys(others)].map((name) => `${name} as declared`);
    return names.length === 0
        ? []
        : [
              {
                  call: `patch ${mirrorName(context)}: ${[...rule, ...rest].join(", ")}`,
                  effect: "write",
                  run: async () => {
                      const change = metadata === undefined ? { spec } : { metadata: { ...key, ...metadata }, spec };
                      await context.cluster.patch(kinds.appMirror, key, change);
                  },
              },
          ];
}

/** Once the mirror is patched there is no way back: an array that does not answer is found before. */
function reachable({ settings, volumes }: ApplicationContext): Action {
    return {
        call: `GET /storage/volumes of ${settings.site}: the array answers and knows every volume`,
        effect: "read",
        run: () => volumes.requireReachable(),
    };
}

/** The patch that promotes. */
function promotion(context: ApplicationContext, point: string | undefined, isOlder: boolean): Record<string, unknown> {
    const { promoteAnnotations = {} } = context.settings;
    const names = isOlder ? Object.keys(promoteAnnotations) : [];
    const annotations = { ...promoteAnnotations, [promotedWithAnnotation]: names.join(",") };
    return {
        ...(names.length === 0 ? {} : { metadata: { ...keyOf(context, mirrorNameOf(context.settings)), annotations } }),
        // One that an earlier run named, and that never arrived, would be waited for without end.
        spec: { desiredState: "Promoted", promotedSnapshot: point ?? null },
    };
}

/** What the webhook refuses is found before anything is changed. */
function accepted(context: ApplicationContext, change: Record<string, unknown>): Action {
    const { site, application } = context.settings;
    return {
        call: `check ${mirrorName(context)}: the API server accepts the promotion (dry run)`,
        effect: "read",
        run: async () => {
            try {
                await context.cluster.patch(kinds.appMirror, keyOf(context, mirrorNameOf(context.settings)), change, {
                    dryRun: true,
                });
            } catch (error) {
                throw new MessageError(
                    text`${site}: the API server refuses to promote ${application} at an older point: ${messageOf(error)}. Nothing was promoted. If it asks for an annotation, set promoteAnnotations of ${application}; then ${upCommand(site)}`,
                );
            }
        },
    };
}

function patchPromoted(
    context: ApplicationContext,
    change: Record<string, unknown>,
    point: string | undefined,
    awaited: string | undefined,
): Action {
    const at = point === undefined ? "at the recovery point" : `at ${point}`;
    const instead = awaited === undefined ? "" : `, instead of ${awaited}, which has not arrived`;
    return {
        call: `patch ${mirrorName(context)}: Promoted ${at}${instead}`,
        effect: "write",
        run: async () => {
            await context.cluster.patch(kinds.appMirror, keyOf(context, mirrorNameOf(context.settings)), change);
        },
    };
}

/**
 * Throws when something else was promoted, or when it will not be.
 *
 * @param errorBefore what the mirror complained of before it was promoted at an older point: with the other site lost
 *     there always is something, which says nothing of the promotion. Undefined where no error ends the wait
 */
function isPromoted(
    context: ApplicationContext,
    mirror: MirrorState,
    point: string | undefined,
    errorBefore: string | undefined,
): boolean {
    const { site, application } = context.settings;
    if (mirror.desiredState !== "Promoted") {
        return false;
    }
    if (point !== undefined && mirror.promotedSnapshot !== point) {
        throw new MessageError(
            text`${site}: ${mirrorName(context)} is promoted at ${mirror.promotedSnapshot ?? "the newest snapshot"}, and by somebody else; expected ${point}. ${application} may lack what was written between the two. To see both ways on: ${previewCommand(site)}`,
        );
    }
    const isRefused = errorBefore !== undefined && mirror.error !== "" && mirror.error !== errorBefore;
    if (isRefused && mirror.state !== "Promoted") {
        throw new MessageError(
            text`${site}: Trident Protect does not promote ${application} at ${point!}: ${mirror.error}. If it asks for an annotation, set promoteAnnotations of ${application}; then ${upCommand(site)}`,
        );
    }
    return mirror.state === "Promoted";
}

function mirrorName(context: ApplicationContext): string {
    return describeObject(kinds.appMirror, keyOf(context, mirrorNameOf(context.settings)));
}
