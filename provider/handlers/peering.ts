import { isDeepStrictEqual } from "node:util";
import { Credentials, type ConfigurationRequest } from "../process/credentials";
import { OntapClient, type OntapClientOptions } from "../clients/ontap";
import { holdsUnknown } from "../support/unknown";
import { accept, converge, observeAndPlan, type AcceptedPlan, type Converged } from "../peering/converge";
import { findClusterPeer, findSvmPeer } from "../peering/find";
import { identityChanges, inputKeys, millisecondsOf, parsePeeringInputs, type PeeringInputs } from "../peering/inputs";
import { observePeering } from "../peering/observe";
import { planPeering } from "../peering/plan";
import { removePeering, type MadePeering } from "../peering/remove";

const schemaVersion = 1;
const defaultPeeringPatience = 10_000;

/** A resource's properties as Pulumi passes them. */
export type Properties = Record<string, unknown>;

export interface CheckAnswer {
    inputs: Properties;
    failures: { property: string; reason: string }[];
}

/** What the state says of a peering, beyond its inputs. */
export interface PeeringOutputs {
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
export interface PeeringHandlerOptions {
    environment?: NodeJS.ProcessEnv;
    log?: (line: string) => void;
    /** Laid over the options of each client. */
    client?: Partial<OntapClientOptions>;
    /** Milliseconds to wait for the peer's half, in place of what a resource declares. */
    peeringPatience?: number;
}

/**
 * The handlers of `OntapPeering`. Each site looks after its own half: only its own cluster is called. The other site's
 * half arrives through ONTAP, and a peer that does not answer is no reason to fail or to wait.
 */
export class PeeringHandlers {
    #credentials: Credentials;

    constructor(private readonly options: PeeringHandlerOptions = {}) {
        this.#credentials = new Credentials({ config: { get: () => undefined } }, options.environment);
    }

    configure(request: ConfigurationRequest): Promise<void> {
        this.#credentials = new Credentials(request, this.options.environment);
        return Promise.resolve();
    }

    /**
     * Validates the inputs. A peering that is not in the state yet is looked up and planned here too: a preview of a
     * resource that is to be created asks no other method.
     */
    async check(olds: Properties | undefined, news: Properties): Promise<CheckAnswer> {
        if (holdsUnknown(news)) {
            return { inputs: news, failures: [] };
        }
        const problems = await this.problemsOf(olds, news);
        // Pulumi would print the value of a property that it is given a name of, certificates and all.
        return { inputs: news, failures: problems.map((reason) => ({ property: "", reason })) };
    }

    private async problemsOf(olds: Properties | undefined, news: Properties): Promise<string[]> {
        const parsed = parsePeeringInputs(news);
        if (!parsed.ok) {
            return parsed.problems;
        }
        const { inputs: desired } = parsed;
        const missing = this.#credentials.missingForOntap(desired.site);
        if (missing.length > 0) {
            return missing;
        }
        const before = parsePeeringInputs(olds ?? {});
        if (before.ok) {
            return identityChanges(before.inputs, desired);
        }
        try {
            const planned = await this.plan(desired);
            refuseAdoption(planned, desired);
            this.print(desired, planned.plan);
            return [];
        } catch (failure) {
            return [sentenceOf(failure)];
        }
    }

    /** Compares what is declared with what the array says, and prints the plan. */
    async diff(_id: string, olds: Properties, news: Properties): Promise<{ changes: boolean }> {
        if (holdsUnknown(news)) {
            return { changes: true };
        }
        try {
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
        } catch (failure) {
            throw cleanError(failure);
        }
    }

    async create(inputs: Properties): Promise<{ id: string; outs: Properties }> {
        const desired = inputsOf(inputs);
        const id = `${desired.svm}/${desired.peer.svm}`;
        const outs = await this.bring(id, inputs, { clusterPeer: false, svmPeer: false }, true);
        return { id, outs };
    }

    async update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }> {
        return { outs: await this.bring(id, news, madeOf(olds), false) };
    }

    /** An empty id, so that the next `up` makes it again, only when the array says that neither half is there. */
    async read(id: string, properties: Properties): Promise<{ id: string; props: Properties; inputs?: Properties }> {
        try {
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
                this.log(desired, plan.refusal);
                return { id, props: { ...properties, peered: false, next: plan.refusal }, inputs };
            }
            return { id, props: this.outputs(properties, { observed, plan }, madeOf(properties)), inputs };
        } catch (failure) {
            throw cleanError(failure);
        }
    }

    async delete(_id: string, properties: Properties): Promise<void> {
        try {
            const desired = inputsOf(properties);
            await removePeering(this.clientOf(desired), desired, madeOf(properties), (line) => this.log(desired, line));
        } catch (failure) {
            throw cleanError(failure);
        }
    }

    /** Does the own half, and gives back the outputs; a failure after a change carries what was reached. */
    private async bring(id: string, inputs: Properties, made: MadePeering, isNew: boolean): Promise<Properties> {
        const desired = inputsOf(inputs);
        const { site } = desired;
        const client = this.clientOf(desired);
        let hasChanged = false;
        let reached: Converged;
        try {
            reached = await observeAndPlan(client, desired);
            if (isNew) {
                refuseAdoption(reached, desired);
            }
            const { clusterPeerState, svmPeerState } = reached.plan.link;
            made.clusterPeer ||= clusterPeerState === "absent";
            made.svmPeer ||= svmPeerState === "absent" || svmPeerState === "pending";
        } catch (failure) {
            throw cleanError(failure);
        }
        try {
            reached = await converge(
                {
                    client,
                    desired,
                    onChange: () => (hasChanged = true),
                    passphrase: () => this.passphrase(site),
                    patience:
                        this.options.peeringPatience ??
                        millisecondsOf(desired.timeouts?.peering) ??
                        defaultPeeringPatience,
                    log: (line) => this.log(desired, line),
                },
                reached,
            );
        } catch (failure) {
            if (!hasChanged) {
                throw cleanError(failure);
            }
            const again = await this.plan(desired).catch(() => reached);
            throw Object.assign(cleanError(failure), {
                id,
                properties: this.outputs(inputs, again, made),
                reasons: [sentenceOf(failure)],
            });
        }
        if (reached.plan.next !== "") {
            this.log(desired, `next: ${reached.plan.next}`);
        }
        return this.outputs(inputs, reached, made);
    }

    /** Observes and plans; refuses where the plan could not be carried out for want of a passphrase. */
    private async plan(desired: PeeringInputs): Promise<Converged> {
        const planned = await observeAndPlan(this.clientOf(desired), desired);
        if (planned.plan.steps.some(({ kind }) => kind === "createClusterPeer")) {
            this.passphrase(desired.site);
        }
        return planned;
    }

    private passphrase(site: string): string {
        const found = this.#credentials.peeringPassphrase(site);
        if (!found.ok) {
            throw new Error(found.problem);
        }
        return found.passphrase;
    }

    private clientOf({ site, endpoint, timeouts }: PeeringInputs): OntapClient {
        const patience = millisecondsOf(timeouts?.request);
        const found = this.#credentials.peeringPassphrase(site);
        return new OntapClient({
            site,
            endpoint,
            credentials: this.#credentials.ontap(site),
            secrets: found.ok ? [found.passphrase] : [],
            timeouts: { patience },
            ...this.options.client,
        });
    }

    private outputs(inputs: Properties, { observed, plan }: Converged, made: MadePeering): Properties {
        const outputs: PeeringOutputs = {
            schemaVersion: schemaVersion,
            clusterName: observed.cluster.name,
            ...plan.link,
            next: plan.next,
            made: { ...made },
        };
        return { ...inputs, ...outputs };
    }

    private print(desired: PeeringInputs, plan: AcceptedPlan): void {
        const { link, steps, later, notes } = plan;
        if (steps.length === 0) {
            this.log(
                desired,
                `nothing to do (cluster peering: ${link.clusterPeerState}; SVM peering: ${link.svmPeerState})`,
            );
        }
        steps.forEach(({ call }, index) => this.log(desired, `step ${index + 1}: ${call}`));
        for (const { call } of later) {
            this.log(desired, `once ${desired.peerSite} has done its half: ${call}`);
        }
        if (steps.length === 0 && plan.next !== "") {
            this.log(desired, `next: ${plan.next}`);
        }
        for (const note of notes) {
            this.log(desired, `note: ${note}`);
        }
    }

    private log({ site }: PeeringInputs, line: string): void {
        (this.options.log ?? console.log)(`ontap peering ${site}: ${line}`);
    }
}

/** The handlers of this process: they are configured for the stack whose operation it serves. */
export const peering = new PeeringHandlers();

function inputsOf(properties: Properties): PeeringInputs {
    const parsed = parsePeeringInputs(properties);
    if (parsed.ok) {
        return parsed.inputs;
    }
    throw new Error(parsed.problems.join("; "));
}

function madeOf(properties: Properties): MadePeering {
    const made = (properties.made ?? {}) as Partial<MadePeering>;
    return { clusterPeer: made.clusterPeer === true, svmPeer: made.svmPeer === true };
}

function refuseAdoption({ plan }: Converged, { site, adopt }: PeeringInputs): void {
    if (adopt !== false || plan.link.clusterPeer === "") {
        return;
    }
    accept({
        refusal: `${site}: the cluster peering ${plan.link.clusterPeer} exists already, and adopt is false: set adopt to true, or remove it`,
    });
}

function sentenceOf(failure: unknown): string {
    return failure instanceof Error ? failure.message : String(failure);
}

/** An error without a stack, which Pulumi would print: what it says is meant for a user. */
function cleanError(failure: unknown): Error {
    const error = new Error(sentenceOf(failure));
    error.stack = "";
    return error;
}
