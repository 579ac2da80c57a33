import { Console } from "node:console";
import { clearScreenDown, cursorTo } from "node:readline";
import { createInterface } from "node:readline/promises";
import type { WriteStream } from "node:tty";
import { withoutControls } from "../provider/support/printable";
import { Bottom } from "./bottom";

/** Where a command talks to a person. */
export interface Terminal {
    print(line: string): void;
    /** Prints what went wrong. */
    complain(line: string): void;
    /** Takes away what was printed before. Absent where nobody watches. */
    clear?(): void;
    /**
     * Shows lines below all that is printed, each second anew and in place, until it is called with none. Absent where
     * output is no terminal, or is kept, as that of CI is.
     */
    live?(lines: (() => readonly string[]) | undefined): void;
    /** Absent where nobody can answer. Resolves to undefined where nobody does. */
    ask?(question: string): Promise<string | undefined>;
}

export interface TerminalStreams {
    stdin: NodeJS.ReadStream;
    stdout: WriteStream;
    stderr: WriteStream;
    environment: NodeJS.ProcessEnv;
}

export const systemTerminal: Terminal = terminalOn({
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
});

export function terminalOn({ stdin, stdout, stderr, environment }: TerminalStreams): Terminal {
    const output = new Console({ stdout, stderr });
    const bottom = new Bottom(stdout);
    return {
        print: (line) => bottom.above(() => output.log(withoutControls(line))),
        complain: (line) => bottom.above(() => output.error(withoutControls(line))),
        ...(stdin.isTTY && stdout.isTTY ? { ask: (question) => ask(question, stdin, stdout) } : {}),
        ...(stdout.isTTY ? { clear: () => clear(stdout) } : {}),
        ...(canRedraw(stdout, environment) ? { live: (lines) => bottom.show(lines) } : {}),
    };
}

function canRedraw({ isTTY }: WriteStream, { CI = "", TERM }: NodeJS.ProcessEnv): boolean {
    return isTTY && TERM !== "dumb" && ["", "0", "false"].includes(CI);
}

function clear(stdout: WriteStream): void {
    cursorTo(stdout, 0, 0);
    clearScreenDown(stdout);
}

async function ask(question: string, input: NodeJS.ReadStream, output: WriteStream): Promise<string | undefined> {
    const prompt = createInterface({ input, output });
    const left = new Promise<undefined>((resolve) => prompt.once("close", () => resolve(undefined)));
    // Ctrl-C and the end of the input both end it without an answer.
    prompt.once("SIGINT", () => prompt.close());
    try {
        return await Promise.race([prompt.question(withoutControls(question)), left]);
    } finally {
        prompt.close();
    }
}
