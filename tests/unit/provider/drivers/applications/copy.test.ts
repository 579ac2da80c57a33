import assert from "node:assert/strict";
import { WaitError } from "../../../../../provider/clients/kubernetes/wait";
import type { KubernetesObject } from "../../../../../provider/clients/kubernetes/cluster";
import { runActions } from "../../../../../provider/drivers/action";
import { awaitCopy, copyUnderWay } from "../../../../../provider/drivers/applications/copy";
import type { ApplicationContext } from "../../../../../provider/drivers/applications/context";
import { type ApplicationState, readMirror } from "../../../../../provider/drivers/applications/observe";
import { progressOf } from "../../../../../provider/roles/copy";
import { settingsOfShop } from "./view";

const spec = { desiredState: "Established", sourceApplicationUID: "uid-west" };
const establishing = mirrorOf({ state: "Establishing" });
const established = mirrorOf({ state: "Established", lastTransferredSnapshot: { name: "custom-1" } });

function mirrorOf(status: object): KubernetesObject {
    return { apiVersion: "", kind: "", metadata: { name: "shop" }, spec, status };
}

/** A site whose mirror the watch does not see established; what `get` and the array then say. */
function waitingSite(told: { mirror: KubernetesObject; idle?: string; copy?: number; seesIt?: boolean }) {
    const asked: string[] = [];
    const settings = settingsOfShop();
    const context = {
        settings: {
            ...settings,
            timeouts: { ...settings.timeouts, ...(told.copy === undefined ? {} : { copy: told.copy }) },
        },
        cluster: {
            waitFor: () =>
                told.seesIt === true
                    ? Promise.resolve()
                    : Promise.reject(new WaitError("not Established after 1 s", "east", "wait", told.mirror)),
            get: () => Promise.resolve(told.mirror),
        },
        volumes: {
            idle: () => Promise.resolve(told.idle),
            survey: () =>
                Promise.resolve({
                    volumes: [
                        {
                            claim: "shop/data",
                            into: { transfer: { state: "transferring", bytes: 2 * 2 ** 30, seconds: 60 } },
                        },
                    ],
                }),
            requireMirrored: () => Promise.resolve(void asked.push("require mirrored")),
        },
        signal: new AbortController().signal,
    } as unknown as ApplicationContext;
    const actions = awaitCopy(context, { mirror: readMirror(establishing) } as ApplicationState, "uid-west");
    return { asked, actions, run: () => runActions(actions, () => undefined, "east") };
}

const now = new Date("2026-11-27T15:00:00Z");
const holds = [{ volume: "shop/data", snapshots: [], usedBytes: 4 * 2 ** 30 }];

/** The lines of a wait that reports after so many seconds each. */
async function toldWhile(
    reports: readonly number[],
    howFar: NonNullable<ApplicationContext["howFar"]>,
): Promise<string[]> {
    const lines: string[] = [];
    const context = {
        settings: settingsOfShop(),
        howFar,
        volumes: { requireMirrored: () => Promise.resolve() },
        cluster: {
            waitFor: async (...args: [...unknown[], { onProgress(last: KubernetesObject, seconds: number): void }]) => {
                const { onProgress } = args.at(-1) as { onProgress(last: KubernetesObject, seconds: number): void };
                for (const seconds of reports) {
                    onProgress(establishing, seconds);
                    await new Promise((resolve) => setImmediate(resolve));
                }
            },
        },
        signal: new AbortController().signal,
    } as unknown as ApplicationContext;
    const actions = awaitCopy(context, { mirror: readMirror(establishing) } as ApplicationState, "uid-west");
    await runActions(actions, (line) => lines.push(line), "east");
    return lines.filter((line) => line.startsWith("waiting for "));
}

describe("the wait for an application's copy", () => {
    it("has nothing to wait for once it is complete, and is from this very source", () => {
        const { context } = { context: { settings: settingsOfShop() } as unknown as ApplicationContext };
        const state = { mirror: readMirror(established) } as ApplicationState;
        assert.deepEqual(awaitCopy(context, state, "uid-west"), []);
        assert.equal(awaitCopy(context, state, "uid-anew").length, 2);
    });

    it("tells from ten seconds on what the array has of it, as it was last read, and waits for no answer", async () => {
        const answers = [progressOf([{ volume: "shop/data", state: "transferring", bytes: 2 ** 30 }], holds, now)];
        const lines = await toldWhile([5, 10, 15, 20], () =>
            Promise.resolve(answers.shift() ?? { readAt: now.toISOString(), volumes: {} }),
        );
        const wait = "waiting for AppMirrorRelationship shop/shop to be Established";
        assert.deepEqual(lines, [
            `${wait}, 5 s: Establishing`,
            `${wait}, 10 s: Establishing`,
            `${wait}, 15 s: Establishing; 0 of 1 volumes complete, 1.0 GiB of an estimated 4.0 GiB copied; when it will be complete is not known (read ${now.toISOString()})`,
            `${wait}, 20 s: Establishing`,
        ]);
    });

    it("goes on where that cannot be read", async () => {
        const lines = await toldWhile([10, 15], () => Promise.reject(new Error("the array does not answer")));
        assert.deepEqual(
            lines.map((line) => line.endsWith(" s: Establishing")),
            [true, true],
        );
    });

    it("leaves it to itself when every transfer runs, and asks for no complete one then", async () => {
        const { asked, run, actions } = waitingSite({ mirror: establishing, copy: 10 });
        assert.equal(actions[0]!.unlessLong, "if the copy is complete by then");
        await run();
        assert.deepEqual(asked, []);
    });

    it("checks the array when it has come to an end meanwhile", async () => {
        const late = waitingSite({ mirror: established, copy: 10 });
        await late.run();
        const early = waitingSite({ mirror: establishing, copy: 10, seesIt: true });
        await early.run();
        assert.deepEqual([late.asked, early.asked], [["require mirrored"], ["require mirrored"]]);
    });

    it("fails when a transfer does not run, with what keeps it, and with an error of the mirror", async () => {
        const idle = waitingSite({ mirror: establishing, copy: 900, idle: "shop/data has no volume yet" });
        await assert.rejects(
            idle.run(),
            /not complete after 1 s, and not all of its transfers run: shop\/data has no volume/,
        );
        const failing = waitingSite({ mirror: mirrorOf({ state: "Establishing", error: "no space" }), copy: 900 });
        await assert.rejects(failing.run(), /transfers run: no space\. What has been replicated.*pulumi up --stack/);
    });

    it("waits to the end where it is asked to, and fails as late, with what the array has by then", async () => {
        const { run, actions } = waitingSite({ mirror: establishing });
        assert.equal(actions[0]!.unlessLong, undefined);
        await assert.rejects(
            run(),
            /not Established after 1 s\. On the array of east: 0 of 1 volumes complete, 2\.0 GiB more copied at 34\.1 MiB\/s.*goes on at east by itself.*pulumi up --stack east/,
        );
    });
});

describe("a copy of an application that is being made", () => {
    const into = {
        source: "svm_west:v1",
        destination: "svm_east:v1",
        state: "uninitialized",
        healthy: true,
        why: "",
        policy: "",
        lagSeconds: undefined,
    };
    const volume = { volume: "v1", type: "dp", state: "online", outOf: [] };
    const survey = {
        strays: [],
        volumes: [
            { ...volume, claim: "shop/data", into: { ...into, transfer: { state: "transferring", bytes: 5 } } },
            { ...volume, claim: "shop/logs", into: { ...into, state: "snapmirrored" } },
            { ...volume, claim: "shop/more", into: undefined },
        ],
    };

    it("is told by claim, as long as it is not complete", () => {
        assert.deepEqual(copyUnderWay(readMirror(establishing), survey), [
            { volume: "shop/data", state: "transferring", bytes: 5 },
            { volume: "shop/logs", state: "complete" },
            { volume: "shop/more", state: "without a mirror" },
        ]);
        assert.deepEqual(copyUnderWay(readMirror(establishing), undefined), []);
        assert.equal(copyUnderWay(readMirror(established), survey), undefined);
        assert.equal(copyUnderWay(undefined, survey), undefined);
    });

    it("is none once the mirror is promoted", () => {
        const promoted = { ...readMirror(establishing), desiredState: "Promoted", state: "Promoting" };
        assert.equal(copyUnderWay(promoted, survey), undefined);
    });
});
