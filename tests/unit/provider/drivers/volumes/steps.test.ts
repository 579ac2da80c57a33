import assert from "node:assert/strict";
import type { DriverStep } from "../../../../../provider/drivers/driver";
import type { VolumesContext } from "../../../../../provider/drivers/volumes/context";
import type { VolumesState } from "../../../../../provider/drivers/volumes/observe";
import type { VolumesSettings } from "../../../../../provider/drivers/volumes/settings";
import { VolumesView } from "../../../../../provider/drivers/volumes/volumesDriver";
import type { Step } from "../../../../../provider/roles/steps";

/** An array that answers nothing. */
const silent: unknown = new Proxy(() => undefined, {
    get: (_target, name) => (name === "then" ? undefined : silent),
    apply: () => {
        throw new Error("the array was asked");
    },
});

const settings = { site: "west", svm: "svm_west", volumes: ["archive01"], promoted: {} } as unknown as VolumesSettings;
const state = { peerAnswers: true, access: { open: [] }, volumes: [] } as unknown as VolumesState;

describe("a view of a group of volumes after a step", () => {
    const after = (step: DriverStep) =>
        new VolumesView({ client: silent, settings } as unknown as VolumesContext, state).after(step);
    const record = { do: "record", role: "standby", epoch: 1, began: "init", activeSite: "east", mirrorKept: false };

    it("asks the array again before a step that goes by it, and for a record", async () => {
        for (const step of [{ do: "verify-writable" }, { do: "count-unreplicated" }, record] as Step[]) {
            await assert.rejects(async () => after({ do: "promote" }).freshFor(step), /the array was asked/, step.do);
        }
    });

    it("does not ask before the engine's other steps, nor after one that changes nothing", async () => {
        const claim = { do: "mark", verb: "rejoin", epoch: 1, began: "init" } as unknown as Step;
        await after({ do: "promote" }).freshFor(claim);
        await after({ do: "verify-writable" }).freshFor({ do: "promote" });
    });

    it("shows nothing of an array that does not answer, and throws nothing", async () => {
        assert.deepEqual(await after({ do: "promote" }).shown(), { shown: {} });
    });
});
