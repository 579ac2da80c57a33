import { spawn } from "node:child_process";

/** What a command of somebody else's did. */
export interface Commanded {
    ok: boolean;
    /** Standard output and standard error, in their order. */
    output: string;
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
        const take = (chunk: Buffer) => (output += chunk.toString());
        child.stdout.on("data", take);
        child.stderr.on("data", take);
        child.on("error", reject);
        child.on("close", (code) =>
            resolve({ ok: code === 0, output, started, seconds: (Date.now() - started.getTime()) / 1000 }),
        );
    });
}

/** The same, of what must not fail. */
export async function commandOrFail(argv: readonly string[], environment?: Environment): Promise<Commanded> {
    const done = await command(argv, environment);
    if (!done.ok) {
        throw new Error(`${argv.join(" ")} failed:\n${done.output.slice(-3000)}`);
    }
    return done;
}
