import { Comparison } from "../comparison";
import { atMostShare, type Goal, noGoal } from "../goals";
import { watchIdle } from "../idle";
import type { LabRun } from "../labRun";
import type { PeerWay } from "../peers/ways";
import type { Row } from "../rows";

/** The ways into the mirror after failovers: all commands, one after another. */
export class Rejoins {
    private readonly commands = new Comparison();

    constructor(private readonly run: LabRun) {}

    /** The site that was taken over from is back, and becomes the standby site of the one that serves now. */
    async next(way: PeerWay): Promise<void> {
        const { bench, ours } = this.run;
        const [returned, serving] = [ours.serving, ours.standby];
        const idle = watchIdle();
        const configured = await ours.configure("active", serving, [returned]);
        const settled = await ours.settle(returned);
        const seconds = configured + settled.seconds;
        const theirs = await way.rejoin(serving, returned);
        mustHaveSucceeded(way, theirs);
        this.commands.add(seconds, way.name, theirs.seconds, idle());
        ours.served(serving);
        bench.log(`rejoin: ${seconds.toFixed(1)} s in ${settled.runs.length} runs; ${way.name} ${theirs.seconds} s`);
    }

    rows(): Row[] {
        const { size, latency } = this.run;
        return this.commands.rows({ measure: "rejoin: all commands", size, latency, unit: "s" }, halfOfAnsible);
    }
}

/** Goals of all commands: half of what stands in for NetApp's roles. */
export function halfOfAnsible(peer: string): Goal {
    return peer.startsWith("kubectl") ? noGoal : atMostShare(0.5, "≤ half");
}

export function mustHaveSucceeded(way: PeerWay, { ok, output }: { ok: boolean; output: string }): void {
    if (!ok) {
        throw new Error(`${way.name} failed:\n${output.slice(-3000)}`);
    }
}
