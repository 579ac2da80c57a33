import type { SiteName } from "../../lab/lab";
import { writes } from "../../lab/scenarios/scenarioSteps";
import { watchIdle } from "../idle";
import { rule } from "../latency";
import { LedgerWindow } from "../ledgerWindow";
import type { LabRun } from "../labRun";
import { ourSwitches } from "../ours/switches";
import { peersOf } from "../peers/setup";
import { type PeerWay, waysOf } from "../peers/ways";
import { circleRows } from "./circle";
import { mustHaveSucceeded } from "./rejoin";
import { type Switched, SwitchFigures } from "./switchFigures";

/** A planned change of the site that serves, to and fro: how long nothing takes writes, and what all commands take. */
export async function switchOver(run: LabRun): Promise<void> {
    const { bench, lab, ours, size, latency } = run;
    const { applications, python } = await peersOf(run);
    const ways = waysOf(lab, applications, python, { rule, peers: bench.options.peers });
    const figures = new SwitchFigures({ size, latency });
    const laps = bench.options.runs * Math.max(ways.length, ourSwitches.length);
    for (let lap = 0; lap < laps; lap++) {
        const [own, way] = [ourSwitches[lap % ourSwitches.length]!, ways[lap % ways.length]!];
        bench.log(`switch: lap ${lap + 1} of ${laps}`);
        const from = ours.serving;
        await writes(lab, from, 10);
        const idle = watchIdle();
        const switched = { name: own.name, ...(await own.run(ours, new LedgerWindow(lab))) };
        const theirs = { name: way.name, ...(await theirSwitch(run, way, from)) };
        figures.add(switched, theirs, idle());
        bench.log(`ours ${JSON.stringify(switched)}, theirs ${JSON.stringify(theirs)}`);
        bench.report.put(...figures.rows());
        bench.report.put(...circleRows(bench.report.rows, size, latency));
    }
}

/** @param from the site that served before ours switched */
async function theirSwitch(run: LabRun, way: PeerWay, from: SiteName): Promise<Switched> {
    const { applications } = await peersOf(run);
    const to = run.ours.serving;
    const window = new LedgerWindow(run.lab);
    const switched = await way.switchOver(from, to);
    mustHaveSucceeded(way, switched);
    const withoutService = await window.secondsWithoutService(applications.names, from, to);
    const rejoined = await way.rejoin(to, from);
    mustHaveSucceeded(way, rejoined);
    return { withoutService, commands: switched.seconds + rejoined.seconds };
}
