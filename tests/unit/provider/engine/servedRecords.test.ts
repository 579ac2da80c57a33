import assert from "node:assert/strict";
import type { ObjectName } from "../../../../provider/clients/kubernetes/cluster";
import { servedRecords } from "../../../../provider/engine/servedRecords";
import { emptyRecord } from "../../../../provider/roles/record";

describe("the records of what a site is to serve", () => {
    const items = [
        { application: "shop", namespace: "trident-dr", before: "shop" },
        { application: "archive", namespace: "trident-protect" },
        { application: "new", namespace: "trident-dr", before: "new" },
    ];
    const stored = (application: string, site: string) => {
        const record = { ...emptyRecord(application, site, "east"), role: "standby", epoch: 1 };
        return { record: JSON.stringify(record) };
    };
    /** By namespace and name. */
    const read = (there: Record<string, { record: string }>) =>
        servedRecords({ site: "west", peerSite: "east", cluster: { context: "west" }, items }, (site, { context }) => ({
            get: (kind, { namespace, name }: ObjectName) => {
                assert.deepEqual([site, context], ["west", "west"]);
                const data = there[`${namespace}/${name}`];
                return Promise.resolve(data && { ...kind, metadata: { namespace, name }, data });
            },
            apply: () => assert.fail("nothing is written"),
            delete: () => assert.fail("nothing is removed"),
        }));

    it("are read where they are, or where earlier versions kept them, in the items' order", async () => {
        const records = await read({
            "shop/trident-dr-record-shop": stored("shop", "west"),
            "trident-protect/trident-dr-record-archive": stored("archive", "west"),
        });
        assert.deepEqual(
            records.map((record) => record?.application),
            ["shop", "archive", undefined],
        );
    });

    it("are not those that a restore brought along from the other site", async () => {
        const records = await read({ "trident-dr/trident-dr-record-shop": stored("shop", "east") });
        assert.deepEqual(records, [undefined, undefined, undefined]);
    });
});
