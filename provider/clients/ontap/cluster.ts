import { z } from "zod";
import type { Calls } from "./calls";

const clusterSchema = z.object({
    name: z.string(),
    uuid: z.string().optional(),
    version: z.object({
        full: z.string().optional(),
        generation: z.number(),
        major: z.number(),
        minor: z.number(),
    }),
});

/** The cluster itself (`/cluster`). */
export type OntapCluster = z.infer<typeof clusterSchema>;

/**
 * Reads the cluster: the probe of address, certificate, credentials and version.
 * `patience` bounds, in milliseconds, how long an endpoint that does not answer is tried.
 */
export function readCluster(calls: Calls, patience?: number): Promise<OntapCluster> {
    return calls.one("/cluster", clusterSchema, { fields: "name,uuid,version" }, patience);
}
