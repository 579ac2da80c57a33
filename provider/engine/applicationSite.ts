import { OntapClient } from "../clients/ontap";
import { ApplicationsDriver } from "../drivers/applications/applicationsDriver";
import { ClaimedVolumes } from "../drivers/applications/claimedVolumes";
import { namespaceOf } from "../drivers/applications/manifests";
import type { ApplicationSettings } from "../drivers/applications/settings";
import { timeoutsOf } from "./timeouts";
import { copyProgress } from "./copyProgress";
import { EpochClaims } from "./epochClaims";
import { defined } from "../support/defined";
import { parseJson } from "../support/json";
import type { MergePatch } from "../support/mergePatch";
import type { ApplicationInputs } from "./inputs";
import { Prerequisites } from "./prerequisites";
import { otherRecord, recordStoreOf } from "./recordStore";
import { patienceWithPeer } from "./peerVault";
import { accountLookup } from "../process/accountSecret";
import { permissionsOf, type RoleAccess } from "../roles/permissions";
import type { Servers } from "./servers";
import type { RunContext, Site } from "./site";
import { Rights } from "./rights";
import { SiteMarker } from "./siteMarker";
import { TakeoverBundle } from "./takeoverBundle";
import { TakeoverNeeds } from "./takeoverNeeds";
import { Versions } from "./versions";

/** Milliseconds for each request to an array that no step depends on. */
const reportBudget = 8_000;

/** What keeps the pods of a selected application from starting is a kind that older ones do not have. */
const forLabelSelectors = { oldest: "1.30", why: "for an application with a labelSelector" };

/** A site as it is for an application of Trident Protect. */
export function applicationSite(run: RunContext, inputs: ApplicationInputs, servers: Servers): Site {
    const { application, site } = inputs;
    const { interrupted: signal, silence } = run;
    const credentials = run.credentials.in(inputs.configNamespace);
    const seal = credentials.seal(site);
    const settings = settingsOf(inputs, patienceWithPeer(inputs, seal));
    const cluster = servers.cluster(site, credentials.cluster(site, inputs.cluster));
    const before = namespaceOf(settings);
    const array = { site, endpoint: settings.ontap.endpoint };
    const account = accountLookup(inputs.ontap.accountSecret, cluster);
    const open = () => new OntapClient({ ...array, credentials: credentials.ontap(site, account) });
    const volumes = new ClaimedVolumes(cluster, settings, servers.array(array, open));
    const reporting = new ClaimedVolumes(cluster, settings, servers.array(array, open, reportBudget));
    const shown = new ClaimedVolumes(cluster, settings, servers.shownArray(array, open, reportBudget));
    const howFar = () => copyProgress(shown, inputs, seal);
    const prerequisites = new Prerequisites(
        cluster,
        {
            ...settings,
            tridentBackend: inputs.tridentBackend,
            ...defined({ existing: inputs.access?.existing?.objects }),
        },
        signal,
    );
    return {
        driver: new ApplicationsDriver(
            { cluster, settings, volumes, signal, silence, archives: servers.archives, howFar },
            reporting,
        ),
        claims: EpochClaims.inBuckets(cluster, settings, seal, silence),
        store: recordStoreOf(cluster, inputs, inputs.recordNamespace ?? before, seal, before),
        recordOf: (place) => otherRecord(cluster, inputs, place, seal),
        prerequisites,
        needs: new TakeoverNeeds({
            ...settings,
            cluster,
            prerequisites,
            svm: settings.ontap.svm,
            array: () => open().within(reportBudget),
            pods: settings,
        }),
        marker: new SiteMarker(cluster, {
            ...settings,
            ...(inputs.sharedCluster === true ? { sharedBy: inputs.namespaces } : {}),
        }),
        // In the application's own namespace, where earlier versions kept the record, a mirror would carry it away.
        ...(inputs.recordNamespace === undefined
            ? {}
            : { bundle: new TakeoverBundle(cluster, inputs, inputs.recordNamespace, seal) }),
        versions: new Versions({
            cluster,
            trident: tridentNamespaceOf(inputs),
            array: () => servers.clusterOf(array, () => open().within(reportBudget).cluster()),
            ...(settings.labelSelector && { kubernetes: forLabelSelectors }),
        }),
        ...(servers.forNotes ? { rights: new Rights(cluster, permissionsOf(accessOf(inputs, settings))) } : {}),
        progress: (line) => run.log(`${application} at ${site}: ${line}`),
        signal,
    };
}

function settingsOf(inputs: ApplicationInputs, peerPatience: number): ApplicationSettings {
    return {
        application: inputs.application,
        site: inputs.site,
        peer: inputs.peerSite,
        cluster: inputs.cluster,
        namespaces: inputs.namespaces,
        vaults: inputs.vaults,
        protectNamespace: inputs.protectNamespace ?? "trident-protect",
        storageClass: inputs.storageClass,
        recurrence: inputs.recurrence,
        snapshotRetention: inputs.snapshotRetention ?? 2,
        daily: inputs.daily,
        schedules: inputs.schedules,
        resourceFilter: inputs.resourceFilter,
        ...defined({
            peerNamespaces: inputs.peerNamespaces,
            labelSelector: inputs.labelSelector,
            promoteAnnotations: inputs.promoteAnnotations,
            names: inputs.names,
            adopt: inputs.adopt,
            transformed: patchesOf(inputs.transformed),
            hooks: inputs.hooks,
            includedClusterScopedResources: inputs.includedClusterScopedResources,
            transformations: inputs.transformations,
            transformationsRef: inputs.transformationsRef,
            snapshotTimeouts: inputs.snapshotTimeouts,
            snapshotReclaimPolicy: inputs.snapshotReclaimPolicy,
        }),
        ontap: inputs.ontap,
        tridentBackend: inputs.tridentBackend,
        timeouts: timeoutsOf(inputs),
        peerPatience,
    };
}

function patchesOf(texts: ApplicationInputs["transformed"]): ApplicationSettings["transformed"] {
    return (
        texts &&
        Object.fromEntries(Object.entries(texts).map(([object, text]) => [object, parseJson(text) as MergePatch]))
    );
}

/** What the application's rights depend on. Which vault has a Secret is known to whoever declares it alone. */
function accessOf(
    inputs: ApplicationInputs,
    { protectNamespace, labelSelector }: Pick<ApplicationSettings, "protectNamespace" | "labelSelector">,
): RoleAccess {
    const { application, namespaces, recordNamespace, site, peerSite, storageClass, vaults, access } = inputs;
    const hooks = inputs.hooks?.map(({ action }) => action);
    return {
        ...defined({ ...access }),
        sites: [site, peerSite],
        vaultNames: vaults,
        sitesWithCredentials: [],
        applications: [
            { name: application, namespaces, ...defined({ hooks }), ...(labelSelector && { selected: true }) },
        ],
        recordNamespace: recordNamespace ?? namespaces[0]!,
        volumes: [],
        storageClass,
        protectNamespace,
        tridentNamespace: tridentNamespaceOf(inputs),
        ...(inputs.sharedCluster === true ? { sharedCluster: site } : {}),
    };
}

function tridentNamespaceOf({ tridentBackend }: ApplicationInputs): string {
    return tridentBackend?.namespace ?? "trident";
}
