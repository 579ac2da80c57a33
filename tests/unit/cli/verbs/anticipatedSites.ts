import { settingsSchema } from "../../../../components/settings/schema";
import { anticipate } from "../../../../cli/verbs/anticipate";
import { configuredOf, itemsIn } from "../../../../cli/verbs/place";
import type { BothSites, Change, Outcome, Reading, TakeoverAhead } from "../../../../cli/verbs/sites";
import { atSite, type ItemView } from "../../../../cli/verbs/view";
import { emptyRecord, type RoleRecord } from "../../../../provider/roles/record";
import { configuredPair } from "../configuredPair";

const siteNames = ["east", "west"] as const;
type SiteName = (typeof siteNames)[number];

/** Two stacks with several applications, each of which does what is anticipated of it; some can be made to fail. */
export class AnticipatedSites implements BothSites {
    readonly project = "dr";
    readonly keyPrefix = "";
    readonly sites = siteNames.map((name) => ({ name, stack: `prod-${name}` }));
    readonly typed: string[] = [];
    /** Applications that a run at west fails for. */
    readonly failing = new Set<string>();
    private readonly records = new Map<string, RoleRecord>();
    private readonly values: Record<SiteName, Record<string, unknown>>;

    constructor(private readonly names: readonly string[]) {
        const base = (name: SiteName) => ({
            ...configuredPair(name),
            applications: names.map((one) => ({ name: one, namespaces: [`ns-${one}`] })),
        });
        this.values = { east: base("east"), west: base("west") };
        for (const item of names) {
            const role = { epoch: 1, activeSite: "east", serial: 1 } as const;
            this.records.set(`${item}@east`, { ...emptyRecord(item, "east", "west"), ...role, role: "active" });
            this.records.set(`${item}@west`, { ...emptyRecord(item, "west", "east"), ...role, role: "standby" });
        }
    }

    role(item: string): string {
        return siteNames
            .map((name) => this.records.get(`${item}@${name}`)!)
            .map(({ role, epoch }) => `${role}@${epoch}`)
            .join(" ");
    }

    read(): Promise<Reading> {
        return Promise.resolve(
            Object.fromEntries(
                siteNames.map((name) => [
                    name,
                    {
                        settings: settingsSchema.parse(this.values[name]),
                        items: Object.fromEntries(
                            this.names.map((item) => [
                                item,
                                { record: this.records.get(`${item}@${name}`)!, establishing: false },
                            ]),
                        ),
                    },
                ]),
            ),
        );
    }

    set(at: string, changes: readonly Change[]): Promise<void> {
        changes.forEach(({ key, value }) => {
            this.typed.push(`${at}: config set ${key} ${value}`);
            const [, index, own] = /^applications\[(\d+)\]\.(\w+)$/.exec(key) ?? [];
            const values = this.values[at as SiteName];
            if (own === undefined) {
                values[key] = value;
            } else {
                (values["applications"] as Record<string, unknown>[])[Number(index)]![own] = value;
            }
        });
        return Promise.resolve();
    }

    preview(at: string): Promise<Outcome> {
        const lines = this.names.map((item) => `${item} at ${at}: 1. record: apply ConfigMap ${item}`);
        return Promise.resolve({ ok: true, lines, changes: true, why: "" });
    }

    takeoverAhead(): TakeoverAhead {
        return { take: () => Promise.resolve({ is: "left", why: "nobody can" }) };
    }

    async up(at: string): Promise<Outcome> {
        this.typed.push(`${at}: up`);
        const failed: string[] = [];
        for (const item of this.names) {
            if (at === "west" && this.failing.has(item)) {
                failed.push(item);
                continue;
            }
            const before = await this.viewOf(item);
            const after = anticipate(before, { do: "run", site: at, effect: "" }).sites[at]!;
            const record = this.records.get(`${item}@${at}`)!;
            if (after.serial !== record.serial) {
                const { role, epoch, began, activeSite, serial } = after;
                this.records.set(`${item}@${at}`, { ...record, role, epoch, began, activeSite, serial });
            }
        }
        const why = [
            `${failed.length} of ${this.names.length} protected items failed: ${failed.join(", ")}`,
            ...this.names.map((item) => `  ${item}: ${failed.includes(item) ? "FAILED: its array says no" : "fine"}`),
        ].join("\n");
        return failed.length === 0
            ? { ok: true, lines: [], changes: true, why: "" }
            : { ok: false, lines: [], changes: true, why };
    }

    private async viewOf(item: string): Promise<ItemView> {
        const reading = await this.read();
        const sites = siteNames.map((name) => {
            const { settings } = reading[name]!;
            const configured = configuredOf(
                settings,
                itemsIn(settings).find((one) => one.name === item)!,
            );
            const peer = name === "east" ? "west" : "east";
            const rest = { establishing: false, configured, caughtUp: true };
            return [name, atSite({ name, peer }, this.records.get(`${item}@${name}`), rest)] as const;
        });
        return { item, sites: Object.fromEntries(sites) };
    }
}
