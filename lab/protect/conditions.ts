import { timestamp } from "../controllers";
import type { Condition } from "./kinds";

/** The list with one condition set; its time moves only when its status does. */
export function withCondition(
    conditions: readonly Condition[] | undefined,
    condition: Omit<Condition, "lastTransitionTime">,
): Condition[] {
    const old = conditions?.find(({ type }) => type === condition.type);
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : timestamp();
    const others = (conditions ?? []).filter(({ type }) => type !== condition.type);
    return [...others, { ...condition, lastTransitionTime }];
}
