import type { Action } from "../action";
import type { DriverStep } from "../driver";
import type { ApplicationContext } from "./context";
import { awaitCopy } from "./copy";
import { declareApplication } from "./declare";
import { adoptObjects, disownObjects } from "./foreign";
import { requireHandedOver } from "./handedOver";
import { tellHooks } from "./hookRuns";
import { declareHooks, deleteHooks } from "./hooks";
import { establishMirror, promote, removeMirror } from "./mirror";
import type { ApplicationState, Part } from "./observe";
import { allowPods, forbidPods } from "./podBarrier";
import { deleteSchedules, startSchedules, stopSchedules } from "./schedules";
import { forgetSnapshots, restoreApplication, stopWorkloads, takeBaseSnapshot, takeFinalSnapshot } from "./snapshots";
import { releaseSource, verifyUnmirrored, verifyWritable } from "./verify";

/** The actions of a step, by what of the state it goes by. */
export function actionsOf(context: ApplicationContext, state: ApplicationState, step: DriverStep): Action[] {
    return stepNamed(step.do).actions(context, state, step);
}

/** What of the state a step goes by. */
export function goesBy({ do: name }: DriverStep): readonly Part[] {
    return steps[name].goesBy;
}

/** What of the state a step can have changed, by itself or through Trident Protect. */
export function touchedBy({ do: name }: DriverStep): readonly Part[] {
    return steps[name].touches;
}

type StepName = DriverStep["do"];
type StepNamed<Name extends StepName> = Extract<DriverStep, { do: Name }>;

interface StepDefinition<Name extends StepName> {
    goesBy: readonly Part[];
    touches: readonly Part[];
    actions(context: ApplicationContext, state: ApplicationState, step: StepNamed<Name>): Action[];
}

/** Its actions see nothing of the state but what it says that it goes by: the rest may not have been read again. */
function step<Name extends StepName, Known extends Part = never>(definition: {
    goesBy?: readonly Known[];
    touches: readonly Part[];
    // No method: of one, TypeScript does not compare what it takes.
    actions: (
        context: ApplicationContext,
        state: Pick<ApplicationState, NoInfer<Known>>,
        step: StepNamed<Name>,
    ) => Action[];
}): StepDefinition<Name> {
    return { goesBy: [], ...definition };
}

/** What keeps pods from starting. */
const barrier = ["quotas", "podPolicy"] as const;
const mirror = ["mirror", "recoveryPoint"] as const;
/** What a mirror makes, or brings along. */
const mirrored = ["application", ...mirror, "workloads", "schedules", "hooks"] as const;
const shutdown = ["application", "shutdownSnapshots", "workloads"] as const;
const adoptable = ["application", "schedules", "hooks", "mirror"] as const;

const steps: { readonly [Name in StepName]: StepDefinition<Name> } = {
    "adopt-objects": step({ goesBy: adoptable, touches: adoptable, actions: adoptObjects }),
    "disown-objects": step({ goesBy: adoptable, touches: adoptable, actions: disownObjects }),
    "declare-application": step({ goesBy: ["application"], touches: ["application"], actions: declareApplication }),
    "declare-hooks": step({ goesBy: ["hooks", "mirror"], touches: ["hooks"], actions: declareHooks }),
    "delete-hooks": step({
        goesBy: ["hooks"],
        touches: ["hooks"],
        actions: (context, state, { adopted }) => deleteHooks(context, state, adopted),
    }),
    "take-base-snapshot": step({
        goesBy: ["snapshots"],
        touches: ["snapshots"],
        actions: (context, state, { epoch }) => takeBaseSnapshot(context, state, epoch),
    }),
    "start-schedules": step({ goesBy: ["schedules"], touches: ["schedules"], actions: startSchedules }),
    "stop-schedules": step({ goesBy: ["schedules"], touches: ["schedules"], actions: stopSchedules }),
    "delete-schedules": step({
        goesBy: ["schedules"],
        touches: ["schedules"],
        actions: (context, state, { adopted }) => deleteSchedules(context, state, adopted),
    }),
    "forbid-pods": step({ goesBy: [...barrier, "mirror", "workloads"], touches: barrier, actions: forbidPods }),
    "allow-pods": step({ goesBy: barrier, touches: barrier, actions: allowPods }),
    "take-shutdown-snapshot": step({
        goesBy: shutdown,
        touches: [...shutdown, ...barrier],
        actions: takeFinalSnapshot,
    }),
    "stop-workloads": step({
        goesBy: shutdown,
        touches: [...shutdown, ...barrier],
        actions: (context, state, { epoch }) => stopWorkloads(context, state, epoch),
    }),
    "restore-application": step({
        goesBy: ["restores", "workloads", "shutdownSnapshots"],
        touches: [...barrier, "restores", "workloads", "shutdownSnapshots", "schedules", "hooks"],
        actions: restoreApplication,
    }),
    "forget-snapshots": step({
        goesBy: ["snapshots", "shutdownSnapshots", "restores"],
        touches: ["snapshots", "shutdownSnapshots", "restores"],
        actions: (context, state, { before }) => forgetSnapshots(context, state, before),
    }),
    "establish-mirror": step({
        goesBy: ["mirror"],
        touches: mirrored,
        actions: (context, state, { sourceUid, way }) => establishMirror(context, state, sourceUid, way),
    }),
    "await-copy": step({
        goesBy: ["mirror"],
        touches: mirrored,
        actions: (context, state, { sourceUid }) => awaitCopy(context, state, sourceUid),
    }),
    // What is remembered of volumes of Trident's is released once they are mirrored (`release-sources`).
    "release-replaced": step({ touches: [], actions: () => [] }),
    promote: step({
        goesBy: ["application", ...mirror],
        touches: [...mirrored, ...barrier],
        actions: (context, state, { token, point }) => {
            const promotion = promote(context, state, token?.finalSnapshot ?? point?.folder, point !== undefined);
            return [
                ...promotion,
                ...(promotion.length === 0 ? [] : tellHooks(context)),
                ...requireHandedOver(context, state, token),
            ];
        },
    }),
    "remove-mirror": step({ goesBy: ["mirror"], touches: ["application", ...mirror], actions: removeMirror }),
    "verify-writable": step({ touches: [], actions: verifyWritable }),
    "verify-unmirrored": step({ touches: [], actions: verifyUnmirrored }),
    "release-sources": step({
        touches: [],
        actions: (context, _state, { sources }) => sources.map((source) => releaseSource(context, source)),
    }),
    "tidy-up": step({ touches: [], actions: () => [] }),
};

/** By a step's name TypeScript does not tell which definition is whose. */
function stepNamed<Name extends StepName>(name: Name): StepDefinition<Name> {
    return steps[name];
}
