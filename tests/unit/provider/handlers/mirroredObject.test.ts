import assert from "node:assert/strict";
import { MirroredObjectHandler } from "../../../../provider/handlers/mirroredObject";

const schedule = { __provider: "…", kind: "Schedule", namespace: "shop", name: "shop-daily" };

describe("an object that is named in the tree of pulumi up", () => {
    const handler = new MirroredObjectHandler();
    const changes = async (olds: object, news: object) => (await handler.diff("id", olds, news)).changes;

    it("has changed when it is another one", async () => {
        assert.equal(await changes(schedule, schedule), false);
        for (const change of [{ name: "shop-nightly" }, { namespace: "bank" }, { kind: "ExecHook" }]) {
            assert.equal(await changes(schedule, { ...schedule, ...change }), true, JSON.stringify(change));
        }
    });

    it("has not changed when the state is that of an earlier version, which had its spec as well", async () => {
        const earlier = { ...schedule, state: "present", spec: { granularity: "Daily" } };
        assert.equal(await changes(earlier, schedule), false);
    });

    it("remembers what it names, under an id that says it", async () => {
        const { id, outs } = await handler.create(schedule);
        assert.deepEqual([id, outs], ["Schedule/shop/shop-daily", schedule]);
    });
});
