import { isDeepStrictEqual } from "node:util";
import { type Action, runActions } from "../drivers/action";
import { isDriverStep, type SiteView } from "../drivers/driver";
import { upCommand } from "../roles/messages/commands";
import { MessageError, text } from "../roles/messages/message";
import { hasClaimed } from "../roles/planner/claims";
import type { Plan } from "../roles/planner/decision";
import { type RoleRecord, type Unreplicated, withChange } from "../roles/record";
import type { Step } from "../roles/steps";
import { defined } from "../support/defined";
import { span } from "../support/trace";
import type { ClaimStep } from "./claims";
import {
    changeOf,
    describeUnreplicated,
    recordAfter,
    recordsHeldSnapshots,
    type RecordStep,
    type RunLog,
    sameExceptLog,
} from "./recordAfter";
import type { Site } from "./site";
import type { StoredBundle } from "./takeoverBundle";

/** A step whose effect is not there yet, with the actions that bring it about. */
export interface PendingStep {
    step: Step;
    actions: readonly Action[];
}

/** Where a run begins: the record, and the site as it was read. */
export interface Start {
    own: RoleRecord;
    view: SiteView;
    /** A wait for each prerequisite that cannot be used yet. */
    unmet: readonly Action[];
    /** What is there of what a takeover without Pulumi goes by. Default: nothing. */
    bundle?: StoredBundle;
}

/** Where a run ended. */
export interface Reached {
    record: RoleRecord;
    view: SiteView;
    /** Whether anything was executed. */
    changed: boolean;
    /** Whether it ended while a copy goes on by itself; what follows in the plan is left to a later run. */
    establishing: boolean;
}

type ExecutingSite = Pick<Site, "claims" | "store" | "marker" | "bundle" | "progress" | "signal">;

/** The steps of a plan whose effect is not there yet: what preview prints, and what `up` executes. */
export function pendingSteps(site: ExecutingSite, plan: Plan, start: Start): PendingStep[] {
    return new PlanRun(site, plan, start, () => undefined).pending();
}

/**
 * Executes the steps of a plan in order. Each is derived from the site as it is by then, so that a run after one that
 * was interrupted skips what is there.
 *
 * @param save called with each record that was written, so that a failure half-way leaves the newest behind
 */
export function execute(
    site: ExecutingSite,
    plan: Plan,
    start: Start,
    save: (record: RoleRecord) => void,
): Promise<Reached> {
    return new PlanRun(site, plan, start, save).execute();
}

class PlanRun {
    private record: RoleRecord;
    private view: SiteView;
    /** Whether an earlier step of this run had something to do: the role is then recorded again. */
    private changed = false;
    private readonly unmet: readonly Action[];
    private readonly bundle: StoredBundle;
    private readonly log: RunLog;

    constructor(
        private readonly site: ExecutingSite,
        private readonly plan: Plan,
        { own, view, unmet, bundle = {} }: Start,
        private readonly save: (record: RoleRecord) => void,
    ) {
        this.record = own;
        this.view = view;
        this.unmet = unmet;
        this.bundle = bundle;
        const recoveryPoint = view.observed.mirror?.recoveryPoint;
        this.log = { from: own.role, recoveryPoint, readAt: new Date(), stages: [] };
    }

    /** A write that an earlier step announces has its effect by then: the site is read again between steps. */
    pending(): PendingStep[] {
        const announced = new Set<string>();
        let condition: string | undefined;
        return this.plan.steps.flatMap((step) => {
            const actions = this.actions(step)
                .filter(({ effect, call }) => effect === "read" || !announced.has(call))
                .map((action) => onlyIf(condition, action));
            condition ??= conditionAfter(actions);
            actions.filter(({ effect }) => effect === "write").forEach(({ call }) => announced.add(call));
            this.changed ||= changes(step, actions);
            return actions.length === 0 ? [] : [{ step, actions }];
        });
    }

    async execute(): Promise<Reached> {
        for (const step of this.plan.steps) {
            if (this.site.signal.aborted) {
                const { site } = this.record;
                throw new MessageError(
                    text`${site}: interrupted before step "${step.do}". Run ${upCommand(site)} again to continue`,
                );
            }
            const actions = await this.actionsNow(step);
            if (actions.length > 0) {
                await this.executeStep(step, actions);
                if (conditionAfter(actions) !== undefined && (await this.actionsNow(step)).length > 0) {
                    return this.reached(true);
                }
            }
        }
        return this.reached(false);
    }

    private reached(establishing: boolean): Reached {
        return { record: this.record, view: this.view, changed: this.log.stages.length > 0, establishing };
    }

    private async executeStep(step: Step, actions: readonly Action[]): Promise<void> {
        this.changed ||= changes(step, actions);
        const began = Date.now();
        await span(`step ${step.do}`, "step", {}, async () => {
            await runActions(actions, this.site.progress, this.record.site);
            if (isDriverStep(step)) {
                this.view = this.view.after(step);
            }
        });
        this.log.stages.push({ step: step.do, seconds: (Date.now() - began) / 1000 });
    }

    /** By the site as it is by now. */
    private async actionsNow(step: Step): Promise<Action[]> {
        this.view = await this.view.freshFor(step);
        return this.actions(step);
    }

    private actions(step: Step): Action[] {
        switch (step.do) {
            case "claim-site":
                return this.site.marker?.claim() ?? [];
            case "await-prerequisites":
                return [...this.unmet, ...this.probe()];
            case "move-record":
                return this.moveRecord(step);
            case "authenticate-record":
                return this.site.store.isAuthenticated(this.record)
                    ? []
                    : [this.write("authenticated with the pair's key", (record) => record)];
            case "mark":
                return this.mark(step);
            case "claim":
                return this.claim(step);
            case "count-unreplicated":
                return this.countUnreplicated(step);
            case "record":
                return this.recordRole(step);
            case "forget-claims":
                return this.site.claims.forget(step);
            case "keep-bundle":
                return this.site.bundle?.keep(this.bundle, step.role) ?? [];
            case "remove-bundle":
                return this.site.bundle?.remove() ?? [];
            default:
                return this.view.actions(step);
        }
    }

    /** The copy comes first: a run that is killed after it leaves two, of which the one in its place counts. */
    private moveRecord({ from, isCopied }: Extract<Step, { do: "move-record" }>): Action[] {
        return [
            ...(isCopied ? [] : [this.write(`moved from ${from}`, (record) => record)]),
            { call: `delete ${from}`, effect: "write", run: () => this.site.store.removeEarlier() },
        ];
    }

    private mark({ verb, epoch, began, token, point, by }: Extract<Step, { do: "mark" }>): Action[] {
        const { underWay } = this.record;
        const isSame = underWay?.verb === verb && underWay.epoch === epoch && underWay.by === by;
        return isSame && isDeepStrictEqual(underWay.token, token)
            ? []
            : [
                  this.write(`${verb}, epoch ${epoch}, under way`, (record) => ({
                      ...record,
                      underWay: { verb, epoch, began, ...defined({ token, point, by }) },
                  })),
              ];
    }

    /** Once, and only where the plan writes a record that remembers what was found. */
    private probe(): Action[] {
        if (this.record.guardedClaims !== undefined || !this.plan.steps.some(({ do: name }) => name === "record")) {
            return [];
        }
        const { actions, guarded } = this.site.claims.probe();
        return actions.map((action) => ({
            ...action,
            run: async (progress) => {
                await action.run(progress);
                this.record = { ...this.record, ...defined({ guardedClaims: guarded() }) };
            },
        }));
    }

    private claim(step: ClaimStep): Action[] {
        if (hasClaimed(this.record, step)) {
            return [];
        }
        const { actions, guarded } = this.site.claims.claim(step);
        return [
            ...actions,
            this.write(`epoch ${step.epoch}, claimed`, (record) => ({
                ...record,
                ...defined({ guardedClaims: guarded() }),
                ...(record.underWay === undefined ? {} : { underWay: { ...record.underWay, claimed: true } }),
            })),
        ];
    }

    private countUnreplicated({ since }: Extract<Step, { do: "count-unreplicated" }>): Action[] {
        const { site } = this.record;
        const what =
            since === undefined ? "and the other site does not have" : `since ${since.snapshot} of ${since.takenAt}`;
        let unreplicated: Unreplicated | undefined;
        return [
            {
                call: `read the volumes of ${site}: what ${site} wrote ${what}`,
                effect: "read",
                run: async (progress) => {
                    unreplicated = await this.view.unreplicated(since);
                    progress(describeUnreplicated(unreplicated, site));
                },
            },
            this.write(`what ${site} wrote ${what}`, (record) => ({ ...record, unreplicated })),
        ];
    }

    private recordRole(step: RecordStep): Action[] {
        const { record, view } = this;
        const isDue =
            this.changed ||
            recordsHeldSnapshots(step, record) ||
            !sameExceptLog(recordAfter(step, record, view.facts(step.epoch), record.holds), record);
        return isDue
            ? [
                  this.write(`${step.role}, epoch ${step.epoch}`, async (current) => {
                      const holds = recordsHeldSnapshots(step, current)
                          ? await this.view.heldSnapshots()
                          : current.holds;
                      const next = recordAfter(step, current, this.view.facts(step.epoch), holds);
                      return withChange(next, changeOf(this.plan, step, current, this.log));
                  }),
              ]
            : [];
    }

    private write(what: string, next: (record: RoleRecord) => RoleRecord | Promise<RoleRecord>): Action {
        return {
            call: `apply ${this.site.store.describe()}: ${what}`,
            effect: "write",
            run: async () => {
                this.record = await this.site.store.write(await next(this.record));
                this.save(this.record);
            },
        };
    }
}

/** Under which a run goes on after these actions; undefined where it does in any case. */
function conditionAfter(actions: readonly Action[]): string | undefined {
    return actions.find(({ unlessLong }) => unlessLong !== undefined)?.unlessLong;
}

function onlyIf(condition: string | undefined, action: Action): Action {
    const { when } = action;
    return condition === undefined
        ? action
        : { ...action, when: when === undefined ? condition : `${when}, and ${condition}` };
}

/**
 * Neither a wait before a change, nor a clean-up after it, nor what keeps a site in its role, is a change itself; nor is
 * a record that says the same.
 */
const unchanging: ReadonlySet<Step["do"]> = new Set<Step["do"]>([
    "claim-site",
    "await-prerequisites",
    "move-record",
    "authenticate-record",
    "forget-snapshots",
    "forbid-pods",
    "allow-pods",
    "keep-bundle",
    "remove-bundle",
]);

function changes(step: Step, actions: readonly Action[]): boolean {
    return isChange(step) && actions.some(({ tells }) => tells !== true);
}

function isChange({ do: name }: Step): boolean {
    return !unchanging.has(name);
}
