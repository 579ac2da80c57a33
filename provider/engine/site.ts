import type { RoleRecord } from "../roles/record";
import type { Foreign, Observed, PeerView } from "../roles/situation";
import type { SourceRecord } from "../roles/steps";
import type { EpochClaims } from "./epochClaims";
import type { Prerequisites } from "./prerequisites";
import type { Means } from "./execute";

/** What it takes to plan and act at a site for one kind of mirror. */
export interface Site {
    means: Means<Observed> & { claims: Pick<EpochClaims, "left"> };
    prerequisites: Prerequisites;
    /** Why runs at both sites at the same instant are never guarded against each other; undefined where they can be. */
    unguarded?: string;
    /** What others created where this site would; undefined where there is nothing to adopt. */
    foreign(seen: Observed): Foreign | undefined;
    /** Looks at the array behind the site. No role depends on what it finds, and it never fails. */
    behind(seen: Observed): Promise<Behind>;
}

/** What a site's array has, as it was when it was looked at. */
export interface Behind {
    /** What of it stands in the state, so that a refresh shows what changed there. */
    shown: Record<string, unknown>;
    /** What it remembers of the volumes as sources of mirrors; undefined when it does not answer. */
    sources: readonly SourceRecord[] | undefined;
    /** What is to be said of it for a site in its role: what is wrong there, and how far copies are behind. */
    remarks(own: RoleRecord, peer: PeerView, maxLagSeconds: number): string[];
}
