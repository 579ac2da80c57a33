import fc from "fast-check";
import { guards, wholePlanner, type Guard, type Planner } from "./guards";
import { histories, play, type History, type Played } from "./history";
import type { Violation } from "./world";

export interface Found {
    history: History;
    violations: readonly Violation[];
    log: readonly string[];
}

export interface Explored {
    runs: number;
    states: number;
    violations: Found[];
}

/** Plays histories drawn from a seed; after the first that violates a property, looks for a shorter one. */
export async function explore(
    options: { runs: number; seed: number; shrink: boolean },
    planner: Planner = wholePlanner,
): Promise<Explored> {
    const states = new Set<string>();
    let runs = 0;
    const property = fc.asyncProperty(histories, async (history) => {
        runs++;
        const played = await play(history, planner);
        played.states.forEach((state) => states.add(state));
        return played.violations.length === 0;
    });
    const result = await fc.check(property, {
        numRuns: options.runs,
        seed: options.seed,
        endOnFailure: !options.shrink,
    });
    if (!result.failed) {
        return { runs, states: states.size, violations: [] };
    }
    const [history] = result.counterexample!;
    const played: Played = await play(history, planner);
    return { runs, states: states.size, violations: [{ history, violations: played.violations, log: played.log }] };
}

export interface Caught {
    guard: string;
    /** The property that failed without it, or undefined when none did. */
    by: string | undefined;
    runs: number;
    /** What the whole planner breaks in the same history: then that shows nothing of the guard. */
    withIt: Found | undefined;
}

/** Takes each guard out in turn, and looks for a history that shows what it is good for. */
export async function removeGuards(options: { runs: number; seed: number }): Promise<Caught[]> {
    const caught: Caught[] = [];
    for (const guard of guards()) {
        caught.push(await removeGuard(guard, options));
    }
    return caught;
}

export async function removeGuard(guard: Guard, options: { runs: number; seed: number }): Promise<Caught> {
    const { runs, violations } = await explore({ ...options, shrink: false }, guard.without);
    const [found] = violations;
    const withIt = found === undefined ? undefined : await brokenByWhole(found.history);
    return { guard: guard.name, by: found?.violations[0]?.property, runs, withIt };
}

async function brokenByWhole(history: History): Promise<Found | undefined> {
    const { violations, log } = await play(history, wholePlanner);
    return violations.length === 0 ? undefined : { history, violations, log };
}
