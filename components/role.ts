import * as pulumi from "@pulumi/pulumi";
import { nextFor } from "../provider/roles/next";
import { render } from "../provider/roles/messages/message";
import type { MirrorRole } from "../provider/resources/mirrorRole";
import type { CopyProgress } from "../provider/roles/copy";
import { type OwnKey, ownKeys } from "../provider/roles/situation";
import { acknowledgementProblems, type AcknowledgementArgs } from "./acknowledgements";
import type { OrderedItem } from "./order";
import type { PeerRecord } from "./peerStack";
import type { SitePair } from "./sitePair";
import { oneOfProblems } from "./validation/names";
import type { Problem } from "./validation/problems";

/** Arguments of everything that one site serves and the other can take over. */
export interface RoleArgs {
    /** The two sites. */
    pair: SitePair;
    /**
     * Name of the site that is to serve this.
     * @default the pair's
     * @example
     * "west"
     */
    active?: string;
    /**
     * Overrides for this application or group of volumes; each one defaults to the pair's. An acknowledgement for the
     * whole pair takes effect only where the next epoch is exactly the one it names.
     * @default the pair's
     * @example
     * { takeover: 4 }
     */
    acknowledgements?: AcknowledgementArgs;
    /**
     * Stop mirroring: remove the relationships, the Schedules, and what arrays and vaults remember. The site that serves
     * continues to serve, and the copy stays where it is. Set it at both sites, in any order.
     * @default false
     */
    unprotect?: boolean;
    /**
     * Let go of this with its mirror as it is: everything stays at both sites and goes on, and is not managed any more.
     * Only a mirror at rest is let go of. Set it at both sites, in any order; afterwards this can be removed from the
     * program, and nothing is deleted.
     * @default false
     */
    unmanage?: boolean;
    /**
     * Where these arguments are in the stack's configuration: for commands in messages.
     * @default unknown: messages describe the change instead of giving its command
     * @example
     * "applications[0]"
     */
    path?: string;
    /**
     * A switch is refused when replication is older than this.
     * @default three intervals of the schedule
     * @example
     * "15m"
     */
    maxLag?: string;
    /**
     * How old the standby site's data may become while everything works. A schedule that cannot keep it is refused; what
     * it can keep is the output `recoveryPointObjective`.
     * @default no limit
     * @example
     * "30m"
     */
    maxRpo?: string;
    /**
     * How long to wait for what takes long.
     * @example
     * { promote: "1h" }
     */
    timeouts?: RoleTimeouts;
    /**
     * Wait until a first copy is complete, however long it takes: `timeouts.establish` has to be long enough. Otherwise
     * `pulumi up` succeeds as soon as every transfer runs and `timeouts.copy` has passed, and a later one goes on from
     * there; until then the site is establishing, and cannot take over.
     * @default false
     */
    wait?: boolean;
}

/** Time spans such as `90s`, `30m` or `4h`. */
export interface RoleTimeouts {
    /** Until the first replication runs; with `wait`, until it is complete. @default 30m */
    establish?: string;
    /** How long to wait for a first copy that goes on by itself. @default 2m */
    copy?: string;
    /** Promotion, until the volumes are writable; hooks of 25 minutes included. @default 60m */
    promote?: string;
    /** One application snapshot, or a restore; hooks of 25 minutes before and after it included. @default 120m */
    snapshot?: string;
}

/** What is wrong with the plain values of {@link RoleArgs}. */
export function roleProblems({
    pair,
    active,
    acknowledgements = {},
    ...leaving
}: Pick<RoleArgs, "active" | "acknowledgements" | LeavingKey> & { pair: Pick<SitePair, "site" | "peer"> }): Problem[] {
    const sites = [pair.site, pair.peer];
    return [
        ...(active === undefined ? [] : oneOfProblems("active", active, sites)),
        ...acknowledgementProblems("acknowledgements.", acknowledgements, sites),
        ...leavingProblems("", leaving),
    ];
}

type LeavingKey = "unprotect" | "unmanage";

/** One removes the mirror, the other keeps it. */
export function leavingProblems(
    prefix: string,
    { unprotect, unmanage }: Partial<Record<LeavingKey, unknown>>,
): Problem[] {
    return unprotect === true && unmanage === true
        ? [{ key: `${prefix}unmanage`, expected: "either unprotect or unmanage", found: "both" }]
        : [];
}

/** Whether this stack's site is to serve it, whether it may do so without the other one, and whether it leaves. */
export function serviceOf(args: Pick<RoleArgs, "pair" | "active" | "acknowledgements" | LeavingKey>): Service {
    const { pair, active = pair.active, unprotect, unmanage } = args;
    const { takeover } = acknowledgementsOf(args);
    return {
        serves: active === pair.site,
        ...(takeover === undefined ? {} : { takeover }),
        ...(unprotect === true || unmanage === true ? { leaves: true } : {}),
    };
}

type Service = Pick<OrderedItem, "serves" | "takeover" | "leaves">;

/** The inputs that every role has, whatever is mirrored. */
export function roleInputs(item: string, args: RoleArgs) {
    const { pair, active = pair.active, unprotect, unmanage, path, timeouts, wait } = args;
    return {
        application: item,
        site: pair.site,
        peerSite: pair.peer,
        active,
        acknowledgements: acknowledgementsOf(args),
        unprotect,
        unmanage,
        path,
        ownKeys: ownKeysOf(args),
        configNamespace: pair.configNamespace,
        stacks: pair.stacks,
        order: pair.registry.orderOf(item),
        cluster: pair.cluster,
        ...(pair.sharesCluster ? { sharedCluster: true } : {}),
        peerRecord: pair.peerRecordOf(item).apply(asOneValue),
        timeouts,
        wait,
    };
}

/** Its record as a text: Pulumi would carry, compare and log each of the hundreds of values in it by itself, in each run. */
function asOneValue(peer: PeerRecord) {
    return peer.known && peer.record !== null ? { ...peer, record: JSON.stringify(peer.record) } : peer;
}

/** How far a first copy to this site is; undefined where there is none under way. */
export function copyOf({ establishing }: Pick<MirrorRole, "establishing">): pulumi.Output<CopyProgress | undefined> {
    return establishing.apply((shown) => (shown?.volumes === undefined ? undefined : shown));
}

/** What to do at the other site once this one is what its record says. */
export function nextOf(
    item: string,
    role: Pick<MirrorRole, "record" | "establishing">,
    args: RoleArgs,
): pulumi.Output<string> {
    const { pair, active = pair.active, unprotect, unmanage, path } = args;
    const { site, peer, stacks, configNamespace } = pair;
    const configuration = {
        item,
        site,
        peer,
        active,
        unprotect,
        unmanage,
        path,
        configNamespace,
        ownKeys: ownKeysOf(args),
    };
    return pulumi.all([role.record, pair.peerRecordOf(item), copyOf(role)]).apply(([own, view, copy]) => {
        const known = view.known ? { ...view, record: view.record ?? undefined } : view;
        return render(nextFor(own, known, configuration, copy), stacks);
    });
}

/** The keys that have a value for this item alone; undefined when none has. */
function ownKeysOf({ active, acknowledgements }: RoleArgs): OwnKey[] | undefined {
    const own = { active, ...acknowledgements };
    const given = ownKeys.filter((key) => own[key] !== undefined);
    return given.length === 0 ? undefined : given;
}

function acknowledgementsOf({
    pair,
    acknowledgements = {},
}: Pick<RoleArgs, "pair" | "acknowledgements">): AcknowledgementArgs {
    const own = Object.entries(acknowledgements).filter(([, value]) => value !== undefined);
    return { ...pair.acknowledgements, ...Object.fromEntries(own) };
}
