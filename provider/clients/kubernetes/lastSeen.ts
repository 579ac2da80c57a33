import { z } from "zod";
import { printable } from "../../support/printable";
import type { KubernetesObject } from "./objects";

/**
 * What an object itself says of how it is, as a clause: its state, its error, its warnings, and conditions that do not
 * hold. Empty where it says nothing.
 */
export function statusOf(object: KubernetesObject | undefined): string {
    const status = statusParts.safeParse(object?.status ?? {}).data;
    if (status === undefined) {
        return "";
    }
    const state = status.state || status.phase || "";
    const parts = [
        ...(state === "" ? [] : [state]),
        ...[status.error, status.message].flatMap((text) => (text ? [printable(text)] : [])),
        ...(status.warnings ?? []).map((warning) => `warning: ${printable(warning)}`),
        ...(status.conditions ?? []).flatMap((condition) => {
            const described = describeCondition(condition);
            return described === undefined ? [] : [described];
        }),
    ];
    return parts.join("; ");
}

/** Of the many forms of conditions, those of Kubernetes (`type`, `status`) and those of Trident (`state`). */
function describeCondition({ type, status, state, reason, message }: Condition): string | undefined {
    const why = [reason, message].filter((text) => text !== undefined && text !== "").join(": ");
    const detail = why === "" ? "" : ` (${printable(why)})`;
    if (type !== undefined) {
        return status === "True" ? undefined : `${type} is ${status ?? "unknown"}${detail}`;
    }
    return state === undefined ? undefined : `${state}${detail}`;
}

const optionalText = z.string().optional().catch(undefined);
const conditionParts = z.object({
    type: optionalText,
    status: optionalText,
    state: optionalText,
    reason: optionalText,
    message: optionalText,
});
type Condition = z.infer<typeof conditionParts>;

const statusParts = z.object({
    state: optionalText,
    phase: optionalText,
    error: optionalText,
    message: optionalText,
    warnings: z.array(z.string()).nullish().catch(undefined),
    conditions: z.array(conditionParts).nullish().catch(undefined),
});
