import { Credentials, type ConfigurationRequest } from "../credentials";
import { holdsUnknown } from "../unknown";
import { emptyRecord, parseRecord, type RoleRecord } from "../roles/record";
import { parseInputs, type MirrorRoleInputs } from "./inputs";
import { uninterrupted } from "./interrupt";
import { explain, lookAhead, lookAt, type Outlook } from "./plan";
import { carryOut } from "./run";

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
        return { inputs: news, failures: await refusals(parsed.inputs, isNew(olds)) };
    },

    async diff(_id: string, olds: unknown, news: unknown): Promise<DiffResult> {
        if (holdsUnknown(news)) {
            return { changes: true };
        }
        const outlook = await lookAhead(credentials, accepted(news), recordIn(olds)).catch(() => undefined);
        if (outlook === undefined) {
            // `check` tells why. A refresh, which asks for a diff as well, is to show what there is all the same.
            return { changes: true };
        }
        if (outlook.decision.kind === "refusal") {
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
        const { own, seen, show } = await lookAt(credentials, accepted(inputs), recordIn(properties));
        return { id, props: { ...inputs, record: own, ...show(seen) }, inputs };
    },

    async delete(_id: string, properties: unknown): Promise<void> {
        const { own } = await lookAhead(credentials, accepted(inputsIn(properties)), recordIn(properties));
        if (own.role !== "none") {
            throw plainError(
                `${own.application} at ${own.site} is ${own.role} in epoch ${own.epoch}, and taking it out of protection is not something that this version does. Nothing was removed. To forget it here and leave everything as it stands: pulumi state delete <its URN>`,
            );
        }
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
    const outlook = await lookAhead(credentials, accepted(news), remembered).catch((thrown: unknown) => {
        throw plainError(thrown instanceof Error ? thrown.message : String(thrown));
    });
    const { decision, means, own, prerequisites } = outlook;
    if (decision.kind === "refusal") {
        throw plainError(sentence(outlook));
    }
    if (own.role === "none") {
        await prerequisites.require(decision, means.progress).catch((thrown: unknown) => {
            throw plainError((thrown as Error).message);
        });
    }
    let reached: RoleRecord = own;
    try {
        reached = await uninterrupted(() =>
            carryOut(means, decision, own, (record) => {
                reached = record;
            }),
        );
    } catch (thrown) {
        throw partialError(id, { ...given, record: reached }, thrown);
    }
    return { ...given, record: reached, ...outlook.show(await means.driver.observe()) };
}

/**
 * What speaks against the plan. `check` is not told the state: where the record is missing at the site it may be in the
 * state, and `diff` decides.
 */
async function refusals(inputs: MirrorRoleInputs, isNew: boolean): Promise<CheckResult["failures"]> {
    try {
        const outlook = await lookAhead(credentials, inputs, undefined);
        if (!isNew && !outlook.kept) {
            return [];
        }
        if (isNew) {
            announce(outlook);
        }
        return outlook.decision.kind === "refusal" ? [{ property: "", reason: sentence(outlook) }] : [];
    } catch (thrown) {
        return [{ property: "", reason: thrown instanceof Error ? thrown.message : String(thrown) }];
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
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return Object.assign(plainError(message), { id, properties, reasons: [message] });
}
