import { z } from "zod";
import { printable } from "../../support/printable";

const failure = z.looseObject({
    error: z.string().nullish(),
    exitCode: z.number().nullish(),
    stderr: z.string().nullish(),
    isTimeout: z.boolean().nullish(),
    isExecError: z.boolean().nullish(),
    timeoutMinutes: z.number().nullish(),
});

/** One hook in one container. */
const result = z.looseObject({
    execHookRef: z.string(),
    namespace: z.string().nullish(),
    podName: z.string().nullish(),
    containerName: z.string().nullish(),
    failures: z.array(failure).nullish(),
});

/** Fields of a status in which Trident Protect keeps what its hooks did, and what they are called in a sentence. */
const lists = {
    preSnapshotExecHooksRunResults: "pre-snapshot hook",
    postSnapshotExecHooksRunResults: "post-snapshot hook",
    postRestoreExecHooksRunResults: "post-restore hook",
} as const;

/**
 * What the hooks of a snapshot or a restore say that failed: one clause each. Trident Protect completes it all the same
 * (docs/facts/trident-protect.md#jobs-and-hooks).
 */
export function failedHooks(status: unknown): string[] {
    return Object.entries(lists).flatMap(([field, what]) =>
        failuresIn((status as Record<string, unknown> | undefined)?.[field], what),
    );
}

/** The same of a list of results. What is not of the known form says nothing. */
export function failuresIn(results: unknown, what: string): string[] {
    if (!Array.isArray(results)) {
        return [];
    }
    return results.flatMap((one) => {
        const parsed = result.safeParse(one);
        const failures = parsed.data?.failures ?? [];
        // Of several attempts the last one counts.
        return parsed.success && failures.length > 0 ? [describe(what, parsed.data, failures.at(-1)!)] : [];
    });
}

function describe(what: string, one: z.infer<typeof result>, how: z.infer<typeof failure>): string {
    const { execHookRef, namespace, podName, containerName } = one;
    const pod = podName ? ` in Pod ${namespace ? `${namespace}/` : ""}${podName}` : "";
    const container = containerName ? ` (container ${containerName})` : "";
    return printable(`${what} ${execHookRef} failed${pod}${container}: ${reasonOf(how)}`, longest);
}

/** A script's own words are worth more than a line. */
const longest = 600;

function reasonOf({
    error,
    exitCode,
    stderr,
    isTimeout,
    isExecError,
    timeoutMinutes,
}: z.infer<typeof failure>): string {
    const words = [stderr, error].map((text) => text?.trim() ?? "").find((text) => text !== "");
    if (isTimeout === true) {
        const limit = timeoutMinutes ? ` within ${timeoutMinutes} minutes` : " in time";
        return `it did not end${limit}${words === undefined ? "" : `: ${words}`}`;
    }
    if (isExecError === true) {
        return `it could not be run${words === undefined ? "" : `: ${words}`}`;
    }
    const code = typeof exitCode === "number" ? `exit code ${exitCode}` : "it gives no exit code";
    return words === undefined ? code : `${code}: ${words}`;
}
