import { atMost, atMostOver, atMostShare, faster, type Goal, noGoal, timesLess } from "../goals";
import type { LatencyName } from "../latency";
import type { OurName } from "../ours/failovers";
import { type PeerName, peerNames } from "../peers/failovers";
import { notRun, type Row, rowOf, type Subject, type Values } from "../rows";
import { mean, measured } from "../statistics";

/** Seconds of one way to fail over, run by run. */
interface Times {
    /** Until every application was acknowledged a write. */
    firstWrite: number[];
    /** Until the command ended. */
    whole: number[];
}

interface OurTimes extends Times {
    firstChange: number[];
    /** Of an empty program that is run in the same way. */
    empty: number[];
    /** Milliseconds, of each lap: the median over all applications. */
    reaction: number[];
}

/** What failovers took so far, and the rows that they make. */
export class FailoverFigures {
    /** Share of the machine's time, lap by lap. */
    readonly idle: number[] = [];
    private readonly own = new Map<OurName, OurTimes>();
    private readonly others = new Map<PeerName, Times>();

    constructor(private readonly about: { size: number; latency: LatencyName; withRoles: boolean }) {}

    ours(name: OurName): OurTimes {
        return entryOf(this.own, name, () => ({ firstChange: [], firstWrite: [], whole: [], empty: [], reaction: [] }));
    }

    peer(name: PeerName): Times {
        return entryOf(this.others, name, () => ({ firstWrite: [], whole: [] }));
    }

    /** @param before rows of the same run, among them those of one application */
    rows(before: readonly Row[]): Row[] {
        return [...this.own].flatMap(([name, times]) => [
            ...this.firstChange(name, times),
            ...this.against(firstWriteOf(name), times.firstWrite, "firstWrite", (peer) => this.goal(name, peer)),
            ...this.grown(name, times, before),
            ...this.reaction(name, times),
            ...this.against(`failover, ${name}: the command ends`, times.whole, "whole", () => noGoal),
        ]);
    }

    private firstChange(name: OurName, { firstChange, empty }: OurTimes): Row[] {
        const measure = `failover, ${name}: first change at the surviving site`;
        const { idle } = this;
        if (empty.length === 0) {
            return [rowOf(this.subject(measure, noGoal), firstChange, { idle: mean(idle) })];
        }
        const goal = atMostOver(this.about.size === 1 ? 1 : 3, "s");
        const peer = { name: `empty program, ${name}`, values: empty };
        return [rowOf(this.subject(measure, goal), firstChange, { peer, idle: mean(idle) })];
    }

    private reaction(name: OurName, { reaction }: OurTimes): Row[] {
        const measure = `failover, ${name}: state reached → next request`;
        const subject = { ...this.subject(measure, atMost(100, "ms")), unit: "ms" as const };
        return reaction.length === 0 ? [] : [rowOf(subject, reaction, { idle: mean(this.idle) })];
    }

    private against(
        measure: string,
        values: readonly number[],
        of: keyof Times,
        goal: (peer: PeerName) => Goal,
    ): Row[] {
        const peers = [...this.others].map(([peer, times]) => {
            const theirs: Values = { name: peerNames[peer], values: times[of] };
            return rowOf(this.subject(measure, goal(peer)), values, { peer: theirs, idle: mean(this.idle) });
        });
        const missing = this.about.withRoles
            ? []
            : [notRun(this.subject(`${measure}, ${peerNames.roles}`, noGoal), noRoles)];
        return [...peers, ...missing];
    }

    private goal(name: OurName, peer: PeerName): Goal {
        const isKubectl = peer === "loop" || peer === "parallel";
        if (name === "up") {
            return noGoal;
        }
        if (isKubectl && name === "trident-dr takeover") {
            return atMostOver(1, "s");
        }
        if (isKubectl) {
            const { median } = measured(this.ours(name).empty);
            return { ...atMostOver(median, "s"), text: "≤ an empty program more" };
        }
        return this.about.size === 1 ? faster : timesLess(5);
    }

    /** Against one application, in the same run of the benchmark. */
    private grown(name: OurName, { firstWrite }: OurTimes, before: readonly Row[]): Row[] {
        const { size, latency } = this.about;
        const one = before.find(
            (row) => row.measure === firstWriteOf(name) && row.size === 1 && row.latency === latency,
        )?.ours;
        if (size === 1 || one === undefined || one === null) {
            return [];
        }
        const subject = this.subject(`${firstWriteOf(name)}, as a multiple of one`, atMostShare(3, "≤ 3 times"));
        const peer = { name: "one application", values: [one.median] };
        return [rowOf(subject, firstWrite, { peer, idle: mean(this.idle) })];
    }

    private subject(measure: string, goal: Goal): Subject {
        const { size, latency } = this.about;
        return { measure, size, latency, unit: "s", goal };
    }
}

const noRoles = "--roles names no checkout of NetApp/netapp.trident_protect";

function firstWriteOf(name: OurName): string {
    return `failover, ${name}: first write of every application`;
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
    const known = map.get(key) ?? make();
    map.set(key, known);
    return known;
}
