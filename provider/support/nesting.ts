/**
 * How deep objects and lists are nested in a JSON text. To be asked before it is parsed: what is nested a hundred thousand
 * times exhausts the stack of whatever walks through it later.
 */
export function nestingOf(json: string): number {
    let depth = 0;
    let deepest = 0;
    for (let at = 0; at < json.length; at++) {
        const character = json[at];
        if (character === '"') {
            at = endOfString(json, at);
        } else if (character === "{" || character === "[") {
            deepest = Math.max(deepest, ++depth);
        } else if (character === "}" || character === "]") {
            depth--;
        }
    }
    return deepest;
}

/** Where the string that begins at a quotation mark ends. */
function endOfString(json: string, start: number): number {
    let at = start + 1;
    while (at < json.length && json[at] !== '"') {
        at += json[at] === "\\" ? 2 : 1;
    }
    return at;
}
