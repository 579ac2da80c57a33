import { createHash } from "node:crypto";
import type { Outline } from "./plan";

/** Over what is to be done, and to what. */
export function digestOf(plan: Outline): string {
    return `sha256:${createHash("sha256").update(canonical(plan)).digest("hex")}`;
}

/** The same text for the same value, in whatever order its keys were written. */
function canonical(value: unknown): string {
    if (Array.isArray(value)) {
        return `[${value.map(canonical).join(",")}]`;
    }
    if (typeof value === "object" && value !== null) {
        const entries = Object.entries(value).filter(([, one]) => one !== undefined);
        return `{${entries
            .sort(([left], [right]) => (left < right ? -1 : 1))
            .map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`)
            .join(",")}}`;
    }
    return JSON.stringify(value);
}
