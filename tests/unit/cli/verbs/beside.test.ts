import assert from "node:assert/strict";
import { AnticipatedSites } from "./anticipatedSites";
import { typeAt } from "./typing";

describe("what a run would do to applications that were not named", () => {
    it("is refused before anything is done, with the application, the change and the ways on", async () => {
        const both = new AnticipatedSites(["shop", "crm"]);
        await both.set("west", [
            { key: "applications[1].active", value: "west" },
            { key: "applications[1].takeover", value: 2 },
        ]);
        both.typed.length = 0;
        for (const line of ["switch shop --to west --yes", "failover shop --to west --yes"]) {
            const { code, output } = await typeAt(both, line);
            assert.equal(code, 1, output);
            assert.match(
                output,
                /^crm was not named, and pulumi up at west would carry out what waits there for it \(standby in epoch 1 now, active in epoch 2 then\): name it as well, or finish it first: pulumi preview --stack prod-west shows it, pulumi up --stack prod-west does it$/m,
            );
        }
        assert.deepEqual(both.typed, []);
        assert.equal((await typeAt(both, "failover --all --to west --yes")).code, 0, "named, it is agreed on");
    });

    it("is refused before a later run as well, where it was configured while the first one ran", async () => {
        const both = new AnticipatedSites(["shop", "crm"]);
        const up = both.up.bind(both);
        both.up = async (site) => {
            const outcome = await up(site);
            both.up = up;
            await both.set("west", [
                { key: "applications[1].active", value: "west" },
                { key: "applications[1].takeover", value: 2 },
            ]);
            return outcome;
        };
        const { code, output } = await typeAt(both, "switch shop --to west --yes");
        assert.equal(code, 1, output);
        assert.match(
            output,
            /^shop: not done: crm was not named, and pulumi up at west would carry out what waits there for it \(standby in epoch 1 now, active in epoch 2 then\)/m,
        );
        assert.deepEqual(
            both.typed.filter((line) => / up$|: up/.test(line)),
            ["east: up"],
        );
        await both.set("west", [{ key: "applications[1].active", value: "east" }]);
        const resumed = await typeAt(both, "switch shop --to west --yes");
        assert.equal(resumed.code, 0, resumed.output);
    });

    it("is none of its business where those are settled, have no role yet, or may not change without consent", async () => {
        const both = new AnticipatedSites(["shop", "crm"]);
        await both.set("west", [{ key: "applications[1].takeover", value: 2 }]);
        const past = await typeAt(both, "switch shop --to west --yes");
        assert.equal(past.code, 0, past.output);
        const parted = new AnticipatedSites(["shop", "crm"]);
        assert.equal((await typeAt(parted, "failover crm --to west --yes")).code, 0);
        assert.equal((await typeAt(parted, "failover shop --to west --yes")).code, 0, "crm serves at west already");
        await parted.set("west", [{ key: "applications[1].unprotect", value: true }]);
        const leaving = await typeAt(parted, "rejoin shop --yes");
        assert.match(
            leaving.output,
            /^crm was not named, and pulumi up at west would carry out what waits there for it \(active in epoch 2 now, /m,
        );
        await parted.set("west", [{ key: "applications[1].unprotect", value: false }]);
        assert.equal((await typeAt(parted, "rejoin shop --yes")).code, 0, "crm discards nothing without consent");
    });
});
