import assert from "node:assert/strict";
import { publishedIn, recordsIn } from "../../../../cli/project/published";
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

describe("the records that are told in the middle of a run", () => {
    const outputs = { site: "east", application: "shop", record, storageClass: "trident-dr" };
    const applications = (outputs: Record<string, unknown>) =>
        recordsIn(outputs, "east").map(({ application }) => application);

    it("are that of a role, and those that a stack publishes", () => {
        assert.deepEqual(applications(outputs), ["shop"]);
        assert.deepEqual(applications({ next: [], tridentDr: publication }), ["shop", "shop"]);
    });

    it("are none of another site, of something else, or not as they were written", () => {
        const masked = { ...record, activeSite: "a [secret] b" };
        for (const [what, other] of Object.entries({
            "another site's": { ...outputs, site: "west" },
            "another site's record": { ...outputs, record: { ...record, site: "west", peer: "east" } },
            "another item's record": { ...outputs, application: "crm" },
            "another resource": { site: "east", application: "shop" },
            "a torn record": { ...outputs, record: { ...record, epoch: "one" } },
            "a record in which a text was hidden": { ...outputs, record: masked },
            "the same of a stack": { tridentDr: { site: "east", applications: { shop: { record: masked } } } },
        })) {
            assert.deepEqual(applications(other), [], what);
        }
    });
});

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
