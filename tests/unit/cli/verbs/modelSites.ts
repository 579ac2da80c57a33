import { settingsSchema } from "../../../../components/settings/schema";
import { configuredOf, itemsIn } from "../../../../cli/verbs/place";
import type { BothSites, Change, Outcome, Reading, TakeoverAhead } from "../../../../cli/verbs/sites";
import type { AheadResult, HandedOver } from "../../../../cli/takeoverAhead";
import { configuredPair } from "../configuredPair";
import { render } from "../../../../provider/roles/messages/message";
import type { RoleRecord } from "../../../../provider/roles/record";
import { wholePlanner } from "../../provider/roles/model/guards";
import { peerView, previewAt, Up } from "../../provider/roles/model/up";
import {
    application,
    type ModelSite,
    type SiteName,
    siteNames,
    type StackConfiguration,
    World,
} from "../../provider/roles/model/world";

/** Where a command is cut off: nothing is done any more, and nothing is cleaned up. */
export class CutOff extends Error {}

/** Two stacks of the planner's model: what runs at them is what the planner decides. */
export class ModelSites implements BothSites {
    readonly project = "dr";
    readonly keyPrefix = "";
    readonly sites = siteNames.map((name) => ({ name, stack: name }));
    readonly world = new World(true, false);
    /** Everything that was typed, as a person would have to. */
    readonly typed: string[] = [];
    /** Why this process cannot take over. Undefined: it can. */
    unable: string | undefined;
    /** After so many effects the command is cut off. */
    cutAfter = Number.POSITIVE_INFINITY;
    effects = 0;
    private readonly values: Record<SiteName, Record<string, unknown>> = { east: base("east"), west: base("west") };

    /** East serves, west is its standby site. */
    static async established(): Promise<ModelSites> {
        const both = new ModelSites();
        for (const site of ["east", "west", "east"] as const) {
            await both.up(site, () => undefined);
            both.live();
        }
        both.typed.length = 0;
        both.effects = 0;
        return both;
    }

    /** Time passes: what serves writes, Schedules fire, mirrors transfer. */
    live(): void {
        const { world } = this;
        world.pass(10);
        for (const name of siteNames) {
            world.write(world.site(name));
            world.fire(world.site(name));
        }
        siteNames.forEach((name) => world.transfer(world.site(name)));
    }

    role(name: SiteName): string {
        const { role = "none", epoch = 0 } = this.world.site(name).outputs.at(-1) ?? {};
        return `${role}@${epoch}`;
    }

    read(): Promise<Reading> {
        return Promise.resolve(
            Object.fromEntries(
                siteNames.map((name) => {
                    const record = this.world.site(name).outputs.at(-1);
                    const reported = { establishing: false, ...(record === undefined ? {} : { record }) };
                    return [
                        name,
                        { settings: settingsSchema.parse(this.values[name]), items: { [application]: reported } },
                    ];
                }),
            ),
        );
    }

    set(site: string, changes: readonly Change[]): Promise<void> {
        changes.forEach(({ key, value }) => this.typed.push(`${site}: config set ${key} ${value}`));
        this.values[site as SiteName] = withChanges(this.values[site as SiteName], changes);
        const here = this.world.site(site as SiteName);
        here.configurations.push(this.configuration(site as SiteName));
        this.effect();
        return Promise.resolve();
    }

    async preview(site: string, changes: readonly Change[]): Promise<Outcome> {
        const here = this.world.site(site as SiteName);
        const configuration = configurationIn(withChanges(this.values[site as SiteName], changes));
        const peer = peerView(this.world, here);
        const { decision, pending } = await previewAt(this.world, here, configuration, peer, wholePlanner);
        return decision.kind === "refusal"
            ? { ok: false, lines: [render(decision.reason)], changes: false, why: render(decision.reason) }
            : { ok: true, lines: [decision.verb], changes: (pending ?? 0) > 0, why: "" };
    }

    async up(
        site: string,
        onLine: (line: string) => void,
        onRecord: (record: RoleRecord) => void = () => undefined,
    ): Promise<Outcome> {
        this.typed.push(`${site}: up`);
        const here = this.world.site(site as SiteName);
        if (!here.alive) {
            throw new Error(`the verb ran at ${site}, which is dead`);
        }
        const run = new Up(this.world, here, this.configuration(here.name), peerView(this.world, here), wholePlanner);
        while (run.outcome === undefined) {
            this.world.pass(1);
            await run.step();
            this.effect();
        }
        onLine(run.outcome.kind);
        const record = here.outputs.at(-1);
        if (run.outcome.kind === "done" && record !== undefined) {
            onRecord(record);
        }
        return outcomeOf(run, here);
    }

    takeoverAhead(site: string): TakeoverAhead {
        const take = async (_item: string, by: HandedOver): Promise<AheadResult> => {
            if (this.unable !== undefined) {
                return { is: "left", why: this.unable };
            }
            this.typed.push(`${site}: taken over ahead`);
            const outcome = await this.takeOver(site as SiteName, by);
            return outcome.ok ? { is: "done" } : { is: "failed", why: outcome.why };
        };
        return { take };
    }

    /** As a run there would, but that the stack's state knows nothing of it. */
    private async takeOver(site: SiteName, { peer }: HandedOver): Promise<Outcome> {
        const here = this.world.site(site);
        const { state, outputs } = here;
        here.outputs = [...outputs];
        const run = new Up(this.world, here, this.configuration(site), { known: true, record: peer }, wholePlanner);
        try {
            while (run.outcome === undefined) {
                this.world.pass(1);
                await run.step();
                this.effect();
            }
        } finally {
            Object.assign(here, { state, outputs });
        }
        return outcomeOf(run, here);
    }

    private configuration(name: SiteName): StackConfiguration {
        return configurationIn(this.values[name]);
    }

    private effect(): void {
        this.effects++;
        if (this.effects >= this.cutAfter) {
            this.cutAfter = Number.POSITIVE_INFINITY;
            throw new CutOff();
        }
    }
}

function outcomeOf({ outcome }: Up, _here: ModelSite): Outcome {
    const why =
        outcome?.kind === "refused" ? render(outcome.refusal.reason) : outcome?.kind === "failed" ? outcome.why : "";
    return { ok: why === "", lines: why === "" ? [] : [why], changes: true, why };
}

function configurationIn(values: Record<string, unknown>): StackConfiguration {
    const settings = settingsSchema.parse(values);
    return configuredOf(settings, itemsIn(settings)[0]!);
}

function base(site: string): Record<string, unknown> {
    return { ...configuredPair(site), applications: [{ name: application, namespaces: [application] }] };
}

function withChanges(values: Record<string, unknown>, changes: readonly Change[]): Record<string, unknown> {
    const next = structuredClone(values);
    for (const { key, value } of changes) {
        const [, list, index, own] = /^(\w+)\[(\d+)\]\.(\w+)$/.exec(key) ?? [];
        if (own === undefined) {
            next[key] = value;
        } else {
            (next[list!] as Record<string, unknown>[])[Number(index)]![own] = value;
        }
    }
    return next;
}
