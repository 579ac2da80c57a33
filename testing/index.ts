/**
 * For the unit tests of those who use the package: what a program declares at each site of a pair
 * ({@link declareAtBothSites}), and what `pulumi up` would do in a given situation ({@link decideFor}). Neither needs a
 * cluster, an array, a state backend or a particular test runner.
 */
export { type DeclaredResource, type DeclaredStack } from "./declaredStack";
export { declareAtBothSites, type BothSites, type BothSitesOptions } from "./bothSites";
export { decideFor, type AnticipatedChange, type PeerSituation, type SiteSituation } from "./decideFor";
