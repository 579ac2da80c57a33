import { z } from "zod";
import type { Cluster } from "../clients/kubernetes/cluster";
import type { Permission } from "../roles/permissions";
import { type Granted, missingRights, type ObservedRights } from "../roles/rights";
import { printable } from "../support/printable";

/** Milliseconds for each question: nothing waits longer for what only a note is made of. */
const budget = 5_000;

/**
 * What the account of `pulumi up` may not do of what an item needs at its cluster, by what the cluster says of itself:
 * one question for each namespace. Best effort: what cannot be told is unknown, and never an error.
 */
export class Rights {
    constructor(
        private readonly cluster: Pick<Cluster, "ask">,
        private readonly needed: readonly Permission[],
    ) {}

    async read(): Promise<ObservedRights> {
        const namespaces = [...new Set(this.needed.flatMap(({ namespace }) => namespace ?? []))];
        try {
            const reviews = await Promise.all(namespaces.map((namespace) => this.review(namespace)));
            const missing = missingRights(
                this.needed,
                new Map(reviews.map(({ namespace, rules }) => [namespace, rules])),
            );
            const partial = reviews.find(({ incomplete }) => incomplete);
            return missing.length === 0 || partial === undefined
                ? { missing }
                : { unknown: `the cluster does not tell all of them${partial.why === "" ? "" : `: ${partial.why}`}` };
        } catch (error) {
            return { unknown: printable(error instanceof Error ? error.message : String(error)) };
        }
    }

    private async review(namespace: string) {
        const answer = await this.cluster.ask(
            "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
            { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } },
            budget,
        );
        const { resourceRules, incomplete, evaluationError } = reviewSchema.parse(answer).status;
        return { namespace, rules: resourceRules, incomplete, why: printable(evaluationError ?? "") };
    }
}

const texts = z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []);

const reviewSchema = z.object({
    status: z.object({
        resourceRules: z
            .array(z.object({ verbs: texts, apiGroups: texts, resources: texts, resourceNames: texts }))
            .nullish()
            .transform((rules): Granted[] => rules ?? []),
        incomplete: z.boolean().default(false),
        evaluationError: z.string().optional(),
    }),
});
