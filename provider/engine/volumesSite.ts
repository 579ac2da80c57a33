import type { Credentials } from "../process/credentials";
import { type Seen, type SeenVolume, sourcesOf } from "../drivers/volumes/observe";
import { mountedAt } from "../drivers/volumes/service";
import type { OtherSite, VolumeMirrorSettings } from "../drivers/volumes/settings";
import { VolumeMirrorDriver } from "../drivers/volumes/volumesDriver";
import { Cluster } from "../clients/kubernetes/cluster";
import { OntapClient } from "../clients/ontap";
import type { RoleRecord } from "../roles/record";
import type { PeerView } from "../roles/situation";
import { timeoutsOf } from "./durations";
import { EpochClaims } from "./epochClaims";
import type { VolumesInputs } from "./inputs";
import { interrupted } from "../process/interrupt";
import { NoClaims } from "./noClaims";
import { Prerequisites } from "./prerequisites";
import { keeperOf } from "./recordStore";
import type { Site } from "./site";

/** What it takes to plan and act at a site for a group of mirrored volumes. */
export function volumesSite(credentials: Credentials, inputs: VolumesInputs, peer: PeerView): Site {
    const { application, site, ontap } = inputs;
    const protectNamespace = inputs.protectNamespace ?? "trident-protect";
    const cluster = Cluster.connect(site, inputs.cluster);
    const client = new OntapClient({
        site,
        endpoint: ontap.endpoint,
        credentials: credentials.ontap(site),
        signal: interrupted,
    });
    const driver = new VolumeMirrorDriver(
        client,
        settingsOf(inputs, peer.known ? peer.record : undefined),
        interrupted,
    );
    const without = new NoClaims(application);
    const { vaults } = inputs;
    return {
        means: {
            driver,
            claims:
                vaults === undefined
                    ? without
                    : new EpochClaims(cluster, { application, site, protectNamespace, vaults }),
            keeper: keeperOf(cluster, inputs, inputs.recordNamespace),
            progress: (line) => console.log(`${application} at ${site}: ${line}`),
            signal: interrupted,
        },
        prerequisites: new Prerequisites(
            cluster,
            { site, protectNamespace, vaults: vaults ?? {}, tridentBackend: undefined },
            interrupted,
        ),
        ...(vaults === undefined ? { unguarded: without.unguarded } : {}),
        foreign: (seen) => driver.foreign(seen as Seen),
        behind: (seen) => {
            const { volumes } = seen as Seen;
            return Promise.resolve({
                shown: { array: Object.fromEntries(volumes.map(shown)) },
                sources: sourcesOf(volumes),
                // The driver plans by the array itself: what is wrong there is in the plan or refused.
                remarks: () => [],
            });
        },
    };
}

/** What a record of the other site says that a driver goes by. */
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

/** What stands still on the array as long as nobody changes it: lag and transfers do not. */
function shown({ name, volume, into }: SeenVolume): [string, Record<string, string>] {
    if (volume === undefined) {
        return [name, { volume: "absent" }];
    }
    const mirror: Record<string, string> =
        into === undefined
            ? { mirror: "none" }
            : {
                  mirror: into.state ?? "",
                  source: into.source.path,
                  policy: into.policy?.name ?? "",
                  schedule: into.transfer_schedule?.name ?? "",
              };
    return [
        name,
        {
            volume: volume.type ?? "",
            state: volume.state ?? "",
            mountedAt: mountedAt(volume),
            exportPolicy: volume.nas?.export_policy?.name ?? "",
            ...mirror,
        },
    ];
}

function settingsOf(inputs: VolumesInputs, other: RoleRecord | undefined): VolumeMirrorSettings {
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
