import assert from "node:assert/strict";
import type { Kind, KubernetesObject, ObjectName } from "../../../../../provider/clients/kubernetes/cluster";
import type { Step } from "../../../../../provider/roles/steps";
import { viewOf } from "./view";

/** A cluster with one enabled Schedule of shop by now; what is asked of it is written down. */
function clusterWithSchedule(asked: string[]) {
    const schedule: KubernetesObject = {
        apiVersion: "protect.trident.netapp.io/v1",
        kind: "Schedule",
        metadata: { name: "shop-hourly", namespace: "shop", labels: {} },
        spec: { applicationRef: "shop", enabled: true },
    };
    return {
        get: ({ kind }: Kind, { namespace, name }: ObjectName) => {
            asked.push(`get ${kind} ${namespace}/${name}`);
            return Promise.resolve(undefined);
        },
        list: ({ kind }: Kind, namespace: string) => {
            asked.push(`list ${kind} ${namespace}`);
            return Promise.resolve(kind === "Schedule" ? [schedule] : []);
        },
    };
}

const record: Step = {
    do: "record",
    role: "active",
    epoch: 2,
    began: "takeover",
    activeSite: "east",
    mirrorKept: true,
};

describe("a view of an application after a step", () => {
    let asked: string[];
    beforeEach(() => (asked = []));
    const promoted = () => viewOf({}, { cluster: clusterWithSchedule(asked) }).after({ do: "promote" });

    it("reads nothing again for steps that do not go by what was touched", async () => {
        let view = promoted();
        for (const step of [
            { do: "verify-writable" },
            { do: "forget-snapshots", before: 1, mirrored: false },
        ] as const) {
            view = await view.freshFor(step);
        }
        view = await view.freshFor({ do: "mark", verb: "switch" as never, epoch: 2, began: "takeover" });
        assert.deepEqual(asked, []);
    });

    it("reads what a step goes by right before it, once", async () => {
        const stop = { do: "stop-schedules" } as const;
        assert.deepEqual(promoted().actions(stop), []);
        const view = await promoted().freshFor(stop);
        assert.deepEqual(asked, ["list Schedule shop"]);
        assert.equal(view.actions(stop).length, 1);
        await view.freshFor({ do: "start-schedules" });
        assert.equal(asked.length, 1);
        await view.after(stop).freshFor(stop);
        assert.equal(asked.length, 2);
    });

    it("keeps in mind what is left to be read again", async () => {
        const view = promoted().after({ do: "take-base-snapshot", epoch: 2 });
        const scheduled = await view.freshFor({ do: "delete-schedules" });
        assert.deepEqual(asked, ["list Schedule shop"]);
        const allowed = await scheduled.freshFor({ do: "allow-pods" });
        await allowed.freshFor({ do: "take-base-snapshot", epoch: 2 });
        assert.deepEqual(asked.slice(1), [
            ...["shop", "shop-data"].map((namespace) => `get ResourceQuota ${namespace}/trident-dr-shop`),
            "list Snapshot shop",
        ]);
    });

    it("reads for a record what it keeps of the site", async () => {
        await promoted().freshFor(record);
        assert.deepEqual(asked, ["get Application shop/shop"]);
        asked.length = 0;
        await promoted().after({ do: "take-base-snapshot", epoch: 2 }).freshFor(record);
        assert.deepEqual(asked, ["get Application shop/shop", "list Snapshot shop"]);
    });
});
