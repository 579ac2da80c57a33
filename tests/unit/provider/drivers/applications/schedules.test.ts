import assert from "node:assert/strict";
import { runActions } from "../../../../../provider/drivers/action";
import { scheduleManifests } from "../../../../../provider/drivers/applications/manifests";
import type { FurtherSchedule } from "../../../../../provider/drivers/applications/settings";
import type { KubernetesObject } from "../../../../../provider/clients/kubernetes/objects";
import { settingsOfShop, viewOf } from "./view";

const weekly: FurtherSchedule = {
    name: "shop-weekly",
    spec: {
        granularity: "Weekly",
        minute: "0",
        hour: "3",
        dayOfWeek: "0",
        enabled: true,
        snapshotRetention: "0",
        backupRetention: "8",
    },
};

const standing = (schedules: FurtherSchedule[] = []) => scheduleManifests({ ...settingsOfShop(), schedules });

/** What `start-schedules` does where these stand, with these declared beside the two. */
function startWith(found: readonly KubernetesObject[], schedules: FurtherSchedule[], cluster?: object) {
    return viewOf({ schedules: found }, { schedules, ...(cluster === undefined ? {} : { cluster }) }).actions({
        do: "start-schedules",
    });
}

const callsOf = (...args: Parameters<typeof startWith>) => startWith(...args).map(({ call }) => call);

describe("the Schedules of a site that serves", () => {
    it("are those that mirroring needs, and those that are declared beside them", () => {
        assert.deepEqual(callsOf([], [weekly]), [
            "apply Schedule shop/shop-replication",
            "apply Schedule shop/shop-daily",
            "apply Schedule shop/shop-weekly",
        ]);
        assert.deepEqual(callsOf(standing([weekly]), [weekly]), []);
        assert.deepEqual(callsOf(standing(), [weekly]), ["apply Schedule shop/shop-weekly"]);
    });

    it("are changed where they differ, also where somebody stopped them", () => {
        const rarer = { ...weekly, spec: { ...weekly.spec, backupRetention: "4" } };
        assert.deepEqual(callsOf(standing([rarer]), [weekly]), ["apply Schedule shop/shop-weekly"]);
        const stopped = { ...weekly, spec: { ...weekly.spec, enabled: false } };
        assert.deepEqual(callsOf(standing([stopped]), [weekly]), ["apply Schedule shop/shop-weekly"]);
    });

    it("are no longer there once they are not declared, but somebody else's stay", async () => {
        const [, , ours] = standing([weekly]);
        const { labels: _, ...metadata } = ours!.metadata;
        const theirs = { ...ours!, metadata: { ...metadata, name: "theirs" } };
        const deleted: unknown[] = [];
        const cluster = { delete: (_kind: unknown, key: unknown) => Promise.resolve(deleted.push(key)) };
        const actions = startWith([...standing(), ours!, theirs], [], cluster);
        assert.deepEqual(
            actions.map(({ call }) => call),
            ["delete Schedule shop/shop-weekly: it is not declared any more, what it made stays"],
        );
        await runActions(actions, () => undefined, "east");
        assert.deepEqual(deleted, [{ name: "shop-weekly", namespace: "shop" }]);
    });

    it("are not given another data mover, which Trident Protect would refuse in the middle of it", async () => {
        const by = (dataMover: string) => ({ ...weekly, spec: { ...weekly.spec, dataMover } });
        assert.deepEqual(callsOf(standing([by("Kopia")]), [by("Kopia")]), []);
        assert.deepEqual(callsOf(standing([weekly]), [by("Kopia")]), ["apply Schedule shop/shop-weekly"]);
        const actions = startWith(standing([by("Kopia")]), [by("Restic")]);
        assert.deepEqual(
            actions.map(({ call }) => call),
            ["check Schedule shop/shop-weekly: its dataMover is Restic"],
        );
        const lines: string[] = [];
        await runActions(actions, (line) => lines.push(line), "east");
        assert.match(
            lines.join("\n"),
            /Schedule shop\/shop-weekly has dataMover Kopia, and Restic is declared: .* stays as it is.*another name in schedules of shop; then/,
        );
    });

    it("are not written over one that somebody else made since, unless that may be taken over", () => {
        const [made] = standing([weekly]).slice(-1);
        const { labels: _, ...metadata } = made!.metadata;
        const theirs = { ...made!, metadata, spec: { applicationRef: "shop" } };
        const others = standing([weekly]).slice(0, -1);
        const callsFor = (adopt?: boolean) =>
            viewOf({ schedules: [...others, theirs] }, { schedules: [weekly], ...(adopt === true ? { adopt } : {}) })
                .actions({ do: "start-schedules" })
                .map(({ call }) => call);
        assert.deepEqual(callsFor(), ["check Schedule shop/shop-weekly: whose it is"]);
        assert.deepEqual(callsFor(true), ["apply Schedule shop/shop-weekly"]);
    });

    it("are never written over, stopped or deleted where they are another application's", async () => {
        const [replication, daily, made] = standing([weekly]);
        const ofBank = (one: KubernetesObject) => {
            const { labels: _, ...metadata } = one.metadata;
            return { ...one, metadata, spec: { ...(one.spec as object), applicationRef: "bank" } };
        };
        const found = [ofBank(replication!), daily!, ofBank(made!)];
        const view = viewOf({ schedules: found }, { schedules: [weekly], adopt: true });
        const lines: string[] = [];
        const actions = view.actions({ do: "start-schedules" });
        assert.deepEqual(
            actions.map(({ call }) => call),
            ["check Schedule shop/shop-replication: whose it is", "check Schedule shop/shop-weekly: whose it is"],
        );
        await runActions(actions, (line) => lines.push(line), "east");
        const told = lines.join("\n");
        assert.match(told, /Schedule shop\/shop-replication belongs to the Application bank and stays as it is/);
        assert.match(told, /shop-replication .*another name in names of shop; then/);
        assert.match(told, /shop-weekly .*another name in schedules of shop; then/);
        for (const step of ["stop-schedules", "delete-schedules"] as const) {
            const calls = view.actions({ do: step, ...(step === "delete-schedules" ? { adopted: true } : {}) });
            assert.deepEqual(
                calls.map(({ call }) => call.split(" ").slice(0, 3).join(" ").replace(":", "")),
                [`${step === "stop-schedules" ? "patch" : "delete"} Schedule shop/shop-daily`],
            );
        }
    });

    it("go with what is adopted, under declared names, and at no other time", () => {
        const unlabelled = standing().map(({ metadata: { labels: _, ...metadata }, ...rest }) => ({
            ...rest,
            metadata,
        }));
        const callsOfDelete = (adopted: { adopted?: true }) =>
            viewOf({ schedules: unlabelled })
                .actions({ do: "delete-schedules", ...adopted })
                .map(({ call }) => call);
        assert.deepEqual(callsOfDelete({}), []);
        assert.deepEqual(callsOfDelete({ adopted: true }), [
            "delete Schedule shop/shop-replication",
            "delete Schedule shop/shop-daily",
        ]);
    });

    it("all stop before the site stands down, and ours go before it mirrors", () => {
        const view = viewOf({ schedules: standing([weekly]) });
        assert.deepEqual(
            view.actions({ do: "stop-schedules" }).map(({ call }) => call),
            ["shop-replication", "shop-daily", "shop-weekly"].map((name) => `patch Schedule shop/${name}: not enabled`),
        );
        assert.deepEqual(
            view.actions({ do: "delete-schedules" }).map(({ call }) => call),
            ["shop-replication", "shop-daily", "shop-weekly"].map((name) => `delete Schedule shop/${name}`),
        );
    });
});
