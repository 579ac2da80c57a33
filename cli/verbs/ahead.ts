import type { ParsedSettings } from "../../components/settings/schema";
import type { RoleRecord } from "../../provider/roles/record";
import { type Agreed, faultOfStep } from "./agreed";
import { decide } from "./decide";
import { itemsIn } from "./place";
import type { Session } from "./session";
import type { BothSites, Reading, TakeoverAhead } from "./sites";
import type { Request } from "./step";
import { acknowledgements, type AtSite, type ItemView } from "./view";
import { effectsIn, type WaveStep } from "./wave";

/** What hands over, and what takes over with that. */
const handsOver = "stand down";
export const takesOver = "take over with a token";

/** The items that this command can take over itself: one that comes after others needs a run of them all. */
export function itemsAhead(effects: Readonly<Record<string, string>>, settings: ParsedSettings): string[] {
    const configured = itemsIn(settings);
    return Object.entries(effects).flatMap(([item, effect]) =>
        effect === handsOver && configured.some(({ name, after }) => name === item && after.length === 0) ? [item] : [],
    );
}

/** All that a takeover ahead of its run depends on. */
export interface AheadContext {
    readonly requests: Readonly<Record<string, Request>>;
    readonly agreed: ReadonlyMap<string, Agreed>;
    readonly session: Session;
    readonly sites: BothSites;
    readonly isInterrupted: () => boolean;
    readonly say: (site: string, line: string) => void;
}

/**
 * Takes over at the site that a run hands over to, each item as soon as that run has written its token: the run at that
 * site, which comes next, starts a program and reads the other stack before it does anything. It does what is not done
 * here.
 */
export class Ahead {
    private readonly begun = new Map<string, Promise<string | undefined>>();
    private readonly taken = new Set<string>();

    private constructor(
        readonly target: string,
        private readonly from: string,
        private readonly items: readonly string[],
        private readonly takeover: TakeoverAhead,
        private readonly reading: Reading,
        private readonly context: AheadContext,
    ) {}

    /** Undefined where the run hands nothing over, or where the run at the other site has to take over. */
    static of(
        { site: from, steps }: Extract<WaveStep, { do: "run" }>,
        reading: Reading,
        context: AheadContext,
    ): Ahead | undefined {
        const target = Object.keys(reading).find((name) => name !== from)!;
        const { settings } = reading[target]!;
        const items = itemsAhead(effectsIn(steps), settings);
        if (items.length === 0) {
            return undefined;
        }
        if (!context.session.knowsAsDeclared(target, settings)) {
            const why = `what is declared at ${target} may not be what its last run left there`;
            items.forEach((item) => context.say(target, leftToRun(item, target, why)));
            return undefined;
        }
        const takeover = context.sites.takeoverAhead(target, items);
        return new Ahead(target, from, items, takeover, reading, context);
    }

    /** The items that are handed over so far. */
    get taking(): readonly string[] {
        return [...this.begun.keys()];
    }

    /** Whether an item is served by what was done here, and its stack does not know it yet. */
    hasTaken(item: string): boolean {
        return this.taken.has(item);
    }

    /** Called with the record of an item as soon as the run has written it. */
    begin(record: RoleRecord): void {
        const item = record.application;
        const isNew = this.items.includes(item) && !this.begun.has(item);
        if (isNew && !this.context.isInterrupted() && this.isNext(item, record)) {
            const taking = this.take(item, record);
            // Whoever waits for the end hears of it.
            taking.catch(() => undefined);
            this.begun.set(item, taking);
        }
    }

    /** Once the run has ended well. */
    tellLeft(): void {
        const left = this.context.isInterrupted() ? [] : this.items.filter((item) => !this.begun.has(item));
        const why = `the run at ${this.from} did not tell what it handed over`;
        left.forEach((item) => this.context.say(this.target, leftToRun(item, this.target, why)));
    }

    /** @returns by item why it failed */
    async end(): Promise<ReadonlyMap<string, string>> {
        const ended = await Promise.all([...this.begun].map(async ([item, taking]) => [item, await taking] as const));
        return new Map(ended.flatMap(([item, why]) => (why === undefined ? [] : [[item, why] as const])));
    }

    /** Waits for the end, however it is. */
    async settled(): Promise<void> {
        await Promise.allSettled(this.begun.values());
    }

    private async take(item: string, peer: RoleRecord): Promise<string | undefined> {
        const { target, from, context } = this;
        context.say(target, `${item} at ${target}: ${from} has handed over; trident-dr takes over`);
        const by = {
            peer,
            remembered: this.reading[target]!.items[item]?.record,
            acknowledgements: acknowledgedIn(this.view(item, peer).sites[target]!.configured),
        };
        const taken = await this.takeover.take(item, by, (line) => context.say(target, line));
        if (taken.is === "done") {
            this.taken.add(item);
        }
        if (taken.is === "left") {
            context.say(target, leftToRun(item, target, taken.why));
        }
        return taken.is === "failed" ? taken.why : undefined;
    }

    /** By the same decision as any other step. */
    private isNext(item: string, record: RoleRecord): boolean {
        const { requests, agreed } = this.context;
        const view = this.view(item, record);
        const step = decide(requests[item]!, view);
        return (
            step.do === "run" &&
            step.site === this.target &&
            step.effect === takesOver &&
            faultOfStep(step, view, agreed.get(item) ?? new Set()) === undefined
        );
    }

    /** As both sites are once the run has written the record. */
    private view(item: string, record: RoleRecord): ItemView {
        const { reading, from, context } = this;
        const { settings, items } = reading[from]!;
        const after = { settings, items: { ...items, [item]: { record, establishing: false } } };
        return context.session.view(item, { ...reading, [from]: after });
    }
}

function leftToRun(item: string, site: string, why: string): string {
    return `${item} at ${site}: the run there takes over, not trident-dr itself: ${why}`;
}

function acknowledgedIn(configured: AtSite["configured"]) {
    const given = acknowledgements.map((key) => [key, configured[key]] as const);
    return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
