import assert from "node:assert/strict";
import { Session } from "../../../../cli/verbs/session";
import type { Reading } from "../../../../cli/verbs/sites";
import { AnticipatedSites } from "./anticipatedSites";

describe("what a command remembers while it runs", () => {
    const isCaughtUp = (session: Session, reading: Reading) => session.view("a", reading).sites["east"]!.caughtUp;

    it("is which site has run since the other one's record changed, and its own configuration", async () => {
        const both = new AnticipatedSites(["a"]);
        const session = new Session();
        const first = await both.read();
        assert.equal(isCaughtUp(session, first), false);
        session.ran("east", first);
        assert.equal(isCaughtUp(session, first), true);

        session.changed("east");
        assert.equal(isCaughtUp(session, first), false);

        session.ran("east", first);
        await both.set("west", [{ key: "active", value: "west" }]);
        await both.set("west", [{ key: "takeover", value: 2 }]);
        await both.up("west");
        assert.equal(isCaughtUp(session, await both.read()), false, "west serves by now, and east has not seen it");
    });

    it("is with which settings a stack had nothing to do, whatever verbs decide of them", async () => {
        const both = new AnticipatedSites(["a"]);
        const session = new Session();
        const knows = async (site: string) => session.knowsAsDeclared(site, (await both.read())[site]!.settings);
        assert.equal(await knows("west"), false);
        session.isAsDeclared("west", (await both.read())["west"]!.settings);
        assert.deepEqual([await knows("east"), await knows("west")], [false, true]);
        await both.set("west", [
            { key: "active", value: "west" },
            { key: "applications[0].lag", value: "a window" },
        ]);
        assert.equal(await knows("west"), true);
        await both.set("west", [{ key: "applications[0].maxLag", value: "7m" }]);
        assert.equal(await knows("west"), false);
        await both.set("west", [{ key: "recordNamespace", value: "dr" }]);
        assert.equal(await knows("west"), false);
    });
});
