import type { Credentials } from "../process/credentials";
import type { StorageArray } from "../drivers/applications/claimedVolumes";
import type { AppMirrorSettings } from "../drivers/applications/settings";
import { lagSeconds, OntapClient, whyUnhealthy } from "../clients/ontap";

/**
 * The site's own array, opened when it is first asked: a plan that needs no array works without one.
 *
 * @param budget milliseconds for each question. Default: the client's own times.
 */
export function ontapArray(credentials: Credentials, settings: AppMirrorSettings, budget?: number): StorageArray {
    const { site } = settings;
    let opened: OntapClient | undefined;
    const client = () => {
        opened ??= new OntapClient({
            site,
            endpoint: settings.ontap.endpoint,
            credentials: credentials.ontap(site),
        });
        return budget === undefined ? opened : opened.within(budget);
    };
    const uuidOf = async (svm: string, volume: string) => {
        const found = await client().volumes.byName(svm, volume);
        if (found === undefined) {
            throw new Error(`${site}: its array has no volume ${volume} in SVM ${svm}`);
        }
        return found.uuid;
    };
    return {
        async volumes(svm, names) {
            const found = await client().volumes.ofSvm(svm, names);
            return found.map((item) => ({ name: item.name, type: item.type ?? "", state: item.state ?? "" }));
        },
        async snapshots(svm, volume) {
            const found = await client().snapshots.ofVolume(await uuidOf(svm, volume));
            return found
                .flatMap(({ name, version_uuid: versionUuid, create_time: takenAt }) =>
                    versionUuid === undefined || takenAt === undefined ? [] : [{ name, versionUuid, takenAt }],
                )
                .sort((left, right) => Date.parse(left.takenAt) - Date.parse(right.takenAt));
        },
        async changedSince(svm, volume, snapshot) {
            return client().snapshots.changedSince(await uuidOf(svm, volume), snapshot);
        },
        async mirrorsOutOf(svm, names) {
            const found = await client().relationships.knownDestinations(svm);
            return found
                .map(({ uuid, source, destination }) => ({ uuid, source: source.path, destination: destination.path }))
                .filter(({ source }) => names.includes(source.split(":")[1] ?? ""));
        },
        async release({ uuid, source, destination }) {
            await client().relationships.remove(uuid, "sourceInfoOnly", `${source} to ${destination}`);
        },
        async mirrorsInto(svm) {
            const found = await client().relationships.ofDestinationSvm(svm);
            return found.map((item) => ({
                source: item.source.path,
                destination: item.destination.path,
                state: item.state ?? "",
                healthy: item.healthy === true,
                why: whyUnhealthy(item) || "ONTAP does not say that it is",
                policy: item.policy?.name ?? "",
                lagSeconds: lagSeconds(item),
            }));
        },
    };
}
