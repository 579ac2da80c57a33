import assert from "node:assert/strict";
import { main } from "../../../../cli/main";
import { Recording, withRecording } from "../../../../lab/scenarios/recording";
import { ModelSites } from "../../cli/verbs/modelSites";
import { textOf } from "../../docs/documents";

async function recordedSwitch(): Promise<string> {
    const both = await ModelSites.established();
    const recording = new Recording(["shop"]);
    recording.typed("npx trident-dr switch shop");
    assert.equal(await main(["switch", "shop"], recording.terminal, { open: () => Promise.resolve(both) }), 0);
    return recording.text;
}

describe("a recording of a command", () => {
    it("has what was typed, asked, answered and printed, in its order", async () => {
        const lines = (await recordedSwitch()).split("\n");
        const order = [
            "$ npx trident-dr switch shop",
            "switch shop: served at west in the end",
            "digest sha256:<digest>",
            "Type its name, shop, to go on: shop",
            "  0:00    shop at west: east has handed over; trident-dr takes over",
            "  0:00  pulumi up --stack west   # takes what was taken over into its state",
            "shop: nothing was lost",
        ].map((line) => lines.indexOf(line));
        assert.ok(!order.includes(-1), lines.join("\n"));
        assert.deepEqual(
            order,
            [...order].sort((left, right) => left - right),
        );
    });

    it("is the same for another run", async () => {
        assert.equal(await recordedSwitch(), await recordedSwitch());
    });

    it("has nothing that only the clock, chance or the machine made", () => {
        const textFrom = (lines: string) => {
            const recording = new Recording([]);
            recording.terminal.print(lines);
            return recording.text;
        };
        const [one, another] = [
            [
                "  0:09  pulumi up --stack east",
                " 10:58    shop at east: shop-base-2 of 2026-11-27T15:00:00.123Z is 4 s old, 11.8 s to go",
                "done, in 61.2 s",
                `digest sha256:${"a".repeat(64)}`,
                "  request 0b9b8a2e-1111-2222-3333-444455556666  ",
            ],
            [
                "  0:11  pulumi up --stack east",
                " 11:01    shop at east: shop-base-2 of 2027-01-02T03:04:05Z is 1 s old, 8 s to go",
                "done, in 58 s",
                `digest sha256:${"b".repeat(64)}`,
                "  request 0b9b8a2e-aaaa-bbbb-cccc-444455556666",
            ],
        ].map((lines) => textFrom(lines.join("\n")));
        assert.equal(one, another);
        assert.equal(
            one,
            [
                "  0:10  pulumi up --stack east",
                " 11:00    shop at east: shop-base-2 of <time> is 5 s old, 10 s to go",
                "done, in 60 s",
                "digest sha256:<digest>",
                "  request <uuid>",
            ].join("\n"),
        );
    });

    it("takes its place in a document, again and again, and nothing else's", () => {
        const readme = textOf("README.md");
        const once = withRecording(readme, "$ first\n");
        const twice = withRecording(once, "$ second\n");
        assert.match(once, /```text\n\$ first\n```/);
        assert.match(twice, /```text\n\$ second\n```/);
        assert.doesNotMatch(twice, /\$ first/);
        assert.equal(withRecording(twice, "$ first\n"), once);
        const outside = (text: string) => text.replace(/<!-- recording[^]*end of the recording -->/, "");
        assert.equal(outside(twice), outside(readme));
    });

    it("is refused a document without a place for it", () => {
        assert.throws(
            () => withRecording("# A document\n", "$ first\n"),
            /Expected a place for the recording: a line "<!-- /,
        );
    });
});
