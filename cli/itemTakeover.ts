import { execute, type Reached } from "../provider/engine/execute";
import { explain } from "../provider/engine/explain";
import type { MirrorRoleInputs } from "../provider/engine/inputs";
import { type Inspection, inspect, servesAfter } from "../provider/engine/inspect";
import type { Outcomes } from "../provider/engine/outcomes";
import type { RunContext, Site } from "../provider/engine/site";
import { configSetCommand, previewCommand, takeoverCommand, upCommand } from "../provider/roles/messages/commands";
import { describeRole } from "../provider/roles/messages/describe";
import { type Message, messageOf, render, text } from "../provider/roles/messages/message";
import { nextFor } from "../provider/roles/next";
import type { Plan } from "../provider/roles/planner/decision";
import { lossBoundSeconds } from "../provider/roles/situation";
import { defined } from "../provider/support/defined";
import type { BundledRole } from "./bundledRole";
import { epochToAcknowledge, takeovers } from "./takeoverPlan";
import type { Terminal } from "./terminal";

/** What a person asks for one item. */
export interface ItemRequest {
    application: string;
    site: string;
    kubeconfig?: string;
    context?: string;
    recordNamespace?: string;
    /** The epoch that begins. */
    takeover?: number;
    recoverTo?: string;
}

/** What a takeover needs of its process, and how the site is reached. */
export interface ItemSurroundings {
    process: RunContext & { uninterrupted<T>(run: () => Promise<T>): Promise<T> };
    openSite(run: RunContext, inputs: MirrorRoleInputs): Site;
    /** What became of the other items in the same command. */
    outcomes: Outcomes;
    /** Told what is to be done when the command has ended; of several items, the same once. */
    afterwards(line: string): void;
}

/** A plan that takes over, with what it was made of. */
export interface Proposal {
    inspection: Inspection;
    plan: Plan;
    epoch: number;
}

/** What a look at an item comes to. */
export type Proposed = { is: "proposal"; proposal: Proposal } | { is: "serving" } | { is: "refused" };

/** The takeover of one item: what is printed of it names it. */
export class ItemTakeover {
    constructor(
        private readonly request: ItemRequest,
        private readonly role: BundledRole,
        private readonly surroundings: ItemSurroundings,
    ) {}

    get item(): string {
        return this.request.application;
    }

    /** Whether the epoch that it begins was given, so that nothing need be asked. */
    get isAcknowledged(): boolean {
        return this.request.takeover !== undefined;
    }

    /** The items that must serve before it. */
    get comesAfter(): readonly string[] {
        return this.role.inputsWith(undefined).order?.before.map(({ application }) => application) ?? [];
    }

    /**
     * Inspects the site, and then prints what a takeover would do and lose, or why there is none: all of it at the end, so
     * that it stays together whatever others come to meanwhile.
     */
    async propose(terminal: Terminal): Promise<Proposed> {
        const { takeover } = this.request;
        const first = await this.inspect(takeover);
        if (serves(first)) {
            return this.tellServing(first, terminal);
        }
        const found = proposalIn(first);
        if (found !== undefined && takeover !== undefined) {
            return this.announce(found, terminal);
        }
        if (takeover !== undefined || (first.decision.kind === "plan" && found === undefined)) {
            return this.refuse(terminal, first);
        }
        const acknowledged = await this.inspect(epochToAcknowledge(first));
        const proposal = proposalIn(acknowledged);
        if (proposal === undefined) {
            return this.refuse(terminal, first, acknowledged);
        }
        if (first.decision.kind === "refusal") {
            complain(terminal, first);
        }
        return this.announce(proposal, terminal);
    }

    /** Executes what was proposed a moment ago. */
    async execute({ inspection, plan, epoch }: Proposal, terminal: Terminal): Promise<boolean> {
        const { process, outcomes } = this.surroundings;
        let reached: Reached;
        try {
            reached = await process.uninterrupted(() =>
                execute(inspection.site, plan, inspection.start, () => undefined),
            );
        } catch (error) {
            return this.tellFailure(terminal, inspection, messageOf(error), epoch);
        }
        const { record, establishing } = reached;
        outcomes.note(this.item, { kind: "done", record, establishing });
        return establishing
            ? this.tellFailure(terminal, inspection, `its copy is not complete yet, and goes on by itself`, epoch)
            : this.tellDone(terminal, inspection, reached);
    }

    /** The same when time has passed, while a person thought it over or others took over that it comes after. */
    async executeAfresh({ plan, epoch }: Proposal, terminal: Terminal): Promise<boolean> {
        const inspection = await this.inspect(epoch);
        const proposal = proposalIn(inspection);
        if (proposal === undefined || proposal.epoch !== epoch || proposal.plan.verb !== plan.verb) {
            complain(terminal, inspection);
            return this.decline(terminal, "something else is due by now than what was shown", epoch);
        }
        return this.execute(proposal, terminal);
    }

    /** Says that nothing was changed, and with which command it would be. */
    decline(terminal: Terminal, why: string, epoch: number): false {
        const { application, site } = this.request;
        // What comes after it must not go by its plan.
        this.surroundings.outcomes.note(application, { kind: "failed", why, executed: false });
        terminal.complain(
            `${application} at ${site}: ${why}. Nothing was changed. To take over, accepting what it says: ${this.command(epoch)}`,
        );
        return false;
    }

    private async inspect(takeover: number | undefined): Promise<Inspection> {
        const inputs = this.role.inputsWith(defined({ takeover, recoverTo: this.request.recoverTo }));
        const { process, openSite, outcomes } = this.surroundings;
        const inspection = await inspect(openSite(process, inputs), inputs, undefined, outcomes);
        this.note(inspection);
        return inspection;
    }

    private note(inspection: Inspection): void {
        const { decision, pending } = inspection;
        this.surroundings.outcomes.note(
            this.item,
            decision.kind === "refusal"
                ? { kind: "failed", why: explain(inspection).join("\n"), executed: false }
                : { kind: "planned", serves: servesAfter(inspection), pending: pending.length > 0 },
        );
    }

    private announce(proposal: Proposal, terminal: Terminal): Proposed {
        const { site, takeover } = this.request;
        const { epoch, inspection } = proposal;
        explain(inspection).forEach((line) => terminal.print(line));
        terminal.print(
            `${this.item} at ${site}: what ${site} knows of ${inspection.configuration.peer} is from ${this.role.written}, when the last run left it here, or from before`,
        );
        if (takeover !== undefined && takeover !== epoch) {
            this.decline(terminal, `it would begin epoch ${epoch}, and --takeover is ${takeover}`, epoch);
            return { is: "refused" };
        }
        return { is: "proposal", proposal };
    }

    private tellServing(inspection: Inspection, terminal: Terminal): Proposed {
        const { own, pending, configuration } = inspection;
        const { item, site } = configuration;
        const left =
            pending.length === 0 ? "" : text`. Something is left to do there, which is no takeover: ${upCommand(site)}`;
        const serving = text`${item} at ${site} is ${describeRole(own)}: it serves already${left}`;
        terminal.print(rendered(inspection, serving));
        this.tellPulumi(inspection);
        return { is: "serving" };
    }

    private tellDone(terminal: Terminal, inspection: Inspection, { record }: Reached): boolean {
        const { configuration, peer } = inspection;
        const { item, site } = configuration;
        terminal.print(`${item} at ${site} is ${describeRole(record)}: it serves`);
        this.tellPulumi(inspection);
        const next = nextFor(record, peer, configuration);
        if (next !== "") {
            this.surroundings.afterwards(rendered(inspection, text`the other site: ${next}`));
        }
        return true;
    }

    /** A stack that still says `active: east` would want to hand back. Of the acknowledgement it needs nothing any more. */
    private tellPulumi(inspection: Inspection): void {
        const { configuration } = inspection;
        const { site } = configuration;
        const sentence = text`before Pulumi runs here again: ${configSetCommand("active", site, configuration, site)}. Then ${upCommand(site)} takes the record into its state, and changes nothing at ${site}`;
        this.surroundings.afterwards(rendered(inspection, sentence));
    }

    private tellFailure(terminal: Terminal, inspection: Inspection, why: Message, epoch: number): false {
        const { configuration } = inspection;
        const { item, site } = configuration;
        const sentence = text`${why}. ${item} does not serve at ${site} yet, as far as this run came; what was done is not undone. To go on from there: ${this.command(epoch)}; with Pulumi: ${configSetCommand("active", site, configuration, site)}; ${upCommand(site)}`;
        const rendering = rendered(inspection, sentence);
        this.surroundings.outcomes.note(item, { kind: "failed", why: rendering, executed: true });
        terminal.complain(rendering);
        return false;
    }

    private refuse(terminal: Terminal, inspection: Inspection, acknowledged = inspection): Proposed {
        const { decision, configuration, own } = inspection;
        if (decision.kind === "refusal") {
            complain(terminal, inspection);
            const other = acknowledged.decision;
            if (other.kind === "refusal" && other.code !== decision.code) {
                complain(terminal, acknowledged);
            }
            return { is: "refused" };
        }
        const { item, site } = configuration;
        const sentence = text`${item} at ${site} is ${describeRole(own)}, and what is due there is no takeover: ${decision.verb}. This command begins nothing else; nothing was changed. To see it: ${previewCommand(site)}`;
        terminal.complain(rendered(inspection, sentence));
        return { is: "refused" };
    }

    private command(takeover: number): string {
        const { application, ...rest } = this.request;
        return takeoverCommand({ ...rest, applications: [application], takeover });
    }
}

/** How many seconds of writes a takeover loses at most; 0 with what the other site handed over, undefined unknown. */
export function lossOf({ inspection, plan }: Proposal): number | undefined {
    if (plan.verb === "take over with a token") {
        return 0;
    }
    const point = plan.recoveryPoint ?? inspection.observed.mirror?.recoveryPoint;
    return lossBoundSeconds(point, new Date());
}

function serves({ own, decision }: Inspection): boolean {
    return own.role === "active" && own.underWay === undefined && decision.kind === "plan";
}

function proposalIn(inspection: Inspection): Proposal | undefined {
    const { decision } = inspection;
    const mark = decision.kind === "plan" ? decision.steps.find((step) => step.do === "mark") : undefined;
    return decision.kind === "plan" && mark !== undefined && takeovers.has(decision.verb)
        ? { inspection, plan: decision, epoch: mark.epoch }
        : undefined;
}

function complain(terminal: Terminal, inspection: Inspection): void {
    explain(inspection).forEach((line) => terminal.complain(line));
}

function rendered({ inputs }: Inspection, message: Message): string {
    return render(message, inputs.stacks);
}
