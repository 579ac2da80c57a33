import type { Credentials } from "../process/credentials";
import type { Progress } from "../drivers/action";
import type { Driver } from "../drivers/driver";
import type { RoleRecord } from "../roles/record";
import type { Claims } from "./claims";
import type { RecordPlace } from "./inputs";
import type { Prerequisites } from "./prerequisites";
import type { RecordStore } from "./recordStore";
import type { Rights } from "./rights";
import type { SiteMarker } from "./siteMarker";
import type { Silence } from "../support/silence";
import type { TakeoverBundle } from "./takeoverBundle";
import type { TakeoverNeeds } from "./takeoverNeeds";
import type { Versions } from "./versions";

/** What it takes to plan and act at a site for one protected item. */
export interface Site {
    driver: Driver;
    claims: Claims;
    store: RecordStore;
    /** The record of another item of the same stack. */
    recordOf(place: RecordPlace): Promise<RoleRecord | undefined>;
    prerequisites: Prerequisites;
    /** Where the driver acts on the site's cluster. */
    marker?: SiteMarker;
    /** What the site runs on. */
    versions?: Versions;
    /** What a takeover without Pulumi goes by; absent where it could not be kept out of the item's own archives. */
    bundle?: TakeoverBundle;
    /** What its account may do at the site's cluster. */
    rights?: Rights;
    /** What a takeover stands on that no plan depends on: nothing of it is read for one. */
    needs?: Pick<TakeoverNeeds, "read">;
    progress: Progress;
    /** Aborted when the run is interrupted. */
    signal: AbortSignal;
}

/** What an operation of the engine gives to every site: the provider's process. */
export interface RunContext {
    readonly credentials: Credentials;
    /** Aborted when the run is interrupted: waits are then given up, and the run ends between two steps. */
    readonly interrupted: AbortSignal;
    /** Which vaults gave no answer in this run. */
    readonly silence: Silence;
    log(line: string): void;
}
