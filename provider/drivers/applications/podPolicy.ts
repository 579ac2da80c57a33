import type { Cluster, Kind, KubernetesObject } from "../../clients/kubernetes/cluster";
import { KubernetesError } from "../../clients/kubernetes/errors";
import { kinds } from "../../clients/kubernetes/kinds";
import { describeObject, fullName } from "../../clients/kubernetes/objects";
import { upCommand } from "../../roles/messages/commands";
import { MessageError, text } from "../../roles/messages/message";
import type { Barrier } from "../../roles/situation";
import { describeLabelSelector } from "../../support/labelSelector";
import { poll } from "../../support/poll";
import { type Action, inPhases, type Progress } from "../action";
import { readClaims } from "./claims";
import type { ApplicationContext } from "./context";
import { isOurs } from "./manifests";
import {
    bindingManifest,
    bindingPatch,
    claimsNamedIn,
    fingerprintOf,
    isBindingAsDeclared,
    policyManifest,
    policyNameOf,
    policyPatch,
} from "./podPolicySpec";
import { labelsChosenBy, probe, probePod } from "./podProbe";
import type { ApplicationSettings } from "./settings";

/**
 * The ValidatingAdmissionPolicy that keeps the pods of an application with a label selector from starting while its site
 * does not serve, and leaves others in its namespaces alone (docs/facts/kubernetes.md#validatingadmissionpolicies).
 */
export interface PodPolicyState {
    policy?: KubernetesObject;
    binding?: KubernetesObject;
    /** Claims that are mirrored, `<namespace>/<claim>`; none where there is no policy that could name them. */
    claims: readonly string[];
}

/** On the binding: the fingerprint of the policy that was seen to refuse pods. */
export const inForceAnnotation = "trident-dr.pulumi.com/in-force";

/** Milliseconds. An API server takes a policy up within about a second. */
const takenUpWithin = 60_000;

/** What is there; undefined when the user may not read it. */
export async function readPodPolicy(
    cluster: Pick<Cluster, "get" | "list">,
    settings: ApplicationSettings,
): Promise<PodPolicyState | undefined> {
    const name = { name: policyNameOf(settings) };
    try {
        const [policy, binding] = await Promise.all([
            cluster.get(kinds.podPolicy, name),
            cluster.get(kinds.podPolicyBinding, name),
        ]);
        const claims = policy === undefined ? [] : await readMirrored(cluster, settings);
        return { ...(policy && { policy }), ...(binding && { binding }), claims };
    } catch (error) {
        if (error instanceof KubernetesError && error.kind === "forbidden") {
            return undefined;
        }
        if (error instanceof KubernetesError && error.kind === "kind-missing") {
            return { claims: [] };
        }
        throw error;
    }
}

/**
 * What the planner goes by: it has stood since it, or its binding, was written last, by whomever.
 *
 * @param needed claims that it has to name
 */
export function barrierOf(
    state: PodPolicyState | undefined,
    settings: ApplicationSettings,
    needed: readonly string[],
): Barrier {
    const by = describe(kinds.podPolicy, settings);
    return look(state, settings, needed).inForce
        ? { stands: true, since: [state?.policy, state?.binding].map(lastWritten).sort().at(-1)!, by }
        : { stands: false, by };
}

/** One that lacks a claim, or that somebody changed, is changed in place: no pod slips past it meanwhile. */
export function forbidPods(
    context: ApplicationContext,
    state: PodPolicyState | undefined,
    needed: readonly string[],
): Action[] {
    const { policy, binding, inForce } = look(state, context.settings, needed);
    const confirmed: Confirmed = {};
    return inForce
        ? []
        : inPhases([
              policy === "as declared" ? [] : [writePolicy(context, policy, needed)],
              binding === "as declared" ? [] : [writeBinding(context, binding)],
              [awaitInForce(context, confirmed)],
              [noteInForce(context, confirmed)],
          ]);
}

/** The binding first: a policy without one refuses nothing. */
export function allowPods(context: ApplicationContext, state: PodPolicyState | undefined): Action[] {
    const { cluster, settings } = context;
    const found = [
        { kind: kinds.podPolicyBinding, object: state?.binding },
        { kind: kinds.podPolicy, object: state?.policy },
    ];
    return inPhases(
        found
            .filter(({ object }) => object !== undefined && isOurs(object, settings.application))
            .map(({ kind }) => [
                {
                    call: `delete ${describe(kind, settings)}`,
                    effect: "write",
                    run: () => cluster.delete(kind, { name: policyNameOf(settings) }),
                },
            ]),
    );
}

/** How an object is, compared with what it is to be. */
type How = "missing" | "somebody else's" | "changed" | "as declared";

function look(state: PodPolicyState | undefined, settings: ApplicationSettings, needed: readonly string[]) {
    const named = claimsNamedIn(state?.policy?.spec, settings);
    const namesAll = named !== undefined && needed.every((claim) => named.includes(claim));
    const policy = compare(state?.policy, settings, namesAll);
    const binding = compare(state?.binding, settings, isBindingAsDeclared(state?.binding?.spec, settings));
    const noted = state?.binding?.metadata.annotations?.[inForceAnnotation];
    const isNoted = named !== undefined && noted === fingerprintOf(settings, named);
    return { policy, binding, inForce: policy === "as declared" && binding === "as declared" && isNoted };
}

function compare(
    object: KubernetesObject | undefined,
    { application }: ApplicationSettings,
    isAsDeclared: boolean,
): How {
    if (object === undefined) {
        return "missing";
    }
    return !isOurs(object, application) ? "somebody else's" : isAsDeclared ? "as declared" : "changed";
}

/** One without a note of its writers may have been written just now. */
function lastWritten(object: KubernetesObject | undefined): string {
    const { creationTimestamp, managedFields = [] } = object?.metadata ?? {};
    const times = managedFields
        .filter(({ subresource }) => (subresource ?? "") === "")
        .flatMap(({ time }) => time ?? []);
    return times.length === 0 ? new Date().toISOString() : [...times, creationTimestamp ?? ""].sort().at(-1)!;
}

function writePolicy(context: ApplicationContext, how: How, needed: readonly string[]): Action {
    const { cluster, settings } = context;
    const { application, labelSelector = {} } = settings;
    const what = `no pod that ${describeLabelSelector(labelSelector)} chooses, or that mounts a claim of ${application}, starts`;
    return write(context, kinds.podPolicy, how, what, async () => {
        const claims = [...new Set([...needed, ...(await readMirrored(cluster, settings))])];
        return { object: policyManifest(settings, claims), change: policyPatch(settings, claims) };
    });
}

function writeBinding(context: ApplicationContext, how: How): Action {
    const { settings } = context;
    const made = { object: bindingManifest(settings), change: bindingPatch(settings) };
    return write(context, kinds.podPolicyBinding, how, "it is enforced", () => Promise.resolve(made));
}

/** Made by server-side apply: unlike a plain `create`, a right to it can be restricted to the name. */
function write(
    { cluster, settings }: ApplicationContext,
    kind: Kind,
    how: How,
    what: string,
    make: () => Promise<{ object: KubernetesObject; change: Record<string, unknown> }>,
): Action {
    return {
        call: `${how === "changed" ? "patch" : "apply"} ${describe(kind, settings)}: ${what}`,
        effect: "write",
        run: async () => {
            if (how === "somebody else's") {
                throw inTheWay(settings, kind);
            }
            const { object, change } = await make();
            await (how === "changed"
                ? cluster.patch(kind, { name: policyNameOf(settings) }, change)
                : cluster.apply(object));
        },
    };
}

/** The fingerprint of the policy that was seen to refuse pods. */
interface Confirmed {
    fingerprint?: string;
}

/** In each namespace, by a pod that the API server is asked for and does not keep. */
function awaitInForce(context: ApplicationContext, confirmed: Confirmed): Action {
    const { cluster, settings } = context;
    const name = describe(kinds.podPolicy, settings);
    return {
        call: `wait for ${name} to be in force: a pod that is only tried is refused`,
        effect: "read",
        run: async (progress) => {
            const labels = labelsChosenBy(settings.labelSelector ?? {});
            if (labels === undefined) {
                throw choosesNothing(settings);
            }
            const stored = await cluster.getAnew(kinds.podPolicy, { name: policyNameOf(settings) });
            const claims = claimsNamedIn(stored?.spec, settings);
            if (claims === undefined) {
                throw changedMeanwhile(settings);
            }
            const fingerprint = fingerprintOf(settings, claims);
            for (const namespace of settings.namespaces) {
                await awaitRefusal(context, probePod(namespace, labels), fingerprint, progress);
            }
            confirmed.fingerprint = fingerprint;
        },
    };
}

function awaitRefusal(
    { cluster, settings, signal }: ApplicationContext,
    pod: KubernetesObject,
    fingerprint: string,
    progress: Progress,
): Promise<"refused"> {
    const policy = { name: policyNameOf(settings), fingerprint };
    return poll({
        look: () => probe(cluster, pod, policy),
        budget: takenUpWithin,
        longestPause: 1_000,
        signal,
        onProgress: ({ seconds }) =>
            progress(`waiting for ${describe(kinds.podPolicy, settings)} to be in force, ${seconds} s`),
        onTimeout: ({ instead }) => {
            throw notInForce(settings, pod, instead);
        },
        onAbort: ({ instead }) => {
            throw interrupted(settings, instead);
        },
    });
}

/** So that later runs, and whoever only reads, need not try a pod. */
function noteInForce({ cluster, settings }: ApplicationContext, confirmed: Confirmed): Action {
    return {
        call: `patch ${describe(kinds.podPolicyBinding, settings)}: it is in force`,
        effect: "write",
        run: async () => {
            const annotations = { [inForceAnnotation]: confirmed.fingerprint };
            await cluster.patch(
                kinds.podPolicyBinding,
                { name: policyNameOf(settings) },
                { metadata: { annotations } },
            );
        },
    };
}

async function readMirrored(cluster: Pick<Cluster, "get" | "list">, settings: ApplicationSettings): Promise<string[]> {
    return (await readClaims(cluster, settings)).mirrored.map(({ claim }) => claim);
}

function inTheWay(settings: ApplicationSettings, kind: Kind): MessageError {
    const { site, application } = settings;
    return new MessageError(
        text`${site}: ${describe(kind, settings)} is in the way, and somebody else created it: expected none, or one with the label of ${application}. Nothing was changed. Remove it: kubectl delete ${fullName(kind)} ${policyNameOf(settings)}; then ${upCommand(site)}`,
    );
}

function choosesNothing({ site, application, labelSelector = {} }: ApplicationSettings): MessageError {
    return new MessageError(
        text`${site}: labelSelector of ${application}: expected requirements that a pod can meet, found ${describeLabelSelector(labelSelector)}, which no object can meet, so that nothing of ${application} is mirrored. Nothing was stopped. Trident Protect does not let a selector change: declare the application under another name and with another selector, in the configuration of both stacks; then ${upCommand(site)}`,
    );
}

function changedMeanwhile(settings: ApplicationSettings): MessageError {
    return new MessageError(
        text`${settings.site}: somebody changed ${describe(kinds.podPolicy, settings)} as soon as it was written: expected it as it was declared. Pods could still start, so nothing was stopped. Find who changes it: kubectl get ${fullName(kinds.podPolicy)} ${policyNameOf(settings)} --show-managed-fields -o yaml; then ${upCommand(settings.site)}`,
    );
}

/** What else refuses the pod says so by name. */
function notInForce(settings: ApplicationSettings, pod: KubernetesObject, instead: string): MessageError {
    const { site } = settings;
    const policy = describe(kinds.podPolicy, settings);
    const tried = describeObject(kinds.pod, pod.metadata);
    return new MessageError(
        text`${site}: ${policy} is not in force: expected it to refuse ${tried}, which is only tried, within ${takenUpWithin / 1000} s; found: ${instead}. Pods could still start, so nothing was stopped. Whatever else refuses that pod must let it pass to the policy; if nothing does, check that the API server's admission plugin ValidatingAdmissionPolicy is on, as it is by default. Then ${upCommand(site)}`,
    );
}

function interrupted(settings: ApplicationSettings, instead: string): MessageError {
    const { site } = settings;
    return new MessageError(
        text`${site}: interrupted while waiting for ${describe(kinds.podPolicy, settings)} to be in force; found: ${instead}. Pods could still start, so nothing was stopped. To continue: ${upCommand(site)}`,
    );
}

function describe(kind: Kind, settings: ApplicationSettings): string {
    return describeObject(kind, { name: policyNameOf(settings) });
}
