import type { SiteName } from "../../lab/lab";
import { expectOk, up, writes } from "../../lab/scenarios/scenarioSteps";
import { Comparison } from "../comparison";
import { atMostOver, noGoal } from "../goals";
import { watchIdle } from "../idle";
import { rules } from "../latency";
import { LedgerWindow } from "../ledgerWindow";
import type { LabRun } from "../labRun";
import { peersOf } from "../peers/setup";
import { type PeerWay, waysOf } from "../peers/ways";
import { circleRows } from "./circle";
import { halfOfAnsible, mustHaveSucceeded, withoutRoles } from "./rejoin";

/** A planned change of the site that serves, to and fro: how long nothing takes writes, and what all commands take. */
export async function switchOver(run: LabRun): Promise<void> {
    const { bench, lab, size, latency } = run;
    const { applications, python } = await peersOf(run);
    const ways = waysOf(lab, applications, python, { rule: rules[latency], peers: bench.options.peers });
    const figures = ourWays.map((own) => ({ own, withoutService: new Comparison(), commands: new Comparison() }));
    const laps = bench.options.runs * ways.length * ourWays.length;
    for (let lap = 0; lap < laps; lap++) {
        const way = ways[lap % ways.length]!;
        const { own: ourWay, withoutService, commands } = figures[Math.floor(lap / ways.length) % figures.length]!;
        bench.log(`switch: lap ${lap + 1} of ${laps}`);
        const [from, to] = [run.ours.serving, run.ours.standby];
        await writes(lab, from, 10);
        const idle = watchIdle();
        const own = await ourWay.run(run, from, to);
        const theirs = await theirSwitch(run, way, from, to);
        const share = idle();
        withoutService.add(own.withoutService, { [way.name]: theirs.withoutService }, share);
        commands.add(own.commands, { [way.name]: theirs.commands }, share);
        bench.log(`${ourWay.measure} ${JSON.stringify(own)}, ${way.name} ${JSON.stringify(theirs)}`);
        const about = { size, latency, unit: "s" as const };
        const gap = { measure: `${ourWay.measure}: time without service`, ...about };
        const whole = { measure: `${ourWay.measure}: all commands`, ...about };
        bench.report.put(
            ...withoutService.rows(gap, (peer) => (peer.startsWith("kubectl") ? atMostOver(1, "s") : noGoal)),
            ...commands.rows(whole, halfOfAnsible),
            withoutRoles(whole),
        );
        bench.report.put(...circleRows(bench.report.rows, size, latency));
    }
}

/** Seconds. */
interface Switched {
    withoutService: number;
    commands: number;
}

/** In which ours switch: by `pulumi` alone, and by the one command, its previews included. */
const ourWays: readonly { measure: string; run: (run: LabRun, from: SiteName, to: SiteName) => Promise<Switched> }[] = [
    { measure: "switch", run: ourSwitch },
    { measure: "trident-dr switch", run: ourCommand },
];

async function ourCommand({ lab, ours }: LabRun, from: SiteName, to: SiteName): Promise<Switched> {
    const window = new LedgerWindow(lab);
    const { seconds } = expectOk(await ours.command(["switch", "--all", "--to", to, "--yes"]));
    const withoutService = await window.secondsWithoutService(ours.names, from, to);
    ours.served(to);
    return { withoutService, commands: seconds };
}

/** As the runbook has it: the value at both sites, then `up` at one and at the other, until neither has anything to do. */
async function ourSwitch({ lab, ours }: LabRun, from: SiteName, to: SiteName): Promise<Switched> {
    const window = new LedgerWindow(lab);
    const configured = await ours.configure("active", to);
    const stoodDown = await up(ours.stacks[from]);
    const took = await up(ours.stacks[to]);
    const withoutService = await window.secondsWithoutService(ours.names, from, to);
    const settled = await ours.settle(from);
    ours.served(to);
    return { withoutService, commands: configured + stoodDown.seconds + took.seconds + settled.seconds };
}

async function theirSwitch(run: LabRun, way: PeerWay, from: SiteName, to: SiteName): Promise<Switched> {
    const { applications } = await peersOf(run);
    const window = new LedgerWindow(run.lab);
    const switched = await way.switchOver(from, to);
    mustHaveSucceeded(way, switched);
    const withoutService = await window.secondsWithoutService(applications.names, from, to);
    const rejoined = await way.rejoin(to, from);
    mustHaveSucceeded(way, rejoined);
    return { withoutService, commands: switched.seconds + rejoined.seconds };
}
