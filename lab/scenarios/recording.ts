import type { Terminal } from "../../cli/terminal";

/** What was typed and printed, as somebody saw it who sat there. */
export class Recording {
    private readonly lines: string[] = [];

    /** @param answers what is typed at each question, in their order */
    constructor(private readonly answers: readonly string[]) {}

    /** To be handed to the command in place of a person's. */
    readonly terminal: Terminal = {
        print: (text) => this.lines.push(...text.split("\n")),
        complain: (text) => this.lines.push(...text.split("\n")),
        ask: (question) => {
            const answer = this.answers[this.asked++];
            this.lines.push(`${question}${answer ?? ""}`);
            return Promise.resolve(answer);
        },
    };

    private asked = 0;

    typed(command: string): void {
        this.lines.push(...(this.lines.length === 0 ? [] : [""]), `$ ${command}`);
    }

    /** The same for the same events: without what only the clock, chance or the machine made. */
    get text(): string {
        return normalised(this.lines.join("\n"));
    }
}

/** How far times are rounded: two runs of a lab differ by less. */
const grain = 5;

function normalised(text: string): string {
    return text
        .replace(/^( +)(\d+):(\d\d) {2}/gm, (_, _indent, minutes: string, seconds: string) => {
            const total = rounded(Number(minutes) * 60 + Number(seconds));
            return `${`${Math.floor(total / 60)}:${String(total % 60).padStart(2, "0")}`.padStart(6)}  `;
        })
        .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
        .replace(/\bsha256:[0-9a-f]{64}\b/g, "sha256:<digest>")
        .replace(/[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}\b/g, "<uuid>")
        .replace(/\b(\d+(?:\.\d+)?) s\b/g, (_, seconds: string) => `${Math.max(rounded(Number(seconds)), grain)} s`)
        .replace(/ +$/gm, "");
}

function rounded(seconds: number): number {
    return Math.round(seconds / grain) * grain;
}

const begin = "<!-- recording: npm run record -->";
const end = "<!-- end of the recording -->";

/**
 * A document of Markdown with a recording in its place, which two comments mark.
 *
 * @throws Error where it has no such place
 */
export function withRecording(document: string, recording: string): string {
    const [before, rest] = document.split(begin);
    const after = rest?.split(end)[1];
    if (before === undefined || after === undefined) {
        throw new Error(`Expected a place for the recording: a line "${begin}", and after it a line "${end}"`);
    }
    const block = ["```text", recording.trimEnd(), "```"].join("\n");
    const folded = `<details><summary>What it shows, recorded in a lab</summary>\n\n${block}\n\n</details>`;
    return `${before}${begin}\n\n${folded}\n\n${end}${after}`;
}
