import assert from "node:assert/strict";
import type { Mirror } from "../../../../lab/protect/kinds";
import { tellsOf } from "../../../../lab/protect/mirror";

describe("the status of the stand-in's mirrors", () => {
    const began = "2026-11-28T20:09:18Z";
    const transfer = { path: "shop_1/replicatedSnapshots/20261128200917_second_u", startTimestamp: began };
    const mirror = (startTimestamp: string, name: string) =>
        ({ status: { lastTransfer: { startTimestamp }, lastTransferredSnapshot: { name } } }) as Mirror;

    it("tells of a transfer once it names its snapshot and a start that is not before", () => {
        assert.ok(tellsOf(mirror(began, "second"), transfer));
        assert.ok(tellsOf(mirror("2026-11-28T20:09:23Z", "second"), transfer));
    });

    it("does not tell of one that began in the second of a look that found nothing new", () => {
        assert.ok(!tellsOf(mirror(began, "first"), transfer));
    });

    it("does not tell of one that brings the same snapshot once more, as after a resync", () => {
        assert.ok(!tellsOf(mirror("2026-11-28T20:09:17Z", "second"), transfer));
    });

    it("tells of nothing before the first", () => {
        assert.ok(!tellsOf({} as Mirror, transfer));
    });
});
