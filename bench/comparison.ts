import type { Goal } from "./goals";
import { type Row, rowOf, type Subject } from "./rows";
import { mean } from "./statistics";

/** What ours and others took for the same, run by run. */
export class Comparison {
    private readonly ours: number[] = [];
    private readonly idle: number[] = [];
    private readonly others = new Map<string, number[]>();

    /** One run of ours, and one of somebody else's beside it, unless theirs takes too long to be run each time. */
    add(ours: number, peer: string, theirs: number | undefined, idle: number): void {
        this.ours.push(ours);
        this.idle.push(idle);
        this.others.set(peer, [...(this.others.get(peer) ?? []), ...(theirs === undefined ? [] : [theirs])]);
    }

    /** A row for each of the others. */
    rows(subject: Omit<Subject, "goal">, goalFor: (peer: string) => Goal): Row[] {
        return [...this.others].map(([name, values]) =>
            rowOf({ ...subject, goal: goalFor(name) }, this.ours, { peer: { name, values }, idle: mean(this.idle) }),
        );
    }
}
