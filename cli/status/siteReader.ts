import { Cluster, type ClusterReference } from "../../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../../provider/clients/kubernetes/errors";
import { kinds } from "../../provider/clients/kubernetes/kinds";
import { defaultPace } from "../../provider/clients/kubernetes/pace";
import type { MirrorRoleInputs } from "../../provider/engine/inputs";
import { type Inspection, inspect } from "../../provider/engine/inspect";
import { Outcomes } from "../../provider/engine/outcomes";
import { recordStoreOf } from "../../provider/engine/recordStore";
import { planningServers, type Servers } from "../../provider/engine/servers";
import type { RunContext, Site } from "../../provider/engine/site";
import { siteOfRole } from "../../provider/engine/siteOfRole";
import { Credentials } from "../../provider/process/credentials";
import type { ObservedNeeds } from "../../provider/engine/takeoverNeeds";
import type { HeldVolume, RoleRecord } from "../../provider/roles/record";
import { itemOf } from "../../provider/roles/recordName";
import { Silence } from "../../provider/support/silence";
import { type BundledRole, bundledRole, NoBundle, recordNamespacesAt } from "../bundledRole";
import { Deadline } from "./deadline";
import { type Known, type Unknown, unknownBy } from "./known";
import type { Place } from "./places";

/** How sites are reached; a test puts others in their place. */
export interface Surroundings {
    /** For one look at both sites: what several items need is read once. */
    servers(): Servers;
    openSite(run: RunContext, inputs: MirrorRoleInputs, servers: Servers): Site;
    deadline(milliseconds: number): Deadline;
    environment: NodeJS.ProcessEnv;
    now(): Date;
}

/** A person waits for a look, and unknown is an answer: a cluster that does not answer is asked again only briefly. */
const pace = { ...defaultPace, read: 5_000, retries: 2_000 };

export const systemSurroundings: Surroundings = {
    servers: () => planningServers((site, reference) => Cluster.connect(site, reference, pace)),
    openSite: siteOfRole,
    deadline: (milliseconds) => new Deadline(milliseconds),
    environment: process.env,
    now: () => new Date(),
};

/** What is at a site of an item's record, and of what a role can be inspected by. */
export interface Found {
    record: Known<RoleRecord | undefined>;
    role: Known<BundledRole>;
}

/** Reads one site, whatever becomes of the other one. It changes nothing. */
export class SiteReader {
    private constructor(
        readonly place: Place,
        private readonly run: RunContext,
        private readonly surroundings: Surroundings,
        private readonly servers: Servers,
        private readonly deadline: Deadline,
        /** Why the secrets of the stack's configuration are not known. Absent: they are, or none were asked for. */
        readonly secretsUnknown: string | undefined,
        private readonly reference: ClusterReference,
    ) {}

    /**
     * Asks the site's cluster whether it is there.
     *
     * @param opening for that; `deadline` is for all that follows
     * @throws whatever says that it is not, or that it lets nobody in
     */
    static async open(
        place: Place,
        surroundings: Surroundings,
        opening: Deadline,
        deadline: Deadline,
    ): Promise<SiteReader> {
        const { site, cluster, stack } = place;
        const servers = surroundings.servers();
        const reading = stack && secretsOf(stack.values, opening);
        const credentialsBy = async () => {
            const values = await reading;
            const known = values === undefined || "unknown" in values ? {} : values.known;
            return new Credentials(
                { config: { get: (key) => known[key] } },
                surroundings.environment,
                stack?.namespace,
            );
        };
        const reference = cluster.fromConfig === true ? (await credentialsBy()).cluster(site, cluster) : cluster;
        const [values] = await Promise.all([
            reading,
            opening.within(`the Kubernetes API of ${site}`, async () =>
                servers.cluster(site, reference).document("/version"),
            ),
        ]);
        const run = {
            credentials: await credentialsBy(),
            interrupted: deadline.signal,
            silence: new Silence(),
            log: () => undefined,
        };
        const unknown = values !== undefined && "unknown" in values ? values.unknown : undefined;
        return new SiteReader(place, run, surroundings, servers, deadline, unknown, reference);
    }

    /** Whether the pair's key is known, so that what is read can be verified. */
    get verifies(): boolean {
        return this.run.credentials.seal(this.place.site).hasKey;
    }

    /** Items that have left something there. One that serves without a bundle is known by its record. */
    async names(): Promise<string[]> {
        const { site } = this.place;
        const found = await this.within(() =>
            Promise.all(this.namespaces().map((namespace) => this.cluster.list(kinds.configMap, namespace))),
        ).catch((error: unknown) => {
            throw error instanceof KubernetesError && error.kind === "forbidden"
                ? new Error(
                      `${site}: the kubeconfig's user may not list ConfigMaps: name the items, as in trident-dr status shop`,
                  )
                : error;
        });
        return found.flat().flatMap(({ metadata }) => itemOf(metadata.name) ?? []);
    }

    /** Never throws. */
    async look(item: string): Promise<Found> {
        const role = await this.known(() => this.bundle(item));
        const record =
            "unknown" in role
                ? await this.known(() => this.recordByName(item))
                : await this.known(() => this.site(role.inputsWith(undefined)).store.read());
        return { role, record: record as Known<RoleRecord | undefined> };
    }

    inspect(inputs: MirrorRoleInputs): Promise<Inspection> {
        return this.within(() => inspect(this.site(inputs), inputs, undefined, new Outcomes()));
    }

    /** How far the other site's copy is behind, as this one sees it. */
    lagSeen({ view }: Inspection): Promise<number | undefined> {
        return this.within(() => view.replicationLag()).catch(() => undefined);
    }

    /** What a takeover there stands on, beyond what its plan depends on. */
    needs({ site: { needs } }: Inspection): Promise<Known<ObservedNeeds>> {
        return needs === undefined
            ? Promise.resolve({ unknown: "nothing tells what a takeover there needs" })
            : this.within(() => needs.read()).catch(unknownBy);
    }

    /** The snapshots that the site has of each volume. */
    heldSnapshots({ view }: Inspection): Promise<Known<HeldVolume[]>> {
        const unknown = { unknown: `the array of ${this.place.site} does not tell its snapshots` };
        return this.within(async () => (await view.heldSnapshots()) ?? unknown).catch(unknownBy);
    }

    private site(inputs: MirrorRoleInputs): Site {
        return this.surroundings.openSite(this.run, inputs, this.servers);
    }

    private bundle(item: string): Promise<BundledRole> {
        const { site, cluster } = this.place;
        const recordNamespace = this.namespaceOf(item);
        const request = { application: item, site, cluster, recordNamespace };
        return bundledRole(this.cluster, request, this.run.credentials.seal(site));
    }

    /** Where there is no bundle: an item that has no role there, or had its last run by a version that kept none. */
    private async recordByName(item: string): Promise<RoleRecord | undefined> {
        const { site, peer } = this.place;
        const identity = { application: item, site, peerSite: peer };
        const refusals: unknown[] = [];
        const namespaces = this.namespaces(item);
        for (const namespace of namespaces) {
            try {
                const store = recordStoreOf(this.cluster, identity, namespace, this.run.credentials.seal(site));
                const found = await (this.verifies ? store.readTrusted() : store.read());
                if (found !== undefined) {
                    return found;
                }
            } catch (error) {
                // Whoever may read it in one namespace need not be allowed to look for it in another.
                if (!(error instanceof KubernetesError && error.kind === "forbidden")) {
                    throw error;
                }
                refusals.push(error);
            }
        }
        if (refusals.length === namespaces.length) {
            throw refusals[0];
        }
        return undefined;
    }

    private namespaceOf(item: string): string | undefined {
        const { recordNamespace, stack } = this.place;
        return recordNamespace ?? stack?.items.get(item)?.recordNamespace;
    }

    private namespaces(item?: string): readonly string[] {
        const namespace = item === undefined ? this.place.recordNamespace : this.namespaceOf(item);
        return namespace === undefined ? recordNamespacesAt(this.place.site) : [namespace];
    }

    private get cluster(): Cluster {
        return this.servers.cluster(this.place.site, this.reference);
    }

    private within<T>(read: () => Promise<T>): Promise<T> {
        return this.deadline.within(this.place.site, read);
    }

    private async known<T>(read: () => Promise<T>): Promise<T | Unknown> {
        try {
            return await this.within(read);
        } catch (error) {
            return error instanceof NoBundle ? this.withoutBundle(error) : unknownBy(error);
        }
    }

    private withoutBundle({ places }: NoBundle): Unknown {
        const { site } = this.place;
        return {
            unknown: `at ${site} there is no ${places.join(" nor ")}, which the next pulumi up of this version writes there; until then its record alone is known`,
        };
    }
}

/** Without the state backend the environment may have what is needed. */
async function secretsOf(
    read: () => Promise<Readonly<Record<string, string>>>,
    deadline: Deadline,
): Promise<{ known: Readonly<Record<string, string>> } | Unknown> {
    try {
        return { known: await deadline.within("the state backend", read) };
    } catch (error) {
        return unknownBy(error);
    }
}
