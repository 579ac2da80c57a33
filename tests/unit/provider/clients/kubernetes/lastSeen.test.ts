import assert from "node:assert/strict";
import { statusOf } from "../../../../../provider/clients/kubernetes/lastSeen";

const object = (status: unknown) => ({ apiVersion: "v1", kind: "Any", metadata: { name: "any" }, status });

describe("what was last seen of an object", () => {
    it("is its state, error, warnings, and the conditions that do not hold", () => {
        const status = {
            state: "Running",
            error: "retrying:\nno space",
            warnings: ["a hook failed"],
            conditions: [
                { type: "Ready", status: "False", reason: "Hooks", message: "still running" },
                { type: "Synced", status: "True" },
                { state: "promoting", message: "Waiting for snapshot" },
            ],
        };
        assert.equal(
            statusOf(object(status)),
            "Running; retrying: no space; warning: a hook failed; Ready is False (Hooks: still running); promoting (Waiting for snapshot)",
        );
        assert.equal(statusOf(object({ phase: "Pending" })), "Pending");
    });

    it("is nothing where there is nothing, or nothing of a known form", () => {
        for (const status of [undefined, {}, { state: "" }, "text", 7, { state: 7, conditions: "none", warnings: 1 }]) {
            assert.equal(statusOf(object(status)), "");
        }
        assert.equal(statusOf(undefined), "");
    });
});
