import type {
    ArchivedPoint,
    HandOverToken,
    HeldVolume,
    RecoveryPoint,
    RoleRecord,
    Unreplicated,
} from "../../roles/record";
import type { Observed, OtherClass } from "../../roles/situation";
import type { SourceRecord, Step } from "../../roles/steps";
import { defined } from "../../support/defined";
import { span } from "../../support/trace";
import type { Action } from "../action";
import {
    type ArrayReport,
    type Driver,
    type DriverStep,
    type Facts,
    isDriverStep,
    type ShownReport,
    type SiteView,
} from "../driver";
import { faultsOn, shownOf, spaceOf, type Survey, unmirrorable, warningsOn } from "./arrayReport";
import type { ClaimedVolumes } from "./claimedVolumes";
import type { ApplicationContext } from "./context";
import { archivedPoints, isArchived } from "./archivedPoints";
import { otherClasses, readVolumeClaims } from "./claims";
import { copyUnderWay } from "./copy";
import { foreignObjects, mappedOtherwise } from "./foreign";
import { lackingAfterPromotion } from "./handedOver";
import { troubleWithHooks } from "./hookRuns";
import { replicationLag } from "./lag";
import { leftOutByLabels } from "./leftOut";
import { finalSnapshotName, namespaceOf } from "./manifests";
import { type ApplicationState, completeBase, isComplete, observedOf, type Part, readState } from "./observe";
import { barrierOf } from "./podBarrier";
import { newestWarned, warnedFinals } from "./snapshotWarnings";
import { actionsOf, goesBy, touchedBy } from "./steps";

/** The steps of the role machine by Trident Protect's resources, checked on the array. */
export class ApplicationsDriver implements Driver {
    /** @param reporting the same volumes, asked with a short budget for what no step depends on */
    constructor(
        private readonly context: ApplicationContext,
        private readonly reporting: ClaimedVolumes,
    ) {}

    /** The array is asked meanwhile: where the other site is dead, its vault takes a second not to answer. */
    async observe(): Promise<ApplicationView> {
        const looked = lookAtArray(this.context, this.reporting);
        // Whoever needs the report learns what went wrong.
        looked.catch(() => undefined);
        return new ApplicationView(this.context, this.reporting, await readState(this.context), { looked });
    }
}

/** One application at its site, as it was when it was read. */
export class ApplicationView implements SiteView {
    private readonly looked: Promise<Look> | undefined;
    /** What steps can have changed since it was read. */
    private readonly stale: ReadonlySet<Part>;

    constructor(
        private readonly context: ApplicationContext,
        private readonly reporting: ClaimedVolumes,
        private readonly state: ApplicationState,
        { looked, stale = new Set() }: { looked?: Promise<Look>; stale?: ReadonlySet<Part> } = {},
    ) {
        this.looked = looked;
        this.stale = stale;
    }

    get observed(): Observed {
        const { settings } = this.context;
        const found = mappedOtherwise(this.state, settings);
        return {
            ...observedOf(this.state, settings),
            barrier: barrierOf(this.state, settings),
            warned: warnedFinals(this.state.shutdownSnapshots, settings.application),
            foreignObjects: foreignObjects(this.state, settings),
            ...(found.length === 0 ? {} : { foreign: { found, adopt: true } }),
            ...(settings.adopt === true ? { adopts: true as const } : {}),
            ...(settings.hooks === undefined ? {} : { declaresHooks: true as const }),
        };
    }

    actions(step: DriverStep): Action[] {
        return actionsOf(this.context, this.state, step);
    }

    facts(epoch: number): Facts {
        const base = completeBase(this.state, this.context.settings, epoch);
        const applicationUid = this.state.application?.metadata.uid;
        const token = this.tokenOf(epoch);
        return {
            ...(applicationUid === undefined ? {} : { applicationUid }),
            ...(base === undefined ? {} : { baseSnapshot: base.name }),
            ...(token === undefined ? {} : { token }),
        };
    }

    after(step: DriverStep): ApplicationView {
        const stale = new Set([...this.stale, ...touchedBy(step)]);
        return new ApplicationView(this.context, this.reporting, this.state, { stale });
    }

    freshFor(step: Step): Promise<ApplicationView> {
        return this.fresh(isDriverStep(step) ? goesBy(step) : step.do === "record" ? factParts : []);
    }

    replicationLag(): Promise<number | undefined> {
        return replicationLag(this.context, new Date());
    }

    heldSnapshots(): Promise<HeldVolume[] | undefined> {
        return this.context.volumes.heldSnapshots().catch(() => undefined);
    }

    async otherClasses(): Promise<ReadonlyMap<string, OtherClass>> {
        return otherClasses(await readVolumeClaims(this.context.cluster, this.context.settings), this.context.settings);
    }

    copies(): Promise<readonly string[]> {
        return this.state.mirror === undefined ? this.context.volumes.writable() : Promise.resolve([]);
    }

    points(): Promise<readonly ArchivedPoint[] | undefined> {
        const { cluster, settings, volumes } = this.context;
        const uid = this.state.application?.metadata.uid;
        return uid === undefined
            ? Promise.resolve(undefined)
            : archivedPoints(cluster, settings, uid, volumes).catch(() => undefined);
    }

    handedOver(token: HandOverToken): Promise<boolean | undefined> {
        const { cluster, settings } = this.context;
        return isArchived(cluster, settings, token).catch(() => undefined);
    }

    lacking(token: HandOverToken): Promise<readonly string[] | undefined> {
        return lackingAfterPromotion(this.context, this.state, token).catch(() => undefined);
    }

    sources(): Promise<readonly SourceRecord[]> {
        return this.context.volumes.sources();
    }

    async unreplicated(since: RecoveryPoint | undefined): Promise<Unreplicated> {
        const bytes =
            since === undefined ? undefined : await this.context.volumes.changedSince(since).catch(() => undefined);
        const now = new Date();
        return {
            countedAt: now.toISOString(),
            ...(since === undefined ? {} : { since, seconds: (now.getTime() - Date.parse(since.takenAt)) / 1000 }),
            ...(bytes === undefined ? {} : { bytes }),
        };
    }

    changedBytes(since: RecoveryPoint): Promise<number | undefined> {
        return this.context.volumes.changedSince(since).catch(() => undefined);
    }

    async arrayReport(): Promise<ArrayReport> {
        const { application, site, peer: peerSite } = this.context.settings;
        const namespace = namespaceOf(this.context.settings);
        try {
            const { survey, hooks } = await (this.looked ?? lookAtArray(this.context, this.reporting));
            const copy = copyUnderWay(this.state.mirror, survey);
            const establishing = copy !== undefined;
            const named = { application, namespace, site, peerSite, establishing };
            const ofService = ({ role }: RoleRecord) =>
                role === "active" ? [...newestWarned(this.state, this.context.settings), ...hooks] : [];
            return {
                shown: { array: shownOf(survey) },
                sources: survey.volumes.flatMap(({ outOf }) => outOf),
                ...defined({ copy }),
                unmirrorable: unmirrorable(survey),
                space: spaceOf(survey),
                warnings: (own, peer, maxLagSeconds) => [
                    ...warningsOn(survey, { ...named, own, peer, maxLagSeconds }),
                    ...leftOutByLabels(this.state, survey, this.context.settings, own),
                    ...ofService(own),
                ],
                faults: (own, peer, maxLagSeconds) => [
                    ...faultsOn(survey, { ...named, own, peer, maxLagSeconds }),
                    ...ofService(own).map((what) => ({ what, endangers: false })),
                ],
            };
        } catch (error) {
            const why = error instanceof Error ? error.message : String(error);
            const copy = copyUnderWay(this.state.mirror, undefined);
            return {
                shown: {},
                sources: undefined,
                ...defined({ copy }),
                warnings: () => [`not checked: ${why}`],
                unknown: why,
            };
        }
    }

    async shown(): Promise<ShownReport> {
        const [{ state }, survey] = await Promise.all([
            this.fresh(["mirror"]).catch(() => this),
            this.reporting.survey().catch(() => undefined),
        ]);
        return {
            shown: survey === undefined ? {} : { array: shownOf(survey) },
            ...defined({ copy: copyUnderWay(state.mirror, survey) }),
        };
    }

    /** Complete only with the archive's folder: its basename is what the other site promotes. */
    private tokenOf(epoch: number): HandOverToken | undefined {
        const { application, site, peer } = this.context.settings;
        const name = finalSnapshotName(application, epoch);
        const final = this.state.shutdownSnapshots.find((item) => item.name === name);
        const applicationUid = this.state.application?.metadata.uid;
        const isFinal = final !== undefined && isComplete(final) && final.outlivedBy === undefined;
        if (!isFinal || applicationUid === undefined) {
            return undefined;
        }
        return {
            application,
            epoch,
            from: site,
            to: peer,
            finalSnapshot: final.archivePath.split("/").at(-1)!,
            archivePath: final.archivePath,
            applicationUid,
            time: final.createdAt,
        };
    }

    /** Reads again what a step can have changed. */
    private async fresh(parts: readonly Part[]): Promise<ApplicationView> {
        const { context, reporting, stale } = this;
        const due = parts.filter((part) => stale.has(part));
        if (due.length === 0) {
            return this;
        }
        const state = await span("read again", "inspection", {}, () => readState(context, due, this.state));
        const left = new Set([...stale].filter((part) => !due.includes(part)));
        return new ApplicationView(context, reporting, state, { stale: left });
    }
}

/** What a report of the array is made of. */
interface Look {
    survey: Survey;
    /** What is wrong with hooks that ran. */
    hooks: readonly string[];
}

async function lookAtArray(context: ApplicationContext, reporting: ClaimedVolumes): Promise<Look> {
    const [survey, hooks] = await Promise.all([reporting.survey(), troubleWithHooks(context)]);
    return { survey, hooks };
}

/** What a record keeps of a site is found there. */
const factParts: readonly Part[] = ["application", "snapshots", "shutdownSnapshots"];
