/**
 * What runs in the dynamic provider's process. The text of every serialised provider is
 * `await import("pulumi-trident-dr/provider")`, so this specifier and the names exported here are
 * public API for ever: a stack's state refers to them.
 */
export { mirrorRole } from "./handlers/mirrorRole";
export { mirrorOutcome } from "./handlers/mirrorOutcome";
export { peering } from "./handlers/peering";
export { mirroredObject } from "./handlers/mirroredObject";
