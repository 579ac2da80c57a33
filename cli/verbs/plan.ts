import { isDeepStrictEqual } from "node:util";
import { describeRole } from "../../provider/roles/messages/describe";
import { itemsAhead, takesOver } from "./ahead";
import { anticipate, mostSteps } from "./anticipate";
import { whyRefused } from "./leftovers";
import { lossesOf } from "./losses";
import type { BothSites, Change, Outcome, Reading } from "./sites";
import { decide } from "./decide";
import type { Accepted } from "./step";
import { pendingBeside } from "./pending";
import { placeValues } from "./place";
import type { Session } from "./session";
import { digestOf } from "./planDigest";
import { setCommand, upCommand } from "./planText";
import type { AtSite, ItemView, Verb } from "./view";
import { effectsIn, type Member, nextOfWave } from "./wave";

/** What a verb would do at both sites, as data. Whoever reads it needs no access to either. */
export interface VerbPlan {
    readonly format: 1;
    readonly verb: Verb;
    readonly project: string;
    /** By site. */
    readonly stacks: Readonly<Record<string, string>>;
    /** What keys of the configuration begin with; empty where that is the project's own namespace. */
    readonly keyPrefix: string;
    readonly accept: Accepted;
    readonly items: readonly PlannedItem[];
    /** What can be lost, a sentence each. */
    readonly losses: readonly string[];
    readonly waves: readonly PlannedWave[];
    /** Of all of the above; it does not change with the clock alone. */
    readonly digest: string;
}

export interface PlannedItem {
    readonly name: string;
    /** The site that is to serve in the end. */
    readonly to: string;
    /** By site, what it is now. */
    readonly is: Readonly<Record<string, string>>;
}

export interface PlannedWave {
    readonly items: readonly string[];
    readonly steps: readonly PlannedStep[];
}

export type PlannedStep =
    | { readonly do: "set"; readonly site: string; readonly changes: readonly Change[] }
    | {
          readonly do: "run";
          readonly site: string;
          /** By item, what the run does to it. */
          readonly effects: Readonly<Record<string, string>>;
          /** Of the first run: each call, as the preview announces it. */
          readonly calls?: readonly string[];
      }
    /** The command itself takes over, once the run before has handed over; the run after takes it into the state. */
    | { readonly do: "take over"; readonly site: string; readonly items: readonly string[] };

/** A plan, with what a person should see besides it, or why there is none. */
export type Planned =
    | {
          readonly ok: true;
          readonly plan: VerbPlan;
          /** What the preview of the first run says; it may change from one moment to the next. */
          readonly shown: readonly string[];
          /** Whether nothing is left to do at either site. */
          readonly isDone: boolean;
      }
    | { readonly ok: false; readonly refusals: readonly string[] };

/** What is to be planned: the items in waves, each with what is asked of it. */
export interface PlanRequest {
    readonly verb: Verb;
    readonly accept: Accepted;
    readonly session: Session;
    readonly waves: readonly (readonly Member[])[];
    /** What these stacks protect besides. */
    readonly others: readonly ItemView[];
}

/** What a plan says before anything is previewed. */
export type Outlined =
    { readonly ok: true; readonly outline: Outline } | { readonly ok: false; readonly refusals: readonly string[] };
export type Outline = Omit<VerbPlan, "digest">;

/** Plans a verb to its end, without the calls of its first run. */
export function outlineVerb(
    { verb, accept, session, waves, others }: PlanRequest,
    reading: Reading,
    sites: BothSites,
): Outlined {
    const members = waves.flat();
    const refusals = members.flatMap(({ request, view }) => {
        const step = decide(request, view);
        return step.do === "refuse" ? [whyRefused(step, view.item, reading, sites)] : [];
    });
    if (refusals.length > 0) {
        return { ok: false, refusals };
    }
    const ran = new Set<string>();
    const ahead = waves.map((wave) => ({
        items: wave.map(({ view }) => view.item),
        steps: withTakeovers(stepsOf(wave, reading), reading, session, ran),
    }));
    const runs = ahead.flatMap(({ steps }) => steps).flatMap((step) => (step.do === "run" ? [step.site] : []));
    const pending = pendingBeside(verb, others, runs, (site) => stackOf(site, sites));
    if (pending.length > 0) {
        return { ok: false, refusals: pending };
    }
    return {
        ok: true,
        outline: {
            format: 1,
            verb,
            project: sites.project,
            stacks: Object.fromEntries(sites.sites.map(({ name, stack }) => [name, stack])),
            keyPrefix: sites.keyPrefix,
            accept,
            items: members.map(({ view, request }) => ({ name: view.item, to: request.to, is: rolesIn(view) })),
            losses: lossesOf(members, ahead),
            waves: ahead,
        },
    };
}

/** Plans a verb to its end, and has the first run previewed: what comes after that depends on what it does. */
export async function planVerb(request: PlanRequest, reading: Reading, sites: BothSites): Promise<Planned> {
    const first = outlineVerb(request, reading, sites);
    if (!first.ok) {
        return first;
    }
    const [previewed, why] = await Promise.all([
        previewAhead(first.outline.waves, sites),
        lookAhead(request, first.outline, reading, sites),
    ]);
    const outlined = outlineVerb(request, reading, sites);
    if (!outlined.ok) {
        return outlined;
    }
    const { outline } = outlined;
    const failure = previewed.find(({ outcome }) => !outcome.ok)?.outcome;
    if (failure !== undefined) {
        const said = failure.lines.length === 0 ? [failure.why] : failure.lines;
        return { ok: false, refusals: [...said, ...aboutPublished(request, reading, sites)] };
    }
    const plan = { ...outline, waves: withCalls(outline.waves, previewed) };
    return {
        ok: true,
        plan: { ...plan, digest: digestOf(plan) },
        shown: [
            ...previewed.flatMap(({ outcome }) => outcome.lines.filter((line) => callsIn([line]).length === 0)),
            ...why,
        ],
        isDone: onlySettles(outline.waves) && previewed.every(({ outcome }) => !outcome.changes),
    };
}

/**
 * A failover goes by the outputs of both stacks, whose authenticity is for the site to check: it takes no epoch from
 * what it cannot verify.
 */
function aboutPublished({ verb, waves }: PlanRequest, reading: Reading, sites: BothSites): string[] {
    return waves.flat().flatMap(({ request: { to }, view }) => {
        const target = view.sites[to]!;
        const other = view.sites[target.peer]!;
        if (verb !== "failover" || target.role !== "standby" || other.epoch <= target.epoch) {
            return [];
        }
        const expected = target.epoch + 1;
        const stack = stackOf(to, sites);
        const changes = placeValues(reading[to]!.settings, { [view.item]: { active: to, takeover: expected } });
        const typed = [...changes.map((change) => setCommand(change, stack, sites.keyPrefix)), upCommand(stack)];
        return [
            `takeover: ${other.epoch + 1} was planned, since ${other.name} published epoch ${other.epoch}. If ${to} cannot verify that, it expects epoch ${expected}; by hand: ${typed.join("; ")}`,
        ];
    });
}

function stackOf(site: string, { sites }: BothSites): string {
    return sites.find(({ name }) => name === site)!.stack;
}

function withCalls(waves: readonly PlannedWave[], previewed: readonly Previewed[]): PlannedWave[] {
    return waves.map(({ items, steps }) => ({
        items,
        steps: steps.map((step) => {
            const lines = previewed.find((one) => isDeepStrictEqual(one.step, step))?.outcome.lines;
            return lines === undefined ? step : { ...step, calls: callsIn(lines) };
        }),
    }));
}

/** Goes ahead in thought. What a run really does is up to the planner, and is decided again after each. */
function stepsOf(wave: readonly Member[], reading: Reading): PlannedStep[] {
    const settings = Object.fromEntries(Object.entries(reading).map(([site, one]) => [site, one.settings]));
    const steps: PlannedStep[] = [];
    let at = wave;
    while (steps.length < mostSteps * 2) {
        const next = nextOfWave(at, settings);
        if (next.do === "end") {
            break;
        }
        steps.push(
            next.do === "set"
                ? { do: "set", site: next.site, changes: next.changes }
                : { do: "run", site: next.site, effects: effectsIn(next.steps) },
        );
        const before = JSON.stringify(at);
        at = at.map(({ request, view }) => {
            const step = next.steps[view.item];
            return { request, view: step === undefined ? seen(view, next.site) : anticipate(view, step) };
        });
        if (JSON.stringify(at) === before) {
            // What comes after it only the run itself will show.
            break;
        }
    }
    return steps;
}

/**
 * The same steps, with what the command does itself: only at a site whose stack had nothing to do before its
 * configuration was changed, by a preview or by an earlier run, is what the last run left there what is declared.
 *
 * @param ran sites of earlier runs of the plan
 */
function withTakeovers(
    steps: readonly PlannedStep[],
    reading: Reading,
    session: Session,
    ran: Set<string>,
): PlannedStep[] {
    return steps.flatMap((step, index): readonly PlannedStep[] => {
        if (step.do !== "run") {
            return [step];
        }
        ran.add(step.site);
        const next = steps[index + 1];
        const target = next?.do === "run" && next.site !== step.site ? next.site : undefined;
        const settings = target === undefined ? undefined : reading[target]!.settings;
        if (target === undefined || settings === undefined) {
            return [step];
        }
        const items = itemsAhead(step.effects, settings).filter((item) => takesOverIn(next!, item));
        const isKnown = ran.has(target) || session.knowsAsDeclared(target, settings);
        return items.length === 0 || !isKnown ? [step] : [step, { do: "take over", site: target, items }];
    });
}

function takesOverIn(step: PlannedStep, item: string): boolean {
    return step.do === "run" && step.effects[item] === takesOver;
}

/**
 * Whether the stack of the site that the first run hands over to has nothing to do yet.
 *
 * @returns why not, for whoever sees the plan
 */
async function lookAhead(
    { session, waves }: PlanRequest,
    outline: Outline,
    reading: Reading,
    sites: BothSites,
): Promise<string[]> {
    const [first] = outline.waves[0]!.steps.filter((step) => step.do === "run");
    const target = Object.keys(reading).find((site) => site !== first?.site)!;
    const { settings } = reading[target]!;
    if (first === undefined || itemsAhead(first.effects, settings).length === 0) {
        return [];
    }
    const wanted = waves.flat().flatMap(({ view }) => {
        const { configured, peer } = view.sites[target]!;
        return configured.active === target ? [[view.item, { active: peer }] as const] : [];
    });
    const outcome = await sites.preview(target, placeValues(settings, Object.fromEntries(wanted)));
    if (outcome.ok && !outcome.changes) {
        session.isAsDeclared(target, settings);
        return [];
    }
    const stack = stackOf(target, sites);
    return [
        `${target}: the run there takes over, not trident-dr itself, since ${outcome.ok ? "something else is left to do there" : "its preview fails"} (pulumi preview --stack ${stack}): without service for longer`,
    ];
}

/** A run at a site is one for all items of its stack. */
function seen(view: ItemView, site: string): ItemView {
    return { ...view, sites: { ...view.sites, [site]: { ...view.sites[site]!, caughtUp: true } } };
}

interface Previewed {
    step: PlannedStep;
    outcome: Outcome;
}

/** The first run with the configuration that it will have; where nothing but a last look is left, every run. */
async function previewAhead(waves: readonly PlannedWave[], sites: BothSites): Promise<Previewed[]> {
    const steps = waves[0]?.steps ?? [];
    const runs = steps.filter((step) => step.do === "run");
    const previewed: Previewed[] = [];
    for (const step of onlySettles(waves) ? runs : runs.slice(0, 1)) {
        const changes = steps
            .slice(0, steps.indexOf(step))
            .flatMap((one) => (one.do === "set" && one.site === step.site ? one.changes : []));
        previewed.push({ step, outcome: await sites.preview(step.site, changes) });
    }
    return previewed;
}

function onlySettles(waves: readonly PlannedWave[]): boolean {
    return waves
        .flatMap(({ steps }) => steps)
        .every((step) => step.do === "run" && Object.values(step.effects).every((effect) => effect === "settle"));
}

function rolesIn({ sites }: ItemView): Record<string, string> {
    return Object.fromEntries(Object.values(sites).map((site: AtSite) => [site.name, describeRole(site)]));
}

/**
 * `shop at east: 2. shutdown: create …`, without its number. Items are previewed at the same time: whose lines come first
 * says nothing, and is not in the plan.
 */
function callsIn(lines: readonly string[]): string[] {
    const calls = lines.flatMap((line) => {
        const call = /^(?<who>\S+ at \S+): \d+\. (?<call>.*)$/.exec(line)?.groups;
        return call === undefined ? [] : [{ who: call["who"]!, call: call["call"]! }];
    });
    const whose = [...new Set(calls.map(({ who }) => who))].sort();
    return whose.flatMap((one) => calls.filter(({ who }) => who === one).map(({ call }) => `${one}: ${call}`));
}
