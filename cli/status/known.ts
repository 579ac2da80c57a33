import { messageOf, render } from "../../provider/roles/messages/message";

/** A value, or why it is not known: what could not be read is never taken for nothing. */
export type Known<T> = T | Unknown;

export interface Unknown {
    unknown: string;
}

export function isUnknown<T>(value: Known<T>): value is Unknown {
    return typeof value === "object" && value !== null && "unknown" in value;
}

/** The value, where it is known. */
export function knownOf<T>(value: Known<T>): T | undefined {
    return isUnknown(value) ? undefined : value;
}

/** What failed is not known. */
export function unknownBy(error: unknown): Unknown {
    return { unknown: render(messageOf(error)) };
}
