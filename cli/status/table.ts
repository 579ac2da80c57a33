import { aligned } from "../aligned";
import { type Finding, type ItemStatus, levels, type StatusDocument } from "./document";
import { isUnknown } from "./known";
import { lagWords, levelWords, objectiveWords, roleWords, summaryWords, transferWords } from "./words";

/** Both sites side by side, the worst item first, and below what there is to know or to do. */
export function tableOf(document: StatusDocument): string {
    const { sites, readAt } = document;
    const items = worstFirst(document.items);
    const head = ["", ...sites.map(({ site }) => site), "mirrored", "behind", "at most", "last transfer", ""];
    return [
        `${summaryWords(document)} (read ${readAt})`,
        ...sites.flatMap(({ site, reached }) =>
            isUnknown(reached) ? [oneLine(`${site} is unknown: ${reached.unknown}`)] : [],
        ),
        "",
        ...aligned(
            head,
            items.map((item) => rowOf(item, readAt)),
        ),
        ...items.filter(({ findings }) => findings.length > 0).flatMap(sectionOf),
    ].join("\n");
}

/** Of one level in the order of their names. */
export function worstFirst(items: readonly ItemStatus[]): ItemStatus[] {
    return [...items].sort(
        (left, right) => levels.indexOf(right.level) - levels.indexOf(left.level) || (left.item < right.item ? -1 : 1),
    );
}

function rowOf(item: ItemStatus, readAt: string): string[] {
    return [
        item.item,
        ...item.sites.map(roleWords),
        item.direction === undefined ? "-" : `${item.direction.from} → ${item.direction.to}`,
        lagWords(item),
        objectiveWords(item),
        transferWords(item, readAt),
        levelWords[item.level],
    ];
}

function sectionOf({ item, findings }: ItemStatus): string[] {
    return ["", item, ...findings.flatMap(linesOf)];
}

function linesOf({ level, what, next }: Finding): string[] {
    return [`  ${levelWords[level]}: ${what}`, ...next.map((command) => `    → ${command}`)].map(oneLine);
}

/** What a server answered must not look like a line of ours. */
function oneLine(text: string): string {
    return text.replace(/\s*[\r\n]+\s*/g, " ");
}
