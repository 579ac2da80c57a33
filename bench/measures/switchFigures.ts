import { atMostOver, noGoal } from "../goals";
import type { LatencyName } from "../latency";
import type { OurSwitchName } from "../ours/switches";
import { type Row, rowOf, type Subject } from "../rows";
import { mean } from "../statistics";
import { halfOfAnsible, withoutRoles } from "./rejoin";

/** Seconds of one planned switch. */
export interface Switched {
    withoutService: number;
    commands: number;
}

/** What planned switches took so far, and the rows that they make: each of our ways against each of the peers'. */
export class SwitchFigures {
    private readonly own = new Map<OurSwitchName, Switched[]>();
    private readonly others = new Map<string, Switched[]>();
    private readonly idle: number[] = [];

    constructor(private readonly about: { size: number; latency: LatencyName }) {}

    /** One lap. */
    add(own: { name: OurSwitchName } & Switched, peer: { name: string } & Switched, idle: number): void {
        this.own.set(own.name, [...(this.own.get(own.name) ?? []), own]);
        this.others.set(peer.name, [...(this.others.get(peer.name) ?? []), peer]);
        this.idle.push(idle);
    }

    rows(): Row[] {
        return [...this.own].flatMap(([way, laps]) => {
            const whole = this.subject(`${titleOf(way)}: all commands`);
            return [
                ...this.against(
                    this.subject(`${titleOf(way)}: time without service`),
                    "withoutService",
                    laps,
                    (peer) => (peer.startsWith("kubectl") ? atMostOver(1, "s") : noGoal),
                ),
                ...this.against(whole, "commands", laps, halfOfAnsible),
                withoutRoles(whole),
            ];
        });
    }

    private against(
        subject: Omit<Subject, "goal">,
        of: keyof Switched,
        laps: readonly Switched[],
        goalFor: (peer: string) => Subject["goal"],
    ): Row[] {
        const valuesOf = (side: readonly Switched[]) => side.map((one) => one[of]);
        return [...this.others].map(([name, theirs]) =>
            rowOf({ ...subject, goal: goalFor(name) }, valuesOf(laps), {
                peer: { name, values: valuesOf(theirs) },
                idle: mean(this.idle),
            }),
        );
    }

    private subject(measure: string): Omit<Subject, "goal"> {
        return { measure, ...this.about, unit: "s" };
    }
}

/** The runbook's way is what the circle is made of, and has no name of its own. */
function titleOf(way: OurSwitchName): string {
    return way === "up" ? "switch" : `switch, ${way}`;
}
