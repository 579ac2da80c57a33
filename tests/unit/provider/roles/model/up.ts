import { RecordStore } from "../../../../../provider/engine/recordStore";
import type { SiteView } from "../../../../../provider/drivers/driver";
import { decideWithClaims } from "../../../../../provider/engine/claims";
import { execute, pendingSteps } from "../../../../../provider/engine/execute";
import type { Site } from "../../../../../provider/engine/site";
import type { Cluster, KubernetesObject } from "../../../../../provider/clients/kubernetes/cluster";
import { parseDiscard } from "../../../../../provider/roles/acknowledgement";
import type { Decision, Refusal } from "../../../../../provider/roles/planner/decision";
import { isLeaving } from "../../../../../provider/roles/planner/predicates";
import { endOfService, mustCountChanges } from "../../../../../provider/roles/planner/downtime";
import { compareEpochs } from "../../../../../provider/roles/epoch";
import { emptyRecord, epochOf, type RoleRecord } from "../../../../../provider/roles/record";
import type { Configuration, Observed, PeerView, Situation } from "../../../../../provider/roles/situation";
import { commonSnapshotsOf } from "../../../../../provider/roles/commonSnapshots";
import type { Seal } from "../../../../../provider/support/seal";
import { ModelClaims, ModelDriver, type Gate } from "./driver";
import { peerViewOf } from "../../../../../provider/engine/configuration";
import type { MirrorRoleInputs } from "../../../../../provider/engine/inputs";
import type { Planner } from "./guards";
import { application, maxLagSeconds, type ModelSite, type StackConfiguration, type World } from "./world";

export type Outcome = { kind: "done" } | { kind: "refused"; refusal: Refusal } | { kind: "failed"; why: string };

/** One `pulumi up` at one site: goes one effect further each time it is told to, and can be dropped at any of them. */
export class Up {
    outcome: Outcome | undefined;
    private goOn: (() => void) | undefined;
    private arrived: () => void = () => undefined;
    private begun = false;

    constructor(
        private readonly world: World,
        readonly site: ModelSite,
        private readonly configuration: StackConfiguration,
        private readonly peer: PeerView,
        private readonly planner: Planner,
    ) {}

    /** Goes on to the next effect, or to the end. */
    async step(): Promise<void> {
        const arrived = new Promise<void>((resolve) => (this.arrived = resolve));
        if (this.begun) {
            this.goOn?.();
        } else {
            this.begun = true;
            void this.run();
        }
        await arrived;
    }

    async finish(): Promise<Outcome> {
        while (this.outcome === undefined) {
            this.world.pass(1);
            await this.step();
        }
        return this.outcome;
    }

    private readonly gate: Gate = () =>
        new Promise((resolve) => {
            this.goOn = resolve;
            this.arrived();
        });

    private async run(): Promise<void> {
        try {
            this.outcome = await this.apply();
        } catch (thrown) {
            if (!(thrown instanceof Error)) {
                throw thrown;
            }
            this.outcome = { kind: "failed", why: thrown.message };
        }
        this.arrived();
    }

    private async apply(): Promise<Outcome> {
        const { world, site, planner } = this;
        const means = meansFor(world, site, this.gate, planner);
        const before = await see(world, means, site, this.peer, this.configuration);
        const { own, view } = before;
        const decided = await decideWithClaims(means.claims, before.situation, (situation) =>
            planner.decide(situation),
        );
        const { decision } = decided;
        const situation = { ...before.situation, observed: decided.observed };
        if (decision.kind === "refusal") {
            return { kind: "refused", refusal: decision };
        }
        this.check(decision, situation);
        const served = world.serves(site);
        const mirroring = mirroringAt(site);
        let reached: RoleRecord | undefined;
        try {
            ({ record: reached } = await execute(
                means,
                decision,
                { own, view, unmet: [] },
                (record) => (reached = record),
            ));
        } catch (thrown) {
            site.state = reached === undefined ? site.state : means.store.published(reached);
            throw thrown;
        }
        if (decision.verb === "unmanage" && site.alive && mirroringAt(site) !== mirroring) {
            world.violate("what is let go of stays as it is", `${site.name}: ${mirroring}, then ${mirroringAt(site)}`);
        }
        if (isLeaving(decision) && served && site.alive && !world.serves(site)) {
            world.violate("what leaves the mirror goes on serving", `${site.name} served, and does not any more`);
        }
        if (reached.role === "active" && reached.underWay === undefined && site.alive && !site.schedules) {
            world.violate("what serves is protected", `${site.name} serves, and no Schedule takes snapshots there`);
        }
        site.left = reached.role === "none" && !world.serves(site);
        await this.gate();
        const published = means.store.published(reached);
        site.state = published;
        if (JSON.stringify(site.outputs.at(-1)) !== JSON.stringify(published)) {
            world.changes++;
            site.outputs.push(published);
        }
        return { kind: "done" };
    }

    /** What must be true of each plan that is carried out. */
    private check(plan: Extract<Decision, { kind: "plan" }>, { own, peer, configuration, observed }: Situation): void {
        const { world, site } = this;
        const finishes = own.underWay?.verb === plan.verb;
        const begins = plan.steps.find((step) => step.do === "claim");
        if (begins !== undefined && !finishes) {
            const { takeover, discard } = configuration.acknowledgements;
            const from = Math.max(own.epoch, peer.known ? (peer.record?.epoch ?? 0) : 0);
            const acknowledged =
                begins.began === "takeover"
                    ? takeover === begins.epoch
                    : begins.began === "discard"
                      ? discard?.site === configuration.peer &&
                        (discard.epoch === begins.epoch - 1 || (own.role === "none" && begins.epoch === from + 1))
                      : true;
            if (!acknowledged) {
                world.violate(
                    "an override begins the very epoch that was acknowledged, and no other",
                    `${site.name} begins epoch ${begins.epoch} by ${begins.began}`,
                );
            }
            if (begins.began === "takeover" || begins.began === "discard" || begins.replaces !== undefined) {
                world.overrides++;
            }
        }
        if (plan.verb === "stand down" && own.underWay === undefined) {
            const lag = observed.replicationLagSeconds;
            if (!(lag! <= maxLagSeconds) && configuration.acknowledgements.lag === undefined) {
                world.violate("a switch begins only within the lag gate", `${site.name} stands down, lag ${lag}`);
            }
        }
        const comesBack = plan.steps.some((step) => step.do === "establish-mirror" && step.way !== "first");
        const joins = peer.known ? peer.record?.epoch : undefined;
        const isBegun = own.underWay !== undefined || site.resumedByOthers !== undefined;
        const begun = isBegun && site.mirror?.desired === "Established";
        if (comesBack && site.baseless === true && !begun && configuration.acknowledgements.fullCopy !== joins) {
            world.violate("everything is copied only with consent", `${site.name} joins epoch ${joins}`);
        }
        const theirs = peer.known && peer.record?.role === "active" ? epochOf(peer.record) : undefined;
        const passed = theirs !== undefined && own.epoch > 0 && compareEpochs(theirs, epochOf(own)!) > 0;
        if (passed && configuration.active === configuration.site && ignores.has(plan.verb) && own.role !== "standby") {
            world.violate("a split is told where it is seen", `${plan.verb} at ${site.name}, which was displaced`);
        }
        const asksFor = begins !== undefined ? configuration.site : leaves.has(plan.verb) ? configuration.peer : "";
        if (asksFor !== "" && own.underWay === undefined && configuration.active !== asksFor) {
            world.violate(
                "a site changes its role only as its configuration asks",
                `${plan.verb} at ${site.name} with active: ${configuration.active}`,
            );
        }
    }
}

/** What a site that lets go of the application leaves as it is. */
function mirroringAt({ mirror, schedules, applicationUid, sources }: ModelSite): string {
    return JSON.stringify([mirror?.uuid, mirror?.desired, schedules, applicationUid, [...sources]]);
}

/** What a site would do that does not see that the other one took over. */
const ignores: ReadonlySet<string> = new Set(["hold", "change of mind", "release the mirror"]);
const leaves: ReadonlySet<string> = new Set(["stand down", "stand aside", "resync"]);

/** What `pulumi preview` would find left to do at the site: undefined when the plan is a refusal. */
export async function pendingAt(
    world: World,
    site: ModelSite,
    configuration: StackConfiguration,
    peer: PeerView,
    planner: Planner,
): Promise<number | undefined> {
    return (await previewAt(world, site, configuration, peer, planner)).pending;
}

/** What `pulumi preview` would decide at the site; how many steps are pending only where it is a plan. */
export async function previewAt(
    world: World,
    site: ModelSite,
    configuration: StackConfiguration,
    peer: PeerView,
    planner: Planner,
): Promise<{ decision: Decision; pending: number | undefined }> {
    const means = meansFor(world, site, () => Promise.resolve(), planner);
    const { situation, own, view } = await see(world, means, site, peer, configuration);
    const { decision } = await decideWithClaims(means.claims, situation, (one) => planner.decide(one));
    const pending =
        decision.kind === "plan" ? pendingSteps(means, decision, { own, view, unmet: [] }).length : undefined;
    return { decision, pending };
}

interface Seen {
    situation: Situation;
    own: RoleRecord;
    view: SiteView;
}

/** Reads a site as a run does. */
async function see(
    world: World,
    means: ModelMeans,
    site: ModelSite,
    shown: PeerView,
    configuration: StackConfiguration,
): Promise<Seen> {
    const { store, peerSeal } = means;
    const { own, trust, move } = store.believed(await store.look(), site.state);
    const peer = verified(shown, own, peerSeal);
    const { view, observed } = await observe(means, own, peer, configuration);
    const situation = {
        own,
        peer,
        configuration: understood(own, configuration),
        observed,
        trust,
        ...(move === undefined ? {} : { move }),
        now: world.time(),
    };
    return { situation, own, view };
}

/** The peer's outputs as a run believes them. */
function verified(shown: PeerView, own: RoleRecord, seal: Seal): PeerView {
    const inputs = { application, site: own.site, peerSite: own.peer, peerRecord: shown };
    return peerViewOf(inputs as unknown as MirrorRoleInputs, seal);
}

async function observe(
    { driver, claims }: ModelMeans,
    own: RoleRecord,
    peer: PeerView,
    { unprotect, unmanage }: StackConfiguration,
): Promise<{ view: SiteView; observed: Observed }> {
    const follows = own.role !== "none" && own.role !== "active";
    const view = await driver.observe();
    const lag = await view.replicationLag();
    const end = mustCountChanges(own, view.observed) ? endOfService(own) : undefined;
    const changedBytes = end === undefined ? undefined : await view.changedBytes(end);
    const held = peer.known && peer.record?.holds !== undefined ? await view.heldSnapshots() : undefined;
    const copies = own.role === "standby" && view.observed.mirror === undefined ? await view.copies() : undefined;
    const leaves = unprotect === true || unmanage === true;
    const remains =
        leaves || follows
            ? {
                  sources: unmanage === true ? [] : await view.sources(),
                  claims: leaves ? await claims.left() : undefined,
              }
            : undefined;
    return {
        view,
        observed: {
            ...view.observed,
            ...(remains === undefined ? {} : { remains }),
            ...(copies === undefined ? {} : { copies }),
            ...(lag === undefined ? {} : { replicationLagSeconds: lag }),
            ...(changedBytes === undefined ? {} : { changedBytes }),
            ...(held === undefined || !peer.known
                ? {}
                : { commonSnapshots: commonSnapshotsOf(held, peer.record?.holds ?? []) }),
        },
    };
}

function understood(own: RoleRecord, configuration: StackConfiguration): Configuration {
    const { active, takeover, recoverTo, discard, lag, fullCopy, warnings, unprotect, unmanage } = configuration;
    const parsed = discard === undefined ? undefined : parseDiscard(discard);
    return {
        ...(unprotect === undefined ? {} : { unprotect }),
        ...(unmanage === undefined ? {} : { unmanage }),
        path: "applications[0]",
        item: application,
        site: own.site,
        peer: own.peer,
        active,
        acknowledgements: {
            ...(takeover === undefined ? {} : { takeover }),
            ...(recoverTo === undefined ? {} : { recoverTo }),
            ...(warnings === undefined ? {} : { warnings }),
            ...(parsed === undefined ? {} : { discard: parsed }),
            ...(lag === undefined ? {} : { lag }),
            ...(fullCopy === undefined ? {} : { fullCopy }),
        },
        maxLagSeconds,
    };
}

type ModelMeans = Omit<Site, "prerequisites" | "recordOf"> & { peerSeal: Seal };

function meansFor(world: World, site: ModelSite, gate: Gate, planner: Planner): ModelMeans {
    const driver = new ModelDriver(world, site, gate);
    const peer = world.peerOf(site).name;
    return {
        driver,
        claims: planner.claims(new ModelClaims(world, site, gate, planner.seal(world.seal, "claims"))),
        store: new RecordStore(
            clusterOf(world, site, gate, planner),
            { name: "record", namespace: "trident-dr" },
            { application, site: site.name, peer },
            world.seal,
            { place: { name: "record", namespace: application }, remove: () => removeEarlier(world, site, gate) },
        ),
        peerSeal: planner.seal(world.seal, "peer"),
        progress: () => undefined,
        signal: new AbortController().signal,
    };
}

/** As much of a cluster as keeps the record's ConfigMap. */
function clusterOf(world: World, site: ModelSite, gate: Gate, planner: Planner): Cluster {
    const reach = async () => {
        await gate();
        if (!site.alive) {
            throw new Error(`${site.name} does not answer`);
        }
    };
    const cluster: Pick<Cluster, "get" | "apply"> = {
        async get(_kind, { namespace }) {
            await reach();
            const record = namespace === application ? site.earlier : planner.stored(site);
            return record === undefined ? undefined : { ...nameless, metadata: { name: "record" }, data: { record } };
        },
        async apply(manifest: KubernetesObject) {
            await reach();
            const text = (manifest.data as Record<string, string>)["record"]!;
            const before = site.record === undefined ? undefined : (JSON.parse(site.record) as RoleRecord);
            const after = JSON.parse(text) as RoleRecord;
            if (before !== undefined && after.epoch < before.epoch) {
                world.violate("an epoch never goes back", `${site.name} from ${before.epoch} to ${after.epoch}`);
            }
            if (after.epoch >= forgedEpoch) {
                world.violate("what others wrote decides nothing", `${site.name} believes in epoch ${after.epoch}`);
            }
            world.changes++;
            site.record = text;
            return manifest;
        },
    };
    return cluster as Cluster;
}

async function removeEarlier(world: World, site: ModelSite, gate: Gate): Promise<void> {
    await gate();
    if (!site.alive) {
        throw new Error(`${site.name} does not answer`);
    }
    world.changes++;
    site.earlier = undefined;
}

/** No history comes to so many epochs: whoever is in one has believed what others wrote. */
export const forgedEpoch = 1000;

const nameless = { apiVersion: "v1", kind: "ConfigMap" };

/** What the outputs of the peer's stack say to a run at the site that begins now; `age` outputs ago, if stale. */
export function peerView(world: World, site: ModelSite, age = 0): PeerView {
    const { outputs } = world.peerOf(site);
    const record = outputs.at(-1 - age) ?? outputs[0];
    return { known: true, record };
}

export function recordAt(site: ModelSite, world: World): RoleRecord {
    return site.record === undefined
        ? emptyRecord(application, site.name, world.peerOf(site).name)
        : (JSON.parse(site.record) as RoleRecord);
}
