import type { Due } from "../../provider/engine/due";
import type { ObservedNeeds } from "../../provider/engine/takeoverNeeds";
import type { CommonSnapshot } from "../../provider/roles/situation";
import type { InstalledVersion } from "../../provider/roles/versions";
import type { ObservedRights } from "../../provider/roles/rights";
import type { ItemKind } from "../status/document";
import type { HealthFacts, SiteFacts } from "../status/facts";
import type { Known } from "../status/known";
import type { Service } from "../status/service";

/** What is known of an item and of the site that would take it over. Nothing of it is judged yet. */
export interface ReadinessFacts {
    item: string;
    kind: Known<ItemKind>;
    service: Service["is"];
    sites: readonly [SiteFacts, SiteFacts];
    /** Absent where no site could take over. */
    target?: TargetFacts;
}

/** The site that would take over. */
export interface TargetFacts extends Pick<SiteFacts, "site" | "record" | "health" | "commands" | "next"> {
    peer: string;
    reached: Known<true>;
    /** Whether it follows the site that serves, as far as that one is known. */
    follows: boolean;
    /** When that was written by which it takes over. */
    bundle: Known<string>;
    takeover: Known<TakeoverFacts>;
    needs: Known<ObservedNeeds>;
    /** For each volume the newest snapshot that the other site has as well. */
    common: Known<readonly CommonSnapshot[]>;
    serving: Known<ServingFacts>;
}

/** What the planner makes of a takeover now. */
export interface TakeoverFacts {
    due: Due;
    /** Whether the plan takes over. */
    takesOver: boolean;
    versions?: readonly InstalledVersion[];
    rights?: ObservedRights;
    space?: readonly { volume: string; usedBytes: number; sizeBytes: number }[];
}

/** What of the other site a takeover from it depends on before it is lost. */
export interface ServingFacts extends Pick<HealthFacts, "faults" | "arrayUnknown"> {
    site: string;
    needs: Known<Pick<ObservedNeeds, "prerequisites" | "vaults">>;
}
