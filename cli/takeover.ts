import { Cluster } from "../provider/clients/kubernetes/cluster";
import { execute, type Reached } from "../provider/engine/execute";
import { explain } from "../provider/engine/explain";
import type { MirrorRoleInputs } from "../provider/engine/inputs";
import { type Inspection, inspect } from "../provider/engine/inspect";
import { Outcomes } from "../provider/engine/outcomes";
import type { RunContext, Site } from "../provider/engine/site";
import { siteOfRole } from "../provider/engine/siteOfRole";
import { ProviderProcess } from "../provider/process/providerProcess";
import { configSetCommand, previewCommand, takeoverCommand, upCommand } from "../provider/roles/messages/commands";
import { describeRole } from "../provider/roles/messages/describe";
import { type Message, messageOf, render, text } from "../provider/roles/messages/message";
import { nextFor } from "../provider/roles/next";
import type { Plan } from "../provider/roles/planner/decision";
import { lossBoundSeconds } from "../provider/roles/situation";
import { defined } from "../provider/support/defined";
import { type BundledRole, bundledRole } from "./bundledRole";
import { epochToAcknowledge, takeovers } from "./takeoverPlan";
import type { Terminal } from "./terminal";

/** What a person asks for. */
export interface TakeoverRequest {
    application: string;
    site: string;
    kubeconfig?: string;
    context?: string;
    recordNamespace?: string;
    /** The epoch that begins. */
    takeover?: number;
    /** Whether nothing is asked. */
    yes: boolean;
    recoverTo?: string;
}

/** What the command needs of its process. */
interface CommandProcess extends RunContext {
    uninterrupted<T>(run: () => Promise<T>): Promise<T>;
}

/** How a site is reached; a test puts another one in its place. */
export interface Surroundings {
    process: CommandProcess;
    connect(site: string, reference: { kubeconfig?: string; context?: string }): Pick<Cluster, "get">;
    openSite(run: RunContext, inputs: MirrorRoleInputs): Site;
}

/**
 * Serves an item at a site by the same engine that `pulumi up` runs: the same plan, the same refusals, the same record.
 * It begins nothing but a takeover.
 *
 * @returns whether the site serves
 */
export async function takeOver(
    request: TakeoverRequest,
    terminal: Terminal,
    surroundings = ofThisProcess(terminal),
): Promise<boolean> {
    try {
        const { application, site, kubeconfig, context, recordNamespace } = request;
        const { process, connect } = surroundings;
        const cluster = defined({ kubeconfig, context });
        const bundle = { application, site, cluster, recordNamespace };
        const role = await bundledRole(connect(site, cluster), bundle, process.credentials.seal(site));
        return await new Takeover(request, terminal, surroundings, role).run();
    } catch (error) {
        terminal.complain(render(messageOf(error)));
        return false;
    }
}

function ofThisProcess(terminal: Terminal): Surroundings {
    const process = new ProviderProcess({ log: (line) => terminal.print(line), interruptedCode: 1 });
    process.listen();
    return { process, connect: (...args) => Cluster.connect(...args), openSite: siteOfRole };
}

/** A plan that takes over, with what it was made of. */
interface Proposal {
    inspection: Inspection;
    plan: Plan;
    epoch: number;
}

class Takeover {
    constructor(
        private readonly request: TakeoverRequest,
        private readonly terminal: Terminal,
        private readonly surroundings: Surroundings,
        private readonly role: BundledRole,
    ) {}

    async run(): Promise<boolean> {
        const { takeover } = this.request;
        const first = await this.inspect(takeover);
        if (serves(first)) {
            return this.tellServing(first);
        }
        if (takeover !== undefined) {
            const proposal = proposalIn(first);
            return proposal === undefined ? this.refuse(first) : this.confirmAndExecute(proposal);
        }
        if (first.decision.kind === "plan" && proposalIn(first) === undefined) {
            return this.refuse(first);
        }
        const acknowledged = await this.inspect(epochToAcknowledge(first));
        const proposal = proposalIn(acknowledged);
        if (proposal === undefined) {
            return this.refuse(first, acknowledged);
        }
        if (first.decision.kind === "refusal") {
            this.complain(first);
        }
        return this.confirmAndExecute(proposal);
    }

    private inspect(takeover: number | undefined): Promise<Inspection> {
        const inputs = this.role.inputsWith(defined({ takeover, recoverTo: this.request.recoverTo }));
        const { process, openSite } = this.surroundings;
        return inspect(openSite(process, inputs), inputs, undefined, new Outcomes());
    }

    private async confirmAndExecute(proposal: Proposal): Promise<boolean> {
        const { site, yes, takeover } = this.request;
        const { epoch, inspection } = proposal;
        explain(inspection).forEach((line) => this.terminal.print(line));
        this.say(
            inspection,
            `what ${site} knows of ${inspection.configuration.peer} is from ${this.role.written}, when the last run left it here, or from before`,
        );
        if (takeover !== undefined && takeover !== epoch) {
            return this.decline(inspection, `it would begin epoch ${epoch}, and --takeover is ${takeover}`, epoch);
        }
        if (yes) {
            return this.execute(proposal);
        }
        if (this.terminal.ask === undefined) {
            return this.decline(inspection, "nobody is there to acknowledge it", epoch);
        }
        const answer = await this.terminal.ask(questionFor(proposal));
        if (answer?.trim() !== String(epoch)) {
            return this.decline(inspection, `epoch ${epoch} was not typed`, epoch);
        }
        return this.executeAfresh(proposal);
    }

    /** Time has passed while the person thought it over. */
    private async executeAfresh({ plan, epoch }: Proposal): Promise<boolean> {
        const inspection = await this.inspect(epoch);
        const proposal = proposalIn(inspection);
        if (proposal === undefined || proposal.epoch !== epoch || proposal.plan.verb !== plan.verb) {
            this.complain(inspection);
            return this.decline(inspection, "something else is due by now than what was shown", epoch);
        }
        return this.execute(proposal);
    }

    private async execute({ inspection, plan, epoch }: Proposal): Promise<boolean> {
        const { site, start } = inspection;
        let reached: Reached;
        try {
            reached = await this.surroundings.process.uninterrupted(() => execute(site, plan, start, () => undefined));
        } catch (error) {
            return this.tellFailure(inspection, messageOf(error), epoch);
        }
        return reached.establishing
            ? this.tellFailure(inspection, `its copy is not complete yet, and goes on by itself`, epoch)
            : this.tellDone(inspection, reached);
    }

    private tellServing(inspection: Inspection): boolean {
        const { own, pending, configuration } = inspection;
        const { item, site } = configuration;
        const left =
            pending.length === 0 ? "" : text`. Something is left to do there, which is no takeover: ${upCommand(site)}`;
        this.terminal.print(
            this.render(inspection, text`${item} at ${site} is ${describeRole(own)}: it serves already${left}`),
        );
        this.tellPulumi(inspection);
        return true;
    }

    private tellDone(inspection: Inspection, { record }: Reached): boolean {
        const { configuration, peer } = inspection;
        const { item, site } = configuration;
        this.terminal.print(`${item} at ${site} is ${describeRole(record)}: it serves`);
        this.tellPulumi(inspection);
        const next = nextFor(record, peer, configuration);
        if (next !== "") {
            this.terminal.print(this.render(inspection, text`the other site: ${next}`));
        }
        return true;
    }

    /** A stack that still says `active: east` would want to hand back. Of the acknowledgement it needs nothing any more. */
    private tellPulumi(inspection: Inspection): void {
        const { configuration } = inspection;
        const { site } = configuration;
        this.terminal.print(
            this.render(
                inspection,
                text`before Pulumi runs here again: ${configSetCommand("active", site, configuration, site)}. Then ${upCommand(site)} takes the record into its state, and changes nothing at ${site}`,
            ),
        );
    }

    private tellFailure(inspection: Inspection, why: Message, epoch: number): boolean {
        const { configuration } = inspection;
        const { item, site } = configuration;
        this.terminal.complain(
            this.render(
                inspection,
                text`${why}. ${item} does not serve at ${site} yet, as far as this run came; what was done is not undone. To go on from there: ${this.command(epoch)}; with Pulumi: ${configSetCommand("active", site, configuration, site)}; ${upCommand(site)}`,
            ),
        );
        return false;
    }

    private refuse(inspection: Inspection, acknowledged = inspection): boolean {
        const { decision, configuration, own } = inspection;
        if (decision.kind === "refusal") {
            this.complain(inspection);
            const other = acknowledged.decision;
            if (other.kind === "refusal" && other.code !== decision.code) {
                this.complain(acknowledged);
            }
            return false;
        }
        const { item, site } = configuration;
        this.terminal.complain(
            this.render(
                inspection,
                text`${item} at ${site} is ${describeRole(own)}, and what is due there is no takeover: ${decision.verb}. This command begins nothing else; nothing was changed. To see it: ${previewCommand(site)}`,
            ),
        );
        return false;
    }

    private decline(inspection: Inspection, why: string, epoch: number): boolean {
        const { item, site } = inspection.configuration;
        this.terminal.complain(
            `${item} at ${site}: ${why}. Nothing was changed. To take over, accepting what it says: ${this.command(epoch)}`,
        );
        return false;
    }

    private command(takeover: number): string {
        return takeoverCommand({ ...this.request, takeover });
    }

    private complain(inspection: Inspection): void {
        explain(inspection).forEach((line) => this.terminal.complain(line));
    }

    private say({ configuration }: Inspection, line: string): void {
        this.terminal.print(`${configuration.item} at ${configuration.site}: ${line}`);
    }

    private render({ inputs }: Inspection, message: Message): string {
        return render(message, inputs.stacks);
    }
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

function questionFor({ inspection, plan, epoch }: Proposal): string {
    const { item, site, peer } = inspection.configuration;
    const what = `Type the epoch that begins, ${epoch}, to take over ${item} at ${site}`;
    if (plan.verb === "take over with a token") {
        return `${what} with what ${peer} handed over: `;
    }
    const point = plan.recoveryPoint ?? inspection.observed.mirror?.recoveryPoint;
    const seconds = lossBoundSeconds(point, new Date());
    return seconds === undefined
        ? `${what} and lose every write that has not arrived: `
        : `${what} and lose at most the writes of the last ${Math.ceil(seconds)} s: `;
}
