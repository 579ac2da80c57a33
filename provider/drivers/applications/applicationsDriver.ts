import type {
    ArchivedPoint,
    HandOverToken,
    HeldVolume,
    RecoveryPoint,
    RoleRecord,
    Unreplicated,
} from "../../roles/record";
import type { Observed, OtherClass } from "../../roles/situation";
import type { SourceRecord } from "../../roles/steps";
import { defined } from "../../support/defined";
import type { Action } from "../action";
import type { ArrayReport, Driver, DriverStep, Facts, SiteView } from "../driver";
import { faultsOn, shownOf, spaceOf, type Survey, unmirrorable, warningsOn } from "./arrayReport";
import type { ClaimedVolumes } from "./claimedVolumes";
import type { ApplicationContext } from "./context";
import { archivedPoints, isArchived } from "./archivedPoints";
import { otherClasses, readVolumeClaims } from "./claims";
import { awaitCopy, copyUnderWay } from "./copy";
import { declareApplication } from "./declare";
import { adoptObjects, disownObjects, foreignObjects, mappedOtherwise } from "./foreign";
import { lackingAfterPromotion, requireHandedOver } from "./handedOver";
import { tellHooks, troubleWithHooks } from "./hookRuns";
import { declareHooks, deleteHooks } from "./hooks";
import { replicationLag } from "./lag";
import { leftOutByLabels } from "./leftOut";
import { finalSnapshotName, namespaceOf } from "./manifests";
import { establishMirror, promote, removeMirror } from "./mirror";
import { type ApplicationState, completeBase, isComplete, observedOf, type Part, readState } from "./observe";
import { allowPods, barrierOf, forbidPods } from "./podBarrier";
import { deleteSchedules, startSchedules, stopSchedules } from "./schedules";
import { newestWarned, warnedFinals } from "./snapshotWarnings";
import { forgetSnapshots, restoreApplication, stopWorkloads, takeBaseSnapshot, takeFinalSnapshot } from "./snapshots";

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
        return new ApplicationView(this.context, this.reporting, await readState(this.context), looked);
    }
}

/** One application at its site, as it was when it was read. */
export class ApplicationView implements SiteView {
    constructor(
        private readonly context: ApplicationContext,
        private readonly reporting: ClaimedVolumes,
        private readonly state: ApplicationState,
        private readonly looked?: Promise<Look>,
    ) {}

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
        const { context, state } = this;
        switch (step.do) {
            case "adopt-objects":
                return adoptObjects(context, state);
            case "disown-objects":
                return disownObjects(context, state);
            case "declare-application":
                return declareApplication(context, state);
            case "declare-hooks":
                return declareHooks(context, state);
            case "delete-hooks":
                return deleteHooks(context, state, step.adopted);
            case "take-base-snapshot":
                return takeBaseSnapshot(context, state, step.epoch);
            case "start-schedules":
                return startSchedules(context, state);
            case "stop-schedules":
                return stopSchedules(context, state);
            case "delete-schedules":
                return deleteSchedules(context, state, step.adopted);
            case "forbid-pods":
                return forbidPods(context, state);
            case "allow-pods":
                return allowPods(context, state);
            case "take-shutdown-snapshot":
                return takeFinalSnapshot(context, state, step);
            case "stop-workloads":
                return stopWorkloads(context, state, step.epoch);
            case "restore-application":
                return restoreApplication(context, state, step);
            case "forget-snapshots":
                return forgetSnapshots(context, state, step.before);
            case "establish-mirror":
                return establishMirror(context, state, step.sourceUid, step.way);
            case "await-copy":
                return awaitCopy(context, state, step.sourceUid);
            case "release-replaced":
                // What is remembered of volumes of Trident's is released once they are mirrored (`release-sources`).
                return [];
            case "promote": {
                const point = step.token?.finalSnapshot ?? step.point?.folder;
                const promotion = promote(context, state, point, step.point !== undefined);
                return [
                    ...promotion,
                    ...(promotion.length === 0 ? [] : tellHooks(context)),
                    ...requireHandedOver(context, state, step.token),
                ];
            }
            case "remove-mirror":
                return removeMirror(context, state);
            case "verify-writable":
                return this.verifyWritable();
            case "verify-unmirrored":
                return this.verifyUnmirrored();
            case "release-sources":
                return step.sources.map((source) => this.release(source));
            case "tidy-up":
                return [];
        }
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

    async after(step: DriverStep): Promise<ApplicationView> {
        const parts = touchedBy[step.do];
        const state = parts.length === 0 ? this.state : await readState(this.context, parts, this.state);
        return new ApplicationView(this.context, this.reporting, state);
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

    private verifyWritable(): Action[] {
        const { settings, volumes } = this.context;
        return [
            {
                call: `GET /storage/volumes, /snapmirror/relationships of ${settings.site}: every volume is rw, no mirror leads into it`,
                effect: "read",
                run: () => volumes.requireWritable(),
            },
        ];
    }

    private verifyUnmirrored(): Action[] {
        const { settings, volumes } = this.context;
        return [
            {
                call: `GET /snapmirror/relationships of ${settings.site}: none into its volumes`,
                effect: "read",
                run: () => volumes.requireUnmirrored(),
            },
        ];
    }

    private release(source: SourceRecord): Action {
        return {
            call: `DELETE /snapmirror/relationships/{${source.source}}: what the array remembers of it as the source of ${source.destination}`,
            effect: "write",
            run: () => this.context.volumes.release(source),
        };
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

/** What keeps pods from starting. */
const barrier = ["quotas", "podPolicy"] as const;

/** What of the state a step can have changed, by itself or through Trident Protect. */
const touchedBy: Readonly<Record<DriverStep["do"], readonly Part[]>> = {
    "adopt-objects": ["application", "schedules", "hooks", "mirror"],
    "disown-objects": ["application", "schedules", "hooks", "mirror"],
    "declare-application": ["application"],
    "declare-hooks": ["hooks"],
    "delete-hooks": ["hooks"],
    "take-base-snapshot": ["snapshots"],
    "start-schedules": ["schedules"],
    "stop-schedules": ["schedules"],
    "delete-schedules": ["schedules"],
    "forbid-pods": [...barrier],
    "allow-pods": [...barrier],
    "take-shutdown-snapshot": ["application", "shutdownSnapshots", "workloads", ...barrier],
    "stop-workloads": ["application", "shutdownSnapshots", "workloads", ...barrier],
    "restore-application": [...barrier, "restores", "workloads", "shutdownSnapshots", "schedules", "hooks"],
    "forget-snapshots": ["snapshots", "shutdownSnapshots", "restores"],
    "establish-mirror": ["application", "mirror", "workloads", "schedules", "hooks"],
    "await-copy": ["application", "mirror", "workloads", "schedules", "hooks"],
    "release-replaced": [],
    promote: ["application", ...barrier, "mirror", "workloads", "schedules", "hooks"],
    "remove-mirror": ["application", "mirror"],
    "verify-writable": [],
    "verify-unmirrored": [],
    "release-sources": [],
    "tidy-up": [],
};
