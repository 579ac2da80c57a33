import { upCommand } from "../../roles/messages/commands";
import { MessageError, text } from "../../roles/messages/message";
import { type Action, inParallel, inPhases } from "../action";
import { volumeCall } from "./calls";
import type { VolumesContext } from "./context";
import { readVolumes, type VolumesState, type VolumeState } from "./observe";
import { open, whyNotServing } from "./service";

/** Adds what is missing for the volumes to serve; what prevents it is checked last, and appears in the preview as a GET. */
export function serve(context: VolumesContext, { volumes }: VolumesState): Action[] {
    const { settings, client } = context;
    const opening = volumes.map((item) => open(item, settings, client));
    const unready = volumes.filter(
        (item, index) => opening[index]!.length > 0 || whyNotServing(item, settings) !== undefined,
    );
    return inPhases([...inParallel(opening), verifyServing(context, unready)]);
}

/** Throws unless each volume serves as it is declared. */
export function verifyServing(context: VolumesContext, volumes: readonly VolumeState[]): Action[] {
    const { site, application } = context.settings;
    let read: Promise<readonly VolumeState[]> | undefined;
    return volumes.map(({ name }) => ({
        call: volumeCall("GET", name, "is rw, online and where it is declared, and no mirror leads into it"),
        effect: "read",
        run: async () => {
            const now = await (read ??= readVolumes(context.client, context.settings));
            const why = whyNotServing(
                now.find((one) => one.name === name)!,
                context.settings,
            );
            if (why !== undefined) {
                throw new MessageError(
                    text`${site}: ${why}. ${application} is not served as it is declared. Fix it on the array, or change the declaration, then ${upCommand(site)}`,
                );
            }
        },
    }));
}

/** Throws when a mirror leads into any volume. */
export function verifyUnmirrored({ client, settings }: VolumesContext, { volumes }: VolumesState): Action[] {
    const { site } = settings;
    return volumes.map(({ name, path }) => ({
        call: volumeCall("GET", name, "no mirror leads into it"),
        effect: "read",
        run: async () => {
            if ((await client.relationships.byDestination(path)) !== undefined) {
                throw new MessageError(
                    text`${site}: a mirror into volume ${name} is left on its array; ${upCommand(site)} removes it`,
                );
            }
        },
    }));
}
