/**
 * What Pulumi passes at preview in place of a value that is not known yet: `runtime.unknownValue` of its SDK, which
 * handlers do not import. A test holds it against the SDK.
 */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether the value is unknown, or holds something unknown anywhere. */
export function holdsUnknown(value: unknown): boolean {
    if (value === unknownValue) {
        return true;
    }
    if (typeof value !== "object" || value === null) {
        return false;
    }
    return Object.values(value).some(holdsUnknown);
}
