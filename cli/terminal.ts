import { clearScreenDown, cursorTo } from "node:readline";
import { createInterface } from "node:readline/promises";
import { withoutControls } from "../provider/support/printable";

/** Where a command talks to a person. */
export interface Terminal {
    print(line: string): void;
    /** Prints what went wrong. */
    complain(line: string): void;
    /** Takes away what was printed before. Absent where nobody watches. */
    clear?(): void;
    /** Absent where nobody can answer. Resolves to undefined where nobody does. */
    ask?(question: string): Promise<string | undefined>;
}

export const systemTerminal: Terminal = {
    print: (line) => console.log(withoutControls(line)),
    complain: (line) => console.error(withoutControls(line)),
    ...(process.stdin.isTTY && process.stdout.isTTY ? { ask } : {}),
    ...(process.stdout.isTTY ? { clear } : {}),
};

function clear(): void {
    cursorTo(process.stdout, 0, 0);
    clearScreenDown(process.stdout);
}

async function ask(question: string): Promise<string | undefined> {
    const prompt = createInterface({ input: process.stdin, output: process.stdout });
    const left = new Promise<undefined>((resolve) => prompt.once("close", () => resolve(undefined)));
    // Ctrl-C and the end of the input both end it without an answer.
    prompt.once("SIGINT", () => prompt.close());
    try {
        return await Promise.race([prompt.question(withoutControls(question)), left]);
    } finally {
        prompt.close();
    }
}
