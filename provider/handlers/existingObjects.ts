import { z } from "zod";
import type { Cluster, KubernetesObject } from "../clients/kubernetes/cluster";
import { KubernetesError } from "../clients/kubernetes/errors";
import { describeObject } from "../clients/kubernetes/objects";
import { upCommand } from "../roles/messages/commands";
import { text, type Message } from "../roles/messages/message";
import { printable } from "../support/printable";

const expectation = z.object({
    /** Where in the object, key by key; `*` stands for each key that is there. */
    at: z.array(z.string()).min(1),
    /** What may be there. Default: anything, and nothing of it is shown. */
    values: z.array(z.string()).optional(),
    /** Whether there may be nothing. Default false. */
    optional: z.boolean().optional(),
    /** What for, as the rest of a sentence. */
    why: z.string(),
});

/** An object that somebody else made and keeps: it is read, and never written. */
export const existingSchema = z.object({
    apiVersion: z.string(),
    kind: z.string(),
    plural: z.string(),
    namespace: z.string().optional(),
    name: z.string(),
    /** The argument or configuration key that names it. */
    key: z.string(),
    /** Who has to make it. */
    maker: z.string(),
    expects: z.array(expectation),
});

export type ExistingObject = z.infer<typeof existingSchema>;
type Expectation = z.infer<typeof expectation>;

/** An object that is not there, or not as it has to be. */
export interface Unfit {
    object: ExistingObject;
    problem: Message;
}

/** What of the objects cannot be used. A cluster that does not answer tells nothing: whoever needs it says so. */
export async function unfitObjects(
    cluster: Pick<Cluster, "get">,
    site: string,
    objects: readonly ExistingObject[],
): Promise<Unfit[]> {
    const problems = await Promise.all(objects.map((object) => problemOf(cluster, site, object)));
    return objects.flatMap((object, index) => {
        const problem = problems[index];
        return problem === undefined ? [] : [{ object, problem }];
    });
}

async function problemOf(
    cluster: Pick<Cluster, "get">,
    site: string,
    object: ExistingObject,
): Promise<Message | undefined> {
    try {
        const found = await cluster.get(object, object);
        return found === undefined ? missing(site, object) : mismatch(site, object, found);
    } catch (error) {
        if (!(error instanceof KubernetesError)) {
            throw error;
        }
        return error.kind === "forbidden" || error.kind === "kind-missing" ? error.message : undefined;
    }
}

function missing(site: string, object: ExistingObject): Message {
    const fields = object.expects
        .filter(({ optional }) => optional !== true)
        .map(({ at, values }) => `${at.join(".")}${values === undefined ? "" : ` ${values.join(" or ")}`}`);
    const withFields = fields.length === 0 ? "" : `, with ${fields.join(", ")}`;
    return text`${site}: ${describeObject(object, object)} does not exist. ${object.key} names it, so this stack does not create it: ${object.maker} has to${withFields}; then ${upCommand(site)}`;
}

function mismatch(site: string, object: ExistingObject, found: KubernetesObject): Message | undefined {
    const wrong = object.expects.flatMap((expected) =>
        valuesAt(found, expected.at)
            .filter(({ value }) => !fits(expected, value))
            .map(
                ({ path, value }) =>
                    `${path}: expected ${wanted(expected)}, found ${shown(expected, value)}, ${expected.why}`,
            ),
    );
    return wrong.length === 0
        ? undefined
        : text`${site}: ${describeObject(object, object)} cannot be used as it is: ${wrong.join("; ")}. ${object.key} names it, and this stack does not change it: ${object.maker} has to, or name another one; then ${upCommand(site)}`;
}

function fits({ values, optional }: Expectation, value: unknown): boolean {
    return isNothing(value) ? optional === true : values === undefined || values.includes(String(value));
}

function wanted({ values }: Expectation): string {
    return values === undefined ? "a value" : values.join(" or ");
}

/** What has no expected value may be a secret. */
function shown({ values }: Expectation, value: unknown): string {
    if (isNothing(value)) {
        return "nothing";
    }
    return values === undefined
        ? "something else"
        : printable(typeof value === "string" ? value : JSON.stringify(value));
}

function isNothing(value: unknown): boolean {
    return value === undefined || value === null || value === "";
}

/** What is at a path; with `*`, at each of several. */
function valuesAt(value: unknown, path: readonly string[], before = ""): { path: string; value: unknown }[] {
    const [key, ...rest] = path;
    if (key === undefined) {
        return [{ path: before, value }];
    }
    const inside = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
    const keys = key === "*" ? Object.keys(inside) : [key];
    return keys.flatMap((one) => valuesAt(inside[one], rest, before === "" ? one : `${before}.${one}`));
}
