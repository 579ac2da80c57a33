import { spawn } from "node:child_process";

/** What a command of somebody else's did. */
export interface Commanded {
    ok: boolean;
    /** Standard output and standard error, in their order. */
    output: string;
    /** Standard error alone. */
    errors: string;
    started: Date;
    seconds: number;
}

/** Variables over our own; what is undefined is taken away. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Runs a command with variables over our own, and waits for its end. */
export function command([file, ...args]: readonly string[], environment: Environment = {}): Promise<Commanded> {
    const started = new Date();
    return new Promise((resolve, reject) => {
        const child = spawn(file!, args, {
            stdio: ["ignore", "pipe", "pipe"],
            env: { ...process.env, ...environment },
        });
        let output = "";
        let errors = "";
        child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => {
            output += chunk.toString();
            errors += chunk.toString();
        });
        child.on("error", reject);
        child.on("close", (code) =>
            resolve({ ok: code === 0, output, errors, started, seconds: (Date.now() - started.getTime()) / 1000 }),
        );
    });
}

/**
 * The same, of what must not fail. The error has what the command printed as errors, and only the beginning of the command:
 * a hundred names would hide them.
 */
export async function commandOrFail(argv: readonly string[], environment?: Environment): Promise<Commanded> {
    const done = await command(argv, environment);
    if (!done.ok) {
        const begun = argv.length > longest ? `${argv.slice(0, longest).join(" ")} …` : argv.join(" ");
        throw new Error(`${begun} failed:\n${(done.errors || done.output).slice(-3000)}`);
    }
    return done;
}

/** How many arguments of a command its error names. */
const longest = 6;
