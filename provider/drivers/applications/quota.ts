import { z } from "zod";
import type { Cluster } from "../../clients/kubernetes/cluster";
import { KubernetesError } from "../../clients/kubernetes/errors";
import { describeObject, type KubernetesObject } from "../../clients/kubernetes/objects";
import { kinds } from "../../clients/kubernetes/kinds";
import { upCommand } from "../../roles/messages/commands";
import { MessageError, text } from "../../roles/messages/message";
import { quotaName } from "../../roles/quotaName";
import type { Barrier } from "../../roles/situation";
import { type Action, inPhases } from "../action";
import type { ApplicationContext } from "./context";
import { isOurs, quotaManifest } from "./manifests";
import type { ApplicationSettings } from "./settings";

/**
 * The ResourceQuotas that keep pods from starting in an application's namespaces while its site does not serve
 * (docs/facts/kubernetes.md#resourcequotas).
 */
export interface QuotaState {
    namespace: string;
    isOurs: boolean;
    /** Whether it asks for what we declare. */
    asDeclared: boolean;
    /** Whether the API server goes by it: it compares with the status that the quota controller keeps. */
    inForce: boolean;
    createdAt: string;
}

/** Milliseconds. The controller takes a new quota up at once; without it no pod starts or stops at all. */
const takenUpWithin = 60_000;

/**
 * Those that are there; undefined when the user may not read them: a takeover by an account from before there were any
 * must not fail for that.
 */
export async function readQuotas(
    cluster: Pick<Cluster, "get">,
    { application, namespaces }: Pick<ApplicationSettings, "application" | "namespaces">,
): Promise<QuotaState[] | undefined> {
    try {
        const found = await Promise.all(
            namespaces.map((namespace) =>
                cluster.get(kinds.resourceQuota, { name: quotaName(application), namespace }),
            ),
        );
        return found.filter((object) => object !== undefined).map((object) => readQuota(object, application));
    } catch (error) {
        if (error instanceof KubernetesError && error.kind === "forbidden") {
            return undefined;
        }
        throw error;
    }
}

/** What the planner goes by: one quota after another that was late leaves a gap. */
export function barrierOf(quotas: readonly QuotaState[] | undefined, namespaces: readonly string[]): Barrier {
    const standing = (quotas ?? []).filter(({ asDeclared, inForce }) => asDeclared && inForce);
    if (!namespaces.every((name) => standing.some(({ namespace }) => namespace === name))) {
        return { stands: false };
    }
    const since = standing.map(({ createdAt }) => createdAt).sort();
    return { stands: true, since: since.at(-1)! };
}

/** A quota that was changed is made anew, so that its age tells since when it has stood. */
export function forbidPods(context: ApplicationContext, quotas: readonly QuotaState[] | undefined): Action[] {
    const { cluster, settings } = context;
    const of = (name: string) => (quotas ?? []).find(({ namespace }) => namespace === name);
    const replaced = settings.namespaces.filter((name) => of(name)?.asDeclared === false);
    const missing = settings.namespaces.filter((name) => of(name) === undefined || replaced.includes(name));
    const waited = settings.namespaces.filter((name) => missing.includes(name) || of(name)?.inForce === false);
    return inPhases([
        replaced.map((namespace) => remove(context, namespace, of(namespace)!)),
        missing.map((namespace) => ({
            call: `create ${nameOf(context, namespace)}: no pod starts`,
            effect: "write",
            run: async () => {
                await cluster.create(quotaManifest(settings, namespace));
            },
        })),
        waited.map((namespace) => awaitInForce(context, namespace)),
    ]);
}

/** Removes them, also one that a promotion brought along from the other site. */
export function allowPods(context: ApplicationContext, quotas: readonly QuotaState[] | undefined): Action[] {
    return inPhases([
        (quotas ?? []).filter(({ isOurs: ours }) => ours).map((quota) => remove(context, quota.namespace, quota)),
    ]);
}

function readQuota(object: KubernetesObject, application: string): QuotaState {
    const spec = limits.parse(object.spec);
    const status = limits.optional().parse(object.status);
    return {
        namespace: object.metadata.namespace ?? "",
        isOurs: isOurs(object, application),
        asDeclared: spec.hard?.["pods"] === "0" && Object.keys(spec).length === 1,
        inForce: status?.hard?.["pods"] === "0" && status.used?.["pods"] !== undefined,
        createdAt: object.metadata.creationTimestamp ?? "",
    };
}

const amounts = z.record(z.string(), z.string()).optional();
const limits = z.looseObject({ hard: amounts, used: amounts });

function remove(context: ApplicationContext, namespace: string, quota: QuotaState): Action {
    const { cluster, settings } = context;
    return {
        call: `delete ${nameOf(context, namespace)}`,
        effect: "write",
        run: async () => {
            if (!quota.isOurs) {
                throw new MessageError(
                    text`${settings.site}: ${nameOf(context, namespace)} is in the way, and somebody else created it: expected none, or one with the label of ${settings.application}. Nothing was changed. Remove it: kubectl -n ${namespace} delete resourcequota ${quotaName(settings.application)}; then ${upCommand(settings.site)}`,
                );
            }
            await cluster.delete(kinds.resourceQuota, { name: quotaName(settings.application), namespace });
        },
    };
}

function awaitInForce(context: ApplicationContext, namespace: string): Action {
    const { cluster, settings, signal } = context;
    const name = nameOf(context, namespace);
    return {
        call: `wait for ${name} to be in force`,
        effect: "read",
        run: async (progress) => {
            try {
                await cluster.waitFor(
                    kinds.resourceQuota,
                    { name: quotaName(settings.application), namespace },
                    "in force",
                    (object) => object !== undefined && readQuota(object, settings.application).inForce,
                    {
                        deadline: takenUpWithin,
                        signal,
                        onProgress: (_, seconds) => progress(`waiting for ${name} to be in force, ${seconds} s`),
                    },
                );
            } catch (error) {
                throw error instanceof KubernetesError && error.kind === "timeout" && !signal.aborted
                    ? notInForce(context, namespace)
                    : error;
            }
        },
    };
}

function notInForce(context: ApplicationContext, namespace: string): MessageError {
    const { site } = context.settings;
    return new MessageError(
        text`${site}: ${nameOf(context, namespace)} is not in force: expected its status to repeat pods: 0 within ${takenUpWithin / 1000} s, which the cluster's quota controller (part of kube-controller-manager) sees to. Pods could still start, so nothing was stopped. Check the controller, then ${upCommand(site)}`,
    );
}

function nameOf({ settings }: ApplicationContext, namespace: string): string {
    return describeObject(kinds.resourceQuota, { name: quotaName(settings.application), namespace });
}
