import type { Cluster, ClusterReference } from "../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../provider/clients/kubernetes/errors";
import { describeReference } from "../provider/clients/kubernetes/reference";
import { type Bundle, faultOfBundle, parseBundle } from "../provider/engine/bundle";
import { type MirrorRoleInputs, parseInputs } from "../provider/engine/inputs";
import { readBundle } from "../provider/engine/takeoverBundle";
import { nameAtSite } from "../provider/roles/sharedCluster";
import { upCommand } from "../provider/roles/messages/commands";
import { join, MessageError, type Message, text } from "../provider/roles/messages/message";
import { bundleName } from "../provider/roles/recordName";
import { printable } from "../provider/support/printable";
import type { Seal } from "../provider/support/seal";

/** Which bundle is asked for, and where. */
export interface BundleRequest {
    application: string;
    site: string;
    cluster: ClusterReference;
    /** Default: those in which applications and groups of volumes have their records. */
    recordNamespace?: string | undefined;
}

/** Those in which applications and groups of volumes have their records, unless a pair says otherwise. */
const defaultNamespaces = ["trident-dr", "trident-protect"] as const;

/** The same at a site, which may share its cluster with the other one. */
export function recordNamespacesAt(site: string): string[] {
    return [...defaultNamespaces, nameAtSite(defaultNamespaces[0], site)];
}

/** No `up` of this version has run since the item has a role there, or it is not there. */
export class NoBundle extends MessageError {
    /** @param places where it would be, such as `ConfigMap trident-dr/trident-dr-takeover-shop` */
    constructor(
        readonly places: readonly string[],
        content: Message,
    ) {
        super(content);
    }
}

/** A role as the last `up` left it at its site. */
export interface BundledRole {
    written: string;
    /**
     * The inputs of the role for one run.
     *
     * @param decided what a person decides anew each time, and what is known of the peer by now. Default: the site is to
     *     serve, and of the peer only what the bundle says is known
     */
    inputsWith(acknowledgements: MirrorRoleInputs["acknowledgements"], decided?: Decided): MirrorRoleInputs;
}

/** What no bundle has, or has from an earlier time. */
export type Decided = Partial<Pick<MirrorRoleInputs, "active" | "unprotect" | "unmanage" | "peerRecord">>;

/**
 * Reads what a takeover goes by.
 *
 * @throws MessageError where there is none, or where it is not to be believed: nothing was decided by then
 */
export async function bundledRole(
    cluster: Pick<Cluster, "get">,
    request: BundleRequest,
    seal: Seal,
): Promise<BundledRole> {
    const { place, text: found } = await find(cluster, request);
    const parsed = parseBundle(found);
    if (!parsed.ok) {
        throw unusable(request, place, `cannot be read (${printable(parsed.failure)})`);
    }
    const bundle = parsed.value;
    const fault = faultOfBundle(bundle, seal);
    if (fault !== undefined) {
        throw unusable(request, place, fault, "The pair's key belongs in TRIDENT_DR_PAIR_KEY. ");
    }
    const inputsWith = (acknowledgements: MirrorRoleInputs["acknowledgements"], decided: Decided = {}) =>
        inputsOf(bundle, request, place, { ...decided, acknowledgements });
    refuseOtherRole(inputsWith(undefined), request, place);
    return { written: bundle.written, inputsWith };
}

async function find(cluster: Pick<Cluster, "get">, request: BundleRequest): Promise<{ place: string; text: string }> {
    const { application, site, recordNamespace } = request;
    const namespaces = recordNamespace === undefined ? recordNamespacesAt(site) : [recordNamespace];
    const name = bundleName(application);
    const refusals: KubernetesError[] = [];
    const found: { place: string; text: string }[] = [];
    const read = async (namespace: string) => {
        try {
            const { text } = await readBundle(cluster, { namespace, name });
            found.push(...(text === undefined ? [] : [{ place: `ConfigMap ${namespace}/${name}`, text }]));
        } catch (error) {
            // Whoever may read the bundle in one namespace need not be allowed to look for it in another.
            if (!(error instanceof KubernetesError && error.kind === "forbidden")) {
                throw error;
            }
            refusals.push(error);
        }
    };
    await Promise.all(namespaces.map(read));
    if (found.length > 1) {
        throw ambiguous(request, found);
    }
    if (found.length === 0) {
        throw refusals.length === namespaces.length ? refusals[0]! : missing(request, namespaces, name);
    }
    return found[0]!;
}

function inputsOf(
    { inputs, peerRecord }: Bundle,
    request: BundleRequest,
    place: string,
    decided: Decided & Pick<MirrorRoleInputs, "acknowledgements">,
): MirrorRoleInputs {
    const { site, cluster } = request;
    const parsed = parseInputs({ ...inputs, active: site, peerRecord, ...decided, cluster });
    if (!parsed.ok) {
        const problems = parsed.failures.map(({ property, reason }) => `${property}: ${reason}`).join("; ");
        throw unusable(request, place, `has no valid inputs (${printable(problems)})`);
    }
    return parsed.inputs;
}

/** The kubeconfig may lead to the other site's cluster, where the other site's bundle is. */
function refuseOtherRole(inputs: MirrorRoleInputs, request: BundleRequest, place: string): void {
    const { application, site, cluster } = request;
    if (inputs.site !== site || inputs.application !== application) {
        const whose = printable(`${inputs.application} at ${inputs.site}`);
        throw new MessageError(
            `${site}: ${place} in the cluster of ${describeReference(cluster)} is that of ${whose}; expected ${application} at ${site}. Nothing was changed. Name the cluster of ${site} with --context or --kubeconfig`,
        );
    }
}

/** One of them may be left from before records were kept elsewhere, or be another pair's: an old one begins an old epoch again. */
function ambiguous({ application, site }: BundleRequest, found: readonly { place: string }[]): MessageError {
    const places = found.map(({ place }) => place).sort();
    return new MessageError(
        `${site}: there is more than one by which ${application} could be taken over: ${places.join(", ")}. Nothing was changed. Name the namespace of the one that is meant with --record-namespace`,
    );
}

function missing({ application, site, cluster }: BundleRequest, namespaces: readonly string[], name: string) {
    const places = namespaces.map((namespace) => `ConfigMap ${namespace}/${name}`);
    return new NoBundle(
        places,
        text`${site}: in the cluster of ${describeReference(cluster)} there is no ${places.join(" nor ")}, by which ${application} is taken over. Either this is not the cluster of ${site}, its records are in another namespace (--record-namespace), or no ${upCommand(site)} of this version has run there since ${application} is mirrored. Nothing was changed. Where Pulumi is to be had, ${upCommand(site)} takes over as well`,
    );
}

function unusable({ site }: BundleRequest, place: string, fault: string, hint: Message = ""): MessageError {
    return new MessageError(
        join(
            [
                `${site}: ${place} ${fault}. Nothing was changed. `,
                hint,
                text`Where Pulumi is to be had, ${upCommand(site)} takes over without it, and writes it anew`,
            ],
            "",
        ),
    );
}
