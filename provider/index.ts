/**
 * What runs in the dynamic provider's process. The text of every serialised provider is
 * `await import("pulumi-trident-dr/provider")`, so this specifier and the names exported here are
 * public API for ever: a stack's state refers to them.
 */
import { Outcomes } from "./engine/outcomes";
import { askAhead } from "./engine/peerVault";
import { DeclaredObjectsHandler } from "./handlers/declaredObjects";
import { MirroredObjectHandler } from "./handlers/mirroredObject";
import { MirrorOutcomeHandler } from "./handlers/mirrorOutcome";
import { MirrorRoleHandler } from "./handlers/mirrorRole";
import { PeeringHandler } from "./handlers/peering";
import { ProviderProcess } from "./process/providerProcess";

const provider = ProviderProcess.start();
/** Of the protected items in this operation. */
const outcomes = new Outcomes();

export const mirrorRole = new MirrorRoleHandler(provider, outcomes);
export const mirrorOutcome = new MirrorOutcomeHandler(provider, outcomes);
export const peering = new PeeringHandler(provider);
export const mirroredObject = new MirroredObjectHandler();
export const declaredObjects = new DeclaredObjectsHandler({
    askAhead: (cluster, vault) => askAhead(provider, cluster, vault),
});
