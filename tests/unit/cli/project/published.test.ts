import assert from "node:assert/strict";
import { publishedIn } from "../../../../cli/project/published";
import { emptyRecord } from "../../../../provider/roles/record";

const record = { ...emptyRecord("shop", "east", "west"), role: "active", epoch: 1, activeSite: "east", serial: 1 };
const publication = {
    site: "east",
    applications: {
        shop: { record, next: "pulumi up --stack west" },
        new: { record: null, next: "" },
        torn: { record: { ...record, epoch: "one" }, next: "" },
        copied: { record, next: "", establishing: { volumes: [] } },
    },
    peering: { ontap: { peered: true, next: "" } },
};

describe("what a stack published", () => {
    it("is read under whatever name its program exports it", () => {
        for (const outputs of [
            { next: [], tridentDr: publication },
            { tridentDr: { ...publication, site: "west", applications: {} }, archive: publication },
        ]) {
            const published = publishedIn(outputs, "east");
            assert.equal(published?.items["shop"]?.record?.role, "active");
            assert.equal(published.items["shop"].next, "pulumi up --stack west");
            assert.deepEqual(published.items["new"], { next: "", establishing: false });
            assert.match(published.items["torn"]?.unreadable ?? "", /^epoch: /);
            assert.equal(published.items["copied"]?.establishing, true);
            assert.equal(published.peering["ontap"]?.peered, true);
        }
    });

    it("is nothing at a stack that was never deployed, or that is another site's", () => {
        assert.equal(publishedIn({}, "east"), undefined);
        assert.equal(publishedIn({ tridentDr: publication }, "west"), undefined);
    });
});
