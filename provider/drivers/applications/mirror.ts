import { describeObject } from "../../clients/kubernetes/objects";
import { kinds } from "../../clients/kubernetes/kinds";
import type { MirrorWay } from "../../roles/steps";
import type { Action } from "../action";
import { type ApplicationContext, keyOf, waitAction } from "./context";
import { mirrorManifest } from "./manifests";
import { type ApplicationState, type MirrorState, readMirror } from "./observe";

/** A mirror from the peer's vault, whatever is there of it now. */
export function establishMirror(
    context: ApplicationContext,
    { mirror }: ApplicationState,
    sourceUid: string,
    way: MirrorWay,
): Action[] {
    if (mirror === undefined || mustReplace(mirror, sourceUid, way)) {
        return [
            ...(mirror === undefined ? [] : removal(context, mirror)),
            create(context, sourceUid),
            ...established(context),
        ];
    }
    if (mirror.desiredState !== "Established") {
        return [resync(context), ...established(context)];
    }
    return mirror.state === "Established" && mirror.lastTransferred !== undefined ? [] : established(context);
}

/** Promotes the mirror at a snapshot, or at the recovery point; nothing where there is no mirror. */
export function promote(
    context: ApplicationContext,
    { mirror }: ApplicationState,
    finalSnapshot: string | undefined,
): Action[] {
    if (mirror === undefined || (mirror.desiredState === "Promoted" && mirror.state === "Promoted")) {
        return [];
    }
    return [
        ...(mirror.desiredState === "Promoted" ? [] : [reachable(context), patchPromoted(context, finalSnapshot)]),
        waitAction(context, {
            kind: kinds.appMirror,
            name: context.settings.application,
            wanted: "Promoted",
            deadline: context.settings.timeouts.promote,
            reached: (object) => {
                const found = object === undefined ? undefined : readMirror(object);
                return found?.desiredState === "Promoted" && found.state === "Promoted";
            },
        }),
    ];
}

/** Deleted while it is promoted, a mirror leaves the application, its volumes and its Application as they are. */
export function removeMirror(context: ApplicationContext, { mirror }: ApplicationState): Action[] {
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
    const key = keyOf(context, context.settings.application);
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

function resync(context: ApplicationContext): Action {
    return {
        call: `patch ${mirrorName(context)}: Established, what was written here since is discarded`,
        effect: "write",
        run: async () => {
            // The next promotion would wait for a snapshot that an earlier one named.
            await context.cluster.patch(kinds.appMirror, keyOf(context, context.settings.application), {
                spec: { desiredState: "Established", promotedSnapshot: null },
            });
        },
    };
}

/** Established with something replicated, by the mirror's status and on the array. */
function established(context: ApplicationContext): Action[] {
    const { settings, volumes } = context;
    return [
        waitAction(context, {
            kind: kinds.appMirror,
            name: settings.application,
            wanted: "Established",
            deadline: settings.timeouts.establish,
            reached: (object) => {
                const found = object === undefined ? undefined : readMirror(object);
                return (
                    found?.desiredState === "Established" &&
                    found.state === "Established" &&
                    found.lastTransferred !== undefined
                );
            },
        }),
        {
            call: `GET /snapmirror/relationships of ${settings.site}: a healthy one into every volume`,
            effect: "read",
            run: () => volumes.requireMirrored(),
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

function patchPromoted(context: ApplicationContext, finalSnapshot: string | undefined): Action {
    return {
        call: `patch ${mirrorName(context)}: Promoted ${finalSnapshot === undefined ? "at the recovery point" : `at ${finalSnapshot}`}`,
        effect: "write",
        run: async () => {
            await context.cluster.patch(kinds.appMirror, keyOf(context, context.settings.application), {
                spec: {
                    desiredState: "Promoted",
                    ...(finalSnapshot === undefined ? {} : { promotedSnapshot: finalSnapshot }),
                },
            });
        },
    };
}

function mirrorName(context: ApplicationContext): string {
    return describeObject(kinds.appMirror, keyOf(context, context.settings.application));
}
