import { z } from "zod";
import { openString } from "./answers";
import type { Calls } from "./calls";

const svmSchema = z.object({
    name: z.string(),
    uuid: z.string(),
    state: openString<"starting" | "running" | "stopping" | "stopped" | "deleting" | "initializing">().optional(),
    subtype: openString<"default" | "dp_destination" | "sync_source" | "sync_destination" | "data_engine">().optional(),
});

/** A storage VM (`/svm/svms` of ONTAP's REST API). */
export type Svm = z.infer<typeof svmSchema>;

const svmFields = "name,uuid,state,subtype";

/** Storage VMs of a cluster. */
export class Svms {
    constructor(private readonly calls: Calls) {}

    all(): Promise<Svm[]> {
        return this.calls.all("/svm/svms", svmSchema, { fields: svmFields });
    }

    async byName(name: string): Promise<Svm | undefined> {
        return (await this.calls.all("/svm/svms", svmSchema, { name, fields: svmFields })).find(
            (svm) => svm.name === name,
        );
    }
}
