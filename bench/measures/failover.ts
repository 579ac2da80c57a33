import { up, writes } from "../../lab/scenarios/scenarioSteps";
import { writesSince } from "../../lab/scenarios/writes";
import { watchIdle } from "../idle";
import { rule } from "../latency";
import { LedgerWindow } from "../ledgerWindow";
import type { LabRun } from "../labRun";
import { type Lap, lapsOf } from "../laps";
import { type OurFailover, ourFailovers } from "../ours/failovers";
import { failoversOf, type PeerFailover, peerNames } from "../peers/failovers";
import { peersOf } from "../peers/setup";
import { waysOf } from "../peers/ways";
import { reactionsInLog } from "../reaction";
import { measured } from "../statistics";
import { FailoverFigures } from "./failoverFigures";
import { Rejoins } from "./rejoin";

/**
 * A site dies again and again, and the other one takes over: ours in one way, the peers' applications in another, so that
 * each way has its runs. In between the dead site comes back and rejoins, and is the next one to take over.
 */
export async function failover(run: LabRun): Promise<void> {
    const { bench, lab, size, latency } = run;
    const { applications, python } = await peersOf(run);
    const { peers, roles, runs } = bench.options;
    const others = await failoversOf(lab, applications, python, { rule, peers, roles });
    const figures = new FailoverFigures({ size, latency, withRoles: roles !== undefined });
    const rejoins = new Rejoins(run);
    const ways = waysOf(lab, applications, python, { rule, peers });
    const laps = lapsOf(runs, ourFailovers, others);
    for (const [index, lap] of laps.entries()) {
        bench.log(`failover: lap ${index + 1} of ${laps.length}`);
        await oneLap(run, figures, lap);
        // Each way so often as is asked, and then the first, which is the fastest: with ten applications Ansible takes minutes.
        const way = index < runs * ways.length ? ways[index % ways.length]! : ways[0]!;
        await rejoins.next(lap.peer && way);
        bench.report.put(...figures.rows(bench.report.rows), ...rejoins.rows());
    }
}

/** Ours and the peers' one after the other, now these first and now those. */
async function oneLap(
    run: LabRun,
    figures: FailoverFigures,
    { own, peer, oursFirst }: Lap<OurFailover, PeerFailover>,
): Promise<void> {
    const { lab, ours } = run;
    const [from, to] = [ours.serving, ours.standby];
    await ours.configure("active", to, [to]);
    await ours.configure("takeover", String(ours.epoch + 1), [to]);
    await writes(lab, from, 10);
    await lab.kill(from);
    const idle = watchIdle();
    const ofPeer = peer === undefined ? [] : [() => letOthersTakeOver(run, figures, peer)];
    const steps = [() => takeOver(run, figures, own), ...ofPeer];
    for (const step of oursFirst ? steps : steps.reverse()) {
        await step();
    }
    figures.idle.push(idle());
    if (own.name === "trident-dr takeover") {
        // The stack takes the newer record in, as its operator would have it do.
        await up(ours.stacks[to]);
    }
    await lab.revive(from);
}

async function takeOver(
    { bench, lab, ours, empty }: LabRun,
    figures: FailoverFigures,
    own: OurFailover,
): Promise<void> {
    const nothing = await own.empty?.(empty);
    const window = new LedgerWindow(lab);
    const { started, seconds } = await own.run(ours);
    const change = writesSince(lab.sites[ours.standby], started)[0];
    if (change === undefined) {
        throw new Error(`${own.name} at ${ours.standby} succeeded, and the site's servers wrote down no change`);
    }
    const of = figures.ours(own.name);
    const firstChange = (change.time.getTime() - started.getTime()) / 1000;
    const firstWrite = await window.secondsUntilAll(ours.names, ours.standby, started);
    of.empty.push(...(nothing === undefined ? [] : [nothing.seconds]));
    of.firstChange.push(firstChange);
    of.firstWrite.push(firstWrite);
    of.whole.push(seconds);
    const reactions = reactionsInLog(lab.sites[ours.standby].kubernetes.auditLog, ours.names, started);
    of.reaction.push(...(reactions.length === 0 ? [] : [measured(reactions).median]));
    bench.log(`${own.name}: first change ${firstChange} s, first write ${firstWrite} s, ended ${seconds} s`);
}

async function letOthersTakeOver(run: LabRun, figures: FailoverFigures, other: PeerFailover): Promise<void> {
    const { bench, lab, ours } = run;
    const { applications } = await peersOf(run);
    const window = new LedgerWindow(lab);
    const { ok, output, started, seconds } = await other.run(ours.standby);
    if (!ok) {
        throw new Error(`${peerNames[other.name]} failed at ${ours.standby}:\n${output.slice(-3000)}`);
    }
    const of = figures.peer(other.name);
    const firstWrite = await window.secondsUntilAll(applications.names, ours.standby, started);
    of.firstWrite.push(firstWrite);
    of.whole.push(seconds);
    bench.log(`${peerNames[other.name]}: first write ${firstWrite} s, ended ${seconds} s`);
}
