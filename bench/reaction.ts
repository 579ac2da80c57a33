import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { askedBy, isOfProduct } from "../lab/kubernetes/auditLog";

/**
 * Milliseconds from the state of a mirror that was waited for until the next request about its application, one for each
 * namespace in which there was a wait since a time. The API server wrote both down: the state is there when somebody else
 * than the product has sent the last status that came while the product watched; and the next request is the product's
 * first one in that namespace after it.
 */
export function reactionsIn(lines: readonly string[], namespaces: readonly string[], since: Date): number[] {
    const events = lines
        .map((line) => eventSchema.parse(JSON.parse(line)))
        .filter(({ stage, received }) => stage === "ResponseComplete" && received >= since.getTime());
    return namespaces.flatMap((namespace) => {
        const reaction = reactionOf(events.filter(({ objectRef }) => objectRef?.namespace === namespace));
        return reaction === undefined ? [] : [reaction];
    });
}

/** The same of a file. */
export function reactionsInLog(auditLog: string, namespaces: readonly string[], since: Date): number[] {
    const text = existsSync(auditLog) ? readFileSync(auditLog, "utf8") : "";
    return reactionsIn(text.split("\n").filter(Boolean), namespaces, since);
}

/** Undefined where there was no wait, or where its state was there before. */
function reactionOf(events: readonly Event[]): number | undefined {
    const ofProduct = events.filter(isOfProduct);
    const wait = latest(ofProduct.filter(isWatchOfMirror), ({ completed }) => completed);
    if (wait === undefined) {
        return undefined;
    }
    const statuses = events.filter((event) => !isOfProduct(event) && isStatusOfMirror(event));
    const during = statuses.filter(({ received }) => received >= wait.received && received <= wait.completed);
    const reached = latest(during, ({ received }) => received)?.received;
    const next = ofProduct
        .filter(({ verb, received }) => verb !== "watch" && reached !== undefined && received > reached)
        .map(({ received }) => received);
    return reached === undefined || next.length === 0 ? undefined : Math.min(...next) - reached;
}

function isWatchOfMirror({ verb, objectRef }: Event): boolean {
    return verb === "watch" && objectRef?.resource === mirrors;
}

function isStatusOfMirror({ objectRef }: Event): boolean {
    return objectRef?.resource === mirrors && objectRef.subresource === "status";
}

const mirrors = "appmirrorrelationships";

function latest(events: readonly Event[], timeOf: (event: Event) => number): Event | undefined {
    return [...events].sort((left, right) => timeOf(right) - timeOf(left))[0];
}

const eventSchema = z
    .object({
        stage: z.string(),
        verb: z.string(),
        user: askedBy,
        requestReceivedTimestamp: z.string(),
        stageTimestamp: z.string(),
        objectRef: z
            .object({ resource: z.string(), subresource: z.string().optional(), namespace: z.string().optional() })
            .optional(),
    })
    .transform(({ requestReceivedTimestamp, stageTimestamp, ...event }) => ({
        ...event,
        received: Date.parse(requestReceivedTimestamp),
        completed: Date.parse(stageTimestamp),
    }));

type Event = z.infer<typeof eventSchema>;
