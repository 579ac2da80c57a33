/**
 * `npm test`: formatting, lint, types, and every mocha test, in that order. Each of the first three counts as one
 * test. The last line is `N passed, N failed`, whatever happens before it.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureTools } from "../lab/tools";

interface Count {
    passed: number;
    failed: number;
}

const root = path.join(__dirname, "..");
const bin = (name: string) => path.join(root, "node_modules", ".bin", name);

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
    add(await mocha(process.argv.slice(2)));
    console.log(`${total.passed} passed, ${total.failed} failed`);
    process.exitCode = total.failed === 0 && total.passed > 3 ? 0 : 1;
}

async function check(name: string, command: string, args: string[]): Promise<Count> {
    const code = await run(command, args);
    console.log(`${code === 0 ? "✔" : "✘"} ${name}`);
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** All files in one process: the tests that use a lab share it. */
async function mocha(files: string[]): Promise<Count> {
    const folder = mkdtempSync(path.join(tmpdir(), "trident-dr-tests-"));
    const report = path.join(folder, "report.json");
    try {
        const specs = files.length > 0 ? files : ["tests/**/*.test.ts"];
        const code = await run(bin("mocha"), ["--reporter", "tests/reporter.cjs", ...specs], { MOCHA_REPORT: report });
        const count = readCount(report);
        // A run that ended before its report, or that failed without a failed test, is a failure of its own.
        return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

function readCount(report: string): Count {
    try {
        return JSON.parse(readFileSync(report, "utf8")) as Count;
    } catch {
        return { passed: 0, failed: 1 };
    }
}

function run(command: string, args: string[], environment: Record<string, string> = {}): Promise<number> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...environment } });
        child.on("error", reject);
        child.on("close", (code) => resolve(code ?? 1));
    });
}

main().catch((error: unknown) => {
    console.error(error);
    console.log("0 passed, 1 failed");
    process.exitCode = 1;
});
