import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { anchorsOf, type Document, documents, filesBelow, root, textOf } from "./documents";

describe("links", () => {
    it("between documents lead to files and headings that are there", () => {
        assert.ok(documents.length > 20, `${documents.length} documents`);
        assert.deepEqual(documents.flatMap(brokenLinksIn), []);
    });

    it("from the code lead to documents and headings that are there", () => {
        const sources = ["provider", "components", "testing", "lab", "tests", "examples"].flatMap((folder) =>
            filesBelow(folder, /\.(ts|cjs|yaml)$/),
        );
        const cited = sources.flatMap((file) =>
            [...textOf(file).matchAll(/docs\/[\w/-]+\.md(#[\w-]+)?/g)].map(([target]) => ({ file, target })),
        );
        assert.ok(cited.length > 20, `${cited.length} citations`);
        assert.deepEqual(
            cited.flatMap(({ file, target }) => brokenLink("README.md", target)?.concat(` (${file})`) ?? []),
            [],
        );
    });

    it("reach every fact and every runbook from the index", () => {
        const index = textOf("docs/README.md");
        const files = filesBelow("docs", /\.md$/).filter((file) => file !== "docs/README.md");
        assert.deepEqual(
            files.filter((file) => !index.includes(`](${path.posix.relative("docs", file)})`)),
            [],
        );
    });
});

describe("tables of documents", () => {
    it("have as many cells in each row as in their heads", () => {
        assert.deepEqual(documents.flatMap(unevenRows), []);
    });
});

function brokenLinksIn({ file, lines, isCode }: Document): string[] {
    const prose = lines.filter((_, index) => !isCode[index]!).map((line) => line.replace(/`[^`]*`/g, ""));
    const definitions = new Map(
        prose.flatMap((line) => {
            const [, name, target] = /^\[([^\]]+)\]: (\S+)/.exec(line) ?? [];
            return name === undefined || target === undefined ? [] : [[name, target] as const];
        }),
    );
    const inline = prose.flatMap((line) => [...line.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!));
    const named = prose.flatMap((line) => [...line.matchAll(/\[([\w./-]+\.(?:ts|md))\](?![(:])/g)]);
    return [
        ...[...inline, ...definitions.values()].flatMap((target) => brokenLink(file, target) ?? []),
        ...named.filter(([, name]) => !definitions.has(name!)).map(([link]) => `${file}: ${link} is not defined`),
    ];
}

/** What is wrong with a link, if it stays in the repository. */
function brokenLink(from: string, target: string): string | undefined {
    const [file = "", anchor] = target.split("#");
    if (/^[a-z]+:/.test(target)) {
        return undefined;
    }
    const to = file === "" ? from : path.posix.join(path.posix.dirname(from), file);
    if (!existsSync(path.join(root, to))) {
        return `${from}: ${target} does not exist`;
    }
    const document = documents.find((one) => one.file === to);
    return anchor === undefined || document === undefined || anchorsOf(document).has(anchor)
        ? undefined
        : `${from}: ${target} names no heading of it`;
}

/** A row without a head before it is none: what comes after an empty line is shown as it is written. */
function unevenRows({ file, lines, isCode }: Document): string[] {
    let cells: number | undefined;
    return lines.flatMap((line, index) => {
        const isRow = !isCode[index]! && line.startsWith("|");
        if (!isRow) {
            cells = undefined;
            return [];
        }
        const found = line.replace(/\\\|/g, "").split("|").length - 2;
        if (cells === undefined && /^\|[-| :]+\|$/.test(lines[index + 1] ?? "")) {
            cells = found;
        }
        return cells === found ? [] : [`${file}:${index + 1}: expected ${cells ?? "no"} cells, found ${found}`];
    });
}
