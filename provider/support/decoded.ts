/** A text without its encodings, and where each of its characters stood in the original one. */
export interface Decoded {
    text: string;
    from: number[];
    to: number[];
}

/** How often one encoding may be put upon another. */
const mostLayers = 8;

/**
 * The text with what JSON, URLs, forms and HTML escape put back, layer by layer, and reduced to what these have in
 * common: no backslashes, no carriage returns, one character for those that a form or base64 for URLs exchanges. It is
 * not meant to be read. A value and the same value in any of these encodings come out the same, so that one is found in
 * the other: a server may quote what it was sent in any of them, and mix them.
 */
export function decoded(original: string): Decoded {
    let view: Decoded = {
        text: original,
        from: Array.from({ length: original.length }, (_, at) => at),
        to: Array.from({ length: original.length }, (_, at) => at + 1),
    };
    for (let layer = 0; layer < mostLayers; layer++) {
        const before = view.text;
        for (const [pattern, meaning] of encodings) {
            view = exchange(view, pattern, meaning);
        }
        if (view.text === before) {
            break;
        }
    }
    return exchange(view, /[\r+_-]/g, (character) => likenesses[character]!);
}

const continued = "%[89abAB][0-9a-fA-F]";
const urlCharacter = new RegExp(
    `%[0-7][0-9a-fA-F]|%[cdCD][0-9a-fA-F]${continued}|%[eE][0-9a-fA-F](?:${continued}){2}|%[fF][0-7](?:${continued}){3}`,
    "g",
);

const encodings: readonly (readonly [RegExp, (match: string) => string])[] = [
    [urlCharacter, fromUrl],
    [/&(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});/g, fromHtml],
    [/\\+(?:u[0-9a-fA-F]{4}|[nrt])?/g, fromJson],
];

function fromUrl(match: string): string {
    return Buffer.from(match.replaceAll("%", ""), "hex").toString("utf8");
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function fromHtml(match: string): string {
    const name = match.slice(1, -1);
    const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    return entities[name] ?? (code <= 0x10ffff ? String.fromCodePoint(code) : "");
}

/** Of backslashes nothing is left: how many there are says only how often the text was encoded. */
function fromJson(match: string): string {
    const escape = match.replace(/^\\+/, "");
    return escape.startsWith("u") ? String.fromCharCode(parseInt(escape.slice(1), 16)) : (controls[escape] ?? "");
}

const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** A form writes a space as `+`, base64 for URLs writes `-` and `_`. */
const likenesses: Readonly<Record<string, string>> = { "\r": "", "+": " ", "-": " ", _: "/" };

/** Puts something else for each match, which stands where the match stood. */
function exchange({ text, from, to }: Decoded, pattern: RegExp, meaning: (match: string) => string): Decoded {
    const next: { texts: string[]; from: number[]; to: number[] } = { texts: [], from: [], to: [] };
    let done = 0;
    const keep = (end: number) => {
        next.texts.push(text.slice(done, end));
        for (let at = done; at < end; at++) {
            next.from.push(from[at]!);
            next.to.push(to[at]!);
        }
    };
    for (const match of text.matchAll(pattern)) {
        const end = match.index + match[0].length;
        keep(match.index);
        const put = meaning(match[0]);
        next.texts.push(put);
        for (let unit = 0; unit < put.length; unit++) {
            next.from.push(from[match.index]!);
            next.to.push(to[end - 1]!);
        }
        done = end;
    }
    keep(text.length);
    return { text: next.texts.join(""), from: next.from, to: next.to };
}
