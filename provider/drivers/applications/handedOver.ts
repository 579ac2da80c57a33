import { kinds } from "../../clients/kubernetes/kinds";
import { previewCommand } from "../../roles/messages/commands";
import { MessageError, text } from "../../roles/messages/message";
import type { HandOverToken, HeldVolume } from "../../roles/record";
import type { Action } from "../action";
import { snapshotsIn } from "./archivedPoints";
import { type ApplicationContext, keyOf } from "./context";
import { type ApplicationState, replicatedArchives } from "./observe";

/**
 * After a promotion with a token: the array must have what was handed over. The mirror's own status says what was asked
 * for; somebody who broke a volume's mirror by hand before the final snapshot had arrived promoted something else.
 */
export function requireHandedOver(
    context: ApplicationContext,
    state: Pick<ApplicationState, "application" | "mirror">,
    token: HandOverToken | undefined,
): Action[] {
    const { mirror, application } = state;
    if (token === undefined || mirror === undefined || mirror.state === "Promoted") {
        return [];
    }
    const { site } = context.settings;
    return [
        {
            call: `GET /storage/volumes/snapshots of ${site}: each volume has that of ${token.finalSnapshot}`,
            effect: "read",
            run: async (progress) => {
                const lacking = await volumesWithout(context, application?.metadata.uid, token).catch(() => undefined);
                if (lacking === undefined) {
                    progress(
                        `whether the volumes of ${site} have the snapshots of ${token.finalSnapshot} is not known`,
                    );
                } else if (lacking.length > 0) {
                    throw notHandedOver(context, lacking, token);
                }
            },
        },
    ];
}

/** The same of a mirror that was promoted before; undefined of one that is not promoted, or when it cannot be told. */
export async function lackingAfterPromotion(
    context: ApplicationContext,
    { application, mirror }: ApplicationState,
    token: HandOverToken,
): Promise<readonly string[] | undefined> {
    return mirror?.state === "Promoted" ? volumesWithout(context, application?.metadata.uid, token) : undefined;
}

/** Claims of volumes without a snapshot of the archive. What a filter leaves out may be mirrored and not be in it. */
async function volumesWithout(
    context: ApplicationContext,
    knownUid: string | undefined,
    { finalSnapshot }: HandOverToken,
): Promise<readonly string[] | undefined> {
    const { cluster, settings, volumes } = context;
    const uid = knownUid ?? (await cluster.get(kinds.application, keyOf(context, settings.application)))?.metadata.uid;
    if (uid === undefined || settings.resourceFilter !== undefined) {
        return undefined;
    }
    const { store, folder } = await replicatedArchives(cluster, settings, uid);
    const contents = await store?.get(`${folder}${finalSnapshot}/volume_snapshot_contents.json`);
    return contents === undefined ? undefined : withoutAnyOf(contents, await volumes.heldSnapshots());
}

/** The volumes that hold none of the snapshots that an archive names; undefined where it names none. */
export function withoutAnyOf(contents: string, held: readonly HeldVolume[]): readonly string[] | undefined {
    const names = new Set(snapshotsIn(contents));
    return names.size === 0
        ? undefined
        : held.filter(({ snapshots }) => !snapshots.some(({ name }) => names.has(name))).map(({ volume }) => volume);
}

function notHandedOver(
    { settings }: ApplicationContext,
    lacking: readonly string[],
    { from, finalSnapshot }: HandOverToken,
): MessageError {
    const { site, application } = settings;
    return new MessageError(
        text`${site}: ${application} was promoted, but ${lacking.join(", ")} ${lacking.length === 1 ? "has" : "have"} no snapshot of ${finalSnapshot}, which ${from} handed over: somebody made that writable before it had arrived, and the last writes of ${from} are missing there. ${site} is not recorded as serving. To see both ways on: ${previewCommand(site)}`,
    );
}
