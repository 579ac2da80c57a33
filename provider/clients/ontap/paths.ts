/**
 * A path of the API whose values can neither end their segment nor climb out of it: they come from answers, records and
 * states.
 *
 * @example
 * apiPath`/storage/volumes/${uuid}/snapshots`
 */
export function apiPath(parts: TemplateStringsArray, ...values: readonly string[]): string {
    return parts.map((part, index) => part + (index < values.length ? segment(values[index]!) : "")).join("");
}

function segment(value: string): string {
    if (value === "" || value === "." || value === "..") {
        throw new Error(`expected an identifier within a path of the array's API, found ${JSON.stringify(value)}`);
    }
    return encodeURIComponent(value);
}
