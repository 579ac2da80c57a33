import assert from "node:assert/strict";
import type { BothSites } from "../../../../cli/verbs/sites";
import { ModelSites } from "./modelSites";
import { typeAt } from "./typing";

const older = "2026-11-26T03:00:00Z";

async function type(both: ModelSites, line: string) {
    const typed = await typeAt(both, line);
    both.live();
    return typed;
}

/** West was asked to take over at an older point, and its run was refused; east is alive after all. */
async function calledOff(): Promise<ModelSites> {
    const both = await ModelSites.established();
    const { up, preview } = both;
    // The model knows no older points.
    both.preview = () => Promise.resolve({ ok: true, lines: [], changes: true, why: "" });
    both.up = () => Promise.resolve({ ok: false, lines: [], changes: false, why: "stack west is locked" });
    const failed = await type(both, `failover shop --to west --recover-to ${older} --yes`);
    assert.equal(failed.code, 1, failed.output);
    assert.match(
        failed.output,
        /^shop: takeover: 2 remains set at west; unless it is to take over after all: pulumi config rm --path 'applications\[0\]\.takeover' --stack west$/m,
    );
    Object.assign(both, { up, preview });
    const back = await type(both, "switch shop --to east --yes");
    assert.equal(back.code, 0, back.output);
    both.typed.length = 0;
    return both;
}

describe("what is left in the configuration from another change", () => {
    it("does not make a takeover with loss of a switch", async () => {
        const both = await calledOff();
        const { code, output } = await type(both, "switch shop --to west --yes");
        assert.equal(code, 1, output);
        assert.match(
            output,
            /a takeover with loss is configured at west \(takeover: 2, recoverTo: 2026-11-26T03:00:00Z\)/,
        );
        assert.match(
            output,
            /pulumi config rm --path 'applications\[0\]\.takeover' --stack west; pulumi config rm --path 'applications\[0\]\.recoverTo' --stack west$/m,
        );
        assert.deepEqual(both.typed, []);
        assert.deepEqual([both.role("east"), both.role("west")], ["active@1", "standby@1"]);
    });

    it("names the pair's key where that is the one that has an effect, with its namespace", async () => {
        const both = await ModelSites.established();
        await both.set("west", [{ key: "takeover", value: 2 }]);
        both.typed.length = 0;
        const prefixed = Object.assign(Object.create(both) as BothSites, { keyPrefix: "archive:" });
        const { code, output } = await typeAt(prefixed, "plan switch shop --to west");
        assert.equal(code, 1);
        assert.match(output, /; pulumi config rm archive:takeover --stack west$/m);
    });

    it("does not govern the next failover: an older point is the one that was typed", async () => {
        const both = await calledOff();
        both.world.site("east").alive = false;
        const refused = await type(both, "failover shop --to west --yes");
        assert.equal(refused.code, 1, refused.output);
        assert.match(
            refused.output,
            /an older point is configured at west from before \(recoverTo: 2026-11-26T03:00:00Z\); to take over at that one, type --recover-to '2026-11-26T03:00:00Z'; for the newest, remove it first; pulumi config rm --path 'applications\[0\]\.recoverTo' --stack west$/m,
        );
        assert.deepEqual(both.typed, []);
    });

    it("does not accept for the next switch that replication is behind", async () => {
        const both = await ModelSites.established();
        const first = await type(both, "switch shop --to west --lag window --yes");
        assert.equal(first.code, 0, first.output);
        assert.match(
            first.output,
            /^shop: lag remains accepted at east, and is for this switch only: pulumi config rm /m,
        );
        assert.equal((await type(both, "switch shop --to east --yes")).code, 0);
        both.typed.length = 0;
        const again = await type(both, "switch shop --to west --yes");
        assert.equal(again.code, 1, again.output);
        assert.match(
            again.output,
            /a copy that is behind is accepted at east from before \(lag: window\); accept it anew with --lag, or remove it first; pulumi config rm --path 'applications\[0\]\.lag' --stack east$/m,
        );
        assert.deepEqual(both.typed, []);
        assert.equal((await type(both, "switch shop --to west --lag tonight --yes")).code, 0);
    });

    it("refuses a reason or a point that Pulumi would store as a number", async () => {
        const both = await ModelSites.established();
        for (const line of ["switch shop --lag 4711", "failover shop --recover-to true"]) {
            const { code, output } = await type(both, line);
            assert.equal(code, 2, output);
            assert.match(output, /expected more than a number, or true or false/);
        }
    });
});
