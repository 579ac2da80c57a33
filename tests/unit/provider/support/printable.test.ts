import assert from "node:assert/strict";
import fc from "fast-check";
import { MessageError, render, text } from "../../../../provider/roles/messages/message";
import { ProviderProcess } from "../../../../provider/process/providerProcess";
import { printable, withoutControls } from "../../../../provider/support/printable";

/** What clears a screen, sets a title, goes back over what was printed, or turns the direction of writing. */
const escapes = [
    "\u001b[2J",
    "\u001b]0;title\u0007",
    "\r",
    "\b\b",
    "\u009b31m",
    "\u202e",
    "\u2028",
    "\u0000",
    "\ud800",
];

describe("text of others", () => {
    for (const escape of escapes) {
        it(`loses ${JSON.stringify(escape)} before it is shown`, () => {
            for (const shown of [printable(`a${escape}b`), withoutControls(`a${escape}b`)]) {
                assert.match(shown, /^a.*b$/u);
                assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
            }
        });
    }

    it("is one line of limited length, whatever it was", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary", maxLength: 1000 }), (anything) => {
                const shown = printable(anything);
                assert.ok(shown.length <= 201);
                assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
            }),
        );
    });

    it("that can be read stays as it is, in any script", () => {
        for (const readable of ["shop at west", "Größe 3 µm", "東京 → 大阪", "a'b\"c`d"]) {
            assert.equal(printable(readable), readable);
        }
    });

    it("acts on no terminal at the places where messages leave, and their lines stay lines", () => {
        assert.equal(render(text`one ${"\u001b[2J"}\ntwo`), "one \u{fffd}[2J\ntwo");
        assert.equal(render({ pulumi: "up\u001b[A", site: "west" }), "pulumi up\u{fffd}[A --stack west");
        assert.equal(new MessageError("\u001bx").message, "\u{fffd}x");
        const lines: string[] = [];
        new ProviderProcess({ environment: {}, log: (line) => lines.push(line) }).log("\u001b[2Jone\ntwo");
        assert.deepEqual(lines, ["\u{fffd}[2Jone\ntwo"]);
    });
});
