import { OntapClient } from "../clients/ontap";
import type { OtherSite, VolumesSettings } from "../drivers/volumes/settings";
import { VolumesDriver } from "../drivers/volumes/volumesDriver";
import { accountLookup } from "../process/accountSecret";
import { permissionsOf } from "../roles/permissions";
import type { RoleRecord } from "../roles/record";
import { defined } from "../support/defined";
import { timeoutsOf } from "./timeouts";
import { noClaims } from "./claims";
import { EpochClaims } from "./epochClaims";
import type { VolumesInputs } from "./inputs";
import { Prerequisites } from "./prerequisites";
import { otherRecord, recordStoreOf } from "./recordStore";
import { Rights } from "./rights";
import type { Servers } from "./servers";
import type { RunContext, Site } from "./site";
import { TakeoverBundle } from "./takeoverBundle";
import { TakeoverNeeds } from "./takeoverNeeds";
import { Versions } from "./versions";

/** Milliseconds for what no step depends on. */
const reportBudget = 8_000;

/** A site as it is for a group of mirrored volumes. `other` is the other site's record, as far as it is known. */
export function volumesSite(
    run: RunContext,
    inputs: VolumesInputs,
    other: RoleRecord | undefined,
    servers: Servers,
): Site {
    const { application, site, ontap, vaults } = inputs;
    const protectNamespace = inputs.protectNamespace ?? "trident-protect";
    const signal = run.interrupted;
    const credentials = run.credentials.in(inputs.configNamespace);
    const seal = credentials.seal(site);
    const cluster = servers.cluster(site, credentials.cluster(site, inputs.cluster));
    const client = new OntapClient({
        site,
        endpoint: ontap.endpoint,
        credentials: credentials.ontap(site, accountLookup(ontap.accountSecret, cluster)),
        signal,
    });
    const prerequisites = new Prerequisites(
        cluster,
        {
            site,
            protectNamespace,
            vaults: vaults ?? {},
            tridentBackend: undefined,
            ...defined({ existing: inputs.access?.existing?.objects }),
        },
        signal,
    );
    return {
        driver: new VolumesDriver({ client, settings: settingsOf(inputs, other), signal }),
        claims:
            vaults === undefined
                ? noClaims
                : EpochClaims.inBuckets(cluster, { application, site, protectNamespace, vaults }, seal, run.silence),
        store: recordStoreOf(cluster, inputs, inputs.recordNamespace, seal),
        recordOf: (place) => otherRecord(cluster, inputs, place, seal),
        prerequisites,
        needs: new TakeoverNeeds({
            cluster,
            prerequisites,
            protectNamespace,
            vaults: vaults ?? {},
            svm: ontap.svm,
            array: () => client.within(reportBudget),
        }),
        versions: new Versions({
            cluster,
            trident: undefined,
            array: () =>
                servers.clusterOf({ site, endpoint: ontap.endpoint }, () => client.within(reportBudget).cluster()),
        }),
        bundle: new TakeoverBundle(cluster, inputs, inputs.recordNamespace, seal),
        ...(servers.forNotes ? { rights: new Rights(cluster, rightsOf(inputs)) } : {}),
        progress: (line) => run.log(`${application} at ${site}: ${line}`),
        signal,
    };
}

/** What a record of the other site says that the driver goes by. */
export function otherSite(record: RoleRecord | undefined): OtherSite | undefined {
    return (
        record && {
            role: record.role,
            epoch: record.epoch,
            mirrorKept: record.mirrorKept === true,
            applicationUid: record.applicationUid,
            holds: record.holds,
        }
    );
}

function settingsOf(inputs: VolumesInputs, other: RoleRecord | undefined): VolumesSettings {
    const { application, site, peerSite, ontap, peerSvm, volumes, policy, schedule, fence, fencePolicy } = inputs;
    return {
        application,
        site,
        peer: peerSite,
        svm: ontap.svm,
        peerSvm,
        volumes,
        policy,
        schedule,
        fence,
        fencePolicy,
        exportPolicy: inputs.exportPolicy,
        junctionPaths: inputs.junctionPaths,
        adopt: inputs.adopt,
        other: otherSite(other),
        timeouts: timeoutsOf(inputs),
    };
}

/**
 * What a group of volumes needs at the cluster: its record, the vaults in which its epochs are claimed, and the account
 * of the array where it is there.
 */
function rightsOf(inputs: VolumesInputs) {
    const { application, site, peerSite, recordNamespace, vaults, protectNamespace, access, ontap } = inputs;
    const { accountSecret: account } = ontap;
    const ofAccount = account && {
        namespace: account.namespace,
        group: "",
        resource: "secrets",
        names: [account.name],
    };
    const all = permissionsOf({
        ...defined({ existing: access?.existing }),
        sites: vaults === undefined ? [] : [site, peerSite],
        ...(vaults === undefined ? {} : { vaultNames: vaults }),
        sitesWithCredentials: [],
        applications: [],
        recordNamespace,
        volumes: [{ name: application, recordNamespace }],
        storageClass: "",
        protectNamespace: protectNamespace ?? "trident-protect",
        tridentNamespace: "",
    });
    return [
        ...all.filter(({ resource, names }) => ["configmaps", "appvaults"].includes(resource) && names?.length !== 0),
        ...(ofAccount === undefined ? [] : [{ ...ofAccount, verbs: ["get"] as const }]),
    ];
}
