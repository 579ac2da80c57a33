import assert from "node:assert/strict";
import { criticalPathOf } from "../../../../cli/trace/criticalPath";
import type { Span } from "../../../../cli/trace/spans";
import { treeOf } from "../../../../cli/trace/tree";
import { request, span } from "./spans";

describe("the critical path of a trace", () => {
    it("goes back from the end to what ended last each time, and leaves out what nobody waited for", () => {
        const spans = [
            span("check", 0, 100),
            request("record", 5, 20, "check"),
            request("list", 5, 60, "check"),
            request("volumes", 60, 90, "check"),
            request("rights", 60, 70, "check"),
        ];
        assert.deepEqual(path(spans), ["check itself 0-5", "list 5-60", "volumes 60-90", "check itself 90-100"]);
    });

    it("does not pass through what was still under way when its successor began", () => {
        const spans = [
            span("update", 0, 100),
            request("watch", 0, 95, "update"),
            request("patch", 10, 30, "update"),
            request("get", 30, 100, "update"),
        ];
        assert.deepEqual(path(spans), ["update itself 0-10", "patch 10-30", "get 30-100"]);
    });

    it("says where nothing was recorded", () => {
        assert.deepEqual(path([span("check", 0, 40), span("update", 70, 100)]), [
            "check 0-40",
            "nothing 40-70",
            "update 70-100",
        ]);
    });

    it("follows a call into the process that answers it, whose trace knows nothing of the call", () => {
        const engine = { process: "pulumi" };
        const spans = [
            span("pulumi", 0, 200, engine),
            span("pulumirpc.ResourceProvider/Check", 20, 120, { ...engine, parent: "pulumi" }),
            span("MirrorRole.check", 30, 110, { parent: "remote", attributes: { kind: "handler", method: "check" } }),
            request("list", 40, 100, "MirrorRole.check"),
        ];
        assert.deepEqual(path(spans), [
            "pulumi itself 0-20",
            "pulumirpc.ResourceProvider/Check itself 20-30",
            "MirrorRole.check itself 30-40",
            "list 40-100",
            "MirrorRole.check itself 100-110",
            "pulumirpc.ResourceProvider/Check itself 110-120",
            "pulumi itself 120-200",
        ]);
        const other = span("pulumirpc.ResourceProvider/Diff", 20, 115, { ...engine, parent: "pulumi" });
        const handler = treeOf([...spans, other]).find(({ name }) => name === "MirrorRole.check");
        assert.equal(handler?.above?.name, "pulumirpc.ResourceProvider/Check");
    });

    it("is whole: each part begins where the one before ended", () => {
        const spans = [
            span("pulumi", 0, 1000, { process: "pulumi" }),
            ...Array.from({ length: 50 }, (_, index) => request(`get ${index}`, index * 17, index * 17 + 30, "pulumi")),
        ];
        const parts = criticalPathOf(treeOf(spans));
        assert.equal(parts[0]!.start, 0);
        assert.equal(parts.at(-1)!.end, 1000);
        parts.slice(1).forEach((part, index) => assert.equal(part.start, parts[index]!.end));
    });
});

function path(spans: readonly Span[]): string[] {
    return criticalPathOf(treeOf(spans)).map(
        ({ node, between, start, end }) =>
            `${node?.name ?? "nothing"}${between && node !== undefined ? " itself" : ""} ${start}-${end}`,
    );
}
