/** A change of an object as a JSON merge patch (RFC 7396): what is null goes, objects are merged, all else is replaced. */
export type MergePatch = Readonly<Record<string, unknown>>;

/** What makes `after` of `before`; undefined where both are the same. Both hold plain values alone. */
export function mergePatchOf(before: unknown, after: unknown): MergePatch | undefined {
    if (!isObject(before) || !isObject(after)) {
        return undefined;
    }
    const changes = [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(
        (key): [string, unknown][] => {
            const [old, now] = [before[key], after[key]];
            if (now === undefined) {
                return old === undefined ? [] : [[key, null]];
            }
            if (isObject(old) && isObject(now)) {
                const inner = mergePatchOf(old, now);
                return inner === undefined ? [] : [[key, inner]];
            }
            return JSON.stringify(old) === JSON.stringify(now) ? [] : [[key, now]];
        },
    );
    return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

export function isMergePatch(value: unknown): value is MergePatch {
    return isObject(value);
}

export function withMergePatch<T>(value: T, patch: MergePatch | undefined): T {
    return patch === undefined ? value : (merged(value, patch) as T);
}

function merged(value: unknown, patch: unknown): unknown {
    if (!isObject(patch)) {
        return patch;
    }
    const result: Record<string, unknown> = { ...(isObject(value) ? value : {}) };
    for (const [key, change] of Object.entries(patch)) {
        if (change === null) {
            delete result[key];
        } else {
            result[key] = merged(result[key], change);
        }
    }
    return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
