/** What the text says; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}

/** What is at a path within a value; undefined where the path leads nowhere. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
    let at = value;
    for (const key of path) {
        if (typeof at !== "object" || at === null) {
            return undefined;
        }
        at = (at as Record<PropertyKey, unknown>)[key];
    }
    return at;
}
