import { decoded, type Decoded } from "./decoded";

const placeholder = "[secret]";

/** Characters from which on a line of a secret that has several, such as a PEM block, is hidden by itself too. */
const shortestLine = 32;

/** Shorter runs of base64 could be anything. */
const shortestRun = 4;

/** Of a longer text, nobody reads the rest; and what is cut here may be half a secret. */
const longestText = 65_536;
const unsafeEnd = 8_192;

interface Range {
    from: number;
    to: number;
}

/**
 * Secrets that must not be printed, and the one function that takes them out of others' words: of servers, proxies and
 * libraries. Redact first, quote and cut afterwards: of a secret that was cut, its first half is no longer recognised.
 */
export class Secrets {
    // Real private fields: util.inspect and JSON.stringify must show none of this.
    readonly #values = new Set<string>();
    #sought: { plain: string[]; decoded: string[]; base64: string[] } | undefined;

    constructor(values: Iterable<string | undefined> = []) {
        for (const value of values) {
            this.keep(value);
        }
    }

    /** Hides a value from now on, and each line of one that has several. */
    keep(value: string | undefined): void {
        if (value !== undefined && value !== "" && !this.#values.has(value)) {
            this.#values.add(value);
            this.#sought = undefined;
        }
    }

    /** The text with every secret replaced, in whichever of the usual encodings it stands there. */
    redact(text: string): string {
        if (this.#values.size === 0) {
            return text;
        }
        if (text.length > longestText) {
            return `${this.redact(text.slice(0, longestText)).slice(0, -unsafeEnd)}…`;
        }
        this.#sought ??= this.sought();
        const { plain, decoded: asDecoded, base64 } = this.#sought;
        const view = decoded(text);
        return replaced(text, [
            ...plain.flatMap((secret) => occurrences(text, secret)),
            ...asDecoded.flatMap((secret) => originals(view, secret)),
            ...base64.flatMap((run) => originals(view, run)).map((range) => wholeRun(text, range)),
        ]);
    }

    private sought() {
        const plain = [...this.#values].flatMap((value) => [value, ...longLines(value)]);
        const encoded = [...this.#values].flatMap(base64Runs);
        return {
            plain,
            decoded: plain.map((secret) => decoded(secret).text).filter((secret) => secret.trim() !== ""),
            base64: encoded.map((run) => decoded(run).text),
        };
    }
}

function longLines(value: string): string[] {
    const lines = value.split(/\r?\n/);
    return lines.length === 1 ? [] : lines.filter((line) => line.length >= shortestLine && !line.startsWith("-----"));
}

/**
 * What base64 makes of the secret, wherever it begins among the bytes that are encoded: without the characters at
 * either end that depend on its neighbours.
 */
function base64Runs(secret: string): string[] {
    const bytes = Buffer.from(secret, "utf8");
    return [0, 1, 2]
        .map((offset) => {
            const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
            const end = Math.floor(((offset + bytes.length) * 8) / 6);
            return text.slice(Math.ceil((offset * 8) / 6), end);
        })
        .filter((run) => run.length >= shortestRun);
}

function occurrences(text: string, sought: string): Range[] {
    const found: Range[] = [];
    for (let at = text.indexOf(sought); at !== -1; at = text.indexOf(sought, at + 1)) {
        found.push({ from: at, to: at + sought.length });
    }
    return found;
}

/** Where in the original text something stands that is found in the decoded one. */
function originals({ text, from, to }: Decoded, sought: string): Range[] {
    return occurrences(text, sought).map((range) => ({ from: from[range.from]!, to: to[range.to - 1]! }));
}

/** With all that follows in the same run of base64: its first character holds bits of the secret's last one. */
function wholeRun(text: string, { from, to }: Range): Range {
    const rest = /(?:[A-Za-z0-9+/_=-]|%3[dD])*/y;
    rest.lastIndex = to;
    rest.exec(text);
    return { from, to: rest.lastIndex };
}

function replaced(text: string, ranges: Range[]): string {
    let redacted = "";
    let done = 0;
    for (const { from, to } of ranges.sort((a, b) => a.from - b.from || b.to - a.to)) {
        if (from >= done) {
            redacted += text.slice(done, from) + placeholder;
        }
        done = Math.max(done, to);
    }
    return redacted + text.slice(done);
}
