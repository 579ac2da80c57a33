/**
 * `npm test`: formatting, lint, types, and every mocha test, in that order. Each of the first three counts as one
 * test. The last line is `N passed, N failed`, whatever happens before it.
 */
import { ensureTools } from "../lab/tools";
import { bin, type Count, mocha, run } from "./mocha";

async function main(): Promise<void> {
    const total: Count = { passed: 0, failed: 0 };
    const add = ({ passed, failed }: Count) => {
        total.passed += passed;
        total.failed += failed;
    };
    add(await check("types", bin("tsc"), ["-p", "tsconfig.check.json"]));
    add(await check("formatting", bin("prettier"), ["--check", "."]));
    add(await check("lint", bin("eslint"), ["."]));
    // On a fresh machine the lab's tools take minutes to build: longer than a test may take.
    await ensureTools({ progress: console.log });
    const files = process.argv.slice(2);
    add(await mocha(files.length > 0 ? files : ["tests/**/*.test.ts"]));
    console.log(`${total.passed} passed, ${total.failed} failed`);
    process.exitCode = total.failed === 0 && total.passed > 3 ? 0 : 1;
}

async function check(name: string, command: string, args: string[]): Promise<Count> {
    const code = await run(command, args);
    console.log(`${code === 0 ? "✔" : "✘"} ${name}`);
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

main().catch((error: unknown) => {
    console.error(error);
    console.log("0 passed, 1 failed");
    process.exitCode = 1;
});
