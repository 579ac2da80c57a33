import { type Agreed, agreedFor, faultOfStep } from "./agreed";
import { Ahead } from "./ahead";
import { describeSites } from "./describe";
import { ProjectProblem } from "../project/problem";
import { mostSteps } from "./anticipate";
import { pendingBeside } from "./pending";
import { itemsIn } from "./place";
import { whyRefused } from "./leftovers";
import { Session } from "./session";
import type { BothSites, Outcome, Reading } from "./sites";
import { type Request, run, type Step } from "./step";
import { nextOfWave, type Member, type WaveStep } from "./wave";
import { namesOf } from "./view";

/** Told what a command does while it does it. */
export interface Watcher {
    set(step: Extract<WaveStep, { do: "set" }>): void;
    began(step: Extract<WaveStep, { do: "run" }>): void;
    line(site: string, line: string): void;
    ended(site: string, outcome: Outcome): void;
    /** The command itself still takes items over at a site, though the run that handed them over has ended. */
    taking(site: string, items: readonly string[]): void;
    taken(): void;
}

/** How it ended for one item. */
export type Ending =
    | { readonly is: "done" }
    | { readonly is: "waiting"; readonly why: string }
    | { readonly is: "failed"; readonly why: string };

/** Whether the command is to end before its next step. */
export interface Interruptible {
    readonly aborted: boolean;
}

interface PerformOptions {
    /** By item. Default: what the first reading asks for. */
    agreed?: Readonly<Record<string, Agreed>>;
    /** What these stacks protect and nobody named. Default: nothing. */
    others?: readonly string[];
    session?: Session;
    interrupted?: Interruptible;
}

/**
 * Takes the items of a wave as far as they can be taken. It keeps nothing that it would need to go on: whoever is
 * interrupted asks for the same again.
 */
export async function perform(
    requests: Readonly<Record<string, Request>>,
    sites: BothSites,
    watcher: Watcher,
    { agreed = {}, others = [], session = new Session(), interrupted = { aborted: false } }: PerformOptions = {},
): Promise<Record<string, Ending>> {
    return new Performance(requests, sites, watcher, session, interrupted, agreed, others).run();
}

class Performance {
    private readonly endings = new Map<string, Ending>();
    /** What was run without any effect on an item, by how everything was then. */
    private readonly tried = new Set<string>();
    private last: Reading | undefined;
    /** What the last run let this command take over itself. */
    private ahead: Ahead | undefined;
    private readonly agreed: Map<string, Agreed>;

    constructor(
        private readonly requests: Readonly<Record<string, Request>>,
        private readonly sites: BothSites,
        private readonly watcher: Watcher,
        private readonly session: Session,
        private readonly interrupted: Interruptible,
        agreed: Readonly<Record<string, Agreed>>,
        private readonly others: readonly string[],
    ) {
        this.agreed = new Map(Object.entries(agreed));
    }

    async run(): Promise<Record<string, Ending>> {
        try {
            await this.runToEnd();
        } catch (error) {
            if (!(error instanceof ProjectProblem)) {
                throw error;
            }
            this.brokenOff(error);
        }
        this.failRest(() => "it did not come to an end; pulumi preview at both sites shows what is left to do");
        return Object.fromEntries(this.endings);
    }

    private async runToEnd(): Promise<void> {
        for (let count = 0; count < mostSteps * 2; count++) {
            const reading = (this.last = await this.sites.read());
            const members = this.members(reading);
            const step = nextOfWave(members, settingsIn(reading));
            if (step.do === "end") {
                this.conclude(step.steps, reading);
                break;
            }
            if (this.interrupted.aborted) {
                this.failAll(step.steps, interruptedHere);
                break;
            }
            if (!this.isAgreed(step, members)) {
                continue;
            }
            await (step.do === "set" ? this.set(step) : this.runAt(step, reading));
        }
    }

    /** Ctrl-C ends what the CLI is asked as well. */
    private brokenOff({ message }: ProjectProblem): void {
        const { last } = this;
        this.failRest((item) => {
            const stood = last === undefined ? "" : `; as last read, ${describeSites(this.session.view(item, last))}`;
            return this.interrupted.aborted ? interruptedHere : `${message}${stood}`;
        });
    }

    private members(reading: Reading): Member[] {
        return Object.entries(this.requests)
            .filter(([item]) => !this.endings.has(item))
            .map(([item, request]) => ({ request, view: this.session.view(item, reading) }));
    }

    /** Whoever confirmed a plan accepted what it acknowledges, and no epoch that begins meanwhile. */
    private isAgreed({ steps }: WaveStep, members: readonly Member[]): boolean {
        const faults = members.flatMap(({ request, view }) => {
            const agreed = this.agreed.get(view.item) ?? agreedFor(request, view);
            this.agreed.set(view.item, agreed);
            const step = steps[view.item];
            const why = step === undefined ? undefined : faultOfStep(step, view, agreed);
            return why === undefined ? [] : [[view.item, why] as const];
        });
        faults.forEach(([item, why]) => this.endings.set(item, { is: "failed", why }));
        return faults.length === 0;
    }

    private async set(step: Extract<WaveStep, { do: "set" }>): Promise<void> {
        await this.sites.set(step.site, step.changes);
        this.session.changed(step.site);
        this.watcher.set(step);
    }

    private async runAt(planned: Extract<WaveStep, { do: "run" }>, reading: Reading): Promise<void> {
        const step = this.elsewhereIfIdle(planned, reading);
        if (step === undefined) {
            return;
        }
        const beside = this.pendingBeside(step, reading);
        if (beside.length > 0) {
            this.failAll(step.steps, beside.join("; "));
            return;
        }
        this.watcher.began(this.asTaken(step));
        const ahead = (this.ahead = this.aheadOf(step, reading));
        const outcome = await this.up(step.site, ahead);
        this.watcher.ended(step.site, outcome);
        await this.endOf(ahead);
        if (outcome.ok) {
            ahead?.tellLeft();
            this.session.ran(step.site, reading);
            this.session.isAsDeclared(step.site, reading[step.site]!.settings);
            return;
        }
        if (this.interrupted.aborted) {
            this.failAll(step.steps, interruptedHere);
            return;
        }
        this.failed(step, reading, outcome);
    }

    /** What hands over lets this command take over at the other site itself. */
    private aheadOf(step: Extract<WaveStep, { do: "run" }>, reading: Reading): Ahead | undefined {
        const { requests, agreed, session, sites, interrupted, watcher } = this;
        return Ahead.of(step, reading, {
            requests,
            agreed,
            session,
            sites,
            isInterrupted: () => interrupted.aborted,
            say: (site, line) => watcher.line(site, line),
        });
    }

    private async up(site: string, ahead: Ahead | undefined): Promise<Outcome> {
        try {
            return await this.sites.up(
                site,
                (line) => this.watcher.line(site, line),
                (record) => ahead?.begin(record),
            );
        } catch (error) {
            // Nothing goes on behind the back of a command that has ended.
            await ahead?.settled();
            throw error;
        }
    }

    private async endOf(ahead: Ahead | undefined): Promise<void> {
        if (ahead === undefined || ahead.taking.length === 0) {
            return;
        }
        this.watcher.taking(ahead.target, ahead.taking);
        const failed = await ahead.end().finally(() => this.watcher.taken());
        failed.forEach((why, item) => this.endings.set(item, { is: "failed", why: this.unlessInterrupted(why) }));
    }

    /** The run after that only takes it into the stack's state. */
    private asTaken(step: Extract<WaveStep, { do: "run" }>): Extract<WaveStep, { do: "run" }> {
        const steps = Object.entries(step.steps).map(([item, one]) => [
            item,
            this.ahead?.hasTaken(item) === true ? run(step.site, "record") : one,
        ]);
        return { ...step, steps: Object.fromEntries(steps) as Readonly<Record<string, Step>> };
    }

    private unlessInterrupted(why: string): string {
        return this.interrupted.aborted ? interruptedHere : why;
    }

    /** Since the plan was shown, somebody may have configured another item: this run is not for that. */
    private pendingBeside({ site, steps }: Extract<WaveStep, { do: "run" }>, reading: Reading): string[] {
        const { verb } = this.requests[Object.keys(steps)[0]!]!;
        const configured = this.others.filter((item) => isConfigured(item, reading));
        const views = configured.map((item) => this.session.view(item, reading));
        return pendingBeside(verb, views, [site], (name) => this.stackOf(name));
    }

    /** A run that changed nothing is not made again; the other site may have something to do before it. */
    private elsewhereIfIdle(
        step: Extract<WaveStep, { do: "run" }>,
        reading: Reading,
    ): Extract<WaveStep, { do: "run" }> | undefined {
        const idle = Object.entries(step.steps).filter(([item, one]) => this.isTried(item, step.site, one, reading));
        if (idle.length < Object.keys(step.steps).length) {
            return step;
        }
        const [item] = idle[0]!;
        const view = this.session.view(item, reading);
        const other = namesOf(view).find((name) => name !== step.site)!;
        const elsewhere = run(other, "settle");
        // The other site of a failover is the lost one.
        const mayRunThere = this.requests[item]!.verb !== "failover";
        if (mayRunThere && !view.sites[other]!.caughtUp && !this.isTried(item, other, elsewhere, reading)) {
            return { do: "run", site: other, steps: Object.fromEntries(idle.map(([name]) => [name, elsewhere])) };
        }
        for (const [name] of idle) {
            const at = describeSites(this.session.view(name, reading));
            this.endings.set(name, {
                is: "failed",
                why: `pulumi up at ${step.site} changed nothing more: ${at}; pulumi preview --stack ${this.stackOf(step.site)} says why`,
            });
        }
        return undefined;
    }

    private isTried(item: string, site: string, step: Step, reading: Reading): boolean {
        const serials = Object.values(reading).map(({ items }) => items[item]?.record?.serial ?? 0);
        const key = JSON.stringify([item, site, step, serials, reading[site]!.settings]);
        const isTried = this.tried.has(key);
        this.tried.add(key);
        return isTried;
    }

    /** Where a run of several items failed, those it names did; the others have had their turn. */
    private failed({ site, steps }: Extract<WaveStep, { do: "run" }>, reading: Reading, { why }: Outcome): void {
        const named = failuresIn(why);
        if (named.size === 0) {
            this.failAll(steps, why);
            return;
        }
        this.session.ran(site, reading);
        for (const item of Object.keys(steps)) {
            const reason = named.get(item);
            if (reason !== undefined) {
                this.endings.set(item, { is: "failed", why: reason });
            }
        }
    }

    private conclude(steps: Readonly<Record<string, Step>>, reading: Reading): void {
        Object.entries(steps).forEach(([item, step]) => this.endings.set(item, this.endingFor(item, step, reading)));
    }

    private endingFor(item: string, step: Step, reading: Reading): Ending {
        switch (step.do) {
            case "done":
                return { is: "done" };
            case "wait":
                return { is: "waiting", why: step.why };
            case "refuse":
                return { is: "failed", why: whyRefused(step, item, reading, this.sites) };
            default:
                return { is: "failed", why: "it did not come to an end" };
        }
    }

    private failAll(steps: Readonly<Record<string, Step>>, why: string): void {
        Object.keys(steps).forEach((item) => this.endings.set(item, { is: "failed", why }));
    }

    private failRest(whyOf: (item: string) => string): void {
        Object.keys(this.requests)
            .filter((item) => !this.endings.has(item))
            .forEach((item) => this.endings.set(item, { is: "failed", why: whyOf(item) }));
    }

    private stackOf(site: string): string {
        return this.sites.sites.find(({ name }) => name === site)!.stack;
    }
}

function isConfigured(item: string, reading: Reading): boolean {
    return Object.values(reading).every(({ settings }) => itemsIn(settings).some(({ name }) => name === item));
}

function settingsIn(reading: Reading) {
    return Object.fromEntries(Object.entries(reading).map(([site, { settings }]) => [site, settings]));
}

const interruptedHere = "interrupted; the same command goes on from here";

/** The summary of a run in which some of several items failed has a line for each, and more for one with commands. */
function failuresIn(why: string): Map<string, string> {
    const lines = why.split("\n");
    return new Map(
        lines.flatMap((line, index) => {
            const head = /^(?<indent>\s*)(?<item>\S+): FAILED: (?<reason>.*)$/.exec(line)?.groups;
            if (head === undefined) {
                return [];
            }
            const rest = lines.slice(index + 1);
            const end = rest.findIndex((one) => one.search(/\S/) <= head["indent"]!.length);
            const more = rest.slice(0, end === -1 ? rest.length : end).map((one) => `  ${one.trim()}`);
            return [[head["item"]!, [head["reason"]!, ...more].join("\n")] as const];
        }),
    );
}
