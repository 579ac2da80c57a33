import assert from "node:assert/strict";
import { type Addresses, connectedIn } from "../../../bench/connections";
import { noGoal } from "../../../bench/goals";
import { rowOf } from "../../../bench/rows";

describe("the connections of a run", () => {
    const site = (name: string, port: number): Addresses => ({
        name,
        kubernetes: { server: `https://127.0.0.1:${port}` },
        ontap: { url: `https://127.0.0.1:${port + 1}` },
        s3: { endpoint: `127.0.0.1:${port + 2}` },
    });
    const sites = [site("east", 6000), site("west", 7000)];
    const to = (target: string, server: string, count: number) => ({ target, server, count, total: 1, longest: 1 });

    it("are told by site, and held against what a server of its kind may see", () => {
        const connections = [
            to("array", "127.0.0.1:6001", 6),
            to("array", "127.0.0.1:7001", 7),
            to("bucket", "127.0.0.1:6002", 4),
            to("bucket", "127.0.0.1:7002", 5),
            to("kubernetes", "127.0.0.1:7000", 30),
        ];
        const rows = connectedIn(connections, sites).map(({ what, count, goal }) => {
            const subject = { measure: what, size: 1, latency: "none", unit: "connections", goal } as const;
            const { measure, met, ours } = rowOf(subject, [count]);
            return [measure, ours?.median, met];
        });
        assert.deepEqual(rows, [
            ["array east", 6, true],
            ["array west", 7, false],
            ["bucket east", 4, true],
            ["bucket west", 5, false],
            ["kubernetes west", 30, null],
        ]);
    });

    it("to a server that is at neither site have its address", () => {
        const [other] = connectedIn([to("kubernetes", "10.0.0.1:443", 1)], sites);
        assert.deepEqual(other, { what: "kubernetes 10.0.0.1:443", count: 1, goal: noGoal });
    });
});
