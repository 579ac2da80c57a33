import { describeObject } from "../../clients/kubernetes/objects";
import { kinds } from "../../clients/kubernetes/kinds";
import { printable } from "../../support/printable";
import { finalSnapshotName, epochOfName, namespaceOf } from "./manifests";
import { type ApplicationState, isComplete, type SnapshotState } from "./observe";
import type { ApplicationSettings } from "./settings";

/** Final snapshots that completed with warnings: they are no whole hand-over. */
export function warnedFinals(
    snapshots: readonly SnapshotState[],
    application: string,
): { epoch: number; warnings: readonly string[] }[] {
    return snapshots.filter(isComplete).flatMap(({ name, warnings }) => {
        const epoch = epochOfName(application, name);
        const isFinal = epoch !== undefined && name === finalSnapshotName(application, epoch);
        return warnings === undefined || !isFinal ? [] : [{ epoch, warnings }];
    });
}

/** What to say of the newest snapshot at a site that serves, which is what the other site gets. */
export function newestWarned(
    { snapshots }: Pick<ApplicationState, "snapshots">,
    settings: ApplicationSettings,
): string[] {
    const newest = [...snapshots]
        .filter(isComplete)
        .sort((left, right) => Date.parse(left.createdAt) - Date.parse(right.createdAt))
        .at(-1);
    if (newest?.warnings === undefined) {
        return [];
    }
    const namespace = namespaceOf(settings);
    const name = describeObject(kinds.snapshot, { name: newest.name, namespace });
    const told = newest.warnings.map((warning) => printable(warning)).join("; ");
    return [
        `${name} completed with warnings: ${told}; what they name may be missing from what ${settings.peer} gets with it. All that is known of it, at ${settings.site}: kubectl -n ${namespace} describe snapshots.protect.trident.netapp.io ${newest.name}`,
    ];
}
