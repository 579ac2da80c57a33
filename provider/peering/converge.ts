import { OntapError, type OntapClient } from "../clients/ontap";
import { MessageError } from "../roles/messages/message";
import { poll } from "../support/poll";
import { nextWhenPeerAnswers } from "./advice";
import type { PeeringInputs } from "./inputs";
import { observeAgain, observePeering } from "./observe";
import type { ObservedPeering, PeeringPlan, PeeringStep } from "./peeringPlan";
import { planPeering } from "./plan";

const longestPause = 2_000;

/** ONTAP's codes for a peer that does not answer (docs/facts/ontap.md). */
const peerUnreachableCodes = ["262224", "4653215", "4653216", "4653217", "4653218", "4653219", "4653220"];

export type AcceptedPlan = Extract<PeeringPlan, { refusal?: undefined }>;

/** What the site's cluster shows, and what there is to be done about it. */
export interface PlannedPeering {
    observed: ObservedPeering;
    plan: AcceptedPlan;
}

/** Reads the site's own cluster and plans. Throws a refusal, or the error of a read. */
export async function observeAndPlan(client: OntapClient, desired: PeeringInputs): Promise<PlannedPeering> {
    const observed = await observePeering(client, desired);
    return { observed, plan: accept(planPeering(observed, desired)) };
}

/** Throws where the plan refuses: nothing was changed for it. */
export function accept(plan: PeeringPlan): AcceptedPlan {
    if (plan.refusal !== undefined) {
        throw new MessageError(plan.refusal);
    }
    return plan;
}

export interface ConvergeOptions {
    client: OntapClient;
    desired: PeeringInputs;
    /** The passphrase that both sites share; throws when there is none. Asked for only when it is needed. */
    passphrase: () => string;
    /** Milliseconds to wait for the peer's half after a change of ours. */
    patience: number;
    /** Called once a change was made, or may have been. */
    onChange: () => void;
    log: (line: string) => void;
}

/**
 * Does all that the site can do for its half, one step after the other, looking again after each. It waits for the
 * peer only after a change of its own, and no longer than its patience.
 */
export async function converge(options: ConvergeOptions, start: PlannedPeering): Promise<PlannedPeering> {
    const tried = new Set<string>();
    const untried = ({ plan }: PlannedPeering) => plan.steps.find(({ call }) => !tried.has(call));
    let planned = start;
    for (let step = untried(planned); step !== undefined; step = untried(planned)) {
        tried.add(step.call);
        const { leftForLater, after } = await tryStep(options, step, planned);
        if (leftForLater) {
            return after;
        }
        planned =
            untried(after) === undefined
                ? await waitForPeer(options, after, (now) => now.plan.link.peered || untried(now) !== undefined)
                : after;
    }
    return planned;
}

/** Makes one change and looks again. Throws ONTAP's error if the change is still needed, unless the peer is its cause. */
async function tryStep(
    options: ConvergeOptions,
    step: PeeringStep,
    before: PlannedPeering,
): Promise<{ leftForLater: boolean; after: PlannedPeering }> {
    const { desired, log } = options;
    const failure = await perform(options, step);
    const after = await lookAgain(options, before);
    // Of two simultaneous runs one gets the error that the object exists: it does, and that is what was wanted.
    if (failure === undefined || !after.plan.steps.some(({ call }) => call === step.call)) {
        return { leftForLater: false, after };
    }
    if (step.kind === "createClusterPeer" || !isPeerUnreachable(failure)) {
        throw failure;
    }
    log(`${desired.peerSite} does not answer; ${step.call} is left for a later run`);
    const plan = { ...after.plan, steps: [], later: after.plan.steps, next: nextWhenPeerAnswers(desired) };
    return { leftForLater: true, after: { ...after, plan } };
}

/** Looks until the peer has done its half, or until patience has run out: then with what there is. */
function waitForPeer(
    options: ConvergeOptions,
    start: PlannedPeering,
    hasCome: (planned: PlannedPeering) => boolean,
): Promise<PlannedPeering> {
    let looks = 0;
    let planned = start;
    return poll<PlannedPeering>({
        look: async () => {
            planned = looks++ === 0 ? start : await lookAgain(options, planned);
            return hasCome(planned) ? { found: planned } : { instead: planned.plan.link.svmPeerState };
        },
        budget: options.patience,
        longestPause,
        onTimeout: () => planned,
        onAbort: () => planned,
    });
}

async function lookAgain({ client, desired }: ConvergeOptions, before: PlannedPeering): Promise<PlannedPeering> {
    const observed = await observeAgain(client, before.observed);
    return { observed, plan: accept(planPeering(observed, desired)) };
}

/** Makes one change; an error of ONTAP is given back, since another look may show that the effect is there. */
async function perform(options: ConvergeOptions, step: PeeringStep): Promise<OntapError | undefined> {
    const { client, log, onChange } = options;
    try {
        switch (step.kind) {
            case "createClusterPeer": {
                const { addresses, allowedSvms } = step;
                await client.clusterPeers.create(
                    { addresses, allowedSvms, passphrase: options.passphrase() },
                    step.about,
                );
                break;
            }
            case "createSvmPeer":
                await client.svmPeers.create(step, step.about);
                break;
            case "acceptSvmPeer":
                await client.svmPeers.accept(step.uuid, step.about);
                break;
            case "setSvmPeerApplications":
                await client.svmPeers.setApplications(step.uuid, step.applications, step.about);
                break;
        }
        onChange();
        log(`done: ${step.call}`);
        return undefined;
    } catch (error) {
        if (!(error instanceof OntapError)) {
            throw error;
        }
        if (error.kind === "timeout" || error.kind === "interrupted") {
            onChange();
        }
        return error;
    }
}

function isPeerUnreachable({ code }: OntapError): boolean {
    return code !== undefined && peerUnreachableCodes.includes(code);
}
