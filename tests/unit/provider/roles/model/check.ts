/**
 * `npm run check:model -- --runs N --seed S --report FILE`: plays N random histories through the planner, and looks for
 * one that breaks a property with each guard taken out. Ends with 1 when a property broke or a guard made no difference.
 */
import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { explore, removeGuards } from "./explore";

interface Options {
    runs: number;
    seed: number;
    report?: string;
}

async function check({ runs, seed, report }: Options): Promise<void> {
    const explored = await explore({ runs, seed, shrink: true });
    const guards = await removeGuards({ runs: Math.max(runs, enoughForAGuard), seed });
    const caught = guards.filter(({ by, withIt }) => by !== undefined && withIt === undefined);
    const broken = [...explored.violations, ...guards.flatMap(({ withIt }) => withIt ?? [])];
    const result = {
        runs: explored.runs,
        states: explored.states,
        violations: broken.length,
        guardsRemoved: guards.length,
        guardsCaught: caught.length,
        guards: guards.map(({ guard, by, runs: histories }) => ({ guard, by, runs: histories })),
        histories: broken,
    };
    if (report !== undefined) {
        writeFileSync(report, `${JSON.stringify(result, undefined, 2)}\n`);
    }
    for (const { violations, log } of broken) {
        console.log([...violations.map(({ property, what }) => `${property}: ${what}`), ...log].join("\n"));
    }
    for (const { guard, by, withIt } of guards) {
        console.log(`without ${guard}: ${withIt === undefined ? (by ?? "no property broke") : "no more than with it"}`);
    }
    console.log(
        `${explored.runs} histories, ${explored.states} states, ${broken.length} violations; ${caught.length} of ${guards.length} guards caught`,
    );
    process.exitCode = broken.length === 0 && caught.length === guards.length ? 0 : 1;
}

/** Histories after which a guard that made no difference is one that is not needed. */
const enoughForAGuard = 10_000;

function whole(text: string): number {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1) {
        throw new InvalidArgumentError("a whole number from 1");
    }
    return value;
}

void new Command("check:model")
    .option("--runs <n>", "random histories", whole, 10_000)
    .option("--seed <s>", "from which they are drawn", whole, Date.now() % 1_000_000_000)
    .option("--report <file>", "where to write the result as JSON")
    .action(check)
    .parseAsync();
