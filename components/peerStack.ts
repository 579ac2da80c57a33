import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { parseRecord, type RoleRecord } from "../provider/roles/record";

/** What the peer's stack says of one application. Not to be known is never the same as to be nothing yet. */
export type PeerRecord = { known: true; record: RoleRecord | null } | { known: false; why: string };

/** All that is read of the peer: what its last `pulumi up` left, or why that cannot be told. */
export type PeerOutputs = { known: true; outputs: Record<string, unknown> } | { known: false; why: string };

/** Name of the output under which each stack publishes what its peer needs. */
export const outputName = "tridentDr";

/** A state backend that does not answer within this is not waited for. */
const patienceSeconds = 20;

/** Full name of this stack: `<organization>/<project>/<stack>`. */
export function ownStackName(): string {
    return `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
}

/** Full name of another stack of the same project. */
export function siblingStackName(own: string, stack: string): string {
    return [...own.split("/").slice(0, -1), stack].join("/");
}

/** A stack's name as the CLI takes it in the folder of the project of `own`. */
export function withinProject(stack: string, own: string): string {
    const project = siblingStackName(own, "");
    return stack.startsWith(project) ? stack.slice(project.length) : stack;
}

/**
 * Reads the outputs of the peer's stack. It asks what a StackReference asks, but a stack that cannot be read becomes
 * a value: a StackReference would end the program, and with it a takeover that needs nothing from the peer.
 *
 * @param stack full name, `<organization>/<project>/<stack>`, or undefined for a pair that reads no peer
 */
export function readPeerStack(stack: string | undefined): pulumi.Output<PeerOutputs> {
    if (stack === undefined) {
        return pulumi.output({ known: false, why: "the configuration names no stack of the peer (peerStack is none)" });
    }
    const reading = pulumi.runtime
        .invoke("pulumi:pulumi:readStackOutputs", { name: stack }, { async: true })
        .then((answer: { outputs?: Record<string, unknown> }): PeerOutputs => ({
            known: true,
            outputs: answer.outputs ?? {},
        }))
        .catch((error: unknown): PeerOutputs => ({ known: false, why: whyUnreadable(stack, error) }));
    return pulumi.output(withinPatience(stack, reading)) as pulumi.Output<PeerOutputs>;
}

/** What the peer's outputs say of an application. */
export function recordIn(peer: PeerOutputs, site: string, application: string): PeerRecord {
    if (!peer.known) {
        return peer;
    }
    if (Object.keys(peer.outputs).length === 0) {
        return { known: true, record: null };
    }
    const published = publication.safeParse(peer.outputs[outputName]);
    if (!published.success) {
        return { known: false, why: `the outputs of ${site}'s stack hold no ${outputName} that can be read` };
    }
    if (published.data.site !== site) {
        return { known: false, why: `the stack that should be ${site}'s says that it is ${published.data.site}'s` };
    }
    const record = published.data.applications[application]?.record;
    if (record === undefined || record === null) {
        return { known: true, record: null };
    }
    const parsed = parseRecord(record);
    return parsed.ok
        ? { known: true, record: parsed.record }
        : { known: false, why: `${site}'s record of ${application} cannot be read: ${parsed.why}` };
}

const publication = z.object({
    site: z.string(),
    applications: z.record(z.string(), z.object({ record: z.unknown() })),
});

function whyUnreadable(stack: string, error: unknown): string {
    const message = error instanceof Error ? error.message : String(error);
    const name = stack.split("/").at(-1)!;
    return /unknown stack|no stack named|not found/i.test(message)
        ? `there is no stack ${stack}: create it with "pulumi stack init ${name}"`
        : `the outputs of stack ${stack} cannot be read: ${message}`;
}

function withinPatience(stack: string, reading: Promise<PeerOutputs>): Promise<PeerOutputs> {
    let timer: NodeJS.Timeout | undefined;
    const impatience = new Promise<PeerOutputs>((resolve) => {
        timer = setTimeout(() => {
            resolve({ known: false, why: `the state backend did not tell of stack ${stack} in ${patienceSeconds} s` });
        }, patienceSeconds * 1000);
    });
    return Promise.race([reading, impatience]).finally(() => clearTimeout(timer));
}
