import { z } from "zod";
import type { Calls } from "./calls";

const nodeSchema = z.object({ name: z.string(), date: z.string().optional() });

/** A node of the cluster. */
export interface ClusterNode {
    name: string;
    /** Seconds that its clock is ahead of this machine's, below zero when it is behind; undefined when it gives no time. */
    aheadSeconds: number | undefined;
}

/** The nodes with their clocks (`/cluster/nodes` of ONTAP's REST API): whole seconds, and as exact as the call was quick. */
export async function readNodes(calls: Calls): Promise<ClusterNode[]> {
    const asked = Date.now();
    const nodes = await calls.all("/cluster/nodes", nodeSchema, { fields: "name,date" });
    const middle = (asked + Date.now()) / 2;
    return nodes.map(({ name, date }) => {
        const ahead = date === undefined ? NaN : Math.round((Date.parse(date) - middle) / 1000);
        return { name, aheadSeconds: Number.isNaN(ahead) ? undefined : ahead };
    });
}
