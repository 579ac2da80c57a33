import assert from "node:assert/strict";
import { type Action, inParallel, inPhases, runActions } from "../../../../provider/drivers/action";

/** Actions that note when they begin and end; those whose names begin with `bad` fail. */
function noting() {
    const log: string[] = [];
    const action = (call: string, rollback = false): Action => ({
        call,
        effect: "write",
        run: async () => {
            log.push(`begin ${call}`);
            await Promise.resolve();
            log.push(`end ${call}`);
            if (call.startsWith("bad")) {
                throw new Error(`${call} failed`);
            }
        },
        ...(rollback
            ? {
                  rollback: () => {
                      log.push(`undo ${call}`);
                      return Promise.resolve(`${call} was undone`);
                  },
              }
            : {}),
    });
    return { log, action };
}

const silent = () => undefined;

describe("actions", () => {
    it("run one after the other", async () => {
        const { log, action } = noting();
        await runActions([action("a"), action("b")], silent, "east");
        assert.deepEqual(log, ["begin a", "end a", "begin b", "end b"]);
    });

    it("of one phase run in parallel, and the next phase waits for all of them", async () => {
        const { log, action } = noting();
        await runActions(inPhases([[action("a"), action("b")], [action("c")]]), silent, "east");
        assert.deepEqual(log, ["begin a", "begin b", "end a", "end b", "begin c", "end c"]);
    });

    it("in chains go on side by side", () => {
        const { action } = noting();
        const phases = inParallel([[action("a1"), action("a2")], [action("b1")]]);
        assert.deepEqual(
            phases.map((phase) => phase.map(({ call }) => call)),
            [["a1", "b1"], ["a2"]],
        );
    });

    it("that fail end the run once their phase has ended, and those that succeeded are rolled back", async () => {
        const { log, action } = noting();
        const phases = [[action("good", true), action("bad", true)], [action("later")]];
        await assert.rejects(
            runActions(inPhases(phases), silent, "east"),
            /^MessageError: bad failed\. No volume is writable yet: good was undone\. Run pulumi up --stack east again to continue$/,
        );
        assert.deepEqual(log, ["begin good", "begin bad", "end good", "end bad", "undo good"]);
    });

    it("of which several fail report each failure once", async () => {
        const { action } = noting();
        await assert.rejects(
            runActions(inPhases([[action("bad one"), action("bad two"), action("bad two")]]), silent, "east"),
            { message: "bad one failed\nbad two failed" },
        );
    });
});
