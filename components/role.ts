import * as pulumi from "@pulumi/pulumi";
import { nextFor } from "../provider/roles/next";
import type { RoleRecord } from "../provider/roles/record";
import { type OwnKey, ownKeys } from "../provider/roles/situation";
import { oneOfProblems } from "./names";
import type { Problem } from "./problems";
import { acknowledgementProblems, type AcknowledgementArgs, type SitePair } from "./sitePair";

/** What is said of anything that one site serves and the other can take over. */
export interface RoleArgs {
    pair: SitePair;
    /**
     * Name of the site that is to serve this.
     * @default the pair's
     */
    active?: string;
    /**
     * What an operator gives leave to for this alone; each that is not said is the pair's. One for the whole pair holds
     * only where the next epoch is the very one that it names.
     */
    acknowledgements?: AcknowledgementArgs;
    /**
     * Take it out of the mirror: no relationship, no Schedule, nothing that arrays and vaults remember. What serves goes
     * on serving, and the copy stays where it is. To be set at both sites, in any order.
     * @default false
     */
    unprotect?: boolean;
    /**
     * Where the stack's configuration keeps what is said here, such as `applications[0]`: for the commands that messages
     * tell.
     * @default none is told
     */
    path?: string;
    /** A switch is refused when replication is older than this, such as `15m`. @default three intervals */
    maxLag?: string;
    /** Time spans such as `30m`. */
    timeouts?: RoleTimeouts;
}

export interface RoleTimeouts {
    /** First replication until it is established. @default 30m */
    establish?: string;
    /** From the order to promote until the volumes are writable. @default 30m */
    promote?: string;
    /** One application snapshot. @default 60m */
    snapshot?: string;
}

/** What is wrong with the plain values of {@link RoleArgs}. */
export function roleProblems({
    pair,
    active,
    acknowledgements = {},
}: Pick<RoleArgs, "active" | "acknowledgements"> & { pair: Pick<SitePair, "site" | "peer"> }): Problem[] {
    const sites = [pair.site, pair.peer];
    return [
        ...(active === undefined ? [] : oneOfProblems("active", active, sites)),
        ...acknowledgementProblems("acknowledgements.", acknowledgements, sites),
    ];
}

/** Whether the site of this stack is the one that is to serve. */
export function isToServe({ pair, active = pair.active }: Pick<RoleArgs, "pair" | "active">): boolean {
    return active === pair.site;
}

/** What every role is told, whatever is mirrored. */
export function roleInputs(application: string, args: RoleArgs) {
    const { pair, active = pair.active, unprotect, path, timeouts } = args;
    return {
        application,
        site: pair.site,
        peerSite: pair.peer,
        active,
        acknowledgements: acknowledgementsOf(args),
        unprotect,
        path,
        ownKeys: ownKeysOf(args),
        stacks: pair.stacks,
        order: pair.orderOf(application),
        cluster: pair.cluster,
        peerRecord: pair.peerRecordOf(application),
        timeouts,
    };
}

/** What is to be done at the other site, once this one has become what its record says. */
export function nextOf(
    application: string,
    record: pulumi.Output<RoleRecord>,
    { pair, active = pair.active, unprotect }: Pick<RoleArgs, "pair" | "active" | "unprotect">,
): pulumi.Output<string> {
    const { site, peer } = pair;
    return pulumi.all([record, pair.peerRecordOf(application)]).apply(([own, view]) =>
        nextFor(own, view.known ? { known: true, record: view.record ?? undefined } : view, {
            item: application,
            site,
            peer,
            active,
            unprotect,
        }),
    );
}

/** What is said of this alone; undefined when nothing is. */
function ownKeysOf({ active, acknowledgements }: RoleArgs): OwnKey[] | undefined {
    const own = { active, ...acknowledgements };
    const said = ownKeys.filter((key) => own[key] !== undefined);
    return said.length === 0 ? undefined : said;
}

/** Each is its own, or else the pair's. */
function acknowledgementsOf({ pair, acknowledgements = {} }: RoleArgs): AcknowledgementArgs {
    const own = Object.entries(acknowledgements).filter(([, value]) => value !== undefined);
    return { ...pair.acknowledgements, ...Object.fromEntries(own) };
}
