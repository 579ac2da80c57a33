import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const pipelines = path.resolve(__dirname, "../../../../examples/pipelines");

/** What a program that a script calls does in its place. */
export interface Fake {
    exit?: number;
    stdout?: string;
    stderr?: string;
    /** Files that it writes, by the option that names them; `""` is one of its own choice, in the folder. */
    writes?: Readonly<Record<string, string>>;
    /** Of several calls, which exit code each has. */
    exits?: readonly number[];
}

/** A call of a fake. */
export interface Call {
    program: string;
    args: readonly string[];
    /** All that came by its standard input. */
    input: string;
}

/** A job of a pipeline: a folder with the files to copy, and programs on the PATH that only write down what they are asked. */
export class Job {
    readonly folder = mkdtempSync(path.join(tmpdir(), "trident-dr-test-"));
    readonly bin = path.join(this.folder, ".fakes");
    private readonly log = path.join(this.folder, ".calls");

    constructor(fakes: Readonly<Record<string, Fake>>) {
        cpSync(path.join(pipelines, "ci"), path.join(this.folder, "ci"), { recursive: true });
        mkdirSync(this.bin);
        writeFileSync(this.log, "");
        Object.entries(fakes).forEach(([program, fake]) => this.put(program, fake));
    }

    put(program: string, fake: Fake): void {
        const text = `#!${process.execPath}\n(${play.toString()})(${JSON.stringify({ program, fake, log: this.log })});\n`;
        writeFileSync(path.join(this.bin, program), text, { mode: 0o755 });
    }

    /** Runs a line of a pipeline as its runner does, with somebody's answers waiting at the standard input. */
    run(line: string, environment: Readonly<Record<string, string>> = {}): { code: number; output: string } {
        const { status, stdout, stderr } = spawnSync("sh", ["-e", "-c", line], {
            cwd: this.folder,
            env: { PATH: [this.bin, path.dirname(process.execPath), "/usr/bin", "/bin"].join(":"), ...environment },
            input: "shop\n",
            encoding: "utf8",
        });
        return { code: status ?? -1, output: `${stdout}${stderr}` };
    }

    get calls(): Call[] {
        const lines = readFileSync(this.log, "utf8").split("\n").slice(0, -1);
        return lines.map((line) => JSON.parse(line) as Call);
    }

    callsOf(program: string): Call[] {
        return this.calls.filter((call) => call.program === program);
    }

    write(file: string, text: string): void {
        writeFileSync(path.join(this.folder, file), text);
    }

    read(file: string): string {
        return readFileSync(path.join(this.folder, file), "utf8");
    }

    has(file: string): boolean {
        return existsSync(path.join(this.folder, file));
    }

    remove(): void {
        rmSync(this.folder, { recursive: true });
    }
}

/** The whole of a fake; it is written into a file of its own, and so uses nothing from here. */
function play({ program, fake, log }: { program: string; fake: Fake; log: string }): void {
    const fs = process.getBuiltinModule("node:fs");
    const args = process.argv.slice(2);
    const before = fs.readFileSync(log, "utf8").split("\n");
    const nth = before.filter((line) => line.includes(`"program":"${program}"`)).length;
    fs.appendFileSync(log, `${JSON.stringify({ program, args, input: fs.readFileSync(0, "utf8") })}\n`);
    for (const [option, text] of Object.entries(fake.writes ?? {})) {
        const file = option.startsWith("--") ? args[args.lastIndexOf(option) + 1] : option;
        fs.writeFileSync(file!, text);
    }
    process.stdout.write(fake.stdout ?? "");
    process.stderr.write(fake.stderr ?? "");
    process.exitCode = fake.exits?.[nth] ?? fake.exit ?? 0;
}
