import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(__dirname, "../../..");

/** A document of the repository. */
export interface Document {
    /** Path from the root of the repository. */
    file: string;
    lines: readonly string[];
    /** Which of the lines are in a fenced block. */
    isCode: readonly boolean[];
}

/** Every Markdown file that people read. */
export const documents: readonly Document[] = filesBelow(".", /\.md$/).map(readDocument);

/** Files below a folder, by their paths from the root of the repository. */
export function filesBelow(folder: string, name: RegExp): string[] {
    return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
        const below = path.posix.join(folder, entry.name);
        return entry.isDirectory()
            ? isForeign(entry.name)
                ? []
                : filesBelow(below, name)
            : name.test(entry.name)
              ? [below]
              : [];
    });
}

export function textOf(file: string): string {
    return readFileSync(path.join(root, file), "utf8");
}

/** Something to type. */
export interface Command {
    /** File and line. */
    at: string;
    command: string;
    /** Whether it stands in a block, to be copied as it is; otherwise a sentence mentions it. */
    isInBlock: boolean;
}

/** A command after another in a line is one of its own. */
export function commandsIn({ file, lines, isCode }: Document): Command[] {
    return lines.flatMap((line, index) => {
        const isInBlock = isCode[index]!;
        const parts = isInBlock ? [line] : [...line.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
        return parts
            .flatMap((part) => part.split(/&&|;|\|/))
            .map((part) => ({ at: `${file}:${index + 1}`, command: part.replace(/\s#.*$/, "").trim(), isInBlock }));
    });
}

/** The anchors that GitHub gives the headings of a document. */
export function anchorsOf({ lines, isCode }: Document): Set<string> {
    const anchors = new Set<string>();
    const headings = lines.filter((line, index) => !isCode[index]! && /^#{1,6} /.test(line));
    for (const heading of headings) {
        const anchor = anchorOf(heading);
        const before = [...anchors].filter((one) => one === anchor || one.startsWith(`${anchor}-`)).length;
        anchors.add(anchors.has(anchor) ? `${anchor}-${before}` : anchor);
    }
    return anchors;
}

function anchorOf(heading: string): string {
    return heading
        .replace(/^#+ /, "")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-");
}

function readDocument(file: string): Document {
    const lines = textOf(file).split("\n");
    let inside = false;
    const isCode = lines.map((line) => {
        const isFence = /^\s*```/.test(line);
        inside = isFence ? !inside : inside;
        return inside || isFence;
    });
    return { file, lines, isCode };
}

/** What others wrote, or what is made. */
function isForeign(folder: string): boolean {
    return ["node_modules", "dist", "bin"].includes(folder) || folder.startsWith(".");
}
