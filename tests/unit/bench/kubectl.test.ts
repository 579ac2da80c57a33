import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { command } from "../../../lab/ansible/command";

const objects = path.join(__dirname, "..", "..", "..", "bench", "peers", "kubectl", "objects.sh");

describe("kubectl apply of the peers", () => {
    let folder: string;

    beforeEach(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "kubectl-"));
    });

    afterEach(() => rm(folder, { recursive: true }));

    it("sends the same manifest again after a webhook's lost connection", async () => {
        assert.equal(await apply({ failures: 2 }), true);
        assert.equal(await received(), "kind: Snapshot\n".repeat(3));
    });

    it("gives up after the third time", async () => {
        assert.equal(await apply({ failures: 3 }), false);
        assert.equal(await received(), "kind: Snapshot\n".repeat(3));
    });

    /** Under the options that the scripts have, with a kubectl that fails so often. */
    async function apply({ failures }: { failures: number }): Promise<boolean> {
        const file = path.join(folder, "received");
        const kubectl = `#!/bin/bash\ncat >> ${file}\n[ $(wc -l < ${file}) -gt ${failures} ]\n`;
        await writeFile(path.join(folder, "kubectl"), kubectl, { mode: 0o755 });
        const script = `set -euo pipefail; source ${objects}; echo "kind: Snapshot" | apply east; echo went on`;
        const { ok } = await command(["bash", "-c", script], { PATH: `${folder}:${process.env["PATH"]}` });
        return ok;
    }

    function received(): Promise<string> {
        return readFile(path.join(folder, "received"), "utf8");
    }
});
