import { roles } from "../../provider/roles/record";
import { type ItemStatus, levels, type StatusDocument } from "./document";
import { isUnknown, type Known } from "./known";

/**
 * The same as text for the textfile collector of Prometheus' node exporter (docs/status.md). What is unknown has no
 * sample, so that no number stands for it; `trident_dr_unknown` counts it.
 */
export function metricsOf(document: StatusDocument): string {
    const { items, sites, readAt } = document;
    const families = [
        family("status_timestamp_seconds", "When both sites were read.", [[{}, epochSeconds(readAt)]]),
        family(
            "site_up",
            "Whether the Kubernetes API of a site answered.",
            sites.map(({ site, reached }) => [{ site }, isUnknown(reached) ? 0 : 1]),
        ),
        family(
            "item_info",
            "A protected item, with its kind.",
            items.map(({ item, kind }) => [{ item, kind: isUnknown(kind) ? "" : kind }, 1]),
        ),
        family(
            "item_status",
            "How an item is: 1 for the level that holds.",
            items.flatMap(({ item, level }) =>
                levels.map((one) => sample({ item, level: one }, Number(one === level))),
            ),
        ),
        family(
            "role",
            "What a site is for an item: 1 for the role that it has.",
            items.flatMap(({ item, sites: both }) =>
                both.flatMap(({ site, role }) =>
                    isUnknown(role) ? [] : roles.map((one) => sample({ item, site, role: one }, Number(one === role))),
                ),
            ),
        ),
        family(
            "epoch",
            "The epoch that a site knows of an item.",
            ofSites(items, ({ epoch }) => valueOf(epoch)),
        ),
        family(
            "replication_lag_seconds",
            "How far the copy is behind: what a takeover now would lose at most.",
            items.flatMap(({ item, lagSeconds }) => samples({ item }, lagSeconds && valueOf(lagSeconds))),
        ),
        family(
            "replication_lag_objective_seconds",
            "How far the copy may be behind (maxLag).",
            items.flatMap(({ item, maxLagSeconds }) => samples({ item }, valueOf(maxLagSeconds))),
        ),
        family(
            "recovery_point_timestamp_seconds",
            "When the newest snapshot was begun that is complete at a site.",
            ofSites(items, ({ recoveryPoint }) => epochSecondsOf(recoveryPoint?.takenAt)),
        ),
        family(
            "last_transfer_timestamp_seconds",
            "When the last transfer to a site ended.",
            ofSites(items, ({ lastTransfer }) => epochSecondsOf(lastTransfer)),
        ),
        family(
            "workloads",
            "What runs, or wants to run, of an item at a site.",
            ofSites(items, ({ workloads }) => (isUnknown(workloads) ? undefined : workloads.length)),
        ),
        family(
            "pending_calls",
            "Calls that pulumi up would make at a site.",
            ofSites(items, ({ due }) => (isUnknown(due) ? undefined : due.is === "plan" ? due.calls.length : 0)),
        ),
        family("findings", "What there is to know or to do of an item, by code.", items.flatMap(countFindings)),
        family("unknown", "Of how many things at a site nothing is known.", ofSites(items, countUnknown)),
    ];
    return `${families.filter((text) => text !== "").join("\n")}\n`;
}

type Sample = [labels: Readonly<Record<string, string>>, value: number];
type Site = ItemStatus["sites"][number];

function family(name: string, help: string, found: readonly Sample[]): string {
    const full = `trident_dr_${name}`;
    return found.length === 0
        ? ""
        : [`# HELP ${full} ${help}`, `# TYPE ${full} gauge`, ...found.map((one) => lineOf(full, one))].join("\n");
}

function lineOf(name: string, [labels, value]: Sample): string {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

function escaped(text: string): string {
    return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function sample(labels: Sample[0], value: number): Sample {
    return [labels, value];
}

function samples(labels: Sample[0], value: number | undefined): Sample[] {
    return value === undefined ? [] : [[labels, value]];
}

function ofSites(items: readonly ItemStatus[], value: (site: Site) => number | undefined): Sample[] {
    return items.flatMap(({ item, sites }) => sites.flatMap((one) => samples({ item, site: one.site }, value(one))));
}

function valueOf(value: Known<number>): number | undefined {
    return isUnknown(value) ? undefined : value;
}

function epochSeconds(time: string): number {
    return Date.parse(time) / 1000;
}

function epochSecondsOf(time: string | undefined): number | undefined {
    return time === undefined ? undefined : epochSeconds(time);
}

function countFindings({ item, findings }: ItemStatus): Sample[] {
    const counts = new Map<string, Sample>();
    for (const { level, code, site = "" } of findings) {
        const key = [level, code, site].join(" ");
        const [, before] = counts.get(key) ?? [{}, 0];
        counts.set(key, [{ item, level, code, site }, before + 1]);
    }
    return [...counts.values()];
}

function countUnknown({ role, mirror, due }: Site): number {
    return [role, mirror, due].filter((one: Known<unknown>) => isUnknown(one)).length;
}
