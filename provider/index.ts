/**
 * What runs in the dynamic provider's process. The provider of every resource in a state is a text that loads
 * `pulumi-trident-dr/provider` and takes a handler from it by name, so this specifier and the names exported here are
 * public API for ever.
 */
// Before all others: from here on, a trace counts what loading the rest takes.
import { traceLoading } from "./support/trace";
import { Outcomes } from "./engine/outcomes";
import { askAhead } from "./engine/peerVault";
import { DeclaredObjectsHandler } from "./handlers/declaredObjects";
import { MirroredObjectHandler } from "./handlers/mirroredObject";
import { MirrorOutcomeHandler } from "./handlers/mirrorOutcome";
import { MirrorRoleHandler } from "./handlers/mirrorRole";
import { PeeringHandler } from "./handlers/peering";
import { traced } from "./handlers/traced";
import { ProviderProcess } from "./process/providerProcess";

const provider = ProviderProcess.start();
/** Of the protected items in this operation. */
const outcomes = new Outcomes();

export const mirrorRole = traced("MirrorRole", new MirrorRoleHandler(provider, outcomes));
export const mirrorOutcome = traced("MirrorOutcome", new MirrorOutcomeHandler(provider, outcomes));
export const peering = traced("OntapPeering", new PeeringHandler(provider));
export const mirroredObject = traced("MirroredObject", new MirroredObjectHandler());
export const declaredObjects = traced(
    "DeclaredObjects",
    new DeclaredObjectsHandler({
        configure: (request) => provider.configure(request),
        resolve: (site, cluster, namespace) => provider.credentials.in(namespace).cluster(site, cluster),
        askAhead: (cluster, vault) => askAhead(provider, cluster, vault),
        log: (line) => provider.log(line),
    }),
);

traceLoading();
