import path from "node:path";
import { installApplication } from "../application";
import type { Lab, SiteName } from "../lab";
import { prepareStacks, type CliResult, type Stack } from "../pulumi";
import {
    actualLossSeconds,
    lostWrites,
    readLedger,
    readVolume,
    twoWriterSeconds,
    type LedgerEntry,
} from "../writer/ledger";
import type { VolumeRecord } from "../writer/records";
import { arrayFaults, changesIn } from "./output";
import type { ScenarioReport, Stage } from "./report";
import { until } from "./until";

/** Called with each line of progress. */
export type Log = (line: string) => void;

export type Timed = <T>(name: string, site: string, run: () => Promise<T>) => Promise<T>;

/** What a scenario leaves behind. */
export interface Outcome {
    report: ScenarioReport;
    /** What is wrong, a sentence each; empty when the report is ok. */
    faults: string[];
}

/** Measures each stage, and logs it. */
export function stopwatch(log: Log): { stages: Stage[]; timed: Timed; note: (stage: Stage) => void } {
    const stages: Stage[] = [];
    const note = (stage: Stage) => {
        stages.push(stage);
        log(`${stage.name} (${stage.site}): ${stage.seconds} s`);
    };
    return {
        stages,
        note,
        timed: async (name, site, run) => {
            const began = Date.now();
            const result = await run();
            note({ name, site, seconds: round((Date.now() - began) / 1000) });
            return result;
        },
    };
}

/** Brings replication up between the sites: the application at east, its mirror at west, nothing left to do at either. */
export async function establish(
    lab: Lab,
    project: string,
    timed: Timed = (_name, _site, run) => run(),
): Promise<Record<SiteName, Stack>> {
    await installApplication(lab.sites.east);
    const stacks = await timed("make the stacks", "both", () => prepareStacks(lab, project));
    return upAtBoth(stacks, timed);
}

/** East serves, west follows, and east has seen that it does. */
export async function upAtBoth(stacks: Record<SiteName, Stack>, timed: Timed): Promise<Record<SiteName, Stack>> {
    await timed("establish: pulumi up", "east", () => up(stacks.east));
    await timed("establish: pulumi up", "west", () => up(stacks.west));
    await timed("settle: pulumi up", "east", () => up(stacks.east));
    return stacks;
}

export async function up(stack: Stack): Promise<CliResult> {
    return expectOk(await stack.upAtOnce());
}

export function expectOk(result: CliResult): CliResult {
    if (!result.ok) {
        throw new Error(`pulumi failed:\n${result.output}`);
    }
    return result;
}

/** Resources that a preview would change, where none is expected. */
export async function residual(stacks: Stack[]): Promise<number> {
    let changes = 0;
    for (const stack of stacks) {
        const result = await stack.preview(["--expect-no-changes"]);
        changes += changesIn(result.output);
        const found = arrayFaults(result.output);
        if (found.length > 0) {
            throw new Error(`The preview at ${stack.site} finds the array not as it should be:\n${found.join("\n")}`);
        }
        if (!result.ok && changes === 0) {
            throw new Error(`The preview at ${stack.site} failed:\n${result.output}`);
        }
    }
    return changes;
}

/** Waits until the application has written so many more records at a site. */
export async function writes(lab: Lab, site: string, count: number): Promise<void> {
    const at = () => entries(lab).filter((entry) => entry.site === site).length;
    const before = at();
    await until(`${count} writes at ${site}`, () => (at() >= before + count ? true : undefined));
}

export function entries(lab: Lab): LedgerEntry[] {
    return readLedger(path.join(lab.folder, "ledger"));
}

export function secondsToFirst(run: CliResult, written: { time: Date }[]): number {
    const first = written[0]?.time.getTime();
    return first === undefined ? Number.POSITIVE_INFINITY : round((first - run.started.getTime()) / 1000);
}

export function round(seconds: number): number {
    return Math.round(seconds * 10) / 10;
}

/**
 * What the ledger says of all that was written, against what the volumes that serve in the end hold.
 * @param read reads those volumes; after the ledger, since what is written in between is in no ledger yet
 */
export async function accountOf(
    lab: Lab,
    read: () => Promise<readonly VolumeRecord[]>,
    givenUp: readonly { site: string; from: Date; to: Date }[] = [],
    overridden: readonly { from: Date; to: Date }[] = [],
    byOthers: readonly { from: Date; to: Date }[] = [],
) {
    const ledger = entries(lab);
    const surviving = await read();
    const lost = lostWrites(ledger, surviving);
    const within = (time: string, { from, to }: { from: Date; to: Date }) =>
        Date.parse(time) >= from.getTime() && Date.parse(time) <= to.getTime();
    const unannounced = lost.filter(
        ({ site, time }) => !givenUp.some((span) => span.site === site && within(time, span)),
    );
    const ours = ledger.filter(({ time }) => !byOthers.some((span) => within(time, span)));
    const planned = ours.filter(({ time }) => !overridden.some((span) => within(time, span)));
    const allowed = twoWriterSeconds(ours) - twoWriterSeconds(planned);
    // Each loss by itself: what two takeovers lost is no one loss that lasts from the first to the second.
    const losses = givenUp.map(({ site, from, to }) => {
        const before = new Set(lost.filter(({ time }) => Date.parse(time) < from.getTime()).map(({ id }) => id));
        const until = ledger.filter((entry) => Date.parse(entry.time) <= to.getTime() && !before.has(entry.id));
        return actualLossSeconds(
            until.filter((entry) => entry.site === site),
            surviving,
        );
    });
    return {
        actualLossSeconds: round(Math.max(actualLossSeconds(unannounced, surviving), ...losses)),
        lostWrites: lost.length,
        lostPlannedWrites: unannounced.length,
        lostUnannounced: unannounced.length,
        twoWriterSeconds: round(twoWriterSeconds(planned)),
        ...(overridden.length === 0 ? {} : { twoWriterSecondsUnderOverride: round(allowed) }),
        ...(byOthers.length === 0
            ? {}
            : { twoWriterSecondsByOthers: round(twoWriterSeconds(ledger) - twoWriterSeconds(ours)) }),
        acknowledgedWrites: ledger.length,
    };
}

/** What all volumes hold that were ever written at a site. */
export async function heldAt(lab: Lab, site: SiteName): Promise<VolumeRecord[]> {
    const written = entries(lab).filter((entry) => entry.site === site);
    const volumes = new Map(written.map(({ volume, file }) => [volume, file]));
    const held = [...volumes].map(([volume, file]) => readVolume(lab.sites[site], volume, file));
    return (await Promise.all(held)).flat();
}

/** The first write, or the first of those that are meant, that a site acknowledged after a time. */
export function firstWrite(
    lab: Lab,
    site: SiteName,
    after: Date,
    isMeant: (entry: LedgerEntry) => boolean = () => true,
): Promise<LedgerEntry> {
    return until(`a write at ${site}`, () =>
        entries(lab).find(
            (entry) => entry.site === site && isMeant(entry) && Date.parse(entry.time) >= after.getTime(),
        ),
    );
}
