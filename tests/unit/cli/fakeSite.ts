import type { Cluster, KubernetesObject } from "../../../provider/clients/kubernetes/cluster";
import type { SiteView } from "../../../provider/drivers/driver";
import { noClaims } from "../../../provider/engine/claims";
import { type MirrorRoleInputs, parseInputs } from "../../../provider/engine/inputs";
import type { Prerequisites } from "../../../provider/engine/prerequisites";
import { recordStoreOf } from "../../../provider/engine/recordStore";
import type { RunContext, Site } from "../../../provider/engine/site";
import { TakeoverBundle } from "../../../provider/engine/takeoverBundle";
import type { RoleRecord } from "../../../provider/roles/record";
import type { Observed } from "../../../provider/roles/situation";
import { noSeal, type Seal } from "../../../provider/support/seal";
import { goodInputs } from "../provider/engine/goodInputs";
import { quietView } from "../provider/engine/quietView";
import { active, replicated, standby } from "../provider/roles/situations";

const namespace = "trident-dr";

type FakeCluster = Pick<Cluster, "get" | "list" | "apply" | "delete">;

/**
 * A site of `shop`, by default west, the standby one, with a cluster that keeps ConfigMaps and a mirror that can be
 * promoted. It remembers each write that it was sent.
 */
export class FakeSite {
    readonly writes: string[] = [];
    readonly objects = new Map<string, KubernetesObject>();
    inspections = 0;
    /** What is thrown when the mirror is promoted. */
    failure: Error | undefined;
    /** Called when the mirror is promoted. */
    promoting: () => void = () => undefined;
    /** Seconds before which the newest complete snapshot was begun. */
    age = 150;
    /** What a site has besides, such as what it tells of a takeover's needs. */
    more: Partial<Site> = {};
    /** With which items it is ordered. */
    order: MirrorRoleInputs["order"];
    /** What of its view is another one. */
    shows: Partial<SiteView> = {};
    private promoted = false;

    /** @param cluster where its ConfigMaps are kept. Default: here */
    constructor(
        private readonly seal: Seal = noSeal,
        readonly cluster: FakeCluster = keptBy(this),
        private readonly name: "east" | "west" = "west",
        /** What is seen there. Default: an established mirror, or the promoted one. */
        private readonly seen?: () => Observed,
        readonly item = "shop",
    ) {}

    /** As the last `up` left it, with what it read of east then. */
    async setUp(own: RoleRecord = standby("west", 1), peer: RoleRecord = active("east", 1)): Promise<void> {
        const peerSite = this.name === "east" ? "west" : "east";
        const { item: application, name, order } = this;
        const peerRecord = { known: true, record: { ...peer, application } };
        const inputs = roleInputs({ application, site: name, peerSite, peerRecord, ...(order && { order }) });
        const site = this.open({ credentials: { seal: () => this.seal } } as unknown as RunContext, inputs);
        await site.store.write({ ...own, application });
        for (const action of site.bundle!.keep({}, own.role)) {
            await action.run(() => undefined);
        }
        this.writes.length = 0;
    }

    open(run: RunContext, inputs: MirrorRoleInputs): Site {
        const seal = run.credentials.seal(inputs.site);
        return {
            driver: {
                observe: () => {
                    this.inspections++;
                    return Promise.resolve(this.view());
                },
            },
            claims: noClaims,
            store: recordStoreOf(this.cluster, inputs, namespace, seal),
            recordOf: () => Promise.resolve(undefined),
            bundle: new TakeoverBundle(this.cluster, inputs, namespace, seal),
            prerequisites: { unmet: () => Promise.resolve([]) } as unknown as Prerequisites,
            progress: (line) => run.log(line),
            signal: run.interrupted,
            ...this.more,
        };
    }

    get record(): RoleRecord {
        const text = this.objects.get(`${namespace}/trident-dr-record-${this.item}`)?.data?.["record"];
        return JSON.parse(text ?? "{}") as RoleRecord;
    }

    private view(): SiteView {
        const promote = {
            call: `patch AppMirrorRelationship ${this.item}/${this.item}: Promoted`,
            effect: "write" as const,
            run: () => {
                if (this.failure !== undefined) {
                    return Promise.reject(this.failure);
                }
                this.writes.push(`patch AppMirrorRelationship ${this.item}/${this.item}`);
                this.promoted = true;
                this.promoting();
                return Promise.resolve();
            },
        };
        return {
            ...quietView,
            observed: this.observed(),
            actions: (step) => (step.do === "promote" && !this.promoted ? [promote] : []),
            // West has not served yet when a test begins.
            facts: (epoch) =>
                this.name === "east" ? { applicationUid: "uid-east", baseSnapshot: `${this.item}-base-${epoch}` } : {},
            after: () => this.view(),
            freshFor: () => Promise.resolve(this.view()),
            ...this.shows,
        };
    }

    private observed(): Observed {
        if (this.seen !== undefined) {
            return this.seen();
        }
        const takenAt = new Date(Date.now() - this.age * 1000).toISOString();
        const mirror = { ...replicated.mirror!, recoveryPoint: { snapshot: "custom-1", takenAt } };
        return { ...replicated, mirror: this.promoted ? { ...mirror, state: "promoted" } : mirror };
    }
}

/** A cluster that keeps what it is told in a site's `objects`, and lists it among its writes. */
export function keptBy(site: Pick<FakeSite, "objects" | "writes">): FakeCluster {
    return {
        list: (_kind, of) => {
            const all = [...site.objects.values()];
            return Promise.resolve(all.filter(({ metadata }) => metadata.namespace === of));
        },
        get: (_kind, { namespace: of, name }) => Promise.resolve(site.objects.get(`${of ?? ""}/${name}`)),
        apply: (object) => {
            const key = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
            site.writes.push(`apply ConfigMap ${key}`);
            site.objects.set(key, object);
            return Promise.resolve(object);
        },
        delete: (_kind, { namespace: of, name }) => {
            site.writes.push(`delete ConfigMap ${of ?? ""}/${name}`);
            site.objects.delete(`${of ?? ""}/${name}`);
            return Promise.resolve();
        },
    };
}

/** What the program at west passes. */
export function roleInputs(change: Record<string, unknown> = {}): MirrorRoleInputs {
    const given = { ...goodInputs(), site: "west", peerSite: "east", recordNamespace: namespace, ...change };
    const parsed = parseInputs(given);
    if (!parsed.ok) {
        throw new Error(JSON.stringify(parsed.failures));
    }
    return parsed.inputs;
}
