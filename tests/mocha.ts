import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export interface Count {
    passed: number;
    failed: number;
}

const root = path.join(__dirname, "..");

/** An executable that a package of npm brings. */
export const bin = (name: string) => path.join(root, "node_modules", ".bin", name);

/** All files in one process: the tests that use a lab share it. */
export async function mocha(specs: readonly string[], options: readonly string[] = []): Promise<Count> {
    const folder = mkdtempSync(path.join(tmpdir(), "trident-dr-tests-"));
    const report = path.join(folder, "report.json");
    try {
        const args = ["--reporter", "tests/reporter.cjs", ...options, ...specs];
        const code = await run(bin("mocha"), args, { MOCHA_REPORT: report });
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

/** Runs a command in the root of the project, with our own output; resolves with its exit code. */
export function run(
    command: string,
    args: readonly string[],
    environment: Record<string, string> = {},
): Promise<number> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...environment } });
        child.on("error", reject);
        child.on("close", (code) => resolve(code ?? 1));
    });
}
