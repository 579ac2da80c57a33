import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../../../provider/clients/kubernetes/cluster";
import { KubernetesError } from "../../../../../provider/clients/kubernetes/errors";
import { kinds } from "../../../../../provider/clients/kubernetes/kinds";
import { defaultPace } from "../../../../../provider/clients/kubernetes/pace";
import { type Awaited, WaitError, waitUntil } from "../../../../../provider/clients/kubernetes/wait";

const pace = { ...defaultPace, firstPause: 50, longestPause: 400 };
const object = (state: string): KubernetesObject => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "x" },
    status: { state },
});
const isDone = (seen: KubernetesObject | undefined) =>
    (seen?.status as { state?: string } | undefined)?.state === "Done";
const busy = new KubernetesError("the API is not available", "unavailable", "east", "get", {
    answered: true,
    notDone: false,
});

/** Reads give what is listed, the last one again and again; watches end at once and deliver nothing. */
function awaited(reads: (KubernetesObject | Error)[], made: string[]): Awaited {
    return {
        site: "east",
        kind: kinds.configMap,
        name: { name: "x", namespace: "shop" },
        what: "Done",
        reached: isDone,
        read: () => {
            made.push("read");
            const next = reads.length > 1 ? reads.shift()! : reads[0]!;
            return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
        },
        watch: (last) => {
            made.push("watch");
            return Promise.resolve({ last, reached: false });
        },
    };
}

describe("waiting for an object", () => {
    it("pauses ever longer where watches end at once, and says what was last seen", async () => {
        const made: string[] = [];
        await assert.rejects(waitUntil(awaited([object("Running")], made), { deadline: 1_000 }, pace), (error) => {
            assert.ok(error instanceof WaitError);
            assert.match(error.message, /^east: ConfigMap shop\/x is not Done after 1 s; last seen: Running$/);
            assert.deepEqual(error.last, object("Running"));
            return true;
        });
        assert.ok(made.length < 20, `${made.length} requests in a second`);
    });

    it("goes on after what passes, and finds by reading what no watch delivered", async () => {
        const made: string[] = [];
        const found = await waitUntil(
            awaited([busy, object("Running"), busy, object("Done")], made),
            { deadline: 60_000 },
            pace,
        );
        assert.deepEqual(found, object("Done"));
        assert.deepEqual(made, ["read", "read", "watch", "read", "read"]);
    });

    it("ends at once with what does not pass", async () => {
        const made: string[] = [];
        const refused = new KubernetesError("no right", "forbidden", "east", "get");
        await assert.rejects(waitUntil(awaited([refused], made), { deadline: 60_000 }, pace), /no right/);
        assert.deepEqual(made, ["read"]);
    });

    it("says why nothing newer was seen, and that it was interrupted", async () => {
        const interrupt = AbortSignal.abort();
        await assert.rejects(
            waitUntil(awaited([object("Running"), busy], []), { deadline: 300 }, pace),
            /last seen: Running; since then the API is not available$/,
        );
        await assert.rejects(
            waitUntil(awaited([object("Running")], []), { deadline: 60_000, signal: interrupt }, pace),
            /is not Done after 0 s, and the run was interrupted; last seen: Running$/,
        );
    });
});
