import assert from "node:assert/strict";
import type { SiteView } from "../../../../provider/drivers/driver";
import { noClaims } from "../../../../provider/engine/claims";
import { execute, pendingSteps } from "../../../../provider/engine/execute";
import { RecordStore } from "../../../../provider/engine/recordStore";
import type { Plan } from "../../../../provider/roles/planner/decision";
import { emptyRecord, type RoleRecord } from "../../../../provider/roles/record";
import type { Step } from "../../../../provider/roles/steps";
import { Seal } from "../../../../provider/support/seal";

const mount = "PATCH /storage/volumes/{archive01}: mounted at /archive01";

/** A site with a volume that both `promote` and `declare-application` mount, if it is not; and the calls it was sent. */
function siteWithVolume(seal?: Seal) {
    const made: string[] = [];
    const view = (): SiteView =>
        ({
            observed: { mirror: undefined },
            actions: () =>
                made.includes(mount)
                    ? []
                    : [{ call: mount, effect: "write", run: () => Promise.resolve(void made.push(mount)) }],
            facts: () => ({}),
            after: () => view(),
            freshFor: () => Promise.resolve(view()),
            heldSnapshots: () => Promise.resolve([]),
        }) as unknown as SiteView;
    const cluster = {
        get: () => Promise.resolve(undefined),
        apply: (object: never) => {
            made.push("apply ConfigMap");
            return Promise.resolve(object);
        },
    };
    const identity = { application: "archive", site: "west", peer: "east" };
    const site = {
        claims: noClaims,
        store: new RecordStore(cluster, { name: "record", namespace: "shop" }, identity, seal),
        progress: () => undefined,
        signal: new AbortController().signal,
    };
    const start = { own: emptyRecord("archive", "west", "east"), view: view(), unmet: [] };
    return { site, start, made };
}

const plan: Plan = {
    kind: "plan",
    verb: "take over with a token",
    steps: [
        { do: "claim", epoch: 2, began: "token", vaults: [] },
        { do: "promote" },
        { do: "declare-application" },
        { do: "record", role: "active", epoch: 2, began: "token", activeSite: "west", mirrorKept: false },
    ],
    notes: [],
};

describe("the pending steps of a plan", () => {
    it("announce each write as often as it is made: once where two steps would make it, and the record's after a claim", async () => {
        const { site, start, made } = siteWithVolume();
        const announced = pendingSteps(site, plan, start).flatMap(({ actions }) => actions.map(({ call }) => call));
        assert.deepEqual(announced, [
            "apply ConfigMap shop/record: epoch 2, claimed",
            mount,
            "apply ConfigMap shop/record: active, epoch 2",
        ]);
        await execute(site, plan, start, () => undefined);
        assert.deepEqual(made, ["apply ConfigMap", mount, "apply ConfigMap"]);
    });

    it("are derived from the site as it is right before each of them, and so is the record", async () => {
        const { site, start, made } = siteWithVolume();
        const [read, touched]: [string[], string[]] = [[], []];
        const viewThat = (isStale: boolean): SiteView =>
            ({
                observed: { mirror: undefined },
                actions: ({ do: step }: Step) => {
                    assert.ok(!isStale, `${step} goes by what an earlier step may have changed`);
                    return [{ call: step, effect: "write", run: () => Promise.resolve(void made.push(step)) }];
                },
                facts: () => {
                    assert.ok(!isStale, "the record keeps what an earlier step may have changed");
                    return {};
                },
                after: ({ do: step }: Step) => {
                    touched.push(step);
                    return viewThat(true);
                },
                freshFor: ({ do: step }: Step) => {
                    read.push(step);
                    return Promise.resolve(viewThat(false));
                },
                heldSnapshots: () => Promise.resolve([]),
            }) as unknown as SiteView;
        await execute(site, plan, { ...start, view: viewThat(false) }, () => undefined);
        assert.deepEqual(touched, ["promote", "declare-application"]);
        assert.deepEqual(read, ["claim", "promote", "declare-application", "record"]);
        assert.deepEqual(made, ["apply ConfigMap", "promote", "declare-application", "apply ConfigMap"]);
    });

    it("are no change where a step only tells something: the role is not recorded once more", async () => {
        const { site, start, made } = siteWithVolume();
        const own: RoleRecord = {
            ...start.own,
            role: "active",
            epoch: 2,
            began: "token",
            activeSite: "west",
            serial: 3,
            holds: [],
        };
        const tells = {
            call: "check Schedule shop/weekly: whose it is",
            effect: "read",
            tells: true,
            run: () => Promise.resolve(),
        };
        const actions = ({ do: step }: { do: string }) => (step === "start-schedules" ? [tells] : []);
        const view = {
            ...start.view,
            actions,
            after: () => view,
            freshFor: () => Promise.resolve(view),
        } as unknown as SiteView;
        const steps: Plan["steps"] = [{ do: "start-schedules" }, plan.steps.at(-1)!];
        const held: Plan = { ...plan, verb: "hold", steps };
        const pending = pendingSteps(site, held, { ...start, own, view });
        assert.deepEqual(
            pending.map(({ step }) => step.do),
            ["start-schedules"],
        );
        await execute(site, held, { ...start, own, view }, () => undefined);
        assert.deepEqual(made, []);
    });

    it("announce the claim of an epoch that was claimed to begin with a token, and begins without one", async () => {
        const { site, start, made } = siteWithVolume();
        const own: RoleRecord = {
            ...start.own,
            role: "standby",
            epoch: 1,
            serial: 3,
            holds: [],
            underWay: { verb: "take over with a token", epoch: 2, began: "token", claimed: true },
        };
        const takeOver: Plan = {
            kind: "plan",
            verb: "take over without a token",
            steps: [
                { do: "mark", verb: "take over without a token", epoch: 2, began: "takeover" },
                { do: "claim", epoch: 2, began: "takeover", vaults: [] },
            ],
            notes: [],
        };
        const pending = pendingSteps(site, takeOver, { ...start, own });
        await execute(site, takeOver, { ...start, own }, () => undefined);
        assert.deepEqual(
            [pending.map(({ step }) => step.do), made],
            [
                ["mark", "claim"],
                ["apply ConfigMap", "apply ConfigMap"],
            ],
        );
    });

    it("write a record of the key before once more under the present one, once, and change nothing else", async () => {
        const [first, second] = ["the first key of the pair, 32 long", "the second key of the pair, 32 long"];
        const { site, start, made } = siteWithVolume(new Seal({ current: second, previous: first }));
        const own: RoleRecord = new Seal({ current: first }).on<RoleRecord>("record", {
            ...start.own,
            role: "stood-down",
            epoch: 1,
            serial: 3,
            holds: [],
        });
        const hold: Plan = { kind: "plan", verb: "hold", steps: [{ do: "authenticate-record" }], notes: [] };
        const announced = pendingSteps(site, hold, { ...start, own }).flatMap(({ actions }) => actions);
        assert.deepEqual(
            announced.map(({ call }) => call),
            ["apply ConfigMap shop/record: authenticated with the pair's key"],
        );
        const { record } = await execute(site, hold, { ...start, own }, () => undefined);
        assert.deepEqual(made, ["apply ConfigMap"]);
        assert.equal(site.store.isAuthenticated(record), true);
        assert.deepEqual({ ...record, mac: "", serial: 3 }, { ...own, mac: "" });
        assert.deepEqual(pendingSteps(site, hold, { ...start, own: record }), []);
    });

    it("mark a takeover again when its token is another than the one that is written down", () => {
        const { site, start } = siteWithVolume();
        const written = {
            application: "archive",
            epoch: 1,
            from: "east",
            to: "west",
            finalSnapshot: "final",
            archivePath: "",
            applicationUid: "uid-east",
            time: "2026-11-22T03:00:00Z",
        };
        const verb = "take over with a token" as const;
        const own = { ...start.own, underWay: { verb, epoch: 2, began: "token" as const, token: written } };
        const pending = (token: typeof written) => {
            const steps: Plan["steps"] = [{ do: "mark", verb, epoch: 2, began: "token", token }];
            return pendingSteps(site, { ...plan, steps }, { ...start, own }).length;
        };
        assert.equal(pending({ ...written }), 0);
        assert.equal(pending({ ...written, finalSnapshot: "another" }), 1);
    });
});

describe("the trial whether claims are guarded", () => {
    const first: Plan = { ...plan, steps: [{ do: "await-prerequisites", forMirror: false }, plan.steps.at(-1)!] };
    const probing = (guarded: boolean | undefined) => {
        const { site, start, made } = siteWithVolume();
        const run = () => Promise.resolve(void made.push("probe"));
        const probe = () => ({ actions: [{ call: "probe", effect: "write" as const, run }], guarded: () => guarded });
        return { site: { ...site, claims: { ...noClaims, probe } }, start, made };
    };

    it("is made with a site's first role, and its result is in the record", async () => {
        for (const guarded of [true, false, undefined]) {
            const { site, start, made } = probing(guarded);
            const { record } = await execute(site, first, start, () => undefined);
            assert.equal(record.guardedClaims, guarded);
            assert.deepEqual(made, ["probe", "apply ConfigMap"]);
        }
    });

    it("is not made once more, nor by a run that could not remember it", () => {
        const { site, start } = probing(true);
        const known = { ...start, own: { ...start.own, guardedClaims: false } };
        const waits: Plan = { ...first, steps: first.steps.slice(0, 1) };
        const calls = (one: Plan, from = start) =>
            pendingSteps(site, one, from).flatMap(({ actions }) => actions.map(({ call }) => call));
        assert.equal(calls(first).includes("probe"), true);
        assert.equal(calls(first, known).includes("probe"), false);
        assert.deepEqual(calls(waits), []);
    });
});

describe("a run that leaves a copy to itself", () => {
    const copying: Plan = {
        kind: "plan",
        verb: "become standby",
        steps: [
            { do: "establish-mirror", sourceUid: "uid-east", way: "first" },
            { do: "await-copy", sourceUid: "uid-east" },
            { do: "record", role: "standby", epoch: 1, began: "init", activeSite: "east", mirrorKept: false },
        ],
        notes: [],
    };

    /** A site whose copy is complete after so many waits. */
    function siteWithCopy(waits: number) {
        const { site, start } = siteWithVolume();
        let left = waits;
        const wait = {
            call: "wait for archive01 to be mirrored",
            effect: "read",
            unlessLong: "if the copy is complete by then",
            run: () => Promise.resolve(void left--),
        };
        const view = (): SiteView =>
            ({
                observed: { mirror: undefined },
                actions: (step: { do: string }) => (step.do === "await-copy" && left > 0 ? [wait] : []),
                facts: () => ({}),
                after: () => view(),
                freshFor: () => Promise.resolve(view()),
            }) as unknown as SiteView;
        return { site, start: { ...start, view: view() } };
    }

    it("announces what follows as what is done if the copy is complete by then", () => {
        const { site, start } = siteWithCopy(1);
        const announced = pendingSteps(site, copying, start).flatMap(({ actions }) => actions);
        assert.deepEqual(
            announced.map(({ call, when }) => [call, when]),
            [
                ["wait for archive01 to be mirrored", undefined],
                ["apply ConfigMap shop/record: standby, epoch 1", "if the copy is complete by then"],
            ],
        );
    });

    it("ends before that while the copy goes on, and the next one comes to the end", async () => {
        const { site, start } = siteWithCopy(2);
        const first = await execute(site, copying, start, () => undefined);
        assert.deepEqual([first.establishing, first.record.role, first.record.serial], [true, "none", 0]);
        const second = await execute(site, copying, { ...start, view: first.view }, () => undefined);
        assert.deepEqual([second.establishing, second.record.role], [false, "standby"]);
    });
});
