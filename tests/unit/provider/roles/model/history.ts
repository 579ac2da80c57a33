import fc from "fast-check";
import { recordOf, type PeerView } from "../../../../../provider/roles/situation";
import { render } from "../../../../../provider/roles/messages/message";
import { nextFor } from "../../../../../provider/roles/next";
import { wasUnmanaged } from "../../../../../provider/roles/planner/predicates";
import { roles, type Role, type RoleRecord } from "../../../../../provider/roles/record";
import type { Planner } from "./guards";
import { forgedEpoch, peerView, pendingAt, previewAt, recordAt, Up, type Outcome } from "./up";
import {
    application,
    configurationOf,
    siteNames,
    World,
    type ModelSite,
    type SiteName,
    type StackConfiguration,
    type Violation,
} from "./world";

/** What may happen to a pair of sites, in any order. */
export type Event =
    | { do: "up"; site: SiteName; view: View; stale: number; whole: boolean }
    | { do: "step"; site: SiteName; effects: number }
    | { do: "kill"; site: SiteName }
    | { do: "flip"; sites: SiteName[]; active: string }
    | { do: "acknowledge"; site: SiteName; what: "takeover" | "discard"; off: number }
    | { do: "allow lag"; site: SiteName }
    | { do: "unprotect" | "unmanage"; sites: SiteName[]; is: boolean }
    | { do: "lose common snapshots"; site: SiteName }
    | { do: "obey"; site: SiteName }
    | { do: "die" | "revive"; site: SiteName }
    | { do: "link"; up: boolean }
    | { do: "copies take long"; are: boolean }
    | { do: "complete copy"; site: SiteName }
    | { do: "writes" }
    | { do: "replicate"; site: SiteName }
    | { do: "delete mirror"; site: SiteName; andCopy?: true }
    | { do: "promote by hand"; site: SiteName; older: boolean }
    | { do: "resume by hand"; site: SiteName }
    | { do: "lose record"; site: SiteName }
    | { do: "self-heal" | "let pods start"; site: SiteName }
    | { do: "forge record"; site: SiteName; as: Role; far: boolean; mac: "none" | "another record's" }
    | { do: "forge earlier record"; site: SiteName; as: Role }
    | { do: "forge what is under way"; site: SiteName; verb: BeginningVerb; claimed: boolean }
    | { do: "overwrite claim"; site: SiteName; ahead: number; with: PlantedClaim }
    | { do: "wait"; seconds: number };

/** Authentic, and wrong: the peer, or its program, is at fault. */
const wrongTokens = ["token of another application", "token for another site", "token of another epoch"] as const;
/** Not authentic: somebody else published them. */
const forgedOutputs = ["forged hand-over", "forged takeover"] as const;

/** What a run gets to see of the peer's outputs. */
export type View = "fresh" | "stale" | "unknown" | (typeof wrongTokens)[number] | (typeof forgedOutputs)[number];

/** Verbs that begin an epoch, with how it begins. */
const beginningVerbs = {
    "change of mind": "back",
    "take over with a token": "token",
    "take over without a token": "takeover",
    "serve by discard": "discard",
} as const;
type BeginningVerb = keyof typeof beginningVerbs;

/** What somebody who can write to a bucket puts in the place of a claim. */
const plantedClaims = [
    "a claim of this site",
    "a claim of the other site",
    "a claim of a stranger",
    "a claim of another epoch",
    "something else",
] as const;
type PlantedClaim = (typeof plantedClaims)[number];

export interface History {
    /** Whether the vaults honour conditional writes; if not, runs neither overlap nor are they cut off. */
    guarded: boolean;
    /** Whether the pair has a key, with which records and claims are authenticated. */
    keyed: boolean;
    /** Whether it begins with an established pair. */
    established: boolean;
    first: SiteName;
    events: Event[];
    /** What is asked for in the end, and where `up` is run first then. */
    last: SiteName;
    order: SiteName;
    /** Whether the application is to be out of the mirror in the end. */
    leaves: boolean;
}

const site = fc.constantFrom(...siteNames);
const weighted = (weight: number, arbitrary: fc.Arbitrary<Event>) => ({ weight, arbitrary });
const view: fc.Arbitrary<View> = fc.oneof(
    { weight: 12, arbitrary: fc.constant<View>("fresh") },
    { weight: 3, arbitrary: fc.constantFrom<View>("stale", "unknown") },
    {
        weight: 1,
        arbitrary: fc.constantFrom<View>(...wrongTokens),
    },
    { weight: 1, arbitrary: fc.constantFrom<View>(...forgedOutputs) },
);

const event: fc.Arbitrary<Event> = fc.oneof(
    weighted(
        14,
        fc.record({
            do: fc.constant("up"),
            site,
            view,
            stale: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 3 }) }),
            whole: fc.boolean(),
        }),
    ),
    weighted(12, fc.record({ do: fc.constant("step"), site, effects: fc.integer({ min: 1, max: 12 }) })),
    weighted(3, fc.record({ do: fc.constant("kill"), site })),
    weighted(
        7,
        fc.record({
            do: fc.constant("flip"),
            sites: fc.constantFrom<SiteName[][]>(["east"], ["west"], ["east", "west"], ["east", "west"]),
            active: fc.oneof({ weight: 30, arbitrary: site }, { weight: 1, arbitrary: fc.constant("north") }),
        }),
    ),
    weighted(
        3,
        fc.record({
            do: fc.constant("acknowledge"),
            site,
            what: fc.constantFrom("takeover", "discard"),
            off: fc.oneof(
                { weight: 5, arbitrary: fc.constant(0) },
                { weight: 1, arbitrary: fc.integer({ min: -2, max: 2 }) },
            ),
        }),
    ),
    weighted(1, fc.record({ do: fc.constant("allow lag"), site })),
    weighted(
        2,
        fc.record({
            do: fc.constantFrom("unprotect", "unprotect", "unmanage"),
            sites: fc.constantFrom<SiteName[]>(["east"], ["west"], ["east", "west"]),
            is: fc.boolean(),
        }),
    ),
    weighted(1, fc.record({ do: fc.constant("lose common snapshots"), site })),
    weighted(4, fc.record({ do: fc.constant("obey"), site })),
    weighted(1, fc.record({ do: fc.constant("die"), site })),
    weighted(2, fc.record({ do: fc.constant("revive"), site })),
    weighted(2, fc.record({ do: fc.constant("link"), up: fc.boolean() })),
    weighted(2, fc.record({ do: fc.constant("copies take long"), are: fc.boolean() })),
    weighted(3, fc.record({ do: fc.constant("complete copy"), site })),
    weighted(8, fc.record({ do: fc.constant("writes") })),
    weighted(5, fc.record({ do: fc.constant("replicate"), site })),
    weighted(1, fc.record({ do: fc.constant("delete mirror"), site })),
    weighted(1, fc.record({ do: fc.constant("promote by hand"), site, older: fc.boolean() })),
    weighted(1, fc.record({ do: fc.constant("resume by hand"), site })),
    weighted(1, fc.record({ do: fc.constant("lose record"), site })),
    weighted(4, fc.record({ do: fc.constant("self-heal"), site })),
    weighted(1, fc.record({ do: fc.constant("let pods start"), site })),
    weighted(
        1,
        fc.record({
            do: fc.constant("forge record"),
            site,
            as: fc.constantFrom(...roles),
            far: fc.boolean(),
            mac: fc.constantFrom("none", "another record's"),
        }),
    ),
    weighted(1, fc.record({ do: fc.constant("forge earlier record"), site, as: fc.constantFrom(...roles) })),
    weighted(
        1,
        fc.record({
            do: fc.constant("forge what is under way"),
            site,
            verb: fc.constantFrom(...(Object.keys(beginningVerbs) as BeginningVerb[])),
            claimed: fc.boolean(),
        }),
    ),
    weighted(
        2,
        fc.record({
            do: fc.constant("overwrite claim"),
            site,
            ahead: fc.constantFrom(0, 1),
            with: fc.constantFrom(...plantedClaims),
        }),
    ),
    weighted(1, fc.record({ do: fc.constant("wait"), seconds: fc.constantFrom(60, 1000) })),
) as fc.Arbitrary<Event>;

/** What is done in one go more often than chance would have it: the way into the states that are hard to reach. */
const scenes: Record<string, (to: SiteName) => Event[]> = {
    "lose the copy, and take over before there is another": (to) => [
        { do: "copies take long", are: true },
        { do: "delete mirror", site: to, andCopy: true },
        up(to),
        flip([...siteNames], to),
        up(other(to)),
        up(to),
        { do: "acknowledge", site: to, what: "takeover", off: 0 },
        up(to),
    ],
    switch: (to) => [flip([...siteNames], to), up(other(to)), up(to), up(other(to))],
    "change of mind": (to) => [flip([other(to)], to), up(other(to)), flip([other(to)], other(to)), up(other(to))],
    "take over": (to) => [
        { do: "die", site: other(to) },
        flip([to], to),
        { do: "acknowledge", site: to, what: "takeover", off: 0 },
        up(to),
        { do: "revive", site: other(to) },
    ],
    "stand down and die": (to) => [
        flip([...siteNames], to),
        up(other(to)),
        { do: "die", site: other(to) },
        { do: "acknowledge", site: to, what: "takeover", off: 0 },
        up(to),
        { do: "revive", site: other(to) },
    ],
    // At one effect or another of the takeover, before and after the promotion was ordered.
    ...Object.fromEntries(
        [15, 18, 20, 22, 24].map((effects) => [
            `hand over, and die after ${effects} effects`,
            (to: SiteName): Event[] => [
                flip([...siteNames], to),
                { do: "writes" },
                up(other(to)),
                begin(to),
                { do: "step", site: to, effects },
                { do: "die", site: other(to) },
                { do: "step", site: to, effects: 12 },
                { do: "acknowledge", site: to, what: "takeover", off: 0 },
                up(to),
                { do: "revive", site: other(to) },
            ],
        ]),
    ),
    "take over, and have it overwritten": (to) => [
        { do: "die", site: other(to) },
        flip([to], to),
        { do: "acknowledge", site: to, what: "takeover", off: 0 },
        up(to),
        { do: "writes" },
        { do: "revive", site: other(to) },
        { do: "resume by hand", site: to },
        { do: "complete copy", site: to },
        up(to),
    ],
    split: (to) => [
        flip([other(to)], to),
        up(other(to)),
        { do: "link", up: false },
        flip([...siteNames], to),
        { do: "acknowledge", site: to, what: "takeover", off: 0 },
        up(to, "unknown"),
        flip([other(to)], other(to)),
        up(other(to), "stale"),
        { do: "link", up: true },
    ],
    "two at once": (to) => [
        flip([other(to)], to),
        up(other(to)),
        flip([...siteNames], to),
        { do: "acknowledge", site: to, what: "takeover", off: 0 },
        up(to, "unknown"),
        flip([other(to)], other(to)),
        up(other(to), "stale"),
    ],
    ...Object.fromEntries(
        [...wrongTokens, ...forgedOutputs].map((forgery) => [
            forgery,
            (to: SiteName) => [flip([...siteNames], to), { do: "writes" }, up(other(to)), up(to, forgery)] as Event[],
        ]),
    ),
    "take over, with the claim taken by others": (to) => [
        { do: "overwrite claim", site: to, ahead: 1, with: "a claim of the other site" },
        { do: "die", site: other(to) },
        flip([to], to),
        { do: "acknowledge", site: to, what: "takeover", off: 0 },
        up(to),
        { do: "revive", site: other(to) },
    ],
    "take over, with the claim overwritten": (to) => [
        flip([...siteNames], to),
        up(other(to)),
        begin(to),
        { do: "step", site: to, effects: 12 },
        { do: "kill", site: to },
        { do: "overwrite claim", site: other(to), ahead: 1, with: "something else" },
        up(to),
    ],
    "take over, with the claim overwritten and the other site's in its place": (to) => [
        flip([...siteNames], to),
        up(other(to)),
        begin(to),
        { do: "step", site: to, effects: 12 },
        { do: "kill", site: to },
        { do: "overwrite claim", site: other(to), ahead: 1, with: "something else" },
        flip([other(to)], other(to)),
        { do: "acknowledge", site: other(to), what: "takeover", off: 0 },
        begin(other(to)),
        { do: "step", site: other(to), effects: 12 },
        { do: "writes" },
        { do: "acknowledge", site: to, what: "takeover", off: 0 },
        up(to),
    ],
    "leave, and come back": (to) => [
        { do: "unprotect", sites: [...siteNames], is: true },
        up(to),
        up(other(to)),
        up(to),
        { do: "writes" },
        { do: "unprotect", sites: [...siteNames], is: false },
        up(to),
        up(other(to)),
    ],
    "let go of it, and manage it again": (to) => [
        { do: "unmanage", sites: [...siteNames], is: true },
        up(to),
        up(other(to)),
        up(to),
        { do: "writes" },
        { do: "replicate", site: to },
        { do: "unmanage", sites: [...siteNames], is: false },
        up(other(to)),
        up(to),
    ],
    "leave at one site, and change roles": (to) => [
        { do: "unprotect", sites: [to], is: true },
        up(to),
        { do: "unprotect", sites: [to], is: false },
        flip([...siteNames], to),
        up(to),
        up(other(to)),
    ],
    "switch, and be brought back": (to) => [
        flip([...siteNames], to),
        up(other(to)),
        { do: "let pods start", site: other(to) },
        { do: "self-heal", site: other(to) },
        { do: "writes" },
        up(to),
        up(other(to)),
    ],
    "take over, then rejoin": (to) => [
        flip([...siteNames], to),
        { do: "acknowledge", site: to, what: "takeover", off: 0 },
        up(to),
        up(other(to)),
        up(to),
        up(other(to)),
    ],
};

function other(name: SiteName): SiteName {
    return name === "east" ? "west" : "east";
}

function flip(sites: SiteName[], active: SiteName): Event {
    return { do: "flip", sites, active };
}

function up(name: SiteName, seen: View = "fresh"): Event {
    return { do: "up", site: name, view: seen, stale: 0, whole: true };
}

/** The same, but only its first effect. */
function begin(name: SiteName): Event {
    return { do: "up", site: name, view: "fresh", stale: 0, whole: false };
}

/** A scene may be left at any point. */
const scene: fc.Arbitrary<Event[]> = fc
    .tuple(fc.constantFrom(...Object.values(scenes)), site, fc.integer({ min: 3, max: 13 }))
    .map(([make, to, length]) => make(to).slice(0, length));

const events: fc.Arbitrary<Event[]> = fc
    .array(fc.oneof({ weight: 6, arbitrary: event.map((one) => [one]) }, { weight: 1, arbitrary: scene }), {
        minLength: 4,
        maxLength: 40,
        size: "max",
    })
    .map((parts) => parts.flat());

export const histories: fc.Arbitrary<History> = fc.record({
    guarded: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    keyed: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    established: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    first: site,
    events,
    last: site,
    order: site,
    leaves: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

export interface Played {
    violations: readonly Violation[];
    /** One line for each distinct state that was seen. */
    states: ReadonlySet<string>;
    log: readonly string[];
}

/** Plays a history, then lets the operator ask for one site and run `up` at both until nothing changes any more. */
export async function play(history: History, planner: Planner): Promise<Played> {
    return new Play(history, planner).play();
}

class Play {
    private readonly world: World;
    private readonly runs = new Map<SiteName, Up>();
    private readonly refused = new Map<SiteName, Extract<Outcome, { kind: "refused" }>>();
    private readonly states = new Set<string>();
    private readonly log: string[] = [];

    constructor(
        private readonly history: History,
        private readonly planner: Planner,
    ) {
        this.world = new World(history.guarded, history.keyed);
    }

    async play(): Promise<Played> {
        const { world, history } = this;
        for (const name of siteNames) {
            world.site(name).configurations = [{ active: history.first }];
        }
        if (history.established) {
            await this.settle(history.first);
        }
        for (const item of history.events) {
            if (world.violations.length > 0) {
                break;
            }
            world.pass(1);
            await this.happen(item);
            world.checkTwoActive();
            this.note(JSON.stringify(item));
        }
        if (world.violations.length === 0) {
            this.calmDown();
            await (history.leaves ? this.settleOutside() : this.settle(history.last));
        }
        return { violations: world.violations, states: this.states, log: this.log };
    }

    private async happen(item: Event): Promise<void> {
        const { world } = this;
        switch (item.do) {
            case "up":
                return this.up(item);
            case "step":
                return this.step(item.site, item.effects);
            case "kill":
                this.runs.delete(item.site);
                return;
            case "flip":
                for (const name of item.sites) {
                    configure(world.site(name), { active: item.active });
                }
                return;
            case "acknowledge":
                return this.acknowledge(world.site(item.site), item.what, item.off);
            case "allow lag":
                return configure(world.site(item.site), { lag: "the window closes" });
            case "unprotect":
            case "unmanage":
                for (const name of item.sites) {
                    configure(world.site(name), { [item.do]: item.is });
                }
                return;
            case "lose common snapshots":
                world.site(item.site).baseless = true;
                return;
            case "obey": {
                const refused = this.refused.get(item.site);
                if (refused !== undefined) {
                    this.obey(render(refused.refusal.remedies.at(-1)!), item.site);
                }
                return;
            }
            case "die":
                this.endRuns();
                world.site(item.site).alive = false;
                return;
            case "revive":
                world.site(item.site).alive = true;
                return world.finishOrders(world.site(item.site));
            case "link":
                this.endRuns();
                world.linked = item.up;
                return;
            case "copies take long":
                world.copiesAreLong = item.are;
                return;
            case "complete copy":
                return world.completeCopy(world.site(item.site));
            case "writes":
                return siteNames.forEach((name) => world.write(world.site(name)));
            case "replicate":
                return this.replicate(world.site(item.site));
            case "delete mirror":
                return this.deleteMirror(world.site(item.site), item.andCopy === true);
            case "promote by hand":
                return this.promoteByHand(world.site(item.site), item.older);
            case "resume by hand":
                return this.resumeByHand(world.site(item.site));
            case "lose record":
                return this.loseRecord(world.site(item.site));
            case "forge record":
                return this.forgeRecord(world.site(item.site), item);
            case "forge earlier record":
                return this.forgeEarlier(world.site(item.site), item.as);
            case "forge what is under way":
                return this.forgeUnderWay(world.site(item.site), item.verb, item.claimed);
            case "overwrite claim":
                return this.overwriteClaim(world.site(item.site), item.ahead, item.with);
            case "self-heal":
                return this.selfHeal(world.site(item.site));
            case "let pods start":
                return this.letPodsStart(world.site(item.site));
            case "wait":
                return world.pass(item.seconds);
        }
    }

    /** In vaults that do not guard, the records decide alone, and runs must not be cut off in the middle. */
    private endRuns(): void {
        if (this.history.guarded) {
            return;
        }
        this.runs.clear();
    }

    private async up(item: Extract<Event, { do: "up" }>): Promise<void> {
        const { world, history } = this;
        const here = world.site(item.site);
        if (this.runs.has(item.site)) {
            return;
        }
        const configurations = here.configurations;
        const configuration = configurations[Math.max(0, configurations.length - 1 - item.stale)]!;
        const run = new Up(world, here, configuration, this.view(here, item.view), this.planner);
        this.runs.set(item.site, run);
        const must = this.mustSucceed(here, configuration);
        if (item.whole || !history.guarded) {
            const outcome = await run.finish();
            if (must && outcome.kind !== "done") {
                world.violate("a dead site is not waited for", `${here.name}: ${told(outcome)}`);
            }
        } else {
            await run.step();
        }
        this.ended(run);
    }

    /** A standby site that has something to serve, and is told to take over from a dead one, does. */
    private mustSucceed(here: ModelSite, { active, takeover, unprotect, unmanage }: StackConfiguration): boolean {
        const { role, epoch, underWay } = recordAt(here, this.world);
        const peer = this.world.peerOf(here);
        const isHandOver = underWay?.verb === "take over with a token" && underWay.epoch === epoch + 1;
        // What others did to the claim, or to the mirror, is told first.
        const isTampered = isHandOver && (this.world.tampered.has(epoch + 1) || here.promotedByOthers === true);
        const hasOrdered = isHandOver && here.mirror?.desired === "Promoted";
        return (
            here.alive &&
            !peer.alive &&
            role === "standby" &&
            (underWay === undefined || isHandOver) &&
            !isTampered &&
            (here.mirror?.state === "Established" || (hasOrdered && here.mirror?.last !== undefined)) &&
            active === here.name &&
            unprotect !== true &&
            unmanage !== true &&
            takeover === epoch + 1 &&
            (peer.outputs.at(-1)?.epoch ?? 0) <= epoch
        );
    }

    private async step(name: SiteName, effects: number): Promise<void> {
        const run = this.runs.get(name);
        for (let count = 0; run !== undefined && run.outcome === undefined && count < effects; count++) {
            this.world.pass(1);
            await run.step();
        }
        if (run !== undefined) {
            this.ended(run);
        }
    }

    private ended({ site: { name }, outcome }: Up): void {
        if (outcome === undefined) {
            return;
        }
        this.runs.delete(name);
        this.refused.delete(name);
        if (outcome.kind === "refused") {
            this.refused.set(name, outcome);
            this.told(name, outcome);
        }
        this.log.push(`  ${name}: ${told(outcome)}`);
    }

    private view(here: ModelSite, which: View): PeerView {
        const fresh = peerView(this.world, here);
        switch (which) {
            case "fresh":
                return fresh;
            case "stale":
                // Where the records decide alone, they have to be true.
                return this.history.guarded ? peerView(this.world, here, 1 + (this.world.now % 3)) : fresh;
            case "unknown":
                return { known: false, why: "its stack cannot be read" };
            case "token of another application":
                return this.withToken(here, fresh, { application: "bank" });
            case "token for another site":
                return this.withToken(here, fresh, { to: "north" });
            case "token of another epoch":
                return this.withToken(here, fresh, { epoch: 1 + (this.world.now % 5) });
            case "forged hand-over":
            case "forged takeover":
                return this.forgedOutputs(here, fresh, which);
        }
    }

    /** Somebody who has no key publishes in the peer's name what would make this site serve, or stop serving. */
    private forgedOutputs(here: ModelSite, fresh: PeerView, which: (typeof forgedOutputs)[number]): PeerView {
        const { world } = this;
        const peer = world.peerOf(here);
        const record = recordOf(fresh);
        const point = peer.snapshots.find(({ empty }) => !empty);
        if (!world.seal.hasKey || record === undefined || point === undefined) {
            return fresh;
        }
        const { epoch } = recordAt(here, world);
        const applicationUid = point.of;
        return {
            known: true,
            record:
                which === "forged takeover"
                    ? {
                          ...record,
                          role: "active",
                          epoch: epoch + 1,
                          activeSite: peer.name,
                          applicationUid,
                          baseSnapshot: point.name,
                      }
                    : {
                          ...record,
                          role: "stood-down",
                          epoch,
                          activeSite: peer.name,
                          token: {
                              application,
                              epoch,
                              from: peer.name,
                              to: here.name,
                              finalSnapshot: point.name,
                              archivePath: point.name,
                              applicationUid,
                              time: world.time(point.at).toISOString(),
                          },
                      },
        };
    }

    /** The peer's record with a token that is not what it should be: its final snapshot is another one. */
    private withToken(here: ModelSite, fresh: PeerView, part: Partial<NonNullable<RoleRecord["token"]>>): PeerView {
        const record = recordOf(fresh);
        const other = this.world.peerOf(here).snapshots.find(({ empty }) => !empty);
        if (record?.token === undefined || other === undefined || part.epoch === record.token.epoch) {
            return fresh;
        }
        return {
            known: true,
            record: this.world.seal.on("record", {
                ...record,
                token: { ...record.token, ...part, finalSnapshot: other.name },
            }),
        };
    }

    private acknowledge(here: ModelSite, what: "takeover" | "discard", off: number): void {
        const { world } = this;
        const peer = world.peerOf(here);
        const own = recordAt(here, world).epoch;
        const theirs = recordAt(peer, world).epoch;
        if (what === "takeover") {
            configure(here, { takeover: Math.max(1, Math.max(own, theirs) + 1 + off) });
        } else {
            const mine = own < theirs && configurationOf(here).active === peer.name;
            configure(here, {
                discard: mine ? `${here.name}@${Math.max(1, own + off)}` : `${peer.name}@${Math.max(1, theirs + off)}`,
            });
        }
    }

    /** Does what a remedy says, as far as it is settings. */
    private obey(remedy: string, at: SiteName): boolean {
        const settings = [
            ...remedy.matchAll(/config set (active|takeover|discard|fullCopy) (\S+?)(?: --stack (\w+))?(?=[ ,:;.]|$)/g),
        ];
        for (const [, key, value, stack = at] of settings) {
            configure(this.world.site(stack as SiteName), {
                [key!]: key === "takeover" || key === "fullCopy" ? Number(value) : value!,
            });
            this.log.push(`  set ${key} ${value} at ${stack}`);
        }
        return settings.length > 0;
    }

    private replicate(here: ModelSite): void {
        const { world } = this;
        world.fire(world.peerOf(here));
        world.transfer(here);
        world.finishOrders(here);
    }

    /** Somebody deletes the relationship of a standby site by hand. */
    private deleteMirror(here: ModelSite, andCopy: boolean): void {
        const { role, underWay } = recordAt(here, this.world);
        if (role === "standby" && underWay === undefined && !this.runs.has(here.name) && here.alive) {
            here.mirror = undefined;
            // A volume stays read-only until its first transfer is complete: there is nothing to break a mirror at.
            here.writable = !andCopy && !here.garbled;
            if (andCopy) {
                // Whoever deletes the volumes loses what others wrote there alone, and knows it.
                this.world.announced |= this.world.onlyAt(here);
                here.writes = 0n;
            }
        }
    }

    private promoteByHand(here: ModelSite, older: boolean): void {
        if (recordAt(here, this.world).role === "standby" && !this.runs.has(here.name)) {
            this.world.promoteByHand(here, older);
        }
    }

    private resumeByHand(here: ModelSite): void {
        const { role, mirrorKept, underWay } = recordAt(here, this.world);
        if (role === "active" && mirrorKept === true && underWay === undefined && !this.runs.has(here.name)) {
            this.world.resumeByHand(here);
        }
    }

    /** What others bring back at a site that does not serve, which they may do at any time. */
    private selfHeal(here: ModelSite): void {
        const { role, underWay } = recordAt(here, this.world);
        // What leaves the mirror may run wherever somebody starts it.
        if (role !== "none" && underWay?.verb !== "abandon") {
            this.world.selfHeal(here);
        }
    }

    /** Somebody deletes by hand what keeps pods from starting at a site that does not serve. */
    private letPodsStart(here: ModelSite): void {
        const { role, underWay } = recordAt(here, this.world);
        if (this.runs.has(here.name) || !here.alive) {
            return;
        }
        if (role !== "none" && role !== "active" && underWay === undefined) {
            here.lifted = here.lifted === true || here.forbidden !== undefined;
            here.forbidden = undefined;
        }
    }

    /** The record of a site is lost from its state and its cluster, and is put back once `up` has said so. */
    private async loseRecord(here: ModelSite): Promise<void> {
        const { record, state } = here;
        const none = recordAt(here, this.world).role === "none";
        const { unprotect, unmanage } = configurationOf(here);
        // With nobody else who remembers, a later epoch cannot be told from none at all.
        if (recordAt(here, this.world).epoch > 1 && recordAt(this.world.peerOf(here), this.world).epoch === 0) {
            return;
        }
        if (
            none ||
            unprotect === true ||
            unmanage === true ||
            this.runs.size > 0 ||
            !here.alive ||
            configurationOf(here).active !== here.name
        ) {
            return;
        }
        here.record = undefined;
        here.state = undefined;
        const run = new Up(this.world, here, configurationOf(here), peerView(this.world, here), this.planner);
        const outcome = await run.finish();
        this.log.push(`  ${here.name} without its record: ${told(outcome)}`);
        const before = record === undefined ? 0 : (JSON.parse(record) as RoleRecord).epoch;
        if (outcome.kind === "done" && recordAt(here, this.world).epoch < before) {
            this.world.violate("an epoch never goes back", `${here.name} forgot epoch ${before}`);
        }
        if (outcome.kind === "done") {
            return;
        }
        here.record = record;
        here.state = state;
    }

    // What others write ---------------------------------------------------------------------------------------------

    /** Somebody who has no key rewrites the record: whatever it says, the next run does nothing; then it is put back. */
    private async forgeRecord(
        here: ModelSite,
        { as: role, far, mac }: Extract<Event, { do: "forge record" }>,
    ): Promise<void> {
        const { world } = this;
        const { record } = here;
        if (!world.seal.hasKey || record === undefined || this.runs.size > 0 || !here.alive) {
            return;
        }
        const { underWay: _, mac: stolen, ...own } = JSON.parse(record) as RoleRecord;
        const epoch = far ? forgedEpoch : own.epoch + 1;
        const forged = { ...own, role, epoch, activeSite: here.name, serial: own.serial + 100 };
        here.record = JSON.stringify(mac === "none" ? forged : { ...forged, mac: stolen });
        const before = world.changes;
        const outcome = await this.wholeUp(here);
        if (outcome.kind === "done" || world.changes > before) {
            const what = `${here.name} acts on a record that somebody else wrote: ${told(outcome)}`;
            world.violate("what others wrote decides nothing", what);
        }
        here.record = record;
    }

    /** Somebody who can edit the application's namespace writes a record where earlier versions kept it. */
    private forgeEarlier(here: ModelSite, role: Role): void {
        if (here.record !== undefined && here.alive) {
            const { underWay: _, mac: _mac, ...own } = JSON.parse(here.record) as RoleRecord;
            const forged = { role, epoch: forgedEpoch, activeSite: here.name, serial: own.serial + 100 };
            here.earlier = JSON.stringify({ ...own, ...forged });
        }
    }

    /**
     * Without a key, somebody adds to the record that an epoch was begun. The vaults, which answer, know nothing of it: the
     * site goes on as if that were not there, or refuses.
     */
    private async forgeUnderWay(here: ModelSite, verb: BeginningVerb, claimed: boolean): Promise<void> {
        const { world } = this;
        const { record, state } = here;
        const own = recordAt(here, world);
        const epoch = Math.max(...siteNames.map((name) => recordAt(world.site(name), world).epoch)) + 1;
        const isClaimed = siteNames.some((name) => world.site(name).vault.has(claimKeyOf(epoch)));
        const isAcknowledged = configurationOf(here).takeover === epoch;
        if (
            world.seal.hasKey ||
            record === undefined ||
            own.role === "none" ||
            own.underWay !== undefined ||
            this.runs.size > 0 ||
            !world.reaches(here) ||
            isClaimed ||
            isAcknowledged
        ) {
            return;
        }
        const honest = await this.previewed(here);
        const underWay = { verb, epoch, began: beginningVerbs[verb], ...(claimed ? { claimed } : {}) };
        here.record = JSON.stringify({ ...own, serial: own.serial + 1, underWay });
        const forged = await this.previewed(here);
        here.record = record;
        here.state = state;
        if (forged !== honest && !forged.startsWith("refusal")) {
            const what = `${here.name} goes on with "${verb}", which it did not begin: ${forged} instead of ${honest}`;
            world.violate("what others wrote decides nothing", what);
        }
    }

    private async previewed(here: ModelSite): Promise<string> {
        const view = peerView(this.world, here);
        const { decision } = await previewAt(this.world, here, configurationOf(here), view, this.planner);
        return decision.kind === "refusal" ? `refusal: ${decision.code}` : `plan: ${decision.verb}`;
    }

    /** Somebody who can write to a bucket, and has no key, puts something in the place of the newest claim or of the next. */
    private overwriteClaim({ name, vault }: ModelSite, ahead: number, planted: PlantedClaim): void {
        const { world } = this;
        const epoch = Math.max(...siteNames.map((one) => recordAt(world.site(one), world).epoch)) + ahead;
        if (epoch === 0) {
            return;
        }
        const claim = { application, epoch, began: "takeover", site: name, time: world.time().toISOString() };
        // Without a key, a claim of a site of the pair cannot be told from one that the site made.
        const isForgeable = world.seal.hasKey;
        const body = {
            "a claim of this site": isForgeable ? claim : undefined,
            "a claim of the other site": isForgeable ? { ...claim, site: other(name), mac: "0".repeat(64) } : undefined,
            "a claim of a stranger": { ...claim, site: "north" },
            "a claim of another epoch": [...vault].find(([key]) => key !== claimKeyOf(epoch))?.[1],
            "something else": "something else",
        }[planted];
        if (body !== undefined) {
            vault.set(claimKeyOf(epoch), typeof body === "string" ? body : JSON.stringify(body));
            world.tampered.add(epoch);
        }
    }

    // In the end ----------------------------------------------------------------------------------------------------

    /** Whatever was down is up again, and no run is under way. */
    private calmDown(): void {
        const { world } = this;
        this.runs.clear();
        world.linked = true;
        world.copiesAreLong = false;
        for (const name of siteNames) {
            world.site(name).alive = true;
            world.finishOrders(world.site(name));
        }
    }

    /** Asks for one site at both, does what refusals say, and expects to arrive. */
    private async settle(active: SiteName): Promise<void> {
        const { world, history } = this;
        const order: SiteName[] = history.order === "east" ? ["east", "west"] : ["west", "east"];
        let idle = 0;
        for (let round = 0; round < 24 && world.violations.length === 0; round++) {
            const before = world.changes;
            let settled = true;
            let heard = false;
            for (const name of order) {
                const here = world.site(name);
                this.askFor(active);
                world.pass(5);
                siteNames.forEach((other) => world.write(world.site(other)));
                siteNames.forEach((other) => this.replicate(world.site(other)));
                const outcome = await this.wholeUp(here);
                settled &&= outcome.kind === "done";
                if (outcome.kind === "refused") {
                    heard = this.hear(outcome, here, idle > 1) || heard;
                    await this.upWhereTurned(active);
                }
                this.note(`round ${round} at ${name}`);
            }
            idle = world.changes === before && !heard ? idle + 1 : 0;
            if (settled && idle > 0) {
                return this.checkSettled(active);
            }
        }
        if (world.violations.length === 0) {
            world.violate("what is asked for is reached", `active: ${active} is not reached: ${this.describe()}`);
        }
    }

    private askFor(active: SiteName): void {
        for (const name of siteNames) {
            const { active: asked, unprotect, unmanage } = configurationOf(this.world.site(name));
            if (asked !== active || unprotect === true || unmanage === true) {
                configure(this.world.site(name), { active, unprotect: false, unmanage: false });
            }
        }
    }

    /** Takes the application out of the mirror at both sites, after a change of roles that is not done has been finished. */
    private async settleOutside(): Promise<void> {
        const { world, history } = this;
        const order: SiteName[] = history.order === "east" ? ["east", "west"] : ["west", "east"];
        // What was let go of has to be managed again before its mirror can be removed.
        if (siteNames.some((name) => wasUnmanaged(recordAt(world.site(name), world)))) {
            await this.settle(history.last);
        }
        for (let attempt = 0; attempt < 6 && world.violations.length === 0; attempt++) {
            siteNames.forEach((name) => configure(world.site(name), { unprotect: true, unmanage: false }));
            let refused = false;
            let before = -1;
            for (let round = 0; round < 8 && world.changes !== before && !refused; round++) {
                before = world.changes;
                for (const name of order) {
                    world.pass(5);
                    siteNames.forEach((other) => world.write(world.site(other)));
                    const outcome = await this.wholeUp(world.site(name));
                    refused ||= outcome.kind === "refused";
                    this.note(`leaving at ${name}`);
                }
            }
            if (!refused) {
                return this.checkOutside();
            }
            await this.settle(history.last);
        }
        if (world.violations.length === 0) {
            world.violate("what is asked for is reached", `still in the mirror: ${this.describe()}`);
        }
    }

    private async checkOutside(): Promise<void> {
        const { world } = this;
        for (const name of siteNames) {
            const here = world.site(name);
            const left = [
                ...(recordAt(here, world).role === "none" ? [] : [`is ${recordAt(here, world).role}`]),
                ...(here.mirror === undefined ? [] : ["has a mirror"]),
                ...(here.schedules ? ["has Schedules"] : []),
                ...(here.sources.size === 0 ? [] : ["is remembered as a source"]),
                // What others put in the place of a later epoch's claim is not ours to delete.
                ...([...here.vault.keys()].every((key) => [...world.tampered].map(claimKeyOf).includes(key))
                    ? []
                    : ["has claims in its vault"]),
            ];
            const view = peerView(world, here);
            const configuration = configurationOf(here);
            const pending = await pendingAt(world, here, configuration, view, this.planner);
            const peer = world.peerOf(here).name;
            const { active } = configuration;
            const asked = { item: application, site: name, peer, active, unprotect: true };
            const next = render(nextFor(recordAt(here, world), view, asked));
            if (left.length > 0) {
                world.violate("what leaves the mirror leaves nothing behind", `${name} ${left.join(", ")}`);
            }
            if (pending !== 0 || next !== "") {
                world.violate("a second run makes no write", `${name}: ${pending} steps pending, next: "${next}"`);
            }
        }
    }

    /** What is to be done with the value turned round is done, before it is turned back. */
    private async upWhereTurned(active: SiteName): Promise<void> {
        for (const name of [...siteNames, ...siteNames]) {
            const one = this.world.site(name);
            if (configurationOf(one).active === active) {
                continue;
            }
            const outcome = await this.wholeUp(one);
            if (
                outcome.kind === "refused" &&
                [
                    "would-overwrite",
                    "full-copy",
                    "nobody-serves",
                    "changed-by-others",
                    "mirror-resumed",
                    "promoted-other-point",
                    "ran-since",
                    "claim-not-authentic",
                    "claim-not-found",
                ].includes(outcome.refusal.code)
            ) {
                this.hear(outcome, one, false);
            }
        }
    }

    private async wholeUp(here: ModelSite): Promise<Outcome> {
        const run = new Up(this.world, here, configurationOf(here), peerView(this.world, here), this.planner);
        const outcome = await run.finish();
        if (outcome.kind === "refused") {
            this.told(here.name, outcome);
        }
        this.log.push(`  ${here.name}: ${told(outcome)}`);
        return outcome;
    }

    private told(name: SiteName, { refusal }: Extract<Outcome, { kind: "refused" }>): void {
        const here = this.world.site(name);
        if (refusal.code === "mirror-resumed" && here.resumedByOthers !== undefined) {
            here.resumedByOthers = "told";
        }
    }

    /** An override is the last resort, and only where there has been one before: a pair that kept to plans needs none. */
    private hear({ refusal }: Extract<Outcome, { kind: "refused" }>, here: ModelSite, stuck: boolean): boolean {
        const { world } = this;
        const obey = (matching: RegExp) =>
            refusal.remedies
                .map((remedy) => render(remedy))
                .filter((text) => matching.test(text))
                .map((remedy) => this.obey(remedy, here.name))
                .includes(true);
        switch (refusal.code) {
            case "unfinished":
            case "peer-serves":
                return obey(/set active/);
            case "full-copy":
                return obey(/set fullCopy/);
            case "nobody-serves":
            case "served-elsewhere":
                return obey(/set active/);
            case "would-overwrite":
                return obey(/set discard/) || this.stopWhatRuns(here);
            case "changed-by-others":
                // What nobody runs cannot be served by an acknowledgement.
                return obey(
                    configurationOf(here).active === here.name && here.workloads === "running"
                        ? /set takeover/
                        : /set discard/,
                );
            case "promoted-other-point":
            case "claim-not-authentic":
            case "claim-not-found":
                return obey(/set takeover/);
            case "mirror-resumed":
                this.log.push(`  promote by hand at ${here.name}`);
                world.stopByHand(here);
                return true;
            case "ran-since":
                return obey(/^to follow .*set discard/);
            case "peer-unknown":
                return stuck && obey(/set active/);
            case "nothing-replicated":
            case "nobody-to-hand-over-to":
            case "replication-behind":
                return stuck && obey(/set active/);
            case "peer-took-over":
            case "discard-of-other-epoch":
                return stuck && world.overrides > 0 && obey(/set discard/);
            case "no-token":
            case "epoch-has-passed":
                return stuck && (obey(/in the mirror again/) || (world.overrides > 0 && obey(/set takeover/)));
            default:
                return false;
        }
    }

    /** Where others took away the claim under which a site began to serve, a person decides whose data to keep. */
    private stopWhatRuns(here: ModelSite): boolean {
        const { world } = this;
        if (world.tampered.size === 0 || here.workloads !== "running") {
            return false;
        }
        this.log.push(`  stop what runs at ${here.name}`);
        here.workloads = "gone";
        world.announced |= here.writes;
        return true;
    }

    private async checkSettled(active: SiteName): Promise<void> {
        const { world } = this;
        const serving = world.site(active);
        const other = world.peerOf(serving);
        const [own, theirs] = [recordAt(serving, world), recordAt(other, world)];
        const arrived =
            own.role === "active" &&
            own.mirrorKept !== true &&
            theirs.role === "standby" &&
            own.epoch === theirs.epoch &&
            world.serves(serving) &&
            !world.serves(other) &&
            serving.schedules &&
            !other.schedules &&
            serving.mirror === undefined &&
            other.mirror?.state === "Established" &&
            other.mirror.sourceUid === serving.applicationUid;
        if (!arrived) {
            return world.violate(
                "what is asked for is reached",
                `active: ${active} is not reached: ${this.describe()}`,
            );
        }
        const everything = (1n << BigInt(world.writtenAt.length)) - 1n;
        if ((everything & ~serving.writes & ~world.announced) !== 0n) {
            world.violate("announced loss is not less than real loss", `${active} lacks writes that nobody announced`);
        }
        for (const here of [serving, other]) {
            const view = peerView(world, here);
            const pending = await pendingAt(world, here, configurationOf(here), view, this.planner);
            const peer = world.peerOf(here).name;
            const asked = { item: application, site: here.name, peer, active };
            const next = render(nextFor(recordAt(here, world), view, asked));
            if (pending !== 0 || next !== "") {
                world.violate("a second run makes no write", `${here.name}: ${pending} steps pending, next: "${next}"`);
            }
        }
    }

    private note(what: string): void {
        const state = this.describe();
        this.states.add(state);
        this.log.push(`${what} → ${state}`);
    }

    private describe(): string {
        return siteNames.map((name) => describe(this.world.site(name), this.world)).join(" | ");
    }
}

function claimKeyOf(epoch: number): string {
    return `trident-dr/${application}/epoch-${epoch}.json`;
}

function configure(here: ModelSite, part: Partial<StackConfiguration>): void {
    here.configurations.push({ ...configurationOf(here), ...part });
}

function told(outcome: Outcome): string {
    switch (outcome.kind) {
        case "done":
            return "done";
        case "refused":
            return `refused: ${outcome.refusal.code}: ${render(outcome.refusal.reason)}`;
        case "failed":
            return `failed: ${outcome.why}`;
    }
}

/** A site in one line: what it is, what it is doing, what runs and what of it is replicated. */
function describe(here: ModelSite, world: World): string {
    const { role, epoch, began, underWay, mirrorKept } = recordAt(here, world);
    const { mirror } = here;
    const outputs = here.outputs.at(-1);
    return [
        `${role}@${epoch}${began === "init" ? "" : ` ${began}`}`,
        ...(underWay === undefined
            ? []
            : [`(${underWay.verb} ${underWay.epoch}${underWay.claimed === true ? "!" : ""})`]),
        ...(mirrorKept === true ? ["kept"] : []),
        `says ${outputs === undefined ? "nothing" : `${outputs.role}@${outputs.epoch}`}`,
        here.alive ? here.workloads : "dead",
        ...(here.forbidden === undefined ? [] : ["no pods"]),
        ...(here.garbled ? ["garbled"] : []),
        ...(here.schedules ? ["schedules"] : []),
        ...(mirror === undefined ? [] : [`mirror ${mirror.desired}/${mirror.state}`]),
        `active: ${configurationOf(here).active}`,
    ].join(" ");
}
