import { describeRole } from "../../provider/roles/messages/describe";
import type { ItemStatus, Level, SiteStatus, StatusDocument } from "./document";
import { isUnknown } from "./known";

/** How a level is named to people. */
export const levelWords: Readonly<Record<Level, string>> = { ok: "well", attention: "attention", danger: "IN DANGER" };

/** `90 s`, `12 min`, `5 h`, `3 d`: a time span at a glance. */
export function spanOf(seconds: number): string {
    const [size, unit] =
        seconds < 120 ? [1, "s"] : seconds < 7_200 ? [60, "min"] : seconds < 172_800 ? [3_600, "h"] : [86_400, "d"];
    return `${Math.round(seconds / (size as number))} ${unit}`;
}

/** `active @3`: a site's role for an item. */
export function roleWords({ role, epoch }: Pick<SiteStatus, "role" | "epoch">): string {
    if (isUnknown(role) || isUnknown(epoch)) {
        return "unknown";
    }
    return role === "none" ? describeRole({ role, epoch }) : `${role} @${epoch}`;
}

/** How far the copy is behind, in words. */
export function lagWords({ lagSeconds }: ItemStatus): string {
    return lagSeconds === undefined ? "-" : isUnknown(lagSeconds) ? "unknown" : spanOf(lagSeconds);
}

export function objectiveWords({ maxLagSeconds }: ItemStatus): string {
    return isUnknown(maxLagSeconds) ? "unknown" : spanOf(maxLagSeconds);
}

/** Since when nothing has arrived at the site that has the copy. */
export function transferWords({ sites, direction }: ItemStatus, readAt: string): string {
    const to = sites.find(({ site }) => site === direction?.to);
    return to?.lastTransfer === undefined
        ? direction === undefined
            ? "-"
            : "unknown"
        : `${spanOf(Math.max(0, (Date.parse(readAt) - Date.parse(to.lastTransfer)) / 1000))} ago`;
}

/** `3 items: 1 in danger, 2 well`. */
export function summaryWords({ items }: StatusDocument): string {
    const count = (level: Level) => items.filter((item) => item.level === level).length;
    const parts = (["danger", "attention", "ok"] as const)
        .map((level) => [count(level), level] as const)
        .filter(([number]) => number > 0)
        .map(
            ([number, level]) =>
                `${number} ${{ danger: "in danger", attention: number === 1 ? "needs attention" : "need attention", ok: "well" }[level]}`,
        );
    return `${items.length} ${items.length === 1 ? "item" : "items"}: ${parts.join(", ")}`;
}
