import { escaped } from "../escaped";
import type { Finding, ItemStatus, Level, SiteStatus, StatusDocument } from "./document";
import { isUnknown } from "./known";
import { pageScript, pageStyle } from "./pageStyle";
import { worstFirst } from "./table";
import { lagWords, levelWords, objectiveWords, roleWords, spanOf, summaryWords, transferWords } from "./words";

/** More items than these are drawn one a line. */
const mostAtLength = 12;

/** A page by itself, of no other file or server: both sites, what is mirrored between them, and how far behind it is. */
export function pageOf(document: StatusDocument): string {
    const { sites, items, readAt } = document;
    const title = `Disaster recovery of ${sites.map(({ site }) => site).join(" and ")}`;
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${pageStyle}</style>
</head>
<body class="${document.level}">
<header>
<h1>${escaped(title)}</h1>
<p class="summary"><b class="badge ${document.level}">${mark(document.level)} ${levelWords[document.level]}</b> ${escaped(summaryWords(document))} <small>read <time>${escaped(readAt)}</time></small></p>
<p class="tools"><label>Find <input type="search" id="find" placeholder="name"></label>
<label><input type="checkbox" id="open"> only what is not well</label></p>
</header>
<main class="${items.length > mostAtLength ? "dense" : "wide"}">
<div class="sites">${sites.map((site) => siteOf(site, items)).join('<span class="between"></span>')}</div>
${worstFirst(items)
    .map((item) => itemOf(item, readAt))
    .join("\n")}
<p id="none" role="status"></p>
</main>
<script>${pageScript}</script>
</body>
</html>
`;
}

function siteOf({ site, reached }: StatusDocument["sites"][number], items: readonly ItemStatus[]): string {
    if (isUnknown(reached)) {
        return `<div class="site unknown"><b>${escaped(site)}</b><small>unknown: ${escaped(reached.unknown)}</small></div>`;
    }
    const count = items.filter(({ servedBy }) => servedBy === site).length;
    return `<div class="site"><b>${escaped(site)}</b><small>serves ${count} of ${items.length}</small></div>`;
}

function itemOf(item: ItemStatus, readAt: string): string {
    const { level, sites, findings } = item;
    const isOpen = level === "danger" ? " open" : "";
    const told =
        findings.length === 0
            ? ""
            : `<details${isOpen}><summary>${findings.length} ${findings.length === 1 ? "thing" : "things"} to know</summary><ul>${findings.map(findingOf).join("")}</ul></details>`;
    return `<article class="item ${level}" data-name="${escaped(item.item)}">
${endOf(sites[0], item)}
${linkOf(item, readAt)}
${endOf(sites[1], item)}
${told}</article>`;
}

function endOf(site: SiteStatus, item: ItemStatus): string {
    const classes = ["end", isUnknown(site.role) ? "unknown" : site.role, runsWrongly(site, item) ? "runs" : ""];
    const since = site.since === undefined ? "" : `<small>since ${escaped(site.since)}</small>`;
    const more = site.lastKnown === undefined ? since : `<small>as last known: ${escaped(site.lastKnown)}</small>`;
    return `<div class="${classes.filter((one) => one !== "").join(" ")}"><i>${escaped(site.site)}</i><b>${escaped(roleWords(site))}</b>${more}${runsWrongly(site, item) ? "<em>runs here</em>" : ""}</div>`;
}

function runsWrongly({ site }: SiteStatus, { findings }: ItemStatus): boolean {
    return findings.some((one) => one.code === "runs" && one.site === site);
}

/** The arrow leads to the site that has the copy. */
function linkOf(item: ItemStatus, readAt: string): string {
    const { direction, sites, level, kind } = item;
    const to = direction === undefined ? "none" : direction.to === sites[1].site ? "right" : "left";
    const said =
        direction === undefined
            ? "not mirrored, as far as is known"
            : `mirrored from ${direction.from} to ${direction.to}`;
    return `<div class="link ${to}"><b><span class="badge ${level}">${mark(level)} ${levelWords[level]}</span> ${escaped(item.item)}${isUnknown(kind) || kind === "application" ? "" : ` <small>${kind}</small>`}</b>
<span class="arrow" role="img" aria-label="${escaped(said)}"></span>
${lagOf(item, readAt)}</div>`;
}

function lagOf(item: ItemStatus, readAt: string): string {
    const { lagSeconds, maxLagSeconds, direction } = item;
    if (lagSeconds === undefined && direction === undefined) {
        return `<small class="lag">not mirrored</small>`;
    }
    const transfer = transferWords(item, readAt);
    const words = [
        `${isUnknown(lagSeconds ?? 0) ? "how far behind is unknown" : `${lagWords(item)} behind`}, at most ${objectiveWords(item)}`,
        ...(transfer === "-" ? [] : [`last transfer ${transfer}`]),
    ].join("; ");
    if (lagSeconds === undefined || isUnknown(lagSeconds) || isUnknown(maxLagSeconds)) {
        return `<small class="lag">${escaped(words)}</small>`;
    }
    const share = Math.min(100, (lagSeconds / maxLagSeconds) * 100).toFixed(0);
    const isLate = lagSeconds > maxLagSeconds ? " late" : "";
    return `<small class="lag"><span class="meter${isLate}" style="--share:${share}%" title="${escaped(`${spanOf(lagSeconds)} of ${spanOf(maxLagSeconds)}`)}"></span>${escaped(words)}</small>`;
}

function findingOf({ level, what, next }: Finding): string {
    const commands = next.map((one) => `<li><code>${escaped(one)}</code></li>`).join("");
    return `<li class="${level}"><span class="badge ${level}">${mark(level)} ${levelWords[level]}</span> ${escaped(what)}${commands === "" ? "" : `<ul class="next">${commands}</ul>`}</li>`;
}

/** So that no level is told by its colour alone. */
function mark(level: Level): string {
    return { ok: "✓", attention: "!", danger: "✕" }[level];
}
