import assert from "node:assert/strict";
import { ProjectProblem } from "../../../../cli/project/problem";
import { standing } from "../../../../cli/verbs/outcome";
import { Session } from "../../../../cli/verbs/session";
import { AnticipatedSites } from "./anticipatedSites";
import { ModelSites } from "./modelSites";
import { typeAt } from "./typing";

describe("how a command ends", () => {
    it("is said for each item, also where the state backend falls silent between two steps", async () => {
        const both = await ModelSites.established();
        const { read, up } = both;
        both.up = async (site, onLine) => {
            const outcome = await up.call(both, site, onLine);
            both.read = () => Promise.reject(new ProjectProblem("pulumi stack output failed: it gave no answer"));
            return outcome;
        };
        const { code, output } = await typeAt(both, "switch shop --to west --yes");
        assert.equal(code, 1);
        assert.match(
            output,
            /^shop: not done: pulumi stack output failed: it gave no answer; as last read, east is active in epoch 1, west is standby in epoch 1$/m,
        );
        assert.match(output, /^not done yet; what was done is not undone, and the same command goes on from here$/m);
        assert.match(output, /^what was lost, and where both sites stand now, cannot be read: /m);
        assert.doesNotMatch(output, /nothing was lost/);
        Object.assign(both, { read, up });
        assert.equal((await typeAt(both, "switch shop --to west --yes")).code, 0);
    });

    it("is the same where configuration cannot be set, and names where the sites stand", async () => {
        const both = await ModelSites.established();
        both.set = () => Promise.reject(new ProjectProblem("pulumi config set-all failed: no space left"));
        const { code, output } = await typeAt(both, "switch shop --to west --yes");
        assert.equal(code, 1);
        assert.match(
            output,
            /^shop: not done: pulumi config set-all failed: no space left; as last read, east is active/m,
        );
        assert.doesNotMatch(output, /nothing was lost/);
    });

    it("claims of a copy that goes on neither that nothing is left to do nor that nothing was lost", async () => {
        const both = new AnticipatedSites(["a"]);
        const view = new Session().view("a", await both.read());
        const line = standing({ is: "waiting", why: "east copies, which goes on by itself" }, "switch", "west", view);
        assert.equal(
            line,
            "east is active in epoch 1, west is standby in epoch 1; east copies, which goes on by itself",
        );
    });

    it("has the whole reason of one of several items, with the commands in it", async () => {
        const both = new AnticipatedSites(["a", "b"]);
        both.failing.add("a");
        const { up } = both;
        both.up = async (site) => {
            const outcome = await up.call(both, site);
            const why = outcome.why.replace(
                "its array says no",
                "its array says no. Ways on:\n      - pulumi config set takeover 2 --stack west\n      - wait",
            );
            return { ...outcome, why };
        };
        const { code, output } = await typeAt(both, "switch --all --to west --yes");
        assert.equal(code, 1);
        assert.match(
            output,
            /^a: not done: its array says no\. Ways on:\n {2}- pulumi config set takeover 2 --stack west\n {2}- wait$/m,
        );
        assert.match(output, /^b: nothing was lost$/m);
        assert.doesNotMatch(output, /^a: nothing was lost$/m);
    });

    it("has the epoch that a site expects which cannot verify what the other one published", async () => {
        const both = await ModelSites.established();
        const { read } = both;
        both.read = async () => {
            const { east, west } = await read.call(both);
            const record = { ...east!.items["shop"]!.record!, epoch: 5 };
            return { east: { ...east!, items: { shop: { record, establishing: false } } }, west: west! };
        };
        const { code, output } = await typeAt(both, "failover shop --to west --yes");
        assert.equal(code, 1);
        assert.match(output, /west would begin epoch 2; takeover is 6, which is not that epoch/);
        assert.match(
            output,
            /^takeover: 6 was planned, since east published epoch 5\. If west cannot verify that, it expects epoch 2; by hand: pulumi config set active west --stack west; pulumi config set --path 'applications\[0\]\.takeover' 2 --stack west; pulumi up --stack west$/m,
        );
        assert.deepEqual(both.typed, []);
    });
});
