/**
 * Runs checks and tests; the last line is `N passed, N failed`, whatever happens before it.
 *
 *     npm test                              checks, then all tiers; of whole labs a sample
 *     npm run check                         types, formatting and lint, each of which counts as one test
 *     npm run test:unit                     one tier; also test:browser, test:integration and test:e2e
 *     npm test tests/unit/a.test.ts ...     these files alone, each in its tier
 */
import { ensureTools } from "../lab/tools";
import { bin, type Count, mocha, run } from "./mocha";
import { isTier, type Tier, tierOf, type TierName, tiers } from "./tiers";

async function main(args: readonly string[]): Promise<void> {
    const files = args.filter((arg) => arg !== "check" && !isTier(arg));
    const counts: Count[] = [];
    if (files.length > 0) {
        for (const tier of Object.keys(tiers) as TierName[]) {
            const own = files.filter((file) => tierOf(file) === tier);
            counts.push(...(own.length === 0 ? [] : [await runTier({ ...tiers[tier], specs: own })]));
        }
    } else {
        counts.push(...(args.includes("check") ? await runChecks() : []));
        for (const tier of args.filter(isTier)) {
            console.log(`\n${tier} tests`);
            counts.push(await runTier(tiers[tier]));
        }
    }
    report(counts);
}

async function runTier({ specs, needsTools, mochaArgs }: Tier): Promise<Count> {
    if (needsTools) {
        await ensureTools({ progress: console.log });
    }
    const count = await mocha(specs, mochaArgs);
    return count.passed + count.failed === 0 ? { passed: 0, failed: 1 } : count;
}

async function runChecks(): Promise<Count[]> {
    return [
        await check("types", "tsc", ["-p", "tsconfig.check.json"]),
        await check("formatting", "prettier", ["--check", "."]),
        await check("lint", "eslint", ["."]),
    ];
}

async function check(name: string, command: string, args: string[]): Promise<Count> {
    const code = await run(bin(command), args);
    console.log(`${code === 0 ? "✔" : "✘"} ${name}`);
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function report(counts: readonly Count[]): void {
    const passed = counts.reduce((sum, count) => sum + count.passed, 0);
    const failed = counts.reduce((sum, count) => sum + count.failed, 0);
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error);
    console.log("0 passed, 1 failed");
    process.exitCode = 1;
});
