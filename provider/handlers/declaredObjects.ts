import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { Cluster, type ClusterReference, type KubernetesObject } from "../clients/kubernetes/cluster";
import { clusterReferenceSchema } from "../clients/kubernetes/reference";
import { KubernetesError } from "../clients/kubernetes/errors";
import { describeObject } from "../clients/kubernetes/objects";
import type { VaultName } from "../engine/peerVault";
import type { ConfigurationRequest } from "../process/credentials";
import { upCommand } from "../roles/messages/commands";
import { render, text } from "../roles/messages/message";
import { printable } from "../support/printable";
import { existingSchema, unfitObjects, type ExistingObject, type Unfit } from "./existingObjects";
import type { CheckResult, CreateResult, DiffResult, UpdateResult } from "./results";

/** By which a user lets a stack take an object over. */
export const siteLabel = "trident-dr.pulumi.com/site";

const object = z.object({
    apiVersion: z.string(),
    kind: z.string(),
    plural: z.string(),
    namespace: z.string().optional(),
    name: z.string(),
});
const inputsSchema = z.looseObject({
    site: z.string(),
    cluster: clusterReferenceSchema,
    /** Namespace of the configuration in which the kubeconfig is. Only where it is there. */
    configNamespace: z.string().optional(),
    objects: z.array(object),
    /** What somebody else made, and is used as it is. */
    existing: z.array(existingSchema).optional(),
    stacks: z.record(z.string(), z.string()).optional(),
    peerVault: z.object({ namespace: z.string(), name: z.string() }).optional(),
});

type ReadCluster = Pick<Cluster, "get" | "site">;
type Inputs = z.infer<typeof inputsSchema> & { cluster: ClusterReference };
type Declared = z.infer<typeof object>;

interface Options {
    /** How a cluster is reached; a test puts another one in its place. */
    connect?: (site: string, reference: ClusterReference) => ReadCluster;
    /** Takes the stack's configuration. Default: nothing of it is needed. */
    configure?: (request: ConfigurationRequest) => void;
    /** The cluster that is meant, with the kubeconfig that is in the configuration. Default: none is there. */
    resolve?: (site: string, reference: ClusterReference, configNamespace: string | undefined) => ClusterReference;
    /** Begins to ask a vault whether it answers, which roles want to know later. Default: nobody asks. */
    askAhead?: (cluster: ReadCluster, vault: VaultName) => void;
    /** Prints a line for the user. Default: nothing is printed. */
    log?: (line: string) => void;
}

interface Foreign {
    declared: Declared;
    /** Who wrote it, as the API server noted. */
    managers: readonly string[];
}

/**
 * What the DeclaredObjects resource does: Pulumi's Kubernetes provider adds to an object that it finds under the name of
 * one that is declared; here that is refused where somebody else created it. What somebody else is to have created is
 * refused where it is not there, or not fit. In `check`, which precedes every write, in a preview and in a run without one.
 */
export class DeclaredObjectsHandler {
    private readonly connect: NonNullable<Options["connect"]>;
    private readonly take: NonNullable<Options["configure"]>;
    private readonly resolve: NonNullable<Options["resolve"]>;
    private readonly askAhead: NonNullable<Options["askAhead"]>;
    private readonly log: NonNullable<Options["log"]>;

    constructor({
        connect = (...args) => Cluster.connect(...args),
        configure = () => undefined,
        resolve = (_site, reference) => reference,
        askAhead = () => undefined,
        log = () => undefined,
    }: Options = {}) {
        this.connect = connect;
        this.take = configure;
        this.resolve = resolve;
        this.askAhead = askAhead;
        this.log = log;
    }

    configure(request: ConfigurationRequest): Promise<void> {
        this.take(request);
        return Promise.resolve();
    }

    async check(olds: unknown, news: unknown): Promise<CheckResult<unknown>> {
        const parsed = inputsSchema.parse(news);
        const { site, configNamespace } = parsed;
        const inputs = { ...parsed, cluster: this.resolve(site, parsed.cluster, configNamespace) };
        const [foreign, unfit] = await Promise.all([this.foreign(inputs), this.unfit(inputs)]);
        const reasons = [
            ...(foreign.length === 0 ? [] : [refusal(foreign, inputs)]),
            ...this.refusedOf(unfit, existingIn(olds), inputs),
        ];
        return { inputs: news, failures: reasons.map((reason) => ({ property: "", reason })) };
    }

    diff(_id: string, olds: unknown, news: unknown): Promise<DiffResult> {
        const names = (value: unknown) => {
            const { objects, existing } = (value ?? {}) as { objects?: unknown; existing?: unknown };
            return { objects, existing };
        };
        return Promise.resolve({ changes: !isDeepStrictEqual(names(olds), names(news)) });
    }

    create(inputs: unknown): Promise<CreateResult<unknown>> {
        return Promise.resolve({ id: "declared", outs: inputs });
    }

    update(_id: string, _olds: unknown, news: unknown): Promise<UpdateResult<unknown>> {
        return Promise.resolve({ outs: news });
    }

    private unfit({ site, cluster, existing = [] }: Inputs): Promise<Unfit[]> {
        return existing.length === 0 ? Promise.resolve([]) : unfitObjects(this.connect(site, cluster), site, existing);
    }

    /** What was fit once is only a warning: a takeover may be due, and its role names what that needs. */
    private refusedOf(unfit: readonly Unfit[], before: readonly ExistingObject[], { site, stacks }: Inputs): string[] {
        const isKnown = ({ object }: Unfit) => before.some((one) => isDeepStrictEqual(one, object));
        for (const { problem } of unfit.filter(isKnown)) {
            this.log(`objects of ${site}: warning: ${render(problem, stacks)}`);
        }
        return unfit.filter((one) => !isKnown(one)).map(({ problem }) => render(problem, stacks));
    }

    private async foreign({ site, cluster: reference, objects, peerVault }: Inputs): Promise<Foreign[]> {
        try {
            const cluster = this.connect(site, reference);
            if (peerVault !== undefined) {
                this.askAhead(cluster, peerVault);
            }
            const found = await Promise.all(objects.map((declared) => cluster.get(declared, declared)));
            return objects.flatMap((declared, index) => {
                const there = found[index];
                return there === undefined || isOurs(there) ? [] : [{ declared, managers: managersOf(there) }];
            });
        } catch (error) {
            // Told once, and by whoever needs the cluster: Pulumi's provider and the roles fail on it, too.
            if (error instanceof KubernetesError) {
                return [];
            }
            throw error;
        }
    }
}

/** What the state says was there, and fit. */
function existingIn(olds: unknown): ExistingObject[] {
    const parsed = z.looseObject({ existing: z.array(existingSchema) }).safeParse(olds);
    return parsed.success ? parsed.data.existing : [];
}

/**
 * The API server notes who writes which field. Earlier versions of this package left no label, but Pulumi's provider has
 * always written under a name of its own (docs/facts/kubernetes.md#server-side-apply).
 */
function isOurs(found: KubernetesObject): boolean {
    return (
        found.metadata.labels?.[siteLabel] !== undefined ||
        managersOf(found).some((manager) => manager.startsWith("pulumi-kubernetes"))
    );
}

function managersOf({ metadata }: KubernetesObject): string[] {
    return [...new Set((metadata.managedFields ?? []).flatMap(({ manager }) => manager ?? []))];
}

function refusal(foreign: readonly Foreign[], { site, stacks }: Inputs): string {
    const [it, exists] = foreign.length === 1 ? ["it", "exists"] : ["them", "exist"];
    const names = foreign.map(({ declared, managers }) => {
        const by = managers.length === 0 ? "" : ` (written by ${printable(managers.join(", "))})`;
        return `${describeObject(declared, declared)}${by}`;
    });
    return render(
        text`${site}: ${names.join(", ")} ${exists} already, and somebody else created ${it}: expected none, or one that Pulumi wrote. Nothing was changed. To let this stack take ${it} over: ${foreign.map(({ declared }) => labelCommand(declared, site)).join("; ")}; ${upCommand(site)}. Otherwise remove ${it}; then ${upCommand(site)}`,
        stacks,
    );
}

function labelCommand({ apiVersion, plural, namespace, name }: Declared, site: string): string {
    const resource = apiVersion.includes("/") ? `${plural}.${apiVersion.split("/")[0]}` : plural;
    return `kubectl${namespace === undefined ? "" : ` -n ${namespace}`} label ${resource} ${name} ${siteLabel}=${site}`;
}
