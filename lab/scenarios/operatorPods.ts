import type { Lab, SiteName } from "../lab";
import { prepareStacks } from "../pulumi";
import { leftOverMirrors } from "./leftOver";
import { claims, installOperatorPods, mountingPods, runOperator } from "./operatorPods/operator";
import { comeBack } from "./rejoin";
import type { ScenarioReport } from "./report";
import { ScenarioRun, type Workload } from "./scenarioRun";
import { entries, heldAt, type Log, type Outcome, upAtBoth } from "./scenarioSteps";
import { until } from "./until";

/** The rejoin scenario's report, and what of the old site was still there when it had stood aside. */
export interface OperatorPodsReport extends ScenarioReport {
    /** Acknowledged writes that are missing and that no earlier line of output had given up. */
    lostUnannounced: number;
    /** Pods that mounted a claim at the old site once it was the standby site. */
    podsLeft: string[];
    /** Writes that the old site acknowledged as the standby site. */
    writesAsStandby: number;
}

/**
 * The way back after a takeover without a token, of an application whose only writers are a bare pod and a ReplicaSet
 * that an operator made for an object of its own kind: there is no Deployment and no StatefulSet to stop.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function operatorPods(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const operators = [await runOperator(lab.sites.east), await runOperator(lab.sites.west)];
    try {
        return await played(lab, project, log);
    } finally {
        await Promise.all(operators.map((operator) => operator.stop()));
    }
}

async function played(lab: Lab, project: string, log: Log): Promise<Outcome> {
    const scenario = await ScenarioRun.begin(lab, project, log, workload);
    await writesOfEach(lab, "east", new Date());
    await scenario.writes("east", 50);
    await scenario.failOver("east", "west", 2);
    await writesOfEach(lab, "west", new Date());
    await comeBack(scenario, "east", "west");
    const rejoined = new Date();
    await writesOfEach(lab, "west", rejoined);
    const podsLeft = await mountingPods(lab.sites.east);
    const { report, faults } = await scenario.end("operator-pods", "west", ["east", "west"]);
    const after = entries(lab).filter(({ site, time }) => site === "east" && Date.parse(time) >= rejoined.getTime());
    const more = [
        ...(podsLeft.length === 0 ? [] : [`${podsLeft.join(", ")} still mounted a claim at east, which is standby`]),
        ...(after.length === 0 ? [] : [`east acknowledged ${after.length} writes as the standby site`]),
    ];
    const whole: OperatorPodsReport = {
        ...report,
        lostUnannounced: report.lostPlannedWrites,
        podsLeft,
        writesAsStandby: after.length,
        ok: report.ok && more.length === 0,
    };
    return { report: whole, faults: [...faults, ...more] };
}

/** Waits until each of the writers has written at a site since a time. */
async function writesOfEach(lab: Lab, site: SiteName, since: Date): Promise<void> {
    for (const claim of claims) {
        await until(`a write of shop/${claim} at ${site}`, () =>
            entries(lab).find(
                (entry) =>
                    entry.site === site &&
                    entry.application === `shop/${claim}` &&
                    Date.parse(entry.time) >= since.getTime(),
            ),
        );
    }
}

const workload: Workload = {
    async establish(lab, project, timed) {
        await installOperatorPods(lab.sites.east);
        const stacks = await timed("make the stacks", "both", () => prepareStacks(lab, project));
        return upAtBoth(stacks, timed);
    },
    leftOver: leftOverMirrors,
    surviving: (lab, { site }) => heldAt(lab, site as SiteName),
};
