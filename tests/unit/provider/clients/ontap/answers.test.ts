import assert from "node:assert/strict";
import { lagSeconds, whyUnhealthy, type Relationship } from "../../../../../provider/clients/ontap";
import { encodeQuery } from "../../../../../provider/clients/ontap/transport";

describe("what ONTAP writes", () => {
    it("relationships: lag, and the innermost reason first", () => {
        const relationship: Relationship = {
            uuid: "r",
            source: { path: "a:b" },
            destination: { path: "c:d" },
            healthy: false,
            unhealthy_reason: [
                { code: "6621444", message: "Transfer failed." },
                { code: "6621445", message: "No space." },
            ],
            lag_time: "PT4M12S",
        };
        assert.equal(lagSeconds(relationship), 252);
        assert.equal(whyUnhealthy(relationship), "No space.; Transfer failed.");
        assert.equal(whyUnhealthy({ ...relationship, healthy: true }), "");
        assert.equal(lagSeconds({ ...relationship, lag_time: undefined }), undefined);
    });

    it("queries: percent-encoded, without what is undefined", () => {
        assert.equal(
            encodeQuery({ name: "a b+c", lag_time: ">PT1H", none: undefined, n: 3 }),
            "name=a%20b%2Bc&lag_time=%3EPT1H&n=3",
        );
    });
});
