import assert from "node:assert/strict";
import { deathsIn, isBeforePromotion } from "../../../../lab/scenarios/diesInSwitch";

const once = (call: string) => ({ call, occurrence: 1 });
const promotion = "PATCH kubernetes /apis/protect.trident.netapp.io/v1/namespaces/shop/appmirrorrelationships/shop";
const runs = [
    [once("GET kubernetes /api/v1/pods"), once("POST kubernetes /apis/a/v1/namespaces/shop/shutdownsnapshots")],
    [once("PUT peer vault /trident-dr/shop/epoch-N.json"), once("GET array /api/cluster"), once(promotion)],
    [once("POST kubernetes /apis/a/v1/namespaces/shop/appmirrorrelationships")],
];

describe("the points of a switch at which the site that hands over dies", () => {
    it("are before and after each write, until the other site has taken over", () => {
        assert.deepEqual(
            deathsIn(runs).map(({ stage, moment, call }) => `${stage} ${moment} ${call.split(" ")[0]}`),
            ["0 before POST", "0 after POST", "1 before PUT", "1 after PUT", "1 before PATCH", "1 after PATCH"],
        );
    });

    it("end all that runs at the same instant", () => {
        assert.deepEqual([...new Set(deathsIn(runs).map(({ what }) => what))], ["all"]);
    });

    it("are as many as are asked for, spread over both runs", () => {
        assert.deepEqual(
            deathsIn(runs, 2).map(({ stage }) => stage),
            [0, 1],
        );
        assert.equal(deathsIn(runs, 20).length, 6);
    });

    it("have one before which nothing can have asked for the final snapshot", () => {
        const found = deathsIn(runs).filter((point) => isBeforePromotion(point));
        assert.deepEqual(
            found.map(({ moment, call }) => [moment, call]),
            [["before", promotion]],
        );
    });
});
