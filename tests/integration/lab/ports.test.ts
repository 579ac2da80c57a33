import assert from "node:assert/strict";
import { holdPorts } from "../../../lab/ports";

describe("Ports of the lab", () => {
    it("are given to nobody else between their release and the moment at which their owner listens", async () => {
        const range = { from: 14_000, to: 14_008 };
        const given: number[] = [];
        for (let lab = 0; lab < 8; lab++) {
            const ports = await holdPorts(1, range);
            given.push(ports.next());
            await ports.release();
        }
        assert.deepEqual(
            given.sort((a, b) => a - b),
            Array.from({ length: 8 }, (_, index) => range.from + index),
        );
    });
});
