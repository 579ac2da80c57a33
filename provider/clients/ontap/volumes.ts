import { z } from "zod";
import { openString, referenceSchema } from "./answers";
import type { Calls } from "./calls";
import { apiPath } from "./paths";

const volumeSchema = z.object({
    uuid: z.string(),
    name: z.string(),
    svm: referenceSchema,
    type: openString<"rw" | "dp" | "ls">().optional(),
    /** A FlexGroup is one volume to clients, and many to SnapMirror. */
    style: openString<"flexvol" | "flexgroup" | "flexgroup_constituent">().optional(),
    state: openString<"online" | "offline" | "restricted" | "error" | "mixed">().optional(),
    nas: z
        .object({
            path: z.string().nullish(),
            export_policy: z.object({ name: z.string().optional() }).optional(),
        })
        .optional(),
    /** Identity of the volume in the names of the snapshots that SnapMirror makes for it. */
    msid: z.number().optional(),
    space: z.object({ size: z.number().optional(), used: z.number().optional() }).optional(),
    is_svm_root: z.boolean().optional(),
});

/** A volume (`/storage/volumes` of ONTAP's REST API). `dp` is read-only: the destination of a mirror. */
export type Volume = z.infer<typeof volumeSchema>;

const volumeFields =
    "uuid,name,svm.name,svm.uuid,type,style,state,nas.path,nas.export_policy.name,msid,space.size,space.used,is_svm_root";

export interface NewVolume {
    svm: string;
    name: string;
    aggregate: string;
    /** Bytes. */
    size: number;
    type: "rw" | "dp";
}

/** Volumes of a cluster. */
export class Volumes {
    constructor(private readonly calls: Calls) {}

    /** All volumes of an SVM, or those of the given names. */
    async ofSvm(svm: string, names?: readonly string[]): Promise<Volume[]> {
        const query = { "svm.name": svm, fields: volumeFields };
        const found = await (names === undefined
            ? this.calls.all("/storage/volumes", volumeSchema, query)
            : this.calls.allNamed("/storage/volumes", volumeSchema, { field: "name", names }, query));
        const wanted = names && new Set(names);
        return found.filter((one) => one.svm.name === svm && (wanted?.has(one.name) ?? true));
    }

    async byName(svm: string, name: string): Promise<Volume | undefined> {
        return (await this.ofSvm(svm, [name])).find((volume) => volume.name === name);
    }

    /** Makes a volume; gives it back as the array then shows it. */
    create(volume: NewVolume, about?: string): Promise<Volume> {
        const body = {
            svm: { name: volume.svm },
            name: volume.name,
            aggregates: [{ name: volume.aggregate }],
            size: volume.size,
            type: volume.type,
        };
        return this.calls.writeUntilSeen(
            "POST",
            "/storage/volumes",
            { about, body },
            {
                what: `the volume ${volume.svm}:${volume.name}`,
                look: () => this.byName(volume.svm, volume.name),
            },
        );
    }

    /** Mounts a volume at a junction path. A mirror's destination can be mounted only once it has been initialised. */
    mount(uuid: string, path: string, about?: string): Promise<void> {
        return this.calls.writeByJob("PATCH", apiPath`/storage/volumes/${uuid}`, { about, body: { nas: { path } } });
    }

    /** Takes a volume out of its SVM's namespace: no NAS client reaches it any more. */
    unmount(uuid: string, about?: string): Promise<void> {
        return this.mount(uuid, "", about);
    }

    rename(uuid: string, name: string, about?: string): Promise<void> {
        return this.calls.writeByJob("PATCH", apiPath`/storage/volumes/${uuid}`, { about, body: { name } });
    }

    /** Unmounts a volume and takes it offline, which ends the sessions of every protocol. */
    takeOffline(uuid: string, about?: string): Promise<void> {
        return this.calls.writeByJob("PATCH", apiPath`/storage/volumes/${uuid}`, {
            about,
            body: { state: "offline", nas: { path: "" } },
        });
    }

    bringOnline(uuid: string, about?: string): Promise<void> {
        return this.calls.writeByJob("PATCH", apiPath`/storage/volumes/${uuid}`, { about, body: { state: "online" } });
    }

    setExportPolicy(uuid: string, name: string, about?: string): Promise<void> {
        return this.calls.writeByJob("PATCH", apiPath`/storage/volumes/${uuid}`, {
            about,
            body: { nas: { export_policy: { name } } },
        });
    }
}
