import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { Heard, whyRunFailed } from "../../../../cli/project/heard";

function said(message: string, severity = "info"): EngineEvent {
    return {
        sequence: 0,
        timestamp: 0,
        diagnosticEvent: { message, severity, color: "raw" },
    } as unknown as EngineEvent;
}

describe("what is heard of a run", () => {
    it("is what resources say, each line once, without marks for colours", () => {
        const live: string[] = [];
        const heard = new Heard((line) => live.push(line));
        heard.take(said("<{%reset%}>shop at east is active in epoch 1; plan: stand down<{%reset%}>\n"));
        heard.take(said("shop at east is active in epoch 1; plan: stand down\n\nshop at east: 1. shutdown"));
        heard.take({ sequence: 1, timestamp: 0, summaryEvent: { resourceChanges: { same: 9, update: 1 } } } as never);
        const lines = ["shop at east is active in epoch 1; plan: stand down", "shop at east: 1. shutdown"];
        assert.deepEqual(heard.run(""), { ok: true, lines, changes: true, why: "" });
        assert.deepEqual(live, lines);
    });

    it("is nothing of what the engine notes for itself, which has the secrets of resources in it", () => {
        const heard = new Heard(() => assert.fail("a note of the engine was shown"));
        heard.take(said("RegisterResource RPC finished: … password,,,c2VjcmV0", "debug"));
        assert.deepEqual(heard.run("").lines, []);
    });

    it("is what each resource publishes once it is done, and at the end the stack", () => {
        const published: unknown[] = [];
        const heard = new Heard(
            () => undefined,
            (outputs) => published.push(outputs),
        );
        const ended = (type: string, after?: object) =>
            heard.take({ sequence: 1, timestamp: 0, resOutputsEvent: { metadata: { type, new: after } } } as never);
        ended("pulumi:pulumi:Stack", {});
        ended("pulumi:pulumi:Stack");
        assert.deepEqual(published, []);
        ended("pulumi-nodejs:dynamic:Resource", { outputs: { record: {} } });
        ended("pulumi:pulumi:Stack", { outputs: { tridentDr: { site: "east" } } });
        assert.deepEqual(published, [{ record: {} }, { tridentDr: { site: "east" } }]);
    });

    it("finds no change where everything is the same", () => {
        const heard = new Heard(() => undefined);
        heard.take({ sequence: 1, timestamp: 0, summaryEvent: { resourceChanges: { same: 9, read: 2 } } } as never);
        assert.equal(heard.run("").changes, false);
    });

    it("says why it failed in what resources said, else in the CLI's own words", () => {
        assert.equal(whyRunFailed(new Error("code: 255"), "east", ["east: refused", "why"]), "east: refused\nwhy");
        assert.equal(
            whyRunFailed(new Error("code: 255\n stderr: error: no language plugin\n"), "east", []),
            " stderr: error: no language plugin",
        );
    });
});
