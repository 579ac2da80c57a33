/** PV, and handle of the volume, for a PVC's uid: `pvc-<uid>`. */
export function pvName(pvcUid: string): string {
    return `pvc-${pvcUid}`;
}

/** FlexVol of a PV: `trident_pvc_<uid>`, dashes made underscores since ONTAP allows none. */
export function flexvolName(pv: string): string {
    return `trident_${pv.replaceAll("-", "_")}`;
}

/** Where the FlexVol is mounted in its SVM's namespace. */
export function junctionPath(flexvol: string): string {
    return `/${flexvol}`;
}

/** Name on the array of the snapshot that a VolumeSnapshot's uid stands for. */
export function arraySnapshotName(snapshotUid: string): string {
    return `snapshot-${snapshotUid}`;
}

/** `pvc-x/snapshot-y`: how CSI names a snapshot. */
export function snapshotHandle(volumeHandle: string, arraySnapshot: string): string {
    return `${volumeHandle}/${arraySnapshot}`;
}

/** Volume handle and array snapshot of a snapshot handle. */
export function parseSnapshotHandle(handle: string): { volumeHandle: string; arraySnapshot: string } {
    const slash = handle.indexOf("/");
    if (slash <= 0 || slash === handle.length - 1) {
        throw new Error(`Expected a snapshot handle "<volume>/<snapshot>", found "${handle}"`);
    }
    return { volumeHandle: handle.slice(0, slash), arraySnapshot: handle.slice(slash + 1) };
}

/** `<svm>:<flexvol>`: how a mirror names a volume of an ONTAP. */
export function volumePath(svm: string, flexvol: string): string {
    return `${svm}:${flexvol}`;
}

const unitBytes: Record<string, number> = {
    "": 1,
    m: 1e-3,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    P: 1e15,
    E: 1e18,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
    Pi: 2 ** 50,
    Ei: 2 ** 60,
};

/** Bytes of a Kubernetes quantity such as `1Gi`, rounded up. */
export function quantityBytes(quantity: string): number {
    const match = /^([0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(quantity);
    const factor = unitBytes[match?.[2] ?? "?"];
    if (match?.[1] === undefined || factor === undefined) {
        throw new Error(`Expected a quantity such as "1Gi", found "${quantity}"`);
    }
    return Math.ceil(Number(match[1]) * factor);
}
