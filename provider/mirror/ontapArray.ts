import type { Credentials } from "../credentials";
import type { StorageArray } from "../drivers/app-mirror/volumes";
import type { AppMirrorSettings } from "../drivers/app-mirror/settings";
import { OntapClient, whyUnhealthy } from "../ontap";

/** The site's own array, opened when it is asked: a plan that needs no array works without one. */
export function ontapArray(credentials: Credentials, settings: AppMirrorSettings): StorageArray {
    const { site } = settings;
    const client = () =>
        new OntapClient({ site, endpoint: settings.ontap.endpoint, credentials: credentials.ontap(site) });
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
        async relationshipsInto(svm, names) {
            const found = await client().relationships.ofDestinationSvm(svm);
            return found
                .map((item) => ({
                    volume: item.destination.path.split(":")[1] ?? "",
                    state: item.state ?? "",
                    healthy: item.healthy === true,
                    why: whyUnhealthy(item) ?? "no reason is given",
                }))
                .filter((item) => names.includes(item.volume));
        },
    };
}
