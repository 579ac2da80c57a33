import {
    type Controller,
    type KubeObject,
    type ReconcileResult,
    type Ref,
    addFinalizer,
    isDeleting,
    refOf,
    removeFinalizer,
    runController,
} from "../controllers";
import { withCondition } from "./conditions";
import type { Context } from "./context";
import { type AppSnapshot, type Application, type Schedule, kinds } from "./kinds";

const finalizer = "protect.trident.netapp.io/application";

/** Tells how well each Application is protected. An Application has conditions, and no state. */
export function runApplicationController(context: Context): Controller {
    const { cluster } = context;
    const ofApplication = ({ metadata, spec }: KubeObject): Ref[] => [
        { namespace: metadata.namespace, name: spec.applicationRef as string },
    ];
    return runController<Application>({
        cluster,
        kind: kinds.application,
        log: context.log,
        triggers: [
            { kind: kinds.snapshot, concerns: ofApplication },
            { kind: kinds.schedule, concerns: ofApplication },
        ],
        reconcile: async (application): Promise<ReconcileResult> => {
            if (isDeleting(application)) {
                return removeFinalizer(cluster, application, finalizer);
            }
            await addFinalizer(cluster, application, finalizer);
            await report(context, application, await protection(context, application));
        },
    });
}

/** Fully with a schedule and a snapshot, partially with one of them. */
async function protection(context: Context, { metadata }: Application): Promise<string> {
    const { namespace, name } = metadata;
    const [snapshots, schedules] = await Promise.all([
        context.cluster.list<AppSnapshot>(kinds.snapshot, { namespace }),
        context.cluster.list<Schedule>(kinds.schedule, { namespace }),
    ]);
    const completed = snapshots.some(
        ({ spec, status }) => spec.applicationRef === name && status?.state === "Completed",
    );
    const scheduled = schedules.some(({ spec }) => spec.applicationRef === name && spec.enabled !== false);
    return completed && scheduled
        ? "Fully Protected"
        : completed || scheduled
          ? "Partially Protected"
          : "Not Protected";
}

async function report(context: Context, application: Application, protectionState: string): Promise<void> {
    await context.cluster.modifyStatus<Application>(kinds.application, refOf(application), (found) => {
        const observedGeneration = found.metadata.generation;
        const known = found.status?.conditions?.find(({ type }) => type === "Ready");
        if (found.status?.protectionState === protectionState && known?.observedGeneration === observedGeneration) {
            return false;
        }
        const conditions = withCondition(found.status?.conditions, {
            type: "Ready",
            status: "True",
            reason: "Ready",
            message: "The application is defined",
            observedGeneration,
        });
        found.status = { ...found.status, conditions, protectionState };
        return true;
    });
}
