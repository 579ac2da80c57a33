import { isIP } from "node:net";
import { z } from "zod";
import { explainIssues } from "../clients/ontap/answers";
import { ontapEndpointSchema } from "../clients/ontap/endpoint";

const MILLISECONDS = { s: 1_000, m: 60_000, h: 3_600_000 };

const text = z.string().min(1, "expected a text that is not empty");
const address = z.string().refine((value) => isIP(value) !== 0, "expected an IP address");
const timeSpan = z.string().regex(/^[1-9][0-9]*(s|m|h)$/, "expected a time span such as 30s, 10m or 2h");

const inputsSchema = z.object({
    site: text,
    peerSite: text,
    /** Management endpoint of the site's own cluster. */
    endpoint: ontapEndpointSchema,
    /** The site's own SVM. */
    svm: text,
    peer: z.object({
        svm: text,
        /** Name of the other cluster; without it the peer is recognised by its addresses alone. */
        cluster: text.optional(),
        /** Intercluster addresses of the other cluster; none when both SVMs are in one cluster. */
        interclusterAddresses: z.array(address),
    }),
    /** Whether a cluster peering that exists before the first `up` is taken on. Default true. */
    adopt: z.boolean().optional(),
    timeouts: z
        .object({
            /** One call, with its repetitions. Default `90s`. */
            request: timeSpan.optional(),
            /** After a change: until the peer's half answers. Default `10s`. */
            peering: timeSpan.optional(),
        })
        .optional(),
});

/** What is declared of a peering, seen from one site. Nothing in it is secret. */
export type PeeringInputs = z.infer<typeof inputsSchema>;

/** Names of the inputs, as they are kept in the state. */
export const inputKeys = Object.keys(inputsSchema.shape) as (keyof PeeringInputs)[];

export type ParsedPeeringInputs = { ok: true; inputs: PeeringInputs } | { ok: false; problems: string[] };

/** Validates what a program declares, as a whole: every problem is told, with its key, what was expected and found. */
export function parsePeeringInputs(value: unknown): ParsedPeeringInputs {
    const parsed = inputsSchema.safeParse(value);
    if (!parsed.success) {
        return { ok: false, problems: explainIssues(parsed.error, value) };
    }
    const { site, peerSite } = parsed.data;
    if (site !== peerSite) {
        return { ok: true, inputs: parsed.data };
    }
    return { ok: false, problems: [`key "peerSite": expected another site than ${site}, found the same`] };
}

/** What may not change in a peering's life: another value means another peering. */
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

/** Milliseconds of a time span such as `30s`, `10m` or `2h`. */
export function millisecondsOf(span: string | undefined): number | undefined {
    if (span === undefined) {
        return undefined;
    }
    return Number(span.slice(0, -1)) * MILLISECONDS[span.slice(-1) as keyof typeof MILLISECONDS];
}
