import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { parseRecord, type RoleRecord } from "../provider/roles/record";

/** What the peer's stack publishes about one protected item. "Unknown" is not "never deployed". */
export type PeerRecord =
    | {
          known: true;
          record: RoleRecord | null;
          /** Whether a copy to the peer's site is being made that is not complete yet. Default: none. */
          establishing?: true;
      }
    | { known: false; why: string };

/** The outputs of the peer's stack as of its last `pulumi up`, or why they cannot be read. */
export type PeerOutputs = { known: true; outputs: Record<string, unknown> } | { known: false; why: string };

/** The output under which each stack publishes what its peer needs, unless a pair has another one. */
export const defaultOutputName = "tridentDr";

/** How long to wait for the state backend. */
const timeoutSeconds = 20;

/**
 * Reads the outputs of the peer's stack. It makes the same request as a StackReference, but turns a stack that cannot be
 * read into a value: a StackReference would end the program, and with it a takeover that needs nothing from the peer.
 *
 * @param stack The full name, `<organization>/<project>/<stack>`, or undefined for a pair that reads no peer.
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
    return pulumi.output(withinTimeout(stack, reading)) as pulumi.Output<PeerOutputs>;
}

/** The record of a protected item in the peer's outputs, in that of the pair. */
export function recordIn(peer: PeerOutputs, site: string, item: string, outputName: string): PeerRecord {
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
    const { record, establishing } = published.data.applications[item] ?? {};
    const copy = establishing === undefined || establishing === null ? {} : { establishing: true as const };
    if (record === undefined || record === null) {
        return { known: true, record: null, ...copy };
    }
    const parsed = parseRecord(record);
    return parsed.ok
        ? { known: true, record: parsed.record, ...copy }
        : { known: false, why: `${site}'s record of ${item} cannot be read: ${parsed.why}` };
}

const publication = z.object({
    site: z.string(),
    applications: z.record(z.string(), z.object({ record: z.unknown(), establishing: z.unknown().optional() })),
});

function whyUnreadable(stack: string, error: unknown): string {
    const message = error instanceof Error ? error.message : String(error);
    const name = stack.split("/").at(-1)!;
    return /unknown stack|no stack named|not found/i.test(message)
        ? `there is no stack ${stack}: create it with "pulumi stack init ${name}"`
        : `the outputs of stack ${stack} cannot be read: ${message}`;
}

function withinTimeout(stack: string, reading: Promise<PeerOutputs>): Promise<PeerOutputs> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<PeerOutputs>((resolve) => {
        const why = `timed out after ${timeoutSeconds} s reading stack ${stack} from the state backend`;
        timer = setTimeout(() => resolve({ known: false, why }), timeoutSeconds * 1000);
    });
    return Promise.race([reading, timeout]).finally(() => clearTimeout(timer));
}
