import { mirrorSnapshots, type SeenVolume } from "./seen";

/**
 * What a site that stands aside wrote and never sent, as far as its own array can tell: one line for each volume. The
 * last snapshot that SnapMirror locked here is the newest one that the other site may have.
 */
export function unreplicated(item: SeenVolume, now: Date): string {
    const last = mirrorSnapshots(item).at(-1);
    if (last?.create_time === undefined) {
        return `${item.path}: no snapshot tells what was replicated last; all of it may be unreplicated`;
    }
    const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(last.create_time)) / 1000));
    const grown = grownBy(item, last.size);
    return `${item.path}: last replicated at ${last.create_time} (${last.name}), ${seconds} s ago; what was written since${grown === undefined ? "" : `, at least ${grown} bytes,`} is only here`;
}

/** Overwritten bytes do not show in a size: it is a lower bound. */
function grownBy({ volume }: SeenVolume, then: number | undefined): number | undefined {
    const now = volume?.space?.logical_space?.used;
    return now === undefined || then === undefined ? undefined : Math.max(0, now - then);
}
