/** Text of a stranger is cut off here: whoever reads an error needs to recognise it, not to have all of it. */
const longest = 200;

/**
 * Text that somebody else may have written, such as an object in a bucket, as it may be shown in a terminal: without
 * control characters, terminal escapes and what changes the direction of writing, and of limited length.
 */
export function printable(text: string, limit = longest): string {
    const shown = withoutControls(text.replace(/[\r\n\t]+/g, " "));
    return shown.length <= limit ? shown : `${shown.slice(0, limit)}…`;
}

/** The same text with a mark in the place of each character that does something else than being seen. Lines and tabs stay. */
export function withoutControls(text: string): string {
    return text.replace(unseen, "\u{fffd}");
}

/** Control characters but line feed and tab, formatting characters, separators of lines and paragraphs, and lone surrogates. */
const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
