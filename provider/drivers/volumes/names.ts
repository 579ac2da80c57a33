/** The snapshot that the other site can begin to replicate from, taken when an epoch begins. */
export function baseSnapshotName(application: string, epoch: number): string {
    return `trident-dr-${application}-base-${epoch}`;
}

/** The last snapshot of an epoch: nothing is written after it. */
export function finalSnapshotName(application: string, epoch: number): string {
    return `trident-dr-${application}-final-${epoch}`;
}

/** The epoch of one of the two kinds of snapshots above; undefined for everybody else's. */
export function epochOfSnapshot(application: string, name: string): number | undefined {
    const prefix = `trident-dr-${application}-`;
    const match = name.startsWith(prefix) ? /^(?:base|final)-([1-9][0-9]*)$/.exec(name.slice(prefix.length)) : null;
    return match === null ? undefined : Number(match[1]);
}
