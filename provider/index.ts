/**
 * What runs in the dynamic provider's process. The text of every serialised provider is
 * `await import("pulumi-trident-dr/provider")`, so this specifier and the names exported here are
 * public API for ever: a stack's state refers to them.
 */
import { MirroredObjectHandler } from "./handlers/mirroredObject";
import { PeeringHandler } from "./handlers/peering";
import { sharedProcess } from "./process/interrupt";

sharedProcess.listen();

export { mirrorRole } from "./handlers/mirrorRole";
export { mirrorOutcome } from "./handlers/mirrorOutcome";
export const peering = new PeeringHandler(sharedProcess);
export const mirroredObject = new MirroredObjectHandler();
