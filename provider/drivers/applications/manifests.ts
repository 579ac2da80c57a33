import type { KubernetesObject } from "../../clients/kubernetes/cluster";
import { kinds } from "../../clients/kubernetes/kinds";
import { namespaceMapping } from "../../roles/namespaces";
import { quotaName } from "../../roles/quotaName";
import { rightsLabel } from "../../roles/rightsLabel";
import { recordName } from "../../roles/recordName";
import { defined } from "../../support/defined";
import { type MergePatch, withMergePatch } from "../../support/mergePatch";
import { printable } from "../../support/printable";
import type { ApplicationSettings } from "./settings";

/** The part of the settings from which objects are declared. */
export type DeclaredSettings = Omit<
    ApplicationSettings,
    "cluster" | "ontap" | "tridentBackend" | "timeouts" | "promoteAnnotations" | "adopt" | "peerPatience"
>;

/** Put on each object that is ours. */
export const applicationLabel = "trident-dr.pulumi.com/application";

/** On a final snapshot that pods outlived: which ones. What they wrote after it is not in it. */
export const outlivedAnnotation = "trident-dr.pulumi.com/outlived-by";

/** Whether an object carries the label; a Schedule that somebody else made for the application does not. */
export function isOurs(object: KubernetesObject, applicationName: string): boolean {
    return object.metadata.labels?.[applicationLabel] === applicationName;
}

/** The Application to which a Schedule or an ExecHook belongs, where it is another one. It is nobody's to adopt. */
export function otherApplicationOf({ spec }: KubernetesObject, applicationName: string): string | undefined {
    const { applicationRef: found } = (spec ?? {}) as { applicationRef?: unknown };
    return typeof found === "string" && found !== applicationName ? printable(found) : undefined;
}

export function namespaceOf(settings: DeclaredSettings): string {
    return settings.namespaces[0]!;
}

/**
 * The Application: its namespaces, or what a label selector chooses of them, less our own record and quota. The record
 * says what this site is; carried over in a snapshot it would tell the other site that it is what this one was.
 */
export function applicationManifest(settings: DeclaredSettings): KubernetesObject {
    return manifest(kinds.application, settings, settings.application, {
        includedNamespaces: settings.namespaces.map((namespace) => ({
            namespace,
            ...defined({ labelSelector: settings.labelSelector }),
        })),
        ...defined({ includedClusterScopedResources: settings.includedClusterScopedResources }),
        resourceFilter: resourceFilter(settings),
    });
}

/** The base snapshot of an epoch: the first thing that a new mirror transfers. */
export function baseSnapshotManifest(settings: DeclaredSettings, epoch: number): KubernetesObject {
    return manifest(kinds.snapshot, settings, baseSnapshotName(settings.application, epoch), snapshotSpec(settings));
}

function snapshotSpec(settings: DeclaredSettings): Record<string, unknown> {
    const { snapshotTimeouts: timeouts = {}, snapshotReclaimPolicy: reclaimPolicy } = settings;
    return {
        applicationRef: settings.application,
        appVaultRef: settings.vaults[settings.site],
        ...defined({
            reclaimPolicy,
            completionTimeout: timeouts.completion,
            volumeSnapshotsCreatedTimeout: timeouts.volumeSnapshotsCreated,
            volumeSnapshotsReadyToUseTimeout: timeouts.volumeSnapshotsReadyToUse,
        }),
    };
}

export function baseSnapshotName(applicationName: string, epoch: number): string {
    return `${applicationName}-base-${epoch}`;
}

/** Takes the application down at this site and freezes what it wrote last: what a planned switch hands over. */
export function shutdownSnapshotManifest(settings: DeclaredSettings, name: string): KubernetesObject {
    return manifest(kinds.shutdownSnapshot, settings, name, snapshotSpec(settings));
}

export function finalSnapshotName(applicationName: string, epoch: number): string {
    return `${applicationName}-final-${epoch}`;
}

/** What a site had that was displaced by an epoch, kept before its workloads are stopped. */
export function displacedSnapshotName(applicationName: string, epoch: number, attempt: number): string {
    return `${applicationName}-aside-${epoch}${attempt === 1 ? "" : `-${attempt}`}`;
}

/** The epoch for which one of the objects above was made; undefined for what is not ours. */
export function epochOfName(applicationName: string, name: string): number | undefined {
    const rest = name.startsWith(`${applicationName}-`) ? name.slice(applicationName.length + 1) : "";
    const match = /^(?:base|final|aside|restore)-(\d+)(?:-\d+)?$/.exec(rest);
    return match === null ? undefined : Number(match[1]);
}

/** Keeps pods from starting in one of the application's namespaces. */
export function quotaManifest(settings: DeclaredSettings, namespace: string): KubernetesObject {
    const made = manifest(kinds.resourceQuota, settings, quotaName(settings.application), { hard: { pods: "0" } });
    return { ...made, metadata: { ...made.metadata, namespace } };
}

/**
 * Brings an application's objects back as an archive in the own vault has them. Its volumes are left as they are: what
 * they hold is what was written last, and an array that has mirrored them since does not put them back (ONTAP refuses
 * while a later snapshot is SnapMirror's own).
 */
export function restoreManifest(settings: DeclaredSettings, epoch: number, archivePath: string): KubernetesObject {
    return manifest(kinds.snapshotInplaceRestore, settings, restoreName(settings.application, epoch), {
        appVaultRef: settings.vaults[settings.site],
        appArchivePath: archivePath,
        resourceFilter: {
            resourceSelectionCriteria: "Exclude",
            resourceMatchers: ["PersistentVolumeClaim", "PersistentVolume"].map((kind) => ({
                group: "",
                version: "v1",
                kind,
            })),
        },
    });
}

export function restoreName(applicationName: string, epoch: number): string {
    return `${applicationName}-restore-${epoch}`;
}

/** What a role keeps of an application while it has it. Of the mirror's source nothing is known before there is one. */
export function keptManifests(settings: DeclaredSettings): KubernetesObject[] {
    return [applicationManifest(settings), ...scheduleManifests(settings), mirrorManifest(settings, "")];
}

/** What the Schedules are for, in the order of their manifests. */
export function scheduleParts({ schedules = [] }: DeclaredSettings): string[] {
    return ["replication", "daily", ...schedules.map(({ name }) => `further-${name}`)];
}

/**
 * The replication Schedule, a daily one that keeps snapshots for days, so that a site that was down for that long still has
 * one in common (docs/facts/trident-protect.md#schedules), and those that the user wants beside them.
 */
export function scheduleManifests(settings: DeclaredSettings): KubernetesObject[] {
    const common = {
        applicationRef: settings.application,
        appVaultRef: settings.vaults[settings.site],
        backupRetention: "0",
        enabled: true,
        ...defined({ snapshotReclaimPolicy: settings.snapshotReclaimPolicy }),
    };
    return [
        manifest(kinds.schedule, settings, settings.names?.schedule ?? `${settings.application}-replication`, {
            ...common,
            granularity: "Custom",
            recurrenceRule: settings.recurrence.snapshot,
            snapshotRetention: String(settings.snapshotRetention),
        }),
        manifest(kinds.schedule, settings, settings.names?.daily ?? `${settings.application}-daily`, {
            ...common,
            granularity: "Daily",
            hour: settings.daily.hour,
            minute: settings.daily.minute,
            snapshotRetention: String(settings.daily.keep),
        }),
        ...(settings.schedules ?? []).map(({ name, vault = settings.site, spec }) =>
            manifest(kinds.schedule, settings, name, { ...common, appVaultRef: settings.vaults[vault], ...spec }),
        ),
    ];
}

/** Minutes that a hook has where nothing is declared: Trident Protect's own default. */
export const defaultHookTimeout = 25;

/** Its ExecHooks. Each field is given, so that what somebody else changed is put back. */
export function hookManifests(settings: DeclaredSettings): KubernetesObject[] {
    return (settings.hooks ?? []).map((hook) =>
        manifest(kinds.execHook, settings, hook.name, {
            applicationRef: settings.application,
            action: hook.action,
            stage: hook.stage,
            enabled: true,
            hookSource: Buffer.from(hook.source, "utf8").toString("base64"),
            timeout: hook.timeout ?? defaultHookTimeout,
            arguments: [...(hook.arguments ?? [])],
            matchingCriteria: (hook.matchingCriteria ?? []).map(({ type, value }) => ({ type, value })),
        }),
    );
}

export function mirrorNameOf({ application, names }: Pick<DeclaredSettings, "application" | "names">): string {
    return names?.mirror ?? application;
}

/** The AppMirrorRelationship at the standby site, from the peer's vault into the own one. */
export function mirrorManifest(settings: DeclaredSettings, sourceUid: string): KubernetesObject {
    return manifest(kinds.appMirror, settings, mirrorNameOf(settings), {
        desiredState: "Established",
        sourceAppVaultRef: settings.vaults[settings.peer],
        destinationAppVaultRef: settings.vaults[settings.site],
        sourceApplicationName: settings.application,
        sourceApplicationUID: sourceUid,
        namespaceMapping: namespaceMapping(settings),
        storageClassName: settings.storageClass,
        ...defined({ transformations: settings.transformations, transformationsRef: settings.transformationsRef }),
        recurrenceRule: settings.recurrence.mirror,
    });
}

function manifest(
    kind: { apiVersion: string; kind: string },
    settings: DeclaredSettings,
    name: string,
    spec: Record<string, unknown>,
): KubernetesObject {
    const declared = {
        apiVersion: kind.apiVersion,
        kind: kind.kind,
        metadata: {
            name,
            namespace: namespaceOf(settings),
            labels: { [applicationLabel]: settings.application },
        },
        spec,
    };
    return withMergePatch(declared, changeOf(settings, declared));
}

/** What the user's `transform` changes of an object. */
export function changeOf(
    { transformed }: Pick<DeclaredSettings, "transformed">,
    { kind, metadata }: Pick<KubernetesObject, "kind" | "metadata">,
): MergePatch | undefined {
    return transformed?.[`${kind} ${metadata.name}`];
}

function resourceFilter(settings: DeclaredSettings): Record<string, unknown> {
    const own = [
        { group: "", version: "v1", kind: "ConfigMap", names: [recordName(settings.application)] },
        // A ShutdownSnapshot would delete it, and a promotion would keep pods from starting at the other site.
        { group: "", version: "v1", kind: "ResourceQuota", names: [quotaName(settings.application)] },
        // Without them the run that stops the application could not even say so.
        ...["Role", "RoleBinding"].map((kind) => ({
            group: "rbac.authorization.k8s.io",
            version: "v1",
            kind,
            labelSelectors: [`${rightsLabel.name}=${rightsLabel.value}`],
        })),
    ];
    const given = settings.resourceFilter;
    if (given === undefined) {
        return { resourceSelectionCriteria: "Exclude", resourceMatchers: own };
    }
    // Where only what is listed is included, the record is left out unless it is listed.
    return given["resourceSelectionCriteria"] === "Exclude"
        ? { ...given, resourceMatchers: [...((given["resourceMatchers"] as unknown[] | undefined) ?? []), ...own] }
        : { ...given };
}
