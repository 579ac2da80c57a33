import { Credentials, type ConfigurationRequest } from "../process/credentials";
import { holdsUnknown } from "../support/unknown";
import { configSetCommand } from "../roles/messages/commands";
import { describeRole } from "../roles/messages/describe";
import { render } from "../roles/messages/message";
import { emptyRecord, parseRecord, type RoleRecord } from "../roles/record";
import { parseInputs, type MirrorRoleInputs } from "../engine/inputs";
import { uninterrupted } from "../process/interrupt";
import { Outcomes } from "../engine/outcomes";
import { explain, lookAhead, lookAt, servesAfter, type Outlook } from "../engine/inspect";
import { carryOut } from "../engine/execute";
import { withStackNames } from "../engine/stackNames";

/** Of the applications in this operation. */
export const outcomes = new Outcomes();

/** The engine configures a provider before it calls it; until then only the environment is known. */
let credentials = new Credentials({ config: { get: () => undefined } });

/**
 * What the MirrorRole resource does, without Pulumi's types: a provider of another kind can wrap it.
 *
 * The plan is made in `check`, which preview asks also for a resource that is not there yet, and whose refusals the
 * engine prints as they are; `diff` prints it, and tells whether anything is left to do.
 */
export const mirrorRole = {
    configure(request: ConfigurationRequest): Promise<void> {
        credentials = new Credentials(request);
        return Promise.resolve();
    },

    async check(olds: unknown, news: unknown): Promise<CheckResult> {
        if (holdsUnknown(news)) {
            return { inputs: news };
        }
        const parsed = parseInputs(news);
        if (!parsed.ok) {
            return { inputs: news, failures: parsed.failures };
        }
        const moved = changeOfIdentity(olds, parsed.inputs);
        if (moved !== undefined) {
            return { inputs: news, failures: [moved] };
        }
        const failures = await refusals(parsed.inputs, isNew(olds));
        return isOneOfSeveral(news) ? { inputs: news } : { inputs: news, failures };
    },

    async diff(_id: string, olds: unknown, news: unknown): Promise<DiffResult> {
        if (holdsUnknown(news)) {
            return { changes: true };
        }
        const outlook = await lookAhead(credentials, accepted(news), recordIn(olds), outcomes).catch(() => undefined);
        if (outlook === undefined) {
            // `check` tells why. A refresh, which asks for a diff as well, is to show what there is all the same.
            return { changes: true };
        }
        noteOutlook(outlook);
        if (outlook.decision.kind === "refusal") {
            if (isOneOfSeveral(news)) {
                return { changes: false };
            }
            throw plainError(sentence(outlook));
        }
        announce(outlook);
        return { changes: outlook.pending.length > 0 || outlook.own.serial !== serialIn(olds) };
    },

    async create(inputs: unknown): Promise<CreateResult> {
        const { application, site } = accepted(inputs);
        const id = `${application}@${site}`;
        return { id, outs: await apply(id, inputs, undefined) };
    },

    async update(id: string, olds: unknown, news: unknown): Promise<UpdateResult> {
        return { outs: await apply(id, news, recordIn(olds)) };
    },

    async read(id: string, properties: unknown): Promise<ReadResult> {
        const inputs = inputsIn(properties);
        const { own, seen, behind } = await lookAt(credentials, accepted(inputs), recordIn(properties)).catch(
            failPlainly(inputs),
        );
        return { id, props: { ...inputs, record: own, ...(await behind(seen)).shown }, inputs };
    },

    async delete(_id: string, properties: unknown): Promise<void> {
        const inputs = accepted(inputsIn(properties));
        const leaving = { ...inputs, unprotect: true };
        await leave(await lookAhead(credentials, leaving, recordIn(properties)).catch(failPlainly(inputs)));
    },
};

interface CheckResult {
    inputs: unknown;
    failures?: { property: string; reason: string }[];
}
interface DiffResult {
    changes: boolean;
}
interface CreateResult {
    id: string;
    outs: Properties;
}
interface UpdateResult {
    outs: Properties;
}
interface ReadResult {
    id: string;
    props: Properties;
    inputs: Record<string, unknown>;
}
type Properties = Record<string, unknown> & { record?: unknown; array?: unknown };

/** Carries the plan out. What was reached before a failure goes into the state, and the next `up` goes on from it. */
async function apply(id: string, news: unknown, remembered: unknown): Promise<Properties> {
    const given = news as Properties;
    const outlook = await planFor(news, remembered).catch((thrown: unknown) => failOrNote(news, thrown, true));
    if (outlook === undefined) {
        return { ...given, record: remembered ?? emptyRecordOf(news) };
    }
    const { decision, means, own, prerequisites } = outlook;
    if (decision.kind === "refusal") {
        return { ...given, record: own };
    }
    let reached: RoleRecord = own;
    try {
        if (own.role === "none") {
            await prerequisites.require(decision, means.progress);
        }
        reached = await uninterrupted(() =>
            carryOut(means, decision, own, (record) => {
                reached = record;
            }),
        );
    } catch (thrown) {
        failOrNote(news, partialError(id, { ...given, record: reached }, thrown), true);
        return { ...given, record: reached };
    }
    outcomes.note(own.application, { kind: "done", record: reached });
    return { ...given, record: reached, ...(await outlook.behind(await means.driver.observe())).shown };
}

/** Looks ahead and notes what for. Throws a refusal, unless the application is one of several. */
async function planFor(news: unknown, remembered: unknown): Promise<Outlook> {
    const outlook = await lookAhead(credentials, accepted(news), remembered, outcomes);
    noteOutlook(outlook);
    if (outlook.decision.kind === "refusal" && !isOneOfSeveral(news)) {
        throw plainError(sentence(outlook));
    }
    return outlook;
}

function noteOutlook(outlook: Outlook): void {
    outcomes.note(
        outlook.configuration.item,
        outlook.decision.kind === "refusal"
            ? { kind: "failed", why: sentence(outlook), carriedOut: false }
            : { kind: "planned", serves: servesAfter(outlook), pending: outlook.pending.length > 0 },
    );
}

/** A failure ends the run; that of one among several is noted, and told when the others have had their turn. */
function failOrNote(news: unknown, thrown: unknown, carriedOut: boolean): undefined {
    const why = messageOf(thrown, stacksIn(news));
    if (!isOneOfSeveral(news)) {
        throw thrown instanceof Error && "properties" in thrown ? thrown : plainError(why);
    }
    outcomes.note(accepted(news).application, { kind: "failed", why, carriedOut });
    return undefined;
}

function isOneOfSeveral(news: unknown): boolean {
    const parsed = parseInputs(news);
    return parsed.ok && parsed.inputs.order?.together === true;
}

function emptyRecordOf(news: unknown): RoleRecord {
    const { application, site, peerSite } = accepted(news);
    return emptyRecord(application, site, peerSite);
}

/** Takes a site out of the mirror whose resource is removed; one that serves, or is to, is not removed. */
async function leave({ decision, means, own, configuration, remains, stacks }: Outlook): Promise<void> {
    const refusal = (message: string) => plainError(withStackNames(message, stacks));
    const { site, peer } = configuration;
    const unprotect = (stack: string) => render(configSetCommand("unprotect", "true", configuration, stack));
    const urn = `pulumi stack --show-urns --stack ${site} | grep ${own.application}-role`;
    const forget = `To forget it here and leave everything as it stands: pulumi state delete --stack ${site} with its URN, which this shows: ${urn}`;
    if (decision.kind === "refusal" || (own.role !== "none" && own.role !== "standby")) {
        const why = decision.kind === "refusal" ? `. ${render(decision.reason)}` : "";
        throw refusal(
            [
                `${own.application} at ${site} is ${describeRole(own)}, and is not removed as long as it is protected: nothing was touched${why}`,
                `  - to lift the protection first: ${unprotect(site)}; ${unprotect(peer)}; pulumi up --stack ${site}; pulumi up --stack ${peer}; and again as long as pulumi stack output next --stack ${site} or --stack ${peer} says so; then this once more`,
                `  - ${forget}`,
            ].join("\n"),
        );
    }
    const released = decision.steps.some((step) => step.do === "release-sources");
    if (own.role === "none" && !released && (remains?.sources.length ?? 0) > 0) {
        throw refusal(
            `${own.application} at ${site} is out of the mirror, but its array still remembers volumes as sources, as ${peer} was not out of it at the last pulumi up here. pulumi up --stack ${peer}, then pulumi up --stack ${site}, then this once more. ${forget}`,
        );
    }
    try {
        await uninterrupted(() => carryOut(means, decision, own, () => undefined));
    } catch (thrown) {
        throw refusal(
            `${messageOf(thrown, stacks)}. It is not out of the mirror yet; the same command goes on from there. ${forget}`,
        );
    }
}

/** Whatever a look at the site threw, told as a message of its own. */
function failPlainly(inputs: unknown): (thrown: unknown) => never {
    return (thrown) => {
        throw plainError(messageOf(thrown, stacksIn(inputs)));
    };
}

function messageOf(thrown: unknown, stacks: MirrorRoleInputs["stacks"]): string {
    return withStackNames(thrown instanceof Error ? thrown.message : String(thrown), stacks);
}

function stacksIn(properties: unknown): MirrorRoleInputs["stacks"] {
    const parsed = parseInputs(properties);
    return parsed.ok ? parsed.inputs.stacks : undefined;
}

/**
 * What speaks against the plan. `check` is not told the state: where the record is missing at the site it may be in the
 * state, and `diff` decides.
 */
async function refusals(inputs: MirrorRoleInputs, isNew: boolean): Promise<CheckResult["failures"]> {
    try {
        const outlook = await lookAhead(credentials, inputs, undefined, outcomes);
        if (!isNew && !outlook.kept) {
            return [];
        }
        noteOutlook(outlook);
        if (isNew) {
            announce(outlook);
        }
        return outlook.decision.kind === "refusal" ? [{ property: "", reason: sentence(outlook) }] : [];
    } catch (thrown) {
        const reason = messageOf(thrown, inputs.stacks);
        outcomes.note(inputs.application, { kind: "failed", why: reason, carriedOut: false });
        return [{ property: "", reason }];
    }
}

/** Prints the plan; a refusal is an error's to print. */
function announce(outlook: Outlook): void {
    if (outlook.decision.kind === "plan") {
        console.log(explain(outlook).join("\n"));
    }
}

function sentence(outlook: Outlook): string {
    return explain(outlook).join("\n");
}

function isNew(olds: unknown): boolean {
    return olds === undefined || olds === null || Object.keys(olds).length === 0;
}

/** What a mirrored application is cannot change in place: another one would begin from nothing. */
function changeOfIdentity(olds: unknown, news: MirrorRoleInputs): { property: string; reason: string } | undefined {
    const before = parseInputs(olds);
    if (!before.ok) {
        return undefined;
    }
    const [was, is] = [identityOf(before.inputs), identityOf(news)];
    const changed = Object.keys({ ...was, ...is }).find((key) => JSON.stringify(was[key]) !== JSON.stringify(is[key]));
    return changed === undefined
        ? undefined
        : {
              property: changed,
              reason: `was ${JSON.stringify(was[changed])}, is ${JSON.stringify(is[changed])}; that would be another mirrored application, with a baseline of its own. Declare it under another name, and retire this one`,
          };
}

function identityOf(inputs: MirrorRoleInputs): Record<string, unknown> {
    const { application, site, peerSite } = inputs;
    return inputs.kind === "volumes"
        ? { kind: "volumes", application, site, peerSite, volumes: inputs.volumes }
        : { kind: "application", application, site, peerSite, namespaces: inputs.namespaces };
}

/** The state without what the site itself told. */
function inputsIn(properties: unknown): Record<string, unknown> {
    const { record: _record, array: _array, ...inputs } = properties as Properties;
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

function serialIn(properties: unknown): number {
    const parsed = parseRecord(recordIn(properties));
    return parsed.ok ? parsed.record.serial : emptyRecord("", "", "").serial;
}

/** The engine prints an error with its stack: there is none that would help the person who must act. */
function plainError(message: string): Error {
    const error = new Error(message);
    error.stack = message;
    return error;
}

/** The shape that makes the engine keep `properties`, and call `update` again on the next `up`. */
function partialError(id: string, properties: Properties, thrown: unknown): Error {
    const message = messageOf(thrown, stacksIn(properties));
    return Object.assign(plainError(message), { id, properties, reasons: [message] });
}
