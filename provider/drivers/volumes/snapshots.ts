import type { Snapshot } from "../../clients/ontap";
import { type Action, inPhases } from "../action";
import type { DriverStep } from "../driver";
import { snapshotCall } from "./calls";
import type { VolumesContext } from "./context";
import { baseSnapshotName, epochOfSnapshot } from "./names";
import type { VolumesState, VolumeState } from "./observe";
import { fenceAll, isFenced } from "./fence";

/** The snapshot of every volume that an epoch begins with. */
export function takeBaseSnapshot(context: VolumesContext, { volumes }: VolumesState, epoch: number): Action[] {
    const name = baseSnapshotName(context.settings.application, epoch);
    return inPhases([
        volumes
            .filter((item) => snapshotNamed(item, name) === undefined)
            .map((item) => takeSnapshot(context, item.name, name)),
    ]);
}

/**
 * All volumes are fenced first and snapshotted then: what a volume acknowledged before its fence is in its snapshot, and
 * nothing is acknowledged after it. An earlier snapshot on a volume that was opened again is not its last one: it is
 * taken again.
 */
export function shutDown(context: VolumesContext, state: VolumesState, name: string): Action[] {
    const { volumes } = state;
    const { settings } = context;
    const wasOpened = volumes.some((item) => !isFenced(item, settings));
    const stale = volumes.flatMap((item) => {
        const found = wasOpened ? snapshotNamed(item, name) : undefined;
        return found === undefined ? [] : [removeSnapshot(context, item, found)];
    });
    const missing = volumes.filter((item) => wasOpened || snapshotNamed(item, name) === undefined);
    return inPhases([
        ...fenceAll(context, state),
        stale,
        missing.map((item) => takeSnapshot(context, item.name, name)),
    ]);
}

/** Keeps every volume from being written to. */
export function stopWorkloads(context: VolumesContext, state: VolumesState): Action[] {
    return inPhases(fenceAll(context, state));
}

/**
 * Deletes snapshots of earlier epochs, and those that SnapMirror made for a mirror into this site, which no longer
 * exists. They are the other site's way back until it follows in this epoch; which of them it locks until then is not
 * known beforehand.
 */
export function forgetSnapshots(
    context: VolumesContext,
    { volumes, svmUuid }: VolumesState,
    { before, mirrored }: Extract<DriverStep, { do: "forget-snapshots" }>,
): Action[] {
    const obsolete = (item: VolumeState) => obsoleteSnapshots(item, svmUuid, context.settings.application, before);
    return mirrored
        ? inPhases([
              volumes.flatMap((item) => obsolete(item).map((snapshot) => removeSnapshot(context, item, snapshot))),
          ])
        : [];
}

/** Deletes the snapshots by which roles were handed over, where there will be no roles any more. */
export function tidyUp(context: VolumesContext, { volumes }: VolumesState): Action[] {
    return inPhases([
        volumes
            .filter(({ volume }) => volume?.type === "rw")
            .flatMap((item) =>
                item.snapshots
                    .filter(({ name }) => epochOfSnapshot(context.settings.application, name) !== undefined)
                    .map((snapshot) => removeSnapshot(context, item, snapshot)),
            ),
    ]);
}

/** Snapshots of a volume that serve no purpose once the other site follows in this epoch. */
export function obsoleteSnapshots(
    { snapshots, volume }: VolumeState,
    svmUuid: string,
    application: string,
    epoch: number,
): Snapshot[] {
    const ownMirror = `snapmirror.${svmUuid}_${volume?.msid}.`;
    return snapshots.filter(({ name, owners }) => {
        const of = epochOfSnapshot(application, name);
        const isOld = of !== undefined && of < epoch;
        return (isOld || name.startsWith(ownMirror)) && !owners.includes("snapmirror");
    });
}

export function snapshotNamed({ snapshots }: VolumeState, name: string): Snapshot | undefined {
    return snapshots.find((one) => one.name === name);
}

function takeSnapshot({ client, settings }: VolumesContext, volume: string, snapshot: string): Action {
    return {
        call: snapshotCall("POST", volume, snapshot),
        effect: "write",
        run: async () => {
            const found = await client.volumes.byName(settings.svm, volume);
            if (found === undefined) {
                throw new Error(
                    `${settings.site}: volume ${volume} does not exist in SVM ${settings.svm}. Create it first: this program mirrors volumes, and creates none at the site that serves first`,
                );
            }
            await client.snapshots.create(found.uuid, { name: snapshot }, volume);
        },
    };
}

function removeSnapshot({ client }: VolumesContext, { name, volume }: VolumeState, snapshot: Snapshot): Action {
    return {
        call: snapshotCall("DELETE", name, snapshot.name),
        effect: "write",
        run: () => client.snapshots.remove(volume!.uuid, snapshot.uuid, snapshot.name),
    };
}
