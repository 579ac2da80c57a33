/** Disaster recovery for Kubernetes applications on NetApp storage, as code: the components that a program uses. */
export type { AcknowledgementArgs } from "./components/acknowledgements";
export type {
    ClusterScopedResource,
    LabelExpression,
    LabelSelector,
    SnapshotTimeouts,
    Transformation,
    TransformationOperation,
    TransformationsRef,
} from "./components/applicationFields";
export { AppVaults, type AppVaultsArgs } from "./components/appVaults";
export {
    type DailyArgs,
    type ObjectNames,
    MirroredApplication,
    type MirroredApplicationArgs,
    type ResourceFilter,
    type ResourceMatcher,
} from "./components/mirroredApplication";
export type { HookArgs, HookCriterion, RecipeHookArgs, ScriptHookArgs } from "./components/hooks/hooks";
export type { RoleArgs, RoleTimeouts } from "./components/role";
export type { CronTimes } from "./components/schedules/cron";
export { type Fence, MirroredVolumes, type MirroredVolumesArgs } from "./components/mirroredVolumes";
export {
    OntapBackend,
    type OntapBackendArgs,
    type OntapPeerArgs,
    type PeeringTimeouts,
} from "./components/ontapBackend";
export type { NamedStorageClassArgs, SnapshotClassArgs, StorageClassArgs } from "./components/storage/classes";
export type { ExistingArgs } from "./components/storage/existing";
export type { MoreBackendArgs, MoreStorage } from "./components/storage/moreBackends";
export type { NasOptions, PoolOptions, VolumeDefaults } from "./components/storage/nasOptions";
export type { TridentBackendArgs } from "./components/storage/backendArgs";
export type { OntapCredentialsArgs } from "./components/storage/tridentBackend";
export type { DeclaredAccess } from "./components/permissions/declaredAccess";
export { permissionManifests, type Subject } from "./components/permissions/manifests";
export { InvalidInput, type Problem } from "./components/validation/problems";
export type { DataMover, Granularity, ReclaimPolicy, ScheduleArgs } from "./components/schedules/further";
export { every, type MirrorSchedule, type TimeUnit } from "./components/schedules/recurrence";
export {
    type ApplicationSettings,
    loadSettings,
    type Settings,
    type VolumesSettings,
} from "./components/settings/loadSettings";
export type { SitePairOutputs } from "./components/publication";
export { type ClusterArgs, SitePair, type SitePairArgs } from "./components/sitePair";
export type { Transform, TransformedManifest } from "./components/transform/transform";
export { AwsBucket, type AwsBucketArgs, type AwsBucketPlace } from "./components/vaults/awsBucket";
export type { ExistingVaultArgs } from "./components/vaults/existingVault";
export type { SiteVaultArgs, VaultArgs, VaultCredentials, VaultType } from "./components/vaults/vault";
