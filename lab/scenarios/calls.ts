/** A call as a preview announces it, without what it is for. */
export interface AnnouncedCall {
    call: string;
    /** Whether a condition may skip it: its line ends with ` (if …)`. */
    conditional: boolean;
}

/** What a preview announced against what `up` then did; each call is listed as often as it is missing. */
export interface Comparison {
    /** Writes that were made and not announced, or made more often than announced. */
    unannounced: string[];
    /** Writes that were announced without a condition and not made, or made less often than announced. */
    notMade: string[];
}

/**
 * Compares as multisets: a call that was announced once and made twice was not announced the second time. An announced
 * call with a condition covers a write, and does not need to be made; reads are compared with nothing, since no server's
 * log tells which of them the preview meant.
 *
 * @param executed the writes that the servers wrote down
 */
export function compareCalls(announced: readonly AnnouncedCall[], executed: readonly string[]): Comparison {
    const writes = announced.filter(({ call }) => changesSomething(call));
    const required = writes.filter(({ conditional }) => !conditional).map(({ call }) => call);
    return {
        unannounced: without(
            executed,
            writes.map(({ call }) => call),
        ),
        notMade: without(required, executed),
    };
}

/**
 * Whether an announced call is a write: one that a server writes down as a change. It begins with the verb of such a
 * call, of Kubernetes in small letters and of ONTAP or S3 in capitals. Anything else only reads: `GET`, `wait`, `check`,
 * `read`.
 */
export function changesSomething(call: string): boolean {
    return /^(apply|create|update|patch|delete|POST|PUT|PATCH|DELETE) /.test(call);
}

/** The first list less the second one, each as often as it occurs. */
function without(calls: readonly string[], others: readonly string[]): string[] {
    const left = [...others];
    return calls.filter((call) => {
        const index = left.indexOf(call);
        if (index >= 0) {
            left.splice(index, 1);
        }
        return index < 0;
    });
}
