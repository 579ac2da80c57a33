import assert from "node:assert/strict";
import { commandOrFail } from "../../../../lab/ansible/command";

describe("the error of a command that failed", () => {
    it("has what the command printed as errors, not the thousands of lines that went well", async () => {
        await assert.rejects(
            commandOrFail(["bash", "-c", "seq 5000; echo 'webhook: connection reset' >&2; exit 1"]),
            ({ message }: Error) => message.endsWith("failed:\nwebhook: connection reset\n"),
        );
    });

    it("has the rest where nothing was printed as an error", async () => {
        await assert.rejects(commandOrFail(["bash", "-c", "echo fatal; exit 1"]), /failed:\nfatal/);
    });

    it("has the beginning of a long command", async () => {
        const names = Array.from({ length: 100 }, (_, index) => `app${index}`);
        await assert.rejects(
            commandOrFail(["bash", "-c", "exit 1", ...names]),
            /^Error: bash -c exit 1 app0 app1 app2 … failed/,
        );
    });
});
