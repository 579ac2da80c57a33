import fc from "fast-check";
import { recordOf, type PeerView } from "../../../../../provider/roles/situation";
import { render } from "../../../../../provider/roles/messages/message";
import { nextFor } from "../../../../../provider/roles/next";
import type { RoleRecord } from "../../../../../provider/roles/record";
import type { Planner } from "./guards";
import { peerView, pendingAt, recordAt, Up, type Outcome } from "./up";
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
    | { do: "unprotect"; sites: SiteName[]; is: boolean }
    | { do: "lose common snapshots"; site: SiteName }
    | { do: "obey"; site: SiteName }
    | { do: "die" | "revive"; site: SiteName }
    | { do: "link"; up: boolean }
    | { do: "writes" }
    | { do: "replicate"; site: SiteName }
    | { do: "delete mirror"; site: SiteName }
    | { do: "promote by hand"; site: SiteName; older: boolean }
    | { do: "lose record"; site: SiteName }
    | { do: "self-heal" | "let pods start"; site: SiteName }
    | { do: "wait"; seconds: number };

const forgeries = ["token of another application", "token for another site", "token of another epoch"] as const;

/** What a run gets to see of the peer's outputs. */
export type View = "fresh" | "stale" | "unknown" | (typeof forgeries)[number];

export interface History {
    /** Whether the vaults honour conditional writes; if not, runs neither overlap nor are they cut off. */
    guarded: boolean;
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
        arbitrary: fc.constantFrom<View>(...forgeries),
    },
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
            do: fc.constant("unprotect"),
            sites: fc.constantFrom<SiteName[]>(["east"], ["west"], ["east", "west"]),
            is: fc.boolean(),
        }),
    ),
    weighted(1, fc.record({ do: fc.constant("lose common snapshots"), site })),
    weighted(4, fc.record({ do: fc.constant("obey"), site })),
    weighted(1, fc.record({ do: fc.constant("die"), site })),
    weighted(2, fc.record({ do: fc.constant("revive"), site })),
    weighted(2, fc.record({ do: fc.constant("link"), up: fc.boolean() })),
    weighted(8, fc.record({ do: fc.constant("writes") })),
    weighted(5, fc.record({ do: fc.constant("replicate"), site })),
    weighted(1, fc.record({ do: fc.constant("delete mirror"), site })),
    weighted(1, fc.record({ do: fc.constant("promote by hand"), site, older: fc.boolean() })),
    weighted(1, fc.record({ do: fc.constant("lose record"), site })),
    weighted(4, fc.record({ do: fc.constant("self-heal"), site })),
    weighted(1, fc.record({ do: fc.constant("let pods start"), site })),
    weighted(1, fc.record({ do: fc.constant("wait"), seconds: fc.constantFrom(60, 1000) })),
) as fc.Arbitrary<Event>;

/** What is done in one go more often than chance would have it: the way into the states that are hard to reach. */
const scenes: Record<string, (to: SiteName) => Event[]> = {
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
        forgeries.map((forgery) => [
            forgery,
            (to: SiteName) => [flip([...siteNames], to), { do: "writes" }, up(other(to)), up(to, forgery)] as Event[],
        ]),
    ),
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

/** A scene may be left at any point. */
const scene: fc.Arbitrary<Event[]> = fc
    .tuple(fc.constantFrom(...Object.values(scenes)), site, fc.integer({ min: 3, max: 9 }))
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
        this.world = new World(history.guarded);
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
                for (const name of item.sites) {
                    configure(world.site(name), { unprotect: item.is });
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
            case "writes":
                return siteNames.forEach((name) => world.write(world.site(name)));
            case "replicate":
                return this.replicate(world.site(item.site));
            case "delete mirror":
                return this.deleteMirror(world.site(item.site));
            case "promote by hand":
                return this.promoteByHand(world.site(item.site), item.older);
            case "lose record":
                return this.loseRecord(world.site(item.site));
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
    private mustSucceed(here: ModelSite, { active, takeover, unprotect }: StackConfiguration): boolean {
        const { role, epoch, underWay } = recordAt(here, this.world);
        const peer = this.world.peerOf(here);
        return (
            here.alive &&
            !peer.alive &&
            role === "standby" &&
            underWay === undefined &&
            here.mirror?.state === "Established" &&
            active === here.name &&
            unprotect !== true &&
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
                return this.forged(here, fresh, { application: "bank" });
            case "token for another site":
                return this.forged(here, fresh, { to: "north" });
            case "token of another epoch":
                return this.forged(here, fresh, { epoch: 1 + (this.world.now % 5) });
        }
    }

    /** The peer's record with a token that is not what it should be: its final snapshot is another one. */
    private forged(here: ModelSite, fresh: PeerView, part: Partial<NonNullable<RoleRecord["token"]>>): PeerView {
        const record = recordOf(fresh);
        const other = this.world.peerOf(here).snapshots.find(({ empty }) => !empty);
        if (record?.token === undefined || other === undefined || part.epoch === record.token.epoch) {
            return fresh;
        }
        return {
            known: true,
            record: { ...record, token: { ...record.token, ...part, finalSnapshot: other.name } },
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
    private deleteMirror(here: ModelSite): void {
        const { role, underWay } = recordAt(here, this.world);
        if (role === "standby" && underWay === undefined && !this.runs.has(here.name) && here.alive) {
            here.mirror = undefined;
            here.writable = true;
        }
    }

    private promoteByHand(here: ModelSite, older: boolean): void {
        if (recordAt(here, this.world).role === "standby" && !this.runs.has(here.name)) {
            this.world.promoteByHand(here, older);
        }
    }

    /** What others bring back at a site that does not serve, which they may do at any time. */
    private selfHeal(here: ModelSite): void {
        if (recordAt(here, this.world).role !== "none") {
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
        const { unprotect } = configurationOf(here);
        // With nobody else who remembers, a later epoch cannot be told from none at all.
        if (recordAt(here, this.world).epoch > 1 && recordAt(this.world.peerOf(here), this.world).epoch === 0) {
            return;
        }
        if (
            none ||
            unprotect === true ||
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

    // In the end ----------------------------------------------------------------------------------------------------

    /** Whatever was down is up again, and no run is under way. */
    private calmDown(): void {
        const { world } = this;
        this.runs.clear();
        world.linked = true;
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
            const { active: asked, unprotect } = configurationOf(this.world.site(name));
            if (asked !== active || unprotect === true) {
                configure(this.world.site(name), { active, unprotect: false });
            }
        }
    }

    /** Takes the application out of the mirror at both sites, after a change of roles that is not done has been finished. */
    private async settleOutside(): Promise<void> {
        const { world, history } = this;
        const order: SiteName[] = history.order === "east" ? ["east", "west"] : ["west", "east"];
        for (let attempt = 0; attempt < 6 && world.violations.length === 0; attempt++) {
            siteNames.forEach((name) => configure(world.site(name), { unprotect: true }));
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
                ...(here.vault.size === 0 ? [] : ["has claims in its vault"]),
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
                    "promoted-other-point",
                    "ran-since",
                ].includes(outcome.refusal.code)
            ) {
                this.hear(outcome, one, false);
            }
        }
    }

    private async wholeUp(here: ModelSite): Promise<Outcome> {
        const run = new Up(this.world, here, configurationOf(here), peerView(this.world, here), this.planner);
        const outcome = await run.finish();
        this.log.push(`  ${here.name}: ${told(outcome)}`);
        return outcome;
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
                return obey(/set discard/);
            case "changed-by-others":
                // What nobody runs cannot be served by an acknowledgement.
                return obey(
                    configurationOf(here).active === here.name && here.workloads === "running"
                        ? /set takeover/
                        : /set discard/,
                );
            case "promoted-other-point":
                return obey(/set takeover/);
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
                return stuck && world.overrides > 0 && obey(/set takeover/);
            default:
                return false;
        }
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
