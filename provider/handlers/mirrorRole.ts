import { isDeepStrictEqual } from "node:util";
import { peerViewOf } from "../engine/configuration";
import { execute } from "../engine/execute";
import { explain } from "../engine/explain";
import { type MirrorRoleInputs, parseInputs, type RoleRequest } from "../engine/inputs";
import { type Inspection, inspect, readSite, servesAfter, shownOf, withRemembered } from "../engine/inspect";
import type { Outcomes } from "../engine/outcomes";
import { planDocumentOf } from "../engine/planDocument";
import { isInPlace } from "../engine/recordStore";
import { actingServers, connecting, planningServers, type Servers } from "../engine/servers";
import { siteOfRole } from "../engine/siteOfRole";
import type { RunContext, Site } from "../engine/site";
import type { ConfigurationRequest } from "../process/credentials";
import { previewCommand, upCommand } from "../roles/messages/commands";
import { messageOf, render, text } from "../roles/messages/message";
import { emptyRecord, parseRecord, type RoleRecord } from "../roles/record";
import { span } from "../support/trace";
import { holdsUnknown } from "../support/unknown";
import { changeOfIdentity, changeOfNames } from "./identity";
import { leave } from "./leave";
import { partialError, plainError } from "./plainError";
import type { CheckResult, CreateResult, DiffResult, CheckFailure, ReadResult, UpdateResult } from "./results";
import { SharedInspections } from "./sharedInspections";

/** What the handler needs of the provider's process. */
export interface RoleProcess extends RunContext {
    configure(request: ConfigurationRequest): void;
    /** Runs something that an interrupt may end only at a safe point. */
    uninterrupted<T>(run: () => Promise<T>): Promise<T>;
    /** Prints something for a program, where one asks for it. */
    logData(data: object): void;
}

type Properties = Record<string, unknown> & { record?: unknown; array?: unknown; establishing?: unknown };

/**
 * What the MirrorRole resource does, without Pulumi's types: a provider of another kind can wrap it.
 *
 * The plan is made in `check`, which preview asks also for a resource that does not exist yet, and whose refusals the
 * engine prints as they are. `diff` prints the plan and reports whether anything is left to do. Both belong to one
 * operation and share one inspection; `update` inspects afresh.
 */
export class MirrorRoleHandler {
    private readonly shared = new SharedInspections();
    private readonly connect = connecting();
    private readonly acting = actingServers({ connect: this.connect });
    private readonly planning = planningServers(this.connect);

    /** @param openSite how a site is reached; a test puts another one in its place */
    constructor(
        private readonly process: RoleProcess,
        private readonly outcomes: Outcomes,
        private readonly openSite: (run: RunContext, inputs: MirrorRoleInputs, servers: Servers) => Site = siteOfRole,
    ) {}

    configure(request: ConfigurationRequest): Promise<void> {
        this.process.configure(request);
        return Promise.resolve();
    }

    async check(olds: unknown, news: unknown): Promise<CheckResult<unknown>> {
        if (holdsUnknown(news)) {
            return { inputs: news };
        }
        const parsed = parseInputs(news);
        if (!parsed.ok) {
            return { inputs: news, failures: parsed.failures };
        }
        const changed = changeOfIdentity(olds, parsed.inputs);
        if (changed !== undefined) {
            return { inputs: news, failures: [changed] };
        }
        const failures = await this.refusals(parsed.inputs, news, isNew(olds));
        return isOneOfSeveral(parsed.inputs) ? { inputs: news } : { inputs: news, failures };
    }

    async diff(_id: string, olds: unknown, news: unknown): Promise<DiffResult> {
        if (holdsUnknown(news)) {
            return { changes: true };
        }
        const inputs = accepted(news);
        const renamed = changeOfNames(inputsIn(olds), inputs);
        if (renamed !== undefined && remembered(olds).role !== "none") {
            throw plainError(render(renamed, inputs.stacks));
        }
        const shared = this.shared.take(news);
        const inspection = await this.inspectionAfter(shared, inputs, recordIn(olds)).catch(() => undefined);
        if (inspection === undefined) {
            // `check` reports why. A refresh, which asks for a diff as well, shows what there is anyway.
            return { changes: true };
        }
        this.note(inspection);
        if (inspection.decision.kind === "refusal") {
            if (isOneOfSeveral(inputs)) {
                this.announce(inspection);
                return { changes: false };
            }
            if (shared === undefined) {
                // No `check` came before: a refresh, which shows what there is, refused or not.
                return { changes: true };
            }
            this.announce(inspection);
            throw plainError(sentence(inspection));
        }
        this.announce(inspection);
        const { serial, mac } = remembered(olds);
        const isShown = (olds as Properties | undefined)?.establishing !== undefined;
        const { own, site } = inspection;
        // Earlier versions published it with all of its changes.
        const isPublished = own.serial === serial && [own.mac, site.store.published(own).mac].includes(mac) && isShown;
        const isSignedIn = isDeepStrictEqual(accessIn(olds), accessIn(news));
        return { changes: inspection.pending.length > 0 || !isPublished || !isSignedIn };
    }

    async create(news: unknown): Promise<CreateResult> {
        const inputs = accepted(news);
        const id = `${inputs.application}@${inputs.site}`;
        return { id, outs: await this.apply(id, inputs, news as Properties, undefined) };
    }

    async update(id: string, olds: unknown, news: unknown): Promise<UpdateResult> {
        return { outs: await this.apply(id, accepted(news), news as Properties, recordIn(olds)) };
    }

    async read(id: string, properties: unknown): Promise<ReadResult> {
        const given = inputsIn(properties);
        const inputs = accepted(given);
        try {
            // What follows a refresh in the same run may change what is steady otherwise, and must not go by what this reads.
            const servers = actingServers({ connect: this.connect });
            const { site, found, report } = await readSite(this.openSite(this.process, inputs, servers));
            const peer = peerViewOf(inputs, site.store.seal);
            const { own, trust } = site.store.believed(found, recordIn(properties));
            site.store.requireTrust(trust);
            const record = site.store.published(own);
            return { id, props: { ...given, record, ...shownOf(report, peer, inputs) }, inputs: given };
        } catch (error) {
            throw plainError(whyOf(error, inputs));
        }
    }

    async delete(_id: string, properties: unknown): Promise<void> {
        const inputs: RoleRequest = { ...accepted(inputsIn(properties)), unprotect: true, removes: true };
        try {
            await leave(await this.inspect(inputs, recordIn(properties), this.acting), this.process);
        } catch (error) {
            throw plainError(whyOf(error, inputs));
        }
    }

    private inspect(inputs: RoleRequest, remembered: unknown, servers: Servers): Promise<Inspection> {
        // A site that cannot be opened is a rejection like one that cannot be read.
        return span("inspect", "inspection", {}, async () =>
            inspect(this.openSite(this.process, inputs, servers), inputs, remembered, this.outcomes),
        );
    }

    /** That of `check`, if it was made a moment ago for the same inputs. */
    private inspectionAfter(
        shared: Inspection | undefined,
        inputs: MirrorRoleInputs,
        remembered: unknown,
    ): Promise<Inspection> {
        return shared === undefined
            ? this.inspect(inputs, remembered, this.planning)
            : withRemembered(shared, remembered);
    }

    /**
     * What prevents the plan. `check` is not given the state: where the site has no record in its place, the state may have
     * one, and `diff` decides.
     */
    private async refusals(inputs: MirrorRoleInputs, news: unknown, isNew: boolean): Promise<CheckFailure[]> {
        try {
            const inspection = await this.inspect(inputs, undefined, this.planning);
            this.shared.put(news, inspection);
            if (!isNew && !isInPlace(inspection.found)) {
                return [];
            }
            this.note(inspection);
            const isRefused = inspection.decision.kind === "refusal";
            // Otherwise `diff` does.
            if (isNew || (isRefused && !isOneOfSeveral(inputs))) {
                this.announce(inspection);
            }
            return isRefused ? [{ property: "", reason: sentence(inspection) }] : [];
        } catch (error) {
            const reason = whyOf(error, inputs);
            this.outcomes.note(inputs.application, { kind: "failed", why: reason, executed: false });
            return [{ property: "", reason }];
        }
    }

    /** Executes the plan. What was reached before a failure goes into the state, and the next `up` continues from it. */
    private async apply(
        id: string,
        inputs: MirrorRoleInputs,
        given: Properties,
        remembered: unknown,
    ): Promise<Properties> {
        let inspection: Inspection;
        try {
            inspection = await this.inspect(inputs, remembered, this.acting);
        } catch (error) {
            return this.failed(inputs, error, { ...given, record: remembered ?? emptyRecordOf(inputs) });
        }
        this.note(inspection);
        const { decision, own, site, report, peer } = inspection;
        if (decision.kind === "refusal") {
            if (isOneOfSeveral(inputs)) {
                return { ...given, record: site.store.published(own) };
            }
            throw plainError(sentence(inspection));
        }
        let record: RoleRecord = own;
        try {
            const reached = await this.process.uninterrupted(() =>
                execute(site, decision, inspection.start, (written) => {
                    record = written;
                }),
            );
            const { establishing } = reached;
            this.outcomes.note(own.application, { kind: "done", record: reached.record, establishing });
            const shown = shownOf(reached.changed ? await reached.view.shown() : report, peer, inputs);
            if (establishing) {
                this.tellEstablishing(inspection);
            }
            return { ...given, record: site.store.published(reached.record), ...shown };
        } catch (error) {
            const properties = { ...given, record: site.store.published(record) };
            return this.failed(inputs, partialError(id, properties, whyOf(error, inputs)), properties);
        }
    }

    private tellEstablishing({ configuration, inputs }: Inspection): void {
        const { item, site } = configuration;
        const sentence = text`${item} at ${site}: establishing: every transfer runs, and the copy goes on by itself. ${site} cannot take over before it is complete. How far it is: ${previewCommand(site)}. Once it is complete: ${upCommand(site)}`;
        this.process.log(render(sentence, inputs.stacks));
    }

    /** A failure ends the run; that of one among several is noted, and reported when the others have had their turn. */
    private failed(inputs: MirrorRoleInputs, error: unknown, properties: Properties): Properties {
        const why = whyOf(error, inputs);
        if (!isOneOfSeveral(inputs)) {
            throw error instanceof Error && "properties" in error ? error : plainError(why);
        }
        this.outcomes.note(inputs.application, { kind: "failed", why, executed: true });
        return properties;
    }

    private note(inspection: Inspection): void {
        this.outcomes.note(
            inspection.own.application,
            inspection.decision.kind === "refusal"
                ? { kind: "failed", why: sentence(inspection), executed: false }
                : { kind: "planned", serves: servesAfter(inspection), pending: inspection.pending.length > 0 },
        );
    }

    /** Prints the plan; to a person, a refusal is an error's to print. */
    private announce(inspection: Inspection): void {
        if (inspection.decision.kind === "plan") {
            this.process.log(sentence(inspection));
        }
        this.process.logData(planDocumentOf(inspection));
    }
}

function sentence(inspection: Inspection): string {
    return explain(inspection).join("\n");
}

function whyOf(error: unknown, { stacks }: MirrorRoleInputs): string {
    return render(messageOf(error), stacks);
}

function isOneOfSeveral({ order }: MirrorRoleInputs): boolean {
    return order?.together === true;
}

function isNew(olds: unknown): boolean {
    return olds === undefined || olds === null || Object.keys(olds).length === 0;
}

function emptyRecordOf({ application, site, peerSite }: MirrorRoleInputs): RoleRecord {
    return emptyRecord(application, site, peerSite);
}

/**
 * Where the account of the array is, and whether the kubeconfig is in the configuration: a refresh and a destroy know only
 * what the state says. How a machine names its own kubeconfig may be another one each time.
 */
function accessIn(properties: unknown): unknown[] {
    const { ontap, cluster } = (properties ?? {}) as {
        ontap?: { accountSecret?: unknown };
        cluster?: { fromConfig?: unknown; context?: unknown };
    };
    const isConfigured = cluster?.fromConfig === true;
    return [ontap?.accountSecret, isConfigured, isConfigured ? cluster.context : undefined];
}

/** The state without what the site itself reported. */
function inputsIn(properties: unknown): Record<string, unknown> {
    const { record: _record, array: _array, establishing: _copy, ...inputs } = properties as Properties;
    return inputs;
}

function accepted(value: unknown): MirrorRoleInputs {
    const parsed = parseInputs(value);
    if (!parsed.ok) {
        throw plainError(parsed.failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
    }
    return parsed.inputs;
}

function recordIn(properties: unknown): unknown {
    return (properties as Properties | undefined)?.record;
}

/** The record in the state; an empty one where there is none that can be read. */
function remembered(properties: unknown): RoleRecord {
    const parsed = parseRecord(recordIn(properties));
    return parsed.ok ? parsed.record : emptyRecord("", "", "");
}
