import type { ClaimedVolumes } from "../drivers/applications/claimedVolumes";
import { type CopyProgress, progressOf } from "../roles/copy";
import type { Seal } from "../support/seal";
import { peerViewOf } from "./configuration";
import type { MirrorRoleInputs } from "./inputs";
import { heldAt } from "./inspect";

/** How far the copy of an application into a site is, against what the other site published of its volumes. */
export async function copyProgress(
    volumes: Pick<ClaimedVolumes, "copies">,
    inputs: MirrorRoleInputs,
    seal: Seal,
): Promise<CopyProgress> {
    return progressOf(await volumes.copies(), heldAt(peerViewOf(inputs, seal), inputs), new Date());
}
