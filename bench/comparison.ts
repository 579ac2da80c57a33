import { type Goal, noGoal } from "./goals";
import { type Row, rowOf, type Subject } from "./rows";
import { mean } from "./statistics";

/** What ours and others took for the same, run by run. */
export class Comparison {
    private readonly ours: number[] = [];
    private readonly idle: number[] = [];
    private readonly others = new Map<string, number[]>();

    /** One run of ours, and those of others beside it, by name; none where theirs takes too long to be run each time. */
    add(ours: number, theirs: Readonly<Record<string, number>>, idle: number): void {
        this.ours.push(ours);
        this.idle.push(idle);
        for (const [peer, value] of Object.entries(theirs)) {
            this.others.set(peer, [...(this.others.get(peer) ?? []), value]);
        }
    }

    /** A row for each of the others; where there is none, one of ours. */
    rows(subject: Omit<Subject, "goal">, goalFor: (peer: string) => Goal): Row[] {
        const idle = mean(this.idle);
        if (this.others.size === 0) {
            return [rowOf({ ...subject, goal: noGoal }, this.ours, { idle })];
        }
        return [...this.others].map(([name, values]) =>
            rowOf({ ...subject, goal: goalFor(name) }, this.ours, { peer: { name, values }, idle }),
        );
    }
}
