import { z } from "zod";
import { referenceSchema } from "./answers";
import type { Calls } from "./calls";

const policySchema = z.object({ name: z.string(), rules: z.array(z.unknown()).default([]) });
const shareSchema = z.object({ name: z.string(), path: z.string() });
const qtreeSchema = z.object({
    id: z.number(),
    name: z.string().default(""),
    volume: referenceSchema,
    export_policy: z.object({ name: z.string().optional() }).optional(),
});
const lunMapSchema = z.object({ lun: referenceSchema, igroup: referenceSchema });
const subsystemMapSchema = z.object({ namespace: referenceSchema, subsystem: referenceSchema });

/** An export policy (`/protocols/nfs/export-policies`); one without rules admits nobody. */
export type ExportPolicy = z.infer<typeof policySchema>;

/** A share of SMB (`/protocols/cifs/shares`). */
export type Share = z.infer<typeof shareSchema>;

/** A qtree (`/storage/qtrees`); 0 is the volume itself. */
export type Qtree = z.infer<typeof qtreeSchema>;

/** A LUN that hosts are given, or a namespace of NVMe: its path is `/vol/<volume>/…`. */
export interface BlockMap {
    path: string;
    /** The initiator group or the subsystem. */
    to: string;
}

/** Who reaches the volumes of an SVM, and by which protocol. */
export class Access {
    constructor(private readonly calls: Calls) {}

    async exportPolicies(svm: string, names: readonly string[]): Promise<ExportPolicy[]> {
        const query = { "svm.name": svm, fields: "name,rules" };
        const found = await this.calls.allNamed(
            "/protocols/nfs/export-policies",
            policySchema,
            { field: "name", names },
            query,
        );
        return found.filter(({ name }) => names.includes(name));
    }

    /** Makes an export policy without rules. */
    createExportPolicy(svm: string, name: string): Promise<void> {
        return this.calls.write("POST", "/protocols/nfs/export-policies", {
            about: `${svm}, ${name}`,
            body: { svm: { name: svm }, name },
        });
    }

    shares(svm: string): Promise<Share[]> {
        return this.calls.all("/protocols/cifs/shares", shareSchema, { "svm.name": svm, fields: "name,path" });
    }

    /** The qtrees of some volumes, without the volumes themselves. */
    async qtrees(svm: string, volumes: readonly string[]): Promise<Qtree[]> {
        const query = { "svm.name": svm, fields: "id,name,volume.name,export_policy.name" };
        const named = { field: "volume.name", names: volumes };
        const all = await this.calls.allNamed("/storage/qtrees", qtreeSchema, named, query);
        return all.filter(({ id, volume }) => id > 0 && volumes.includes(volume.name ?? ""));
    }

    async lunMaps(svm: string): Promise<BlockMap[]> {
        const all = await this.calls.all("/protocols/san/lun-maps", lunMapSchema, {
            "svm.name": svm,
            fields: "lun.name,igroup.name",
        });
        return all.map(({ lun, igroup }) => ({ path: lun.name ?? "", to: igroup.name ?? "" }));
    }

    async namespaceMaps(svm: string): Promise<BlockMap[]> {
        const all = await this.calls.all("/protocols/nvme/subsystem-maps", subsystemMapSchema, {
            "svm.name": svm,
            fields: "namespace.name,subsystem.name",
        });
        return all.map(({ namespace, subsystem }) => ({ path: namespace.name ?? "", to: subsystem.name ?? "" }));
    }
}
