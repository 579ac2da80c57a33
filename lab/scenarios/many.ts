import type { Lab, SiteName } from "../lab";
import { ontapAdmin } from "../array/admin";
import { ScenarioRun } from "./scenarioRun";
import type { ScenarioReport } from "./report";
import { entries, type Outcome, type Log } from "./scenarioSteps";
import { severalApplications } from "./severalApplications";
import { until } from "./until";

/** The failover scenario's report, and what became of each application in the run in which one failed. */
export interface ManyReport extends ScenarioReport {
    applications: number;
    /** Those that were not switched by that run. */
    failed: string[];
    /** Those whose result that run reported by name. */
    named: string[];
}

/** How long a promotion is waited for that cannot come to an end; one that can takes a few seconds. */
const patience = "60s";

/**
 * Several applications are switched at once. The mirror of one of them cannot be promoted: the others are switched by
 * the same `pulumi up`, which fails in the end and names each. Once the array is fixed, the next one finishes.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function many(lab: Lab, project: string, log: Log, count: number): Promise<Outcome> {
    const names = Array.from({ length: count }, (_, index) => `app${index + 1}`);
    const failing = names[Math.floor(count / 2)]!;
    const scenario = await ScenarioRun.begin(
        lab,
        project,
        log,
        severalApplications(names, { timeouts: { promote: patience } }),
    );
    await scenario.writes("east", 20 * count);

    await scenario.configure("active", "west");
    await scenario.change("stand down", "east");
    const repair = await keepFromPromotion(lab, failing);
    log(`the array of west takes no order for the mirror of ${failing} any more`);
    const { run } = await scenario.attempt("take over, while one cannot", "west");
    const switched = await playedAt(
        lab,
        "west",
        names.filter((name) => name !== failing),
        run.started,
    );
    summaryOf(run.output).forEach((line) => log(`    ${line}`));
    const reported = names.filter((name) => new RegExp(`^ +${name}: `, "m").test(run.output));

    await repair();
    await scenario.change("take over with the array fixed", "west");
    await playedAt(lab, "west", [failing], run.started);
    await scenario.change("become standby", "east");
    await scenario.settle(["west"]);
    const { report, faults } = await scenario.end("many", "west", ["east", "west"]);
    const failed = names.filter((name) => !switched.includes(name));
    const more = [
        ...(run.ok ? [`the run in which ${failing} failed did not fail`] : []),
        ...(failed.join() === failing ? [] : [`${failed.join(", ") || "none"} failed; expected ${failing} alone`]),
        ...names.filter((name) => !reported.includes(name)).map((name) => `the result of ${name} was not reported`),
        ...(/^\s+at \S.*:\d+:\d+\)?$/m.test(run.output) ? ["the run printed a stack"] : []),
    ];
    const whole: ManyReport = {
        ...report,
        applications: count,
        failed,
        named: reported,
        ok: report.ok && more.length === 0,
    };
    return { report: whole, faults: [...faults, ...more] };
}

/** What the run says of all applications together. */
function summaryOf(output: string): string[] {
    const lines = output.split("\n");
    const first = lines.findLastIndex((line) => / of \d+ protected items failed: /.test(line));
    return first < 0
        ? []
        : lines.slice(
              first,
              lines.findIndex((line, index) => index > first && line.trim() === ""),
          );
}

/** Waits until each application writes at a site; those that do. */
async function playedAt(lab: Lab, site: SiteName, names: readonly string[], since: Date): Promise<string[]> {
    const writing = () =>
        names.filter((name) =>
            entries(lab).some(
                ({ site: at, application, time }) =>
                    at === site && application.startsWith(`${name}/`) && Date.parse(time) >= since.getTime(),
            ),
        );
    await until(`writes of ${names.join(", ")} at ${site}`, () =>
        writing().length === names.length ? true : undefined,
    );
    return writing();
}

/** West's array refuses every change of the relationship of one application, until it is repaired. */
async function keepFromPromotion(lab: Lab, name: string): Promise<() => Promise<void>> {
    const admin = await ontapAdmin(lab.sites.west);
    const volume = entries(lab).find(({ application }) => application.startsWith(`${name}/`))!.volume;
    const { data } = await admin.get<{ records: { uuid: string; source: { path: string } }[] }>(
        "/api/snapmirror/relationships?fields=source",
    );
    const relationship = data.records.find(({ source }) => source.path.endsWith(`:${volume}`))!;
    await admin.post("/lab/faults", [
        {
            kind: "error",
            method: "PATCH",
            path: `/snapmirror/relationships/${relationship.uuid}*`,
            status: 409,
            message: "The relationship takes no order",
        },
    ]);
    return async () => {
        await admin.delete("/lab/faults");
    };
}
