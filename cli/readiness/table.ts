import { aligned } from "../aligned";
import { isUnknown } from "../status/known";
import { type Check, type CheckLevel, checkLevels, type ItemReadiness, type ReadinessDocument } from "./document";

const levelWords: Readonly<Record<CheckLevel, string>> = {
    ok: "ok",
    attention: "attention",
    unknown: "unknown",
    blocks: "BLOCKS",
};

const verdicts: Readonly<Record<CheckLevel, string>> = {
    ok: "ready",
    attention: "ready, with something to attend to",
    unknown: "cannot be told",
    blocks: "NOT READY",
};

/** Each item with all its checks, the worst item first, and below each check that is not well what to do. */
export function tableOf({ items, sites, readAt }: ReadinessDocument): string {
    return [
        `read ${readAt}`,
        ...sites.flatMap(({ site, reached }) => (isUnknown(reached) ? [`${site} is unknown: ${reached.unknown}`] : [])),
        ...worstFirst(items).flatMap(sectionOf),
    ].join("\n");
}

function worstFirst(items: readonly ItemReadiness[]): ItemReadiness[] {
    const rank = ({ level }: ItemReadiness) => checkLevels.indexOf(level);
    return [...items].sort((left, right) => rank(right) - rank(left) || (left.item < right.item ? -1 : 1));
}

function sectionOf({ item, at, level, checks }: ItemReadiness): string[] {
    const where = at === null ? "" : ` at ${at}`;
    const [, ...rows] = aligned(
        ["", "", ""],
        checks.map((check) => [levelWords[check.level], check.name, check.what]),
    );
    return [
        "",
        `${item}: a takeover${where}: ${verdicts[level]}`,
        ...checks.flatMap((check, index) => [`  ${rows[index]!}`, ...remediesOf(check)]),
    ];
}

function remediesOf({ means, next }: Check): string[] {
    return [...(means === undefined ? [] : [`    ${means}`]), ...next.map((command) => `    → ${command}`)];
}
