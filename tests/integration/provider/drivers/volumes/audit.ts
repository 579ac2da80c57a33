import { epochOfSnapshot } from "../../../../../provider/drivers/volumes/names";
import type { VolumesState } from "../../../../../provider/drivers/volumes/observe";
import type { VolumesSettings } from "../../../../../provider/drivers/volumes/settings";
import { obsoleteSnapshots } from "../../../../../provider/drivers/volumes/snapshots";

/**
 * What a site's array holds that nobody needs once the pair has settled in an epoch, a sentence each: relationships and
 * records of relationships that lead nowhere, snapshots of earlier epochs, peerings that wait. What the source has let go
 * of leaves a mirror with its next transfer, and counts until then.
 * @param serves whether this is the site that serves
 */
export function orphans(state: VolumesState, settings: VolumesSettings, epoch: number, serves: boolean): string[] {
    const { site, application, svm } = settings;
    const found = state.volumes.flatMap((item) => {
        const expected = serves ? { into: 0, outOf: 1 } : { into: 1, outOf: 0 };
        const into = item.into === undefined ? 0 : 1;
        const old = serves
            ? obsoleteSnapshots(item, state.svmUuid, application, epoch)
            : item.snapshots.filter(({ name }) => (epochOfSnapshot(application, name) ?? epoch) < epoch);
        return [
            ...(into > expected.into ? [`a relationship from ${item.into!.source.path} into ${item.path}`] : []),
            ...item.outOf
                .slice(expected.outOf)
                .map((record) => `a record of a relationship from ${item.path} to ${record.destination.path}`),
            ...old.map(({ name }) => `snapshot ${name} of ${item.path}`),
        ];
    });
    const peering = state.peering?.state;
    const waiting = peering !== undefined && peering !== "peered" ? [`the peering of SVM ${svm} is ${peering}`] : [];
    return [...found, ...waiting].map((what) => `${site}: ${what}`);
}
