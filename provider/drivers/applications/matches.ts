/**
 * Whether everything that is declared stands like that in what was found. Fields that are not declared may have any
 * value: the server fills in defaults, and others own fields of their own.
 */
export function matches(declared: unknown, found: unknown): boolean {
    if (Array.isArray(declared)) {
        return (
            Array.isArray(found) &&
            found.length === declared.length &&
            declared.every((item, index) => matches(item, found[index]))
        );
    }
    if (declared !== null && typeof declared === "object") {
        return (
            found !== null &&
            typeof found === "object" &&
            Object.entries(declared).every(
                ([key, value]) => value === undefined || matches(value, (found as Record<string, unknown>)[key]),
            )
        );
    }
    return declared === found;
}
