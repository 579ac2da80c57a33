import type { StatusSurroundings } from "../../../../cli/status/show";
import { Deadline } from "../../../../cli/status/deadline";
import type { Cluster, KubernetesObject } from "../../../../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../../../../provider/clients/kubernetes/errors";
import type { Servers } from "../../../../provider/engine/servers";
import type { RoleRecord } from "../../../../provider/roles/record";
import { noSeal, type Seal } from "../../../../provider/support/seal";
import { FakeSite } from "../fakeSite";
import type { Observed } from "../../../../provider/roles/situation";
import { active, nothingThere, replicated, standby, type SiteName } from "../../provider/roles/situations";
import { archives } from "../../../../provider/vaults/archives";

/** East, with all that its record is to have. */
const serves = active("east", 1, { holds: [] });
/** West, with the mirror that its record says it has. */
const follows = standby("west", 1, { mirrorSource: "uid-east" });

/** Both sites of `shop`, each with a cluster that keeps ConfigMaps; one of them, or both, may be out of reach. */
export class TwoSites {
    readonly sites: Readonly<Record<SiteName, FakeSite>>;
    /** What a site answers instead of what it is. */
    readonly answers: Partial<Record<SiteName, () => Promise<never>>> = {};
    /** Whether ConfigMaps may be listed. */
    mayList = true;
    readonly interruption = new AbortController();
    /** Aborted when the time is over in which a site has to answer at all. */
    readonly opening = new AbortController();
    environment: NodeJS.ProcessEnv = {};
    resolve: StatusSurroundings["resolve"] = () => Promise.reject(new Error("there is no Pulumi project here"));
    private deadlines = 0;

    /** @param mirror the one into west. Default: it is established */
    constructor(seal: Seal = noSeal, mirror?: NonNullable<Observed["mirror"]>) {
        this.sites = {
            east: new FakeSite(seal, undefined, "east", () => nothingThere),
            west: new FakeSite(seal, undefined, "west", mirror && (() => ({ ...replicated, mirror }))),
        };
    }

    /** As the last runs left them. Default: east serves, west is its standby site. */
    async setUp(east: RoleRecord = serves, west: RoleRecord = follows): Promise<this> {
        await this.sites.east.setUp(east, west);
        await this.sites.west.setUp(west, east);
        return this;
    }

    die(site: SiteName): this {
        this.answers[site] = () =>
            Promise.reject(
                new KubernetesError(
                    `the Kubernetes API of ${site} does not answer (get /version)`,
                    "unreachable",
                    site,
                    "get",
                ),
            );
        return this;
    }

    get writes(): string[] {
        return [...this.sites.east.writes, ...this.sites.west.writes];
    }

    get surroundings(): StatusSurroundings {
        return {
            servers: () => this.servers(),
            openSite: (run, inputs) => this.sites[inputs.site as SiteName].open(run, inputs),
            // The second deadline of each look is that for answering at all.
            deadline: (milliseconds) =>
                this.deadlines++ % 2 === 1
                    ? new Deadline(milliseconds, this.opening.signal)
                    : new Deadline(milliseconds, new AbortController().signal),
            environment: this.environment,
            now: () => new Date(),
            resolve: (options) => this.resolve(options),
            interrupted: () => this.interruption.signal,
        };
    }

    private servers(): Servers {
        const cluster = (site: string) => {
            const { cluster: kept, objects } = this.sites[site as SiteName];
            return {
                ...kept,
                document: () => this.answers[site as SiteName]?.() ?? Promise.resolve({}),
                list: (_kind: unknown, namespace: string) =>
                    this.mayList
                        ? Promise.resolve(inNamespace([...objects.values()], namespace))
                        : Promise.reject(new KubernetesError(`${site}: forbidden`, "forbidden", site, "list")),
            } as unknown as Cluster;
        };
        return {
            forNotes: true,
            cluster,
            array: () => Promise.reject(new Error("no array")) as never,
            shownArray: () => Promise.reject(new Error("no array")) as never,
            clusterOf: () => Promise.reject(new Error("no array")),
            archives,
        };
    }
}

function inNamespace(objects: readonly KubernetesObject[], namespace: string): KubernetesObject[] {
    return objects.filter(({ metadata }) => metadata.namespace === namespace);
}
