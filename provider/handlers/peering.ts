import { isDeepStrictEqual } from "node:util";
import { OntapClient, type OntapClientOptions } from "../clients/ontap";
import { accept, converge, observeAndPlan, type AcceptedPlan, type PlannedPeering } from "../peering/converge";
import { findClusterPeer, findSvmPeer } from "../peering/find";
import { identityChanges, inputKeys, parsePeeringInputs, type PeeringInputs } from "../peering/inputs";
import { observePeering } from "../peering/observe";
import { planPeering } from "../peering/plan";
import { removePeering, type MadePeering } from "../peering/remove";
import type { ConfigurationRequest } from "../process/credentials";
import type { ProviderProcess } from "../process/providerProcess";
import { messageOf, render, text, type Message, type StackNames } from "../roles/messages/message";
import { millisecondsOf } from "../support/duration";
import { holdsUnknown } from "../support/unknown";
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

const schemaVersion = 1;
const defaultPeeringPatience = 10_000;

/** What the state says of a peering, beyond its inputs. */
interface PeeringOutputs {
    schemaVersion: number;
    /** Name of the site's own cluster. */
    clusterName: string;
    /** Local name of the cluster peer; empty when there is none. */
    clusterPeer: string;
    clusterPeerState: string;
    svmPeerState: string;
    /** Whether volumes can be mirrored between the two SVMs. */
    peered: boolean;
    /** What the other site must do next; empty when nothing. */
    next: string;
    made: MadePeering;
}

/** What a test may put in another's place. */
interface PeeringHandlerOptions {
    /** Laid over the options of each client. */
    client?: Partial<OntapClientOptions>;
    /** Milliseconds to wait for the peer's half, in place of what a resource declares. */
    peeringPatience?: number;
}

/**
 * What the OntapPeering resource does. Each site looks after its own half: only its own cluster is called. The other
 * site's half arrives through ONTAP, and a peer that does not answer is no reason to fail or to wait.
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
            const { plan } = await this.plan(desired);
            this.print(desired, plan);
            const declared = inputKeys.some((key) => !isDeepStrictEqual(olds[key], news[key]));
            // That the peer did its half is worth recording; that it is dark is not.
            const arrived = plan.link.peered && olds.peered !== true;
            if (arrived && plan.steps.length === 0) {
                this.log(desired, `${desired.peerSite} has done its half`);
            }
            return { changes: declared || arrived || plan.steps.length > 0 };
        });
    }

    async create(inputs: Properties): Promise<CreateResult> {
        const desired = inputsOf(inputs);
        const id = `${desired.svm}/${desired.peer.svm}`;
        return { id, outs: await this.bring(id, inputs, { clusterPeer: false, svmPeer: false }, true) };
    }

    async update(id: string, olds: Properties, news: Properties): Promise<UpdateResult> {
        return { outs: await this.bring(id, news, madeOf(olds), false) };
    }

    /** An empty id, so that the next `up` makes it again, only when the array says that neither half is there. */
    read(id: string, properties: Properties): Promise<ReadResult> {
        return withPlainErrors(properties, async () => {
            const desired = inputsOf(properties);
            const observed = await observePeering(this.clientOf(desired));
            const clusterPeer = findClusterPeer(observed.clusterPeers, desired);
            if (clusterPeer === undefined && findSvmPeer(observed, undefined, desired) === undefined) {
                return { id: "", props: {} };
            }
            const inputs = Object.fromEntries(
                inputKeys.filter((key) => properties[key] !== undefined).map((key) => [key, properties[key]]),
            );
            const plan = planPeering(observed, desired);
            if (plan.refusal !== undefined) {
                const refusal = render(plan.refusal, desired.stacks);
                this.log(desired, refusal);
                return { id, props: { ...properties, peered: false, next: refusal }, inputs };
            }
            return { id, props: outputsOf(desired, properties, { observed, plan }, madeOf(properties)), inputs };
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
        const missing = this.process.credentials.missingForOntap(desired.site);
        if (missing.length > 0) {
            return missing;
        }
        const before = parsePeeringInputs(olds ?? {});
        if (before.ok) {
            return identityChanges(before.value, desired);
        }
        try {
            const planned = await this.plan(desired);
            refuseAdoption(planned, desired);
            this.print(desired, planned.plan);
            return [];
        } catch (error) {
            return [render(messageOf(error), desired.stacks)];
        }
    }

    /** Does the own half, and gives back the outputs; a failure after a change carries what was reached. */
    private async bring(id: string, inputs: Properties, before: MadePeering, isNew: boolean): Promise<Properties> {
        const desired = inputsOf(inputs);
        const client = this.clientOf(desired);
        const start = await withPlainErrors(inputs, async () => {
            const planned = await observeAndPlan(client, desired);
            if (isNew) {
                refuseAdoption(planned, desired);
            }
            return planned;
        });
        const made = withWhatIsMissing(before, start.plan);
        let hasChanged = false;
        try {
            const patience = this.options.peeringPatience ?? durationOf(desired.timeouts?.peering);
            const reached = await converge(
                {
                    client,
                    desired,
                    onChange: () => (hasChanged = true),
                    passphrase: () => this.passphrase(desired.site),
                    patience: patience ?? defaultPeeringPatience,
                    log: (line) => this.log(desired, line),
                },
                start,
            );
            this.printNext(desired, reached.plan);
            return outputsOf(desired, inputs, reached, made);
        } catch (error) {
            const why = render(messageOf(error), desired.stacks);
            if (!hasChanged) {
                throw plainError(why);
            }
            const reached = await this.plan(desired).catch(() => start);
            throw partialError(id, outputsOf(desired, inputs, reached, made), why);
        }
    }

    /** Observes and plans; refuses where the plan could not be carried out for want of a passphrase. */
    private async plan(desired: PeeringInputs): Promise<PlannedPeering> {
        const planned = await observeAndPlan(this.clientOf(desired), desired);
        if (planned.plan.steps.some(({ kind }) => kind === "createClusterPeer")) {
            this.passphrase(desired.site);
        }
        return planned;
    }

    private passphrase(site: string): string {
        const passphrase = this.process.credentials.peeringPassphrase(site);
        if (!passphrase.ok) {
            throw new Error(passphrase.failure);
        }
        return passphrase.value;
    }

    private clientOf({ site, endpoint, timeouts }: PeeringInputs): OntapClient {
        const { credentials } = this.process;
        const passphrase = credentials.peeringPassphrase(site);
        return new OntapClient({
            site,
            endpoint,
            credentials: credentials.ontap(site),
            secrets: passphrase.ok ? [passphrase.value] : [],
            timeouts: { patience: durationOf(timeouts?.request) },
            ...this.options.client,
        });
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

function outputsOf(
    { stacks }: PeeringInputs,
    inputs: Properties,
    { observed, plan }: PlannedPeering,
    made: MadePeering,
): Properties {
    const outputs: PeeringOutputs = {
        schemaVersion,
        clusterName: observed.cluster.name,
        ...plan.link,
        next: render(plan.next, stacks),
        made: { ...made },
    };
    return { ...inputs, ...outputs };
}

function inputsOf(properties: Properties): PeeringInputs {
    const parsed = parsePeeringInputs(properties);
    if (parsed.ok) {
        return parsed.value;
    }
    throw new Error(parsed.failure.join("; "));
}

function madeOf(properties: Properties): MadePeering {
    const made = (properties.made ?? {}) as Partial<MadePeering>;
    return { clusterPeer: made.clusterPeer === true, svmPeer: made.svmPeer === true };
}

/** Whatever is not there at the start is this resource's own. */
function withWhatIsMissing(made: MadePeering, { link }: AcceptedPlan): MadePeering {
    const { clusterPeerState, svmPeerState } = link;
    return {
        clusterPeer: made.clusterPeer || clusterPeerState === "absent",
        svmPeer: made.svmPeer || svmPeerState === "absent" || svmPeerState === "pending",
    };
}

function refuseAdoption({ plan }: PlannedPeering, { site, adopt }: PeeringInputs): void {
    const { clusterPeer } = plan.link;
    if (adopt === false && clusterPeer !== "") {
        const refusal = `${site}: the cluster peering ${clusterPeer} already exists, and adopt is false: set adopt to true, or remove it`;
        accept({ refusal });
    }
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
