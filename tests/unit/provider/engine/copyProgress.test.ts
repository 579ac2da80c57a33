import assert from "node:assert/strict";
import { copyProgress } from "../../../../provider/engine/copyProgress";
import { noSeal } from "../../../../provider/support/seal";
import { roleInputs } from "../../cli/fakeSite";
import { active } from "../roles/situations";

const copies = [{ volume: "shop/data", state: "transferring", bytes: 2 ** 30, seconds: 10 }];
const volumes = { copies: () => Promise.resolve(copies) };

describe("how far the copy of an application is", () => {
    it("is measured by what the other site published of its volumes", async () => {
        const record = active("east", 1, { holds: [{ volume: "shop/data", snapshots: [], usedBytes: 2 ** 32 }] });
        const inputs = roleInputs({ peerRecord: { known: true, record } });
        const progress = (await copyProgress(volumes, inputs, noSeal)).volumes["shop/data"]!;
        assert.deepEqual([progress.bytes, progress.estimatedBytes], [2 ** 30, 2 ** 32]);
    });

    it("has no total where the other site published none", async () => {
        for (const peerRecord of [
            { known: true, record: active("east", 1) },
            { known: false, why: "its stack cannot be read" },
        ]) {
            const { volumes: told } = await copyProgress(volumes, roleInputs({ peerRecord }), noSeal);
            assert.equal(told["shop/data"]!.bytes, 2 ** 30);
            assert.equal("estimatedBytes" in told["shop/data"]!, false);
        }
    });
});
