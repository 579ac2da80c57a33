import { Cluster, type ClusterReference } from "../clients/kubernetes/cluster";
import { OntapClient, OntapError, type OntapClientOptions } from "../clients/ontap";
import type { AccountLookup } from "../clients/ontap/endpoint";
import { servedRecords } from "../engine/servedRecords";
import { converge, observeAndPlan, type AcceptedPlan, type ConvergeOptions } from "../peering/converge";
import { findClusterPeer, findSvmPeer } from "../peering/find";
import { identityChanges, inputKeys, isDeclaredAnew, parsePeeringInputs, type PeeringInputs } from "../peering/inputs";
import { observePeering } from "../peering/observe";
import type { ObservedPeering } from "../peering/peeringPlan";
import { removePeering } from "../peering/remove";
import { sightOf, type SeenProblem, type Sight } from "../peering/sight";
import { dependsOnRecords, stanceOf, type Stance } from "../peering/stance";
import { incomplete, warningOf } from "../peering/warnings";
import { accountLookup, type SecretCluster } from "../process/accountSecret";
import type { ConfigurationRequest, Credentials } from "../process/credentials";
import type { ProviderProcess } from "../process/providerProcess";
import { MessageError, messageOf, render, text, type Message, type StackNames } from "../roles/messages/message";
import { millisecondsOf } from "../support/duration";
import { holdsUnknown } from "../support/unknown";
import {
    isSettled,
    madeOf,
    notMade,
    outputsOf,
    outputsWithProblem,
    withWhatIsMissing,
    type PeeringOutputs,
} from "./peeringOutputs";
import { partialError, plainError } from "./plainError";
import type {
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    Properties,
    ReadResult,
    UpdateResult,
} from "./results";

const defaultPeeringPatience = 10_000;
/** Milliseconds for a look at the own array where something more urgent than the peering may wait for it. */
const lookBudget = 10_000;

/** What a test may put in another's place. */
interface PeeringHandlerOptions {
    /** Laid over the options of each client. */
    client?: Partial<OntapClientOptions>;
    /** Milliseconds to wait for the peer's half, in place of what a resource declares. */
    peeringPatience?: number;
    /** How a site's array is reached. */
    open?: (options: OntapClientOptions) => OntapClient;
    /** How the site's cluster is reached, for the Secret with its account. */
    connect?: (site: string, reference: ClusterReference) => SecretCluster;
    /** How the records of what a site is to serve are read. */
    records?: typeof servedRecords;
}

/**
 * What the OntapPeering resource does. Each site looks after its own half: only its own cluster is called. The other
 * site's half arrives through ONTAP, and a peer that does not answer is no reason to fail or to wait. Where the site is
 * to serve, nothing about the peering is: see {@link Stance}.
 */
export class PeeringHandler {
    constructor(
        private readonly process: ProviderProcess,
        private readonly options: PeeringHandlerOptions = {},
    ) {}

    configure(request: ConfigurationRequest): Promise<void> {
        this.process.configure(request);
        return Promise.resolve();
    }

    /**
     * Validates the inputs. A peering that is not in the state yet is looked up and planned here too: a preview of a
     * resource that is to be created asks no other method.
     */
    async check(olds: Properties | undefined, news: Properties): Promise<CheckResult & { failures: CheckFailure[] }> {
        if (holdsUnknown(news)) {
            return { inputs: news, failures: [] };
        }
        const problems = await this.problemsOf(olds, news);
        // Pulumi would print the value of a property that it is given a name of, certificates and all.
        return { inputs: news, failures: problems.map((reason) => ({ property: "", reason })) };
    }

    /** Compares what is declared with what the array says, and prints the plan. */
    async diff(_id: string, olds: Properties, news: Properties): Promise<DiffResult> {
        if (holdsUnknown(news)) {
            return { changes: true };
        }
        return withPlainErrors(news, async () => {
            const desired = inputsOf(news);
            const declared = isDeclaredAnew(olds, news);
            const stance = await this.stanceOf(desired, false);
            const sight = await this.look(desired, { stance, isSettled: isSettled(olds) });
            if (sight.problem !== undefined) {
                const told = this.tell(desired, stance, sight, olds);
                return { changes: declared || told.peered !== olds.peered || told.next !== olds.next };
            }
            const { plan } = sight.planned;
            this.print(desired, plan);
            // That the peer did its half is worth recording; that it is dark is not.
            const arrived = plan.link.peered && olds.peered !== true;
            if (arrived && plan.steps.length === 0) {
                this.log(desired, `${desired.peerSite} has done its half`);
            }
            if (stance === "optional" && isLost(olds, plan)) {
                this.log(desired, text`warning: ${warningOf(incomplete(plan, desired), desired)}`);
            }
            return { changes: declared || arrived || plan.steps.length > 0 };
        });
    }

    async create(inputs: Properties): Promise<CreateResult> {
        const desired = inputsOf(inputs);
        const id = `${desired.svm}/${desired.peer.svm}`;
        return { id, outs: await this.bring(id, inputs, undefined) };
    }

    async update(id: string, olds: Properties, news: Properties): Promise<UpdateResult> {
        return { outs: await this.bring(id, news, olds) };
    }

    /** An empty id, so that the next `up` makes it again, only when the array says that neither half is there. */
    read(id: string, properties: Properties): Promise<ReadResult> {
        return withPlainErrors(properties, async () => {
            const desired = inputsOf(properties);
            const inputs = Object.fromEntries(
                inputKeys.filter((key) => properties[key] !== undefined).map((key) => [key, properties[key]]),
            );
            const stance = await this.stanceOf(desired, false);
            const observed = await this.observe(desired, stance);
            if (desired.existing !== true && !(observed instanceof OntapError) && isAbsent(observed, desired)) {
                return { id: "", props: {} };
            }
            const sight = sightOf(observed, desired, { stance, isSettled: true });
            if (sight.problem !== undefined) {
                return { id, props: { ...properties, ...this.tell(desired, stance, sight, properties) }, inputs };
            }
            const outputs = outputsOf(desired, sight.planned, madeOf(properties));
            return { id, props: { ...properties, ...outputs }, inputs };
        });
    }

    delete(_id: string, properties: Properties): Promise<void> {
        return withPlainErrors(properties, async () => {
            const desired = inputsOf(properties);
            await removePeering(this.clientOf(desired), desired, madeOf(properties), (line) => this.log(desired, line));
        });
    }

    private async problemsOf(olds: Properties | undefined, news: Properties): Promise<string[]> {
        const parsed = parsePeeringInputs(news);
        if (!parsed.ok) {
            return parsed.failure;
        }
        const desired = parsed.value;
        const hasSecret = desired.accountSecret !== undefined;
        const missing = this.credentialsOf(desired).missingForOntap(desired.site, hasSecret);
        if (missing.length > 0) {
            return missing;
        }
        const before = parsePeeringInputs(olds ?? {});
        if (before.ok) {
            return identityChanges(before.value, desired);
        }
        try {
            const stance = await this.stanceOf(desired, true);
            const sight = await this.look(desired, { stance, isSettled: false });
            if (sight.problem === undefined) {
                this.print(desired, sight.planned.plan);
            } else {
                this.tell(desired, stance, sight, undefined);
            }
            return [];
        } catch (error) {
            return [render(messageOf(error), desired.stacks)];
        }
    }

    /** Does the own half, and gives back the outputs; a failure after a change carries what was reached. */
    private async bring(id: string, inputs: Properties, before: Properties | undefined): Promise<Properties> {
        const desired = inputsOf(inputs);
        const { stance, sight } = await withPlainErrors(inputs, async () => {
            const stance = await this.stanceOf(desired, before === undefined);
            return { stance, sight: await this.look(desired, { stance, isSettled: isSettled(before) }) };
        });
        if (sight.problem !== undefined) {
            return { ...inputs, ...this.tell(desired, stance, sight, before) };
        }
        const start = sight.planned;
        // What others manage is theirs, whoever made it.
        const made = desired.existing === true ? notMade : withWhatIsMissing(madeOf(before), start.plan);
        const client = this.clientOf(desired);
        let hasChanged = false;
        try {
            const reached = await converge(
                this.optionsFor(desired, client, () => (hasChanged = true)),
                start,
            );
            this.printNext(desired, reached.plan);
            return { ...inputs, ...outputsOf(desired, reached, made) };
        } catch (error) {
            const reached = hasChanged ? await observeAndPlan(client, desired).catch(() => start) : start;
            if (stance !== "required" && isProblem(error)) {
                const sight = { problem: messageOf(error), observed: reached.observed, planned: reached };
                return { ...inputs, ...this.tell(desired, stance, sight, hasChanged ? { ...before, made } : before) };
            }
            const why = render(messageOf(error), desired.stacks);
            throw hasChanged
                ? partialError(id, { ...inputs, ...outputsOf(desired, reached, made) }, why)
                : plainError(why);
        }
    }

    private optionsFor(desired: PeeringInputs, client: OntapClient, onChange: () => void): ConvergeOptions {
        const patience = this.options.peeringPatience ?? durationOf(desired.timeouts?.peering);
        return {
            client,
            desired,
            onChange,
            passphrase: () => this.passphrase(desired),
            patience: patience ?? defaultPeeringPatience,
            log: (line) => this.log(desired, line),
        };
    }

    /** What a problem of the peering means in this run. Reads nothing where the configuration alone decides. */
    private async stanceOf(desired: PeeringInputs, isNew: boolean): Promise<Stance> {
        const { site, peerSite, serves } = desired;
        const items = serves?.items ?? [];
        if (desired.leaving === true && items.length === 0) {
            return "optional";
        }
        if (serves === undefined || !dependsOnRecords(items, isNew)) {
            return stanceOf(items, [], isNew);
        }
        const read = this.options.records ?? servedRecords;
        const records = await Promise.resolve()
            .then(() => read({ site, peerSite, ...serves, cluster: this.clusterOf(desired, serves.cluster) }))
            // The role of each item reads the same, and says why it cannot be read.
            .catch(() => undefined);
        return stanceOf(items, records, isNew);
    }

    /** Looks and plans. Throws a problem where it is an error; a plan that lacks its passphrase is one. */
    private async look(
        desired: PeeringInputs,
        { stance, isSettled }: { stance: Stance; isSettled: boolean },
    ): Promise<Sight> {
        const sight = sightOf(await this.observe(desired, stance), desired, { stance, isSettled });
        const unequipped = sight.problem === undefined ? this.lackOfPassphrase(desired, sight.planned.plan) : undefined;
        const problem = sight.problem ?? unequipped;
        if (problem === undefined) {
            return sight;
        }
        if (stance === "required") {
            throw new MessageError(problem);
        }
        return { observed: sight.planned?.observed, ...sight, problem };
    }

    /** Reads the own cluster: with the time that a resource declares, or briefly where a failure is no error. */
    private async observe(desired: PeeringInputs, stance: Stance): Promise<ObservedPeering | OntapError> {
        const client = this.clientOf(desired);
        if (stance === "required") {
            return observePeering(client, desired);
        }
        try {
            return await observePeering(client.within(lookBudget), desired);
        } catch (error) {
            if (error instanceof OntapError) {
                return error;
            }
            throw error;
        }
    }

    /** Prints a problem, and gives back the outputs that keep it in sight. */
    private tell(
        desired: PeeringInputs,
        stance: Stance,
        sight: SeenProblem,
        before: Properties | undefined,
    ): PeeringOutputs {
        const told = stance === "required" ? sight.problem : text`warning: ${warningOf(sight.problem, desired)}`;
        this.log(desired, told);
        return outputsWithProblem(sight, before, render(told, desired.stacks));
    }

    private lackOfPassphrase(desired: PeeringInputs, { steps }: AcceptedPlan): Message | undefined {
        const passphrase = this.credentialsOf(desired).peeringPassphrase(desired.site);
        const isNeeded = steps.some(({ kind }) => kind === "createClusterPeer");
        return isNeeded && !passphrase.ok ? passphrase.failure : undefined;
    }

    private passphrase(desired: PeeringInputs): string {
        const passphrase = this.credentialsOf(desired).peeringPassphrase(desired.site);
        if (!passphrase.ok) {
            throw new Error(passphrase.failure);
        }
        return passphrase.value;
    }

    private credentialsOf({ configNamespace }: PeeringInputs): Credentials {
        return this.process.credentials.in(configNamespace);
    }

    private clientOf(desired: PeeringInputs): OntapClient {
        const { site, endpoint, timeouts } = desired;
        const credentials = this.credentialsOf(desired);
        const passphrase = credentials.peeringPassphrase(site);
        const open = this.options.open ?? ((options) => new OntapClient(options));
        return open({
            site,
            endpoint,
            credentials: credentials.ontap(site, this.accountOf(desired)),
            secrets: passphrase.ok ? [passphrase.value] : [],
            timeouts: { patience: durationOf(timeouts?.request) },
            ...this.options.client,
        });
    }

    /** How the account is found where a Secret at the site has it. */
    private accountOf(desired: PeeringInputs): AccountLookup | undefined {
        const { site, accountSecret: secret } = desired;
        const connect = this.options.connect ?? ((...args) => Cluster.connect(...args));
        let lookup: AccountLookup | undefined;
        // A cluster that cannot even be addressed is a failure of the lookup.
        return (
            secret &&
            (async (refused) => {
                lookup ??= accountLookup(secret, connect(site, this.clusterOf(desired, secret.cluster)));
                return lookup!(refused);
            })
        );
    }

    private clusterOf(desired: PeeringInputs, reference: ClusterReference): ClusterReference {
        return this.credentialsOf(desired).cluster(desired.site, reference);
    }

    private print(desired: PeeringInputs, plan: AcceptedPlan): void {
        const { link, steps, later, notes } = plan;
        if (steps.length === 0) {
            const states = `cluster peering: ${link.clusterPeerState}; SVM peering: ${link.svmPeerState}`;
            this.log(desired, `nothing to do (${states})`);
        }
        steps.forEach(({ call }, index) => this.log(desired, `step ${index + 1}: ${call}`));
        later.forEach(({ call }) => this.log(desired, `once ${desired.peerSite} has done its half: ${call}`));
        if (steps.length === 0) {
            this.printNext(desired, plan);
        }
        notes.forEach((note) => this.log(desired, text`note: ${note}`));
        this.process.logData(peeringDocumentOf(desired, plan));
    }

    private printNext(desired: PeeringInputs, { next }: AcceptedPlan): void {
        if (next !== "") {
            this.log(desired, text`next: ${next}`);
        }
    }

    private log({ site, stacks }: PeeringInputs, line: Message): void {
        this.process.log(`ontap peering ${site}: ${render(line, stacks)}`);
    }
}

/** What is printed of a plan, for a program (docs/command.md). A later version may add to it. */
function peeringDocumentOf(
    { site, peerSite, stacks }: PeeringInputs,
    { steps, later, next, notes }: AcceptedPlan,
): object {
    const callsOf = (of: typeof steps) => of.map(({ call }) => call);
    return {
        tridentDr: "peering",
        schema: 1,
        site,
        peerSite,
        calls: callsOf(steps),
        later: callsOf(later),
        next: render(next, stacks),
        notes: notes.map((note) => render(note, stacks)),
    };
}

/** Whether neither half is there. */
function isAbsent(observed: ObservedPeering, desired: PeeringInputs): boolean {
    return (
        findClusterPeer(observed.clusterPeers, desired) === undefined &&
        findSvmPeer(observed, undefined, desired) === undefined
    );
}

/** What was made once, and has to be made again. */
function isLost(olds: Properties, { steps, link }: AcceptedPlan): boolean {
    return steps.length > 0 && (olds.peered === true || link.clusterPeerState === "absent");
}

/** A failure that says what is wrong with the peering; anything else is a fault of ours. */
function isProblem(error: unknown): boolean {
    return error instanceof OntapError || error instanceof MessageError;
}

function inputsOf(properties: Properties): PeeringInputs {
    const parsed = parsePeeringInputs(properties);
    if (parsed.ok) {
        return parsed.value;
    }
    throw new Error(parsed.failure.join("; "));
}

function durationOf(span: string | undefined): number | undefined {
    return span === undefined ? undefined : millisecondsOf(span);
}

/** Whatever is thrown, as an error that Pulumi prints without a stack: what it says is meant for a user. */
async function withPlainErrors<T>(properties: Properties, run: () => Promise<T>): Promise<T> {
    try {
        return await run();
    } catch (error) {
        throw plainError(render(messageOf(error), stacksOf(properties)));
    }
}

function stacksOf(properties: Properties): StackNames | undefined {
    const parsed = parsePeeringInputs(properties);
    return parsed.ok ? parsed.value.stacks : undefined;
}
