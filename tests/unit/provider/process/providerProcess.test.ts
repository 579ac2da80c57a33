import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { ProviderProcess } from "../../../../provider/process/providerProcess";

const configured = (values: Record<string, string>) => ({ config: { get: (key: string) => values[key] } });

describe("what the handlers of a process share", () => {
    it("are the credentials of the stack that it was configured for last", () => {
        const shared = new ProviderProcess({ environment: {} });
        assert.equal(shared.credentials.missingForOntap("east").length, 2);
        shared.configure(
            configured({ "trident-dr:ontapUsername": "product", "trident-dr:ontapPassword": "canary-password" }),
        );
        assert.deepEqual(shared.credentials.ontap("east"), { username: "product", password: "canary-password" });
        shared.configure(configured({}));
        assert.equal(shared.credentials.missingForOntap("east").length, 2);
    });

    it("refuses to run where the environment turns the verification of certificates off", () => {
        const shared = new ProviderProcess({ environment: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } });
        const refusal = { message: /^NODE_TLS_REJECT_UNAUTHORIZED is 0 .*nothing was read or changed; run "unset/ };
        assert.throws(() => shared.configure(configured({})), refusal);
        // The engine goes on to call a provider that could not be configured.
        assert.throws(() => shared.credentials, refusal);
        new ProviderProcess({ environment: { NODE_TLS_REJECT_UNAUTHORIZED: "1" } }).configure(configured({}));
    });

    it("is output, which a test can read", () => {
        const lines: string[] = [];
        new ProviderProcess({ log: (line) => lines.push(line) }).log("a line");
        assert.deepEqual(lines, ["a line"]);
    });

    it("is an interruption, which has not come before it was started", async () => {
        const shared = new ProviderProcess();
        assert.equal(shared.interrupted.aborted, false);
        assert.equal(await shared.uninterrupted(() => Promise.resolve("done")), "done");
        await assert.rejects(
            shared.uninterrupted(() => Promise.reject(new Error("failed"))),
            /^Error: failed$/,
        );
    });
});

describe("importing the provider's modules", function () {
    this.timeout(60_000);

    it("changes nothing in the process: index alone starts it", async () => {
        const { stdout } = await promisify(execFile)(process.execPath, [
            "--import",
            "tsx",
            path.join(__dirname, "importing.ts"),
        ]);
        const { files, ...changes } = JSON.parse(stdout) as { files: number; signals: number; environment: string[] };
        assert.ok(files > 50, `${files} files`);
        assert.deepEqual(changes, { signals: 0, environment: [] });
    });
});
