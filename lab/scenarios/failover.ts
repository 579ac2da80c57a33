import path from "node:path";
import type { Lab, SiteName } from "../lab";
import { installApplication } from "../application";
import { prepareStacks, type CliResult, type Stack } from "../pulumi";
import {
    actualLossSeconds,
    lostWrites,
    readLedger,
    readVolume,
    twoWriterSeconds,
    type LedgerEntry,
} from "../writer/ledger";
import { announcedCalls, announcedLoss, changesIn } from "./output";
import { faultsOf, type ScenarioReport, type Stage } from "./report";
import { until } from "./until";
import { writesSince } from "./writes";

/** Told what happens, a line at a time. */
export type Tell = (line: string) => void;

/** What the failover leaves besides its report. */
export interface FailoverStory {
    report: ScenarioReport;
    faults: string[];
    /** What the CLI said when the takeover was not acknowledged yet. */
    refusal: string;
}

/** How many writes the application makes before its site dies. */
const writesBefore = 50;

/**
 * Establish between two sites, kill the serving one, flip one value, serve at the other.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function failover(lab: Lab, project: string, tell: Tell): Promise<FailoverStory> {
    const stages: Stage[] = [];
    const timed: Timed = async (name, site, run) => {
        const began = Date.now();
        const result = await run();
        const seconds = round((Date.now() - began) / 1000);
        stages.push({ name, site, seconds });
        tell(`${name} (${site}): ${seconds} s`);
        return result;
    };

    const { east, west } = await establish(lab, project, timed);
    const residualBefore = await timed("preview without changes", "both", () => residual([east, west]));

    await timed("the application writes", "east", () => writes(lab, "east", writesBefore));
    await lab.kill("east");
    const killed = new Date();
    tell(`east is gone: its Kubernetes API, its array, its bucket and its writer answer no more`);

    await west.configure("active", "west");
    const refused = await timed("preview without acknowledgement: refused", "west", () => west.preview());
    if (refused.ok) {
        throw new Error("A takeover without a token and without an acknowledgement was not refused");
    }
    await west.configure("takeover", "2");
    const preview = must(await timed("preview of the takeover", "west", () => west.preview()));
    const takeover = must(await timed("take over: pulumi up", "west", () => west.up()));
    const written = writesSince(lab.sites.west, takeover.started);
    const first = await until("a write at west", () => entries(lab).find(({ site }) => site === "west"));
    stages.push({
        name: "from the death of east to the first write",
        site: "west",
        seconds: round((Date.parse(first.time) - killed.getTime()) / 1000),
    });
    await writes(lab, "west", 10);

    const secondUp = new Date();
    await timed("pulumi up once more", "west", () => up(west));
    const writesOfSecondUp = writesSince(lab.sites.west, secondUp).length;
    const residualAfter = await timed("preview without changes", "west", () => residual([west]));

    const ledger = entries(lab);
    const surviving = await readVolume(lab.sites.west, first.volume, first.file);
    const measured = {
        scenario: "failover",
        laps: 1,
        stages,
        announcedLossSeconds: announcedLoss(preview.output) ?? 0,
        actualLossSeconds: round(actualLossSeconds(ledger, surviving)),
        lostWrites: lostWrites(ledger, surviving).length,
        lostPlannedWrites: 0,
        twoWriterSeconds: round(twoWriterSeconds(ledger)),
        previewCalls: announcedCalls(preview.output),
        executedCalls: written.map(({ call }) => call),
        writesOfSecondUp,
        residualChanges: residualBefore + residualAfter,
        secondsToFirstChange: secondsToFirst(takeover, written),
        acknowledgedWrites: ledger.length,
    };
    const faults = faultsOf(measured);
    return { report: { ...measured, ok: faults.length === 0 }, faults, refusal: refused.output };
}

type Timed = <T>(name: string, site: string, run: () => Promise<T>) => Promise<T>;

/** Brings replication up between the sites: the application at east, its mirror at west, nothing left to do at either. */
export async function establish(
    lab: Lab,
    project: string,
    timed: Timed = (_name, _site, run) => run(),
): Promise<Record<SiteName, Stack>> {
    await installApplication(lab.sites.east);
    const stacks = await timed("make the stacks", "both", () => prepareStacks(lab, project));
    await timed("establish: pulumi up", "east", () => up(stacks.east));
    await timed("establish: pulumi up", "west", () => up(stacks.west));
    await timed("settle: pulumi up", "east", () => up(stacks.east));
    return stacks;
}

async function up(stack: Stack): Promise<CliResult> {
    return must(await stack.up());
}

function must(result: CliResult): CliResult {
    if (!result.ok) {
        throw new Error(`pulumi failed:\n${result.output}`);
    }
    return result;
}

/** Resources that a preview would change, where none is expected. */
async function residual(stacks: Stack[]): Promise<number> {
    let changes = 0;
    for (const stack of stacks) {
        const result = await stack.preview(["--expect-no-changes"]);
        changes += changesIn(result.output);
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

function entries(lab: Lab): LedgerEntry[] {
    return readLedger(path.join(lab.folder, "ledger"));
}

function secondsToFirst(run: CliResult, written: { time: Date }[]): number {
    const first = written[0]?.time.getTime();
    return first === undefined ? Number.POSITIVE_INFINITY : round((first - run.started.getTime()) / 1000);
}

function round(seconds: number): number {
    return Math.round(seconds * 10) / 10;
}
