import type { Lab, SiteName } from "../lab";
import type { CliResult, Stack } from "../pulumi";
import { type AnnouncedCall, compareCalls } from "./calls";
import { leftOverMirrors } from "./leftOver";
import { announcedCalls, announcedLoss, countedLosses, planLines, recoveryTime } from "./output";
import { type PermissionReport, permissionReport } from "./permissions";
import { faultsOf, type Stage } from "./report";
import {
    accountOf,
    entries,
    establish,
    firstWrite,
    expectOk,
    type Outcome,
    residual,
    round,
    secondsToFirst,
    stopwatch,
    type Log,
    type Timed,
    up,
    writes,
} from "./scenarioSteps";
import { readVolume, type LedgerEntry } from "../writer/ledger";
import type { VolumeRecord } from "../writer/records";
import { writesSince } from "./writes";

/** Writes that were announced as lost: those of a site in a span of time. */
export interface GivenUp {
    site: SiteName;
    from: Date;
    to: Date;
}

/** What is mirrored in a scenario, and how it is set up and read. */
export interface Workload {
    /** Brings replication up: it serves at east, west is its standby site, and it is being written. */
    establish(lab: Lab, project: string, timed: Timed): Promise<Record<SiteName, Stack>>;
    /** What is on the volumes of the site that serves in the end, which is that of the last entry. */
    surviving(lab: Lab, last: LedgerEntry): Promise<VolumeRecord[]>;
    /** What is left over on both arrays once one site serves and the other one follows, a sentence each. */
    leftOver?(lab: Lab, serving: SiteName): Promise<string[]>;
    /** An announced call as the servers write it down. Default: the same. */
    asLogged?(call: string): string;
    /** Rights that are asked for and done without where they are refused, as a report names them. Default: none. */
    readonly doneWithout?: readonly RegExp[];
    /** Configurations of before, of which the stacks had rights that they need no more. Default: none. */
    readonly filesBefore?: readonly string[];
}

/** The example's application. */
export const shop: Workload = {
    establish,
    leftOver: leftOverMirrors,
    surviving: (lab, { site, volume, file }) => readVolume(lab.sites[site as SiteName], volume, file),
};

/** A change that was previewed and carried out. */
export interface Carried {
    preview: CliResult;
    run: CliResult;
}

/** What the scenarios share: two stacks, driven as an operator would, and the measurements taken on the way. */
export class ScenarioRun {
    readonly stages: Stage[];
    readonly timed: Timed;
    private readonly note: (stage: Stage) => void;
    private readonly previewCalls: string[] = [];
    private readonly executedCalls: string[] = [];
    private readonly unannounced: string[] = [];
    private readonly notMade: string[] = [];
    private readonly givenUp: GivenUp[] = [];
    private readonly overridden: { from: Date; to?: Date }[] = [];
    /** Spans in which others had made a second site serve. */
    private readonly byOthers: { from: Date; to?: Date }[] = [];
    private residualBefore = 0;
    private announcedSeconds = 0;
    private secondsToFirstChange: number | undefined;
    private constructor(
        readonly lab: Lab,
        readonly log: Log,
        readonly stacks: Record<SiteName, Stack>,
        private readonly workload: Workload,
        watch: ReturnType<typeof stopwatch>,
    ) {
        this.stages = watch.stages;
        this.timed = watch.timed;
        this.note = watch.note;
    }

    /** East serves, west is its standby site, and nothing is left to do at either. */
    static async begin(lab: Lab, project: string, log: Log, workload = shop): Promise<ScenarioRun> {
        const watch = stopwatch(log);
        const stacks = await workload.establish(lab, project, watch.timed);
        const scenario = new ScenarioRun(lab, log, stacks, workload, watch);
        scenario.residualBefore = await scenario.timed("preview without changes", "both", () =>
            residual(scenario.both),
        );
        return scenario;
    }

    get both(): Stack[] {
        return [this.stacks.east, this.stacks.west];
    }

    /** Sets a value at one site, or at both. */
    async configure(key: string, value: string, sites: SiteName[] = ["east", "west"]): Promise<void> {
        for (const site of sites) {
            await this.stacks[site].configure(key, value);
        }
    }

    async writes(site: SiteName, count: number): Promise<void> {
        await this.timed(`the application writes ${count} records`, site, () => writes(this.lab, site, count));
    }

    /**
     * Previews a change and carries it out; both go into the books. Where it is timed, `up` is what a person types, with
     * a preview of its own.
     */
    async change(name: string, site: SiteName, up = (stack: Stack) => stack.upAtOnce()): Promise<Carried> {
        const carried = await this.attempt(name, site, up);
        expectOk(carried.run);
        return carried;
    }

    /** The same with a run that may fail. */
    async attempt(name: string, site: SiteName, up = (stack: Stack) => stack.upAtOnce()): Promise<Carried> {
        const stack = this.stacks[site];
        const preview = expectOk(await this.timed(`preview: ${name}`, site, () => stack.preview()));
        const run = await this.timed(`${name}: pulumi up`, site, () => up(stack));
        planLines(preview.output).forEach((line) => this.log(`    ${line}`));
        this.account(announcedCalls(preview.output), this.writesSince(run.started), run.ok);
        return { preview, run };
    }

    /** A change that must be refused; what was said. Nothing may be written by it. */
    async refused(name: string, site: SiteName, pattern: RegExp): Promise<string> {
        const run = await this.timed(`${name}: refused`, site, () => this.stacks[site].up());
        if (run.ok || !pattern.test(run.output)) {
            throw new Error(`${name} at ${site} was not refused with ${String(pattern)}:\n${run.output}`);
        }
        const written = writesSince(this.lab.sites[site], run.started);
        if (written.length > 0) {
            throw new Error(`${name} at ${site} was refused, and wrote ${written.map(({ call }) => call).join("; ")}`);
        }
        return run.output;
    }

    async kill(site: SiteName): Promise<Date> {
        await this.lab.kill(site);
        const cluster = this.lab.isOnOneCluster ? "" : "its Kubernetes API, its writer, ";
        this.log(`${site} is gone: ${cluster}its array and its bucket answer no more`);
        return new Date();
    }

    async revive(site: SiteName): Promise<void> {
        await this.lab.revive(site);
        this.log(`${site} is back, and its application writes there as if nothing had happened`);
    }

    /** Kills one site, and serves at the other: what it takes, and what it announces as lost. */
    async failOver(from: SiteName, to: SiteName, epoch: number): Promise<string> {
        const killed = await this.kill(from);
        await this.configure("active", to, [to]);
        const refusal = await this.refused("take over without an acknowledgement", to, /Loss bound/);
        const { run } = await this.takeOverFromDead(from, to, epoch);
        this.secondsToFirstChange = secondsToFirst(run, writesSince(this.lab.sites[to], run.started));
        await this.served("from the death of the other site to the first write", to, killed);
        return refusal;
    }

    /** Serves at a site, the other one dead. Where it handed over in time, nothing is announced, and nothing given up. */
    async takeOverFromDead(from: SiteName, to: SiteName, epoch: number): Promise<Carried> {
        await this.configure("takeover", String(epoch), [to]);
        const { preview, run } = await this.change("take over", to, (stack) => stack.up());
        const bound = announcedLoss(preview.output);
        if (bound !== undefined) {
            const until = new Date(preview.started.getTime() + preview.seconds * 1000);
            this.announce(from, bound, until, recoveryTime(preview.output));
            this.overridden.push({ from: run.started });
        }
        return { preview, run };
    }

    /** Enters into the books what a command did of which only the first run is previewed. */
    drove(run: CliResult): void {
        this.executedCalls.push(...this.writesSince(run.started));
    }

    /**
     * Enters into the books what took over from a dead site by a command.
     *
     * @param announced each call; absent where the command announces those of its first run alone
     */
    tookOver(
        from: SiteName,
        run: CliResult,
        {
            announced,
            seconds,
            since,
        }: { announced?: readonly AnnouncedCall[]; seconds: number; since?: Date | undefined },
    ): void {
        if (announced === undefined) {
            this.drove(run);
        } else {
            this.account(announced, this.writesSince(run.started), run.ok);
        }
        this.announce(from, seconds, run.started, since);
        this.overridden.push({ from: run.started });
        const site = Object.values(this.lab.sites).find(({ name }) => name !== from)!;
        this.secondsToFirstChange ??= secondsToFirst(run, writesSince(site, run.started));
    }

    /** Others make a second site serve from now on. */
    othersBegin(): void {
        this.byOthers.push({ from: new Date() });
    }

    /** Serves at a site with an acknowledgement, the other one up: what the other one writes from then on is given up. */
    async override(name: string, to: SiteName, from: SiteName): Promise<void> {
        const { preview, run } = await this.change(name, to);
        const until = new Date(preview.started.getTime() + preview.seconds * 1000);
        this.announce(from, announcedLoss(preview.output) ?? 0, until, recoveryTime(preview.output));
        this.othersEnd(run.started);
        this.overridden.push({ from: run.started });
    }

    private othersEnd(at: Date): void {
        for (const span of this.byOthers) {
            span.to ??= at;
        }
    }

    /** The returned site gives way: what it wrote since the sites parted is counted, and goes. */
    async standAside(site: SiteName, name = "stand aside"): Promise<void> {
        const { run } = await this.change(name, site);
        this.stoodAside(site, run);
    }

    /** Enters into the books what a site gave up that stood aside in a run. */
    stoodAside(site: SiteName, run: CliResult): void {
        const counted = countedLosses(run.output);
        if (counted.length === 0) {
            throw new Error(`${site} stood aside, and did not say what it gives up:\n${run.output}`);
        }
        counted.forEach(({ seconds, at }) => this.announce(site, seconds, at));
        const last = new Date(Math.max(...counted.map(({ at }) => at.getTime())));
        this.othersEnd(last);
        for (const span of this.overridden) {
            span.to ??= last;
        }
    }

    /** Waits for a first write after a time, or for the first of those that are meant, and notes how long it took. */
    async served(name: string, site: SiteName, since: Date, isMeant?: (entry: LedgerEntry) => boolean): Promise<void> {
        const first = await firstWrite(this.lab, site, since, isMeant);
        this.note({ name, site, seconds: round((Date.parse(first.time) - since.getTime()) / 1000) });
    }

    /** `pulumi up` until neither site has anything to do; it has to end. */
    async settle(sites: SiteName[]): Promise<void> {
        for (const site of sites) {
            await this.timed("settle: pulumi up", site, () => up(this.stacks[site]));
        }
    }

    /** Closes the books: a second run must write nothing, a preview must find nothing. */
    async end(scenario: string, serving: SiteName, reachable: SiteName[], laps = 1): Promise<Outcome> {
        await this.writes(serving, 10);
        const stacks = reachable.map((site) => this.stacks[site]);
        const secondUp = new Date();
        for (const stack of stacks) {
            await this.timed("pulumi up once more", stack.site, () => up(stack));
        }
        const written = reachable.flatMap((site) => writesSince(this.lab.sites[site], secondUp));
        const residualAfter = await this.timed("preview without changes", reachable.join(" and "), () =>
            residual(stacks),
        );
        const left = reachable.length === 2 ? ((await this.workload.leftOver?.(this.lab, serving)) ?? []) : [];
        left.forEach((one) => this.log(`left over: ${one}`));
        const last = entries(this.lab)
            .filter(({ site }) => site === serving)
            .at(-1)!;
        const measured = {
            scenario,
            laps,
            stages: this.stages,
            announcedLossSeconds: this.announcedSeconds,
            previewCalls: this.previewCalls,
            executedCalls: this.executedCalls,
            unannounced: this.unannounced,
            notMade: this.notMade,
            writesOfSecondUp: written.length,
            residualChanges: this.residualBefore + residualAfter,
            orphans: left.length,
            permissions: this.permissions(),
            ...(this.secondsToFirstChange === undefined ? {} : { secondsToFirstChange: this.secondsToFirstChange }),
            ...(await accountOf(
                this.lab,
                () => this.workload.surviving(this.lab, last),
                this.givenUp,
                untilNow(this.overridden),
                untilNow(this.byOthers),
            )),
        };
        const faults = [
            ...faultsOf(measured),
            ...written.map(({ site, call }) => `a second up at ${site} made the write: ${call}`),
        ];
        return { report: { ...measured, ok: faults.length === 0 }, faults };
    }

    private permissions(): PermissionReport {
        const { filesBefore = [], doneWithout = [] } = this.workload;
        const report = permissionReport(
            this.both.map(({ file, site }) => ({
                stackFile: file,
                before: filesBefore,
                auditLog: this.lab.sites[site].kubernetes.auditLog,
            })),
        );
        return { ...report, missing: report.missing.filter((right) => !doneWithout.some((one) => one.test(right))) };
    }

    /** Enters one change into the books. A run that failed stopped on its way: it need not have made all its calls. */
    private account(announced: readonly AnnouncedCall[], executed: readonly string[], succeeded: boolean): void {
        const { asLogged = (call: string) => call } = this.workload;
        const logged = announced.map(({ call, ...rest }) => ({ ...rest, call: asLogged(call) }));
        const { unannounced, notMade } = compareCalls(logged, executed);
        this.previewCalls.push(...announced.map(({ call }) => call));
        this.executedCalls.push(...executed);
        this.unannounced.push(...unannounced);
        this.notMade.push(...(succeeded ? notMade : []));
    }

    /** At both sites: a run claims its epoch in the other site's vault, too. */
    private writesSince(started: Date): string[] {
        return Object.values(this.lab.sites)
            .flatMap((site) => writesSince(site, started))
            .sort((left, right) => left.time.getTime() - right.time.getTime())
            .map(({ call }) => call);
    }

    private announce(site: SiteName, seconds: number, to: Date, since?: Date): void {
        this.announcedSeconds = Math.max(this.announcedSeconds, Math.ceil(seconds));
        this.givenUp.push({ site, from: since ?? new Date(to.getTime() - Math.ceil(seconds) * 1000), to });
    }
}

function untilNow(spans: readonly { from: Date; to?: Date }[]): { from: Date; to: Date }[] {
    return spans.map(({ from, to = new Date() }) => ({ from, to }));
}
