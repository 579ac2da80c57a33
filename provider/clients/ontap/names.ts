/** What a name of an array's object must be, in words that read on from "expected". */
export const expectedArrayName =
    'a name without line breaks and without | * ! < > " { } / \\ ? # % : or "..", which ONTAP\'s queries and paths read as operators';

/**
 * Whether a name can stand in a query of ONTAP and in a path: anything else would find other objects than the one of that
 * name, or more than one.
 */
export function isArrayName(value: unknown): value is string {
    return (
        typeof value === "string" &&
        value !== "" &&
        value === value.trim() &&
        value !== "null" &&
        !value.includes("..") &&
        value !== "." &&
        !/[|*!<>"{}/\\?#%:\x00-\x1f\x7f]/.test(value)
    );
}
