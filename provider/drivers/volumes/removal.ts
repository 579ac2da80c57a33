import { type OntapClient, OntapError } from "../../clients/ontap";
import type { SourceRecord } from "../../roles/steps";
import { type Action, inPhases } from "../action";
import { relationshipCall } from "./calls";
import { patienceOf, type VolumesContext } from "./context";
import type { VolumesState } from "./observe";
import { until } from "./waiting";

/** ONTAP's word that a transfer is still running at the source: a release is to be tried again. */
const releaseRefused = "13303822";
/** Milliseconds for a release that a transfer holds up. */
const releasePatience = 60_000;

/**
 * Removes the relationships into this site's volumes, whose sources keep the snapshots in common. Where the other site
 * has removed a mirror out of them, the record that is left here goes as well.
 */
export function removeMirror(context: VolumesContext, { volumes }: VolumesState): Action[] {
    const { client, settings } = context;
    const { other } = settings;
    const hasLetGo = other?.role === "active" && !other.mirrorKept;
    const removals = volumes.flatMap(({ into, path }) =>
        into === undefined
            ? []
            : [
                  removeRelationship(
                      client,
                      into.uuid,
                      path,
                      `the volume stays ${into.state === "broken_off" ? "writable" : "read-only"}`,
                  ),
              ],
    );
    const releases = volumes.flatMap(({ outOf, path }) =>
        (hasLetGo ? outOf : []).map((record) => releaseRecord(context, record, path)),
    );
    return inPhases([[...removals, ...releases]]);
}

/** Removes records of mirrors out of here that are there still: establishing a mirror the other way round removes its own. */
export function releaseSources(
    { client }: VolumesContext,
    { volumes }: VolumesState,
    sources: readonly SourceRecord[],
): Action[] {
    const there = new Set(volumes.flatMap(({ outOf }) => outOf.map(({ uuid }) => uuid)));
    const release = ({ uuid, source, destination }: SourceRecord): Action => {
        // The snapshots on a copy are those of its source; elsewhere they go with the record.
        const isCopy = volumes.find(({ path }) => path === source)?.volume?.type !== "rw";
        const kind = isCopy ? "sourceInfoOnly" : "sourceAndSnapshots";
        return {
            call: releaseCall(source, destination),
            effect: "write",
            run: () => client.relationships.remove(uuid, kind, `${source} to ${destination}`),
        };
    };
    return inPhases([sources.filter(({ uuid }) => there.has(uuid)).map(release)]);
}

/** Removes one relationship at its destination, and nothing else. */
export function removeRelationship(client: OntapClient, uuid: string, path: string, what: string): Action {
    return {
        call: relationshipCall("DELETE", path, `destination_only, ${what}`),
        effect: "write",
        run: () => client.relationships.remove(uuid, "destinationOnly", path),
    };
}

/** Removes the record of a mirror out of one of this site's volumes, and leaves every snapshot. */
export function releaseRecord(
    context: VolumesContext,
    record: { uuid: string; destination: { path: string } },
    source: string,
): Action {
    const name = `${source} to ${record.destination.path}`;
    return {
        call: releaseCall(source, record.destination.path),
        effect: "write",
        run: async (progress) => {
            await until(
                `the release of ${name}`,
                () => tryToRelease(context.client, record.uuid, name),
                patienceOf(context, releasePatience, progress),
            );
        },
    };
}

/** One text whichever step releases it: a preview announces it once. */
function releaseCall(source: string, destination: string): string {
    return relationshipCall("DELETE", source, `what the array remembers of it as the source of ${destination}`);
}

async function tryToRelease(
    client: OntapClient,
    uuid: string,
    name: string,
): Promise<{ found: true } | { instead: string }> {
    try {
        await client.relationships.remove(uuid, "sourceInfoOnly", name);
        return { found: true };
    } catch (error) {
        if (error instanceof OntapError && error.code === releaseRefused) {
            return { instead: "still being transferred from" };
        }
        throw error;
    }
}
