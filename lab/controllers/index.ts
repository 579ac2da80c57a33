export { ApiError } from "./apiError";
export { Cluster, type ListOptions } from "./cluster";
export { type Controller, type ReconcileResult, messageOf, runController } from "./controller";
export { addFinalizer, hasFinalizer, isDeleting, removeFinalizer } from "./finalizers";
export {
    type Kind,
    type KubeObject,
    type ObjectMeta,
    type Ref,
    keyOf,
    ownerReference,
    refFromKey,
    refOf,
} from "./objects";
export { type Stoppable, runSiteProcess } from "./process";
export { KeyedQueue, type Timers } from "./queue";
export { delay, scaled, timestamp } from "./time";
export type { WatchListener, Watching } from "./watch";
