import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { statusDocument } from "../../../cli/status/document";
import { metricsOf } from "../../../cli/status/prometheus";
import { manyItems, sample } from "../../unit/cli/status/sample";
import { toolsMs } from "../lab/controllers/controlPlane";

/** What Prometheus' own parser and linter say of a text; rejected with the reason where they do not accept it. */
function judged(text: string): Promise<string[]> {
    return new Promise((resolve, reject) => {
        const child = spawn("go", ["run", "-mod=readonly", "-buildvcs=false", "."], {
            cwd: path.join(__dirname, "promlint"),
            // Settings of the user that would change what is built are put aside. No C compiler is needed.
            env: { ...process.env, GOFLAGS: "", GOWORK: "off", GO111MODULE: "on", CGO_ENABLED: "0" },
        });
        let [output, complaint] = ["", ""];
        child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
        child.on("error", reject);
        child.on("close", (code) =>
            code === 0 ? resolve(output.split("\n").filter((line) => line !== "")) : reject(new Error(complaint)),
        );
        child.stdin.end(text);
    });
}

describe("trident-dr status --prometheus, judged by Prometheus' own parser and linter", function () {
    this.timeout(toolsMs);

    it("is accepted, whatever is known and however many items there are", async () => {
        for (const document of [sample(), sample(manyItems(100)), sample([])]) {
            const lines = await judged(metricsOf(statusDocument.parse(document)));
            assert.deepEqual(
                lines.filter((line) => line.startsWith("problem")),
                [],
            );
            const roles = lines.find((line) => line.startsWith("family trident_dr_item_status "));
            assert.equal(
                roles,
                document.items.length === 0 ? undefined : `family trident_dr_item_status ${3 * document.items.length}`,
            );
        }
    });

    it("is accepted with names that would end a label", async () => {
        const [item] = sample().items;
        const odd = { ...sample(), items: [{ ...item!, item: 'sh"op\\ of\nus' }] };
        assert.ok((await judged(metricsOf(odd))).includes("family trident_dr_item_info 1"));
    });

    it("would be refused with a name that nobody uses, or with half a line", async () => {
        await assert.rejects(judged('trident_dr_item_status{item="shop" 1\n'), /text format parsing error/);
        const unconventional = await judged(
            "# HELP tridentDrLagMinutes Lag.\n# TYPE tridentDrLagMinutes gauge\ntridentDrLagMinutes 1\n",
        );
        assert.ok(unconventional.some((line) => line.startsWith("problem tridentDrLagMinutes")));
    });
});
