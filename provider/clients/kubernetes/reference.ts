import { z } from "zod";

/** Which cluster, as configuration says it. Default: the current context of `KUBECONFIG` or `~/.kube/config`. */
export interface ClusterReference {
    context?: string | undefined;
    /** Path of a kubeconfig file. */
    kubeconfig?: string | undefined;
    /** Whether the kubeconfig itself is in the stack's configuration, as a secret. */
    fromConfig?: boolean | undefined;
    /** That kubeconfig: kept in memory, and nowhere else. */
    contents?: string | undefined;
}

/** As the inputs of a resource have it, which the state shows. */
export const clusterReferenceSchema = z.object({
    context: z.string().optional(),
    kubeconfig: z.string().optional(),
    fromConfig: z.boolean().optional(),
});

/** Which one that is, in words. */
export function describeReference({ context, kubeconfig, fromConfig }: ClusterReference): string {
    const which = context === undefined ? "the current context" : `context ${context}`;
    return `${which} of ${fromConfig === true ? "the configured kubeconfig" : (kubeconfig ?? "the default kubeconfig")}`;
}
