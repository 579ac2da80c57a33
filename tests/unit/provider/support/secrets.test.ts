import assert from "node:assert/strict";
import fc from "fast-check";
import { inspect } from "node:util";
import { Secrets } from "../../../../provider/support/secrets";

/** Every kind of character that some encoding writes in another way. */
const password = "pä\"ss\\wo<r>d&'/+ 7=%€😀";

const asciiJson = (text: string) =>
    JSON.stringify(text).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
const html = (text: string) =>
    text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]!);
const numeric = (text: string, radix: 10 | 16) =>
    [...text].map((c) => `&#${radix === 16 ? "x" : ""}${c.codePointAt(0)!.toString(radix)};`).join("");
const base64 = (before: string, text: string, after: string) => Buffer.from(before + text + after).toString("base64");

const encodings: Record<string, (text: string) => string> = {
    "as it is": (text) => text,
    "as JSON": (text) => JSON.stringify(text),
    "as JSON in JSON": (text) => JSON.stringify(JSON.stringify(text)),
    "as JSON that is ASCII only": asciiJson,
    "as JSON with escaped slashes": (text) => JSON.stringify(text).replaceAll("/", "\\/"),
    "as JSON with what HTML reserves escaped": (text) =>
        JSON.stringify(text).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
    "in a URL": encodeURIComponent,
    "in a URL, in lower case": (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
    "in a URL in a URL": (text) => encodeURIComponent(encodeURIComponent(text)),
    "in a form": (text) => new URLSearchParams({ text }).toString(),
    "in HTML": html,
    "in HTML in HTML": (text) => html(html(text)),
    "in HTML, by decimal numbers": (text) => numeric(text, 10),
    "in HTML, by hexadecimal numbers": (text) => numeric(text, 16),
    "in JSON in a page": (text) => html(JSON.stringify(text)),
    "in JSON in a URL": (text) => encodeURIComponent(JSON.stringify(text)),
    "in Node.js's notation": (text) => inspect({ text }),
};

describe("secrets in others' words", () => {
    for (const [how, encode] of Object.entries(encodings)) {
        it(`are taken out ${how}`, () => {
            const text = `before ${encode(password)} after`;
            const redacted = new Secrets([password]).redact(text);
            assert.match(redacted, /^before .*\[secret\].* after$/);
            for (const part of ["ss", "wo", "7"]) {
                assert.ok(!redacted.replace("[secret]", "").includes(part), redacted);
            }
        });
    }

    it("are taken out in base64 wherever they begin, and with them all that follows", () => {
        for (const before of ["", "a", "ab", "user:"]) {
            for (const after of ["", "x", "xy", "xyz"]) {
                for (const variant of [(text: string) => text, urlSafe, encodeURIComponent]) {
                    const sent = variant(base64(before, password, after));
                    const redacted = new Secrets([password]).redact(`<${sent}>`);
                    assert.match(redacted, /^<[\w+/%-]{0,14}\[secret\]>$/, `${before}|${after}: ${redacted}`);
                }
            }
        }
    });

    it("are taken out whatever they are, and however they are encoded", () => {
        const secret = fc.string({ minLength: 4, maxLength: 24, unit: "grapheme" });
        const encoding = fc.constantFrom(
            ...Object.values(encodings).filter((encode) => encode !== encodings["in Node.js's notation"]),
        );
        fc.assert(
            fc.property(secret, encoding, (value, encode) => {
                fc.pre(!"before after &;#x".includes(value));
                const encoded = encode(value);
                const redacted = new Secrets([value]).redact(`before ${encoded} after`);
                assert.ok(redacted.includes("[secret]"), redacted);
                assert.ok(!redacted.includes(encoded), redacted);
            }),
        );
    });

    it("leave everything else as it is", () => {
        const secrets = new Secrets([password, "another"]);
        for (const text of ["", "name in use", 'volume "shop" %41 &amp; \\u0041', base64("", "nothing of it", "")]) {
            assert.equal(secrets.redact(text), text);
        }
        assert.equal(new Secrets([undefined, ""]).redact("text"), "text");
    });

    it("go with the longer one first, where one is part of another", () => {
        assert.equal(new Secrets(["canary", "canary-more"]).redact("canary-more canary"), "[secret] [secret]");
    });

    it("of several lines go line by line too", () => {
        const lines = ["-----BEGIN PRIVATE KEY-----", "A".repeat(64), "B".repeat(40), "-----END PRIVATE KEY-----"];
        const secrets = new Secrets([`${lines.join("\n")}\n`]);
        assert.equal(secrets.redact(`key ${lines[2]} refused`), "key [secret] refused");
        assert.equal(secrets.redact(`${lines.join("\r\n")}\r\n`), "[secret]");
        assert.equal(secrets.redact(lines[0]!), lines[0]);
    });

    it("can be added when they are learned", () => {
        const secrets = new Secrets();
        assert.equal(secrets.redact("token-1"), "token-1");
        secrets.keep("token-1");
        assert.equal(secrets.redact("token-1"), "[secret]");
        assert.ok(!inspect(secrets, { depth: 5 }).includes("token-1"));
    });

    it("take time in proportion to the text, whatever its form", () => {
        const secrets = new Secrets(["\\".repeat(64), '"'.repeat(64), "A".repeat(64), " ".repeat(64)]);
        const hostile = ["\\", '\\"', "A", "%25", "&amp;", " ", "%"].map((part) => part.repeat(20_000));
        hostile.forEach((text) => secrets.redact(`${text}x`));
    });
});

function urlSafe(text: string): string {
    return text.replaceAll("+", "-").replaceAll("/", "_");
}
