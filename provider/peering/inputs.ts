import { isIP } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { clusterReferenceSchema } from "../clients/kubernetes/reference";
import { explainIssues } from "../clients/ontap/answers";
import { ontapEndpointSchema } from "../clients/ontap/endpoint";
import { expectedArrayName, isArrayName } from "../clients/ontap/names";
import { durationPattern, expectedDuration } from "../support/duration";
import { failed, ok, type Result } from "../support/result";

const nonEmpty = z.string().min(1, "expected a non-empty string");
const address = z.string().refine((value) => isIP(value) !== 0, "expected an IP address");
const arrayName = z.string().refine(isArrayName, `expected ${expectedArrayName}`);
const duration = z.string().regex(durationPattern, expectedDuration);

/** What the site is to serve: its roles must not wait for the peering, nor fail with it. */
const servesSchema = z.object({
    /** The site's Kubernetes cluster, where the records are. */
    cluster: clusterReferenceSchema,
    /** Each item, with where its record is, and where earlier versions kept it. */
    items: z.array(
        z.object({
            application: nonEmpty,
            namespace: nonEmpty,
            before: nonEmpty.optional(),
            /** The epoch that may begin without the other site. */
            takeover: z.coerce.number().int().positive().optional(),
        }),
    ),
});

const inputsSchema = z.object({
    site: nonEmpty,
    peerSite: nonEmpty,
    /** Management endpoint of the site's own cluster. */
    endpoint: ontapEndpointSchema,
    /** The site's own SVM. */
    svm: arrayName,
    peer: z.object({
        svm: arrayName,
        /** Name of the other cluster; without it the peer is recognised by its addresses alone. */
        cluster: arrayName.optional(),
        /** Intercluster addresses of the other cluster; none when both SVMs are in one cluster. */
        interclusterAddresses: z.array(address),
    }),
    /** Whether a cluster peering that exists before the first `up` is adopted. Default true. */
    adopt: z.boolean().optional(),
    /** Whether others manage it: it is checked, and nothing of it is ever made, changed or removed. Default false. */
    existing: z.boolean().optional(),
    /** Names of the stacks, by site, that are not named like their sites. */
    stacks: z.record(z.string(), z.string()).optional(),
    /** Namespace of the stack's configuration in which the credentials are. */
    configNamespace: nonEmpty.optional(),
    /** Where the account is that signs in at the array, and the cluster with it. Default: in that configuration. */
    accountSecret: z
        .object({
            namespace: nonEmpty,
            name: nonEmpty,
            cluster: clusterReferenceSchema,
        })
        .optional(),
    timeouts: z
        .object({
            /** One call, with its repetitions. Default `90s`. */
            request: duration.optional(),
            /** After a change: until the peer's half answers. Default `10s`. */
            peering: duration.optional(),
        })
        .optional(),
    /** Only where the site is to serve an item. */
    serves: servesSchema.optional(),
    /** Only where all that is mirrored leaves the mirror. */
    leaving: z.boolean().optional(),
});

/** What is declared of a peering, seen from one site. Nothing in it is secret. */
export type PeeringInputs = z.infer<typeof inputsSchema>;

export type ServedItem = z.infer<typeof servesSchema>["items"][number];

/** Names of the inputs, as they are kept in the state. */
export const inputKeys = Object.keys(inputsSchema.shape) as (keyof PeeringInputs)[];

/** Validates what a program declares, as a whole: one line for each problem, with its key, what was expected and found. */
export function parsePeeringInputs(value: unknown): Result<PeeringInputs, string[]> {
    const parsed = inputsSchema.safeParse(value);
    if (!parsed.success) {
        return failed(explainIssues(parsed.error, value, "the inputs"));
    }
    const { site, peerSite } = parsed.data;
    return site === peerSite
        ? failed([`key "peerSite": expected another site than ${site}, found the same`])
        : ok(parsed.data);
}

/**
 * Whether something else is declared than before. Who serves is no part of the peering: a switch does not change it. Nor is
 * where its credentials are configured, or how a machine reaches the cluster with their Secret, as long as that is the
 * machine's own affair.
 */
export function isDeclaredAnew(olds: Record<string, unknown>, news: Record<string, unknown>): boolean {
    return inputKeys.some(
        (key) => !circumstances.includes(key) && !isDeepStrictEqual(compared(olds, key), compared(news, key)),
    );
}

const circumstances: readonly string[] = ["serves", "leaving", "configNamespace"];

function compared(properties: Record<string, unknown>, key: keyof PeeringInputs): unknown {
    if (key !== "accountSecret") {
        return properties[key];
    }
    const { cluster, ...secret } = (properties[key] ?? {}) as { cluster?: { fromConfig?: unknown } };
    return { ...secret, fromConfig: cluster?.fromConfig === true };
}

/** What cannot change during a peering's life: another value means another peering. */
export function identityChanges(olds: PeeringInputs, news: PeeringInputs): string[] {
    const identity = (inputs: PeeringInputs): Record<string, string> => ({
        site: inputs.site,
        peerSite: inputs.peerSite,
        svm: inputs.svm,
        "peer.svm": inputs.peer.svm,
    });
    const before = identity(olds);
    return Object.entries(identity(news))
        .filter(([key, value]) => before[key] !== value)
        .map(
            ([key, value]) =>
                `key "${key}": expected ${before[key]} as before, found ${value}: the peering that exists would be left ` +
                "behind; declare another OntapPeering for it and remove this one",
        );
}
