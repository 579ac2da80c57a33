import { setTimeout as pause } from "node:timers/promises";
import { OntapError, type OntapClient } from "../clients/ontap";
import type { PeeringInputs } from "./inputs";
import { observeAgain, observePeering } from "./observe";
import { planPeering, whenPeerAnswers, type ObservedPeering, type PeeringPlan, type PeeringStep } from "./plan";

const firstPause = 100;
const longestPause = 2_000;

/** ONTAP's codes for a peer that does not answer (docs/facts/ontap.md). */
const peerUnreachableCodes = ["262224", "4653215", "4653216", "4653217", "4653218", "4653219", "4653220"];

export type AcceptedPlan = Extract<PeeringPlan, { refusal?: undefined }>;

/** The plan refuses: nothing was changed for it. */
export class PeeringRefusal extends Error {
    override readonly name = "PeeringRefusal";
}

export interface Converged {
    observed: ObservedPeering;
    plan: AcceptedPlan;
}

/** Reads the site's own cluster and plans. Throws {@link PeeringRefusal}, or the error of a read. */
export async function observeAndPlan(client: OntapClient, desired: PeeringInputs): Promise<Converged> {
    const observed = await observePeering(client);
    return { observed, plan: accept(planPeering(observed, desired)) };
}

export function accept(plan: PeeringPlan): AcceptedPlan {
    if (plan.refusal !== undefined) {
        throw new PeeringRefusal(plan.refusal);
    }
    return plan;
}

export interface ConvergeOptions {
    client: OntapClient;
    desired: PeeringInputs;
    /** The passphrase that both sites share; throws a sentence when there is none. Asked for only when it is needed. */
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
export async function converge(options: ConvergeOptions, start: Converged): Promise<Converged> {
    const { client, desired, patience, log } = options;
    const done = new Set<string>();
    let { observed, plan } = start;
    let deadline = 0;
    let wait = firstPause;
    for (;;) {
        const step = plan.steps.find(({ call }) => !done.has(call));
        if (step !== undefined) {
            done.add(step.call);
            const failure = await perform(options, step);
            ({ observed, plan } = await look(client, desired, observed));
            if (failure !== undefined) {
                const stillWanted = plan.steps.some(({ call }) => call === step.call);
                if (stillWanted && step.kind !== "createClusterPeer" && isPeerDark(failure)) {
                    log(`${desired.peerSite} does not answer; ${step.call} is left for a later run`);
                    const next = whenPeerAnswers(desired);
                    return { observed, plan: { ...plan, steps: [], later: plan.steps, next } };
                }
                // Of two runs at once one is told that the object exists: it does, and that is what was wanted.
                if (stillWanted) {
                    throw failure;
                }
            }
            deadline = Date.now() + patience;
            wait = firstPause;
            continue;
        }
        if (plan.link.peered || Date.now() + wait > deadline) {
            return { observed, plan };
        }
        await pause(wait);
        wait = Math.min(wait * 1.5, longestPause);
        ({ observed, plan } = await look(client, desired, observed));
    }
}

async function look(client: OntapClient, desired: PeeringInputs, before: ObservedPeering): Promise<Converged> {
    const observed = await observeAgain(client, before);
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
    } catch (failure) {
        if (!(failure instanceof OntapError)) {
            throw failure;
        }
        if (failure.kind === "timeout" || failure.kind === "interrupted") {
            onChange();
        }
        return failure;
    }
}

function isPeerDark(failure: OntapError): boolean {
    return failure.code !== undefined && peerUnreachableCodes.includes(failure.code);
}
