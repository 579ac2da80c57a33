import { z } from "zod";
import { unlessGone, type Calls } from "./calls";
import { apiPath } from "./paths";

const snapshotSchema = z.object({
    uuid: z.string(),
    name: z.string(),
    create_time: z.string().optional(),
    snapmirror_label: z.string().optional(),
    /** Identity of the snapshot's content: equal at both ends of a mirror, whatever its name. */
    version_uuid: z.string().optional(),
    owners: z.array(z.string()).default([]),
});

/** A snapshot of a volume (`/storage/volumes/{uuid}/snapshots` of ONTAP's REST API). */
export type Snapshot = z.infer<typeof snapshotSchema>;

const deltaSchema = z.object({
    name: z.string(),
    delta: z.object({ size_consumed: z.number().optional() }).optional(),
});

/** Snapshots of volumes. */
export class Snapshots {
    constructor(private readonly calls: Calls) {}

    ofVolume(volumeUuid: string): Promise<Snapshot[]> {
        return this.calls.all(apiPath`/storage/volumes/${volumeUuid}/snapshots`, snapshotSchema, {
            fields: "uuid,name,create_time,snapmirror_label,version_uuid,owners",
        });
    }

    /**
     * Bytes that changed on the volume since one of its snapshots: the advanced field `delta` of a collection that is
     * asked for by name. Undefined when there is no such snapshot or ONTAP does not tell.
     */
    async changedSince(volumeUuid: string, snapshot: string): Promise<number | undefined> {
        const found = await this.calls.all(apiPath`/storage/volumes/${volumeUuid}/snapshots`, deltaSchema, {
            name: snapshot,
            fields: "name,delta",
        });
        return found.find(({ name }) => name === snapshot)?.delta?.size_consumed;
    }

    /** Takes a snapshot; gives it back as the array then shows it. */
    create(volumeUuid: string, snapshot: { name: string; label?: string }, about?: string): Promise<Snapshot> {
        const { name } = snapshot;
        const path = apiPath`/storage/volumes/${volumeUuid}/snapshots`;
        return this.calls.writeUntilSeen(
            "POST",
            path,
            { about, body: { name, snapmirror_label: snapshot.label } },
            {
                what: `the snapshot ${name}`,
                look: async () => (await this.ofVolume(volumeUuid)).find((one) => one.name === name),
            },
        );
    }

    remove(volumeUuid: string, uuid: string, about?: string): Promise<void> {
        return unlessGone(
            this.calls.writeByJob("DELETE", apiPath`/storage/volumes/${volumeUuid}/snapshots/${uuid}`, { about }),
        );
    }
}
