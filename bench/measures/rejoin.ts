import { Comparison } from "../comparison";
import { atMostShare, type Goal, noGoal } from "../goals";
import { watchIdle } from "../idle";
import type { LabRun } from "../labRun";
import type { PeerWay } from "../peers/ways";
import type { SiteName } from "../../lab/lab";
import { notRun, type Row, type Subject } from "../rows";

/** The ways into the mirror after failovers: all commands, one after another. */
export class Rejoins {
    private readonly commands = new Comparison();

    constructor(private readonly run: LabRun) {}

    /**
     * The site that was taken over from is back, and becomes the standby site of the one that serves now.
     *
     * @param way of the peers; undefined where their applications have not failed over
     */
    async next(way: PeerWay | undefined): Promise<void> {
        const { bench, ours } = this.run;
        const [returned, serving] = [ours.serving, ours.standby];
        const idle = watchIdle();
        const configured = await ours.configure("active", serving, [returned]);
        const settled = await ours.settle(returned);
        const seconds = configured + settled.seconds;
        bench.log(`rejoin: ${seconds.toFixed(1)} s in ${settled.runs.length} runs`);
        this.commands.add(seconds, await this.byPeer(way, serving, returned), idle());
        ours.served(serving);
    }

    private async byPeer(
        way: PeerWay | undefined,
        serving: SiteName,
        returned: SiteName,
    ): Promise<Record<string, number>> {
        if (way === undefined) {
            return {};
        }
        const theirs = await way.rejoin(serving, returned);
        mustHaveSucceeded(way, theirs);
        this.run.bench.log(`rejoin: ${way.name} ${theirs.seconds} s`);
        return { [way.name]: theirs.seconds };
    }

    rows(): Row[] {
        const { size, latency } = this.run;
        const subject = { measure: "rejoin: all commands", size, latency, unit: "s" as const };
        return [...this.commands.rows(subject, halfOfAnsible), withoutRoles(subject)];
    }
}

/** Goals of all commands: half of what stands in for NetApp's roles. */
export function halfOfAnsible(peer: string): Goal {
    return peer.startsWith("kubectl") ? noGoal : atMostShare(0.5, "≤ half");
}

/** Those of NetApp's roles that lead back make vaults as well, which the lab's are not like. */
export function withoutRoles({ measure, ...subject }: Omit<Subject, "goal">): Row {
    const goal = atMostShare(0.5, "≤ half");
    const why = "of NetApp's roles only dr_failover is run; Ansible with kubernetes.core stands in for the others";
    return notRun({ measure: `${measure}, NetApp's roles`, ...subject, goal }, why);
}

export function mustHaveSucceeded(way: PeerWay, { ok, output }: { ok: boolean; output: string }): void {
    if (!ok) {
        throw new Error(`${way.name} failed:\n${output.slice(-3000)}`);
    }
}
