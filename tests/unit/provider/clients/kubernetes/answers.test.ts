import assert from "node:assert/strict";
import { ResponseContext } from "@kubernetes/client-node";
import { limited } from "../../../../../provider/clients/kubernetes/answers";
import { toKubernetesError } from "../../../../../provider/clients/kubernetes/errors";

const mib = 1024 * 1024;

/** An answer, and whether anything of it was read. */
function answer(text: string, headers: Record<string, string> = {}) {
    const read: string[] = [];
    const body = {
        text: () => {
            read.push("text");
            return Promise.resolve(text);
        },
        binary: () => {
            read.push("binary");
            return Promise.resolve(Buffer.from(text));
        },
    };
    return { answer: limited(new ResponseContext(200, headers, body)), read };
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
    const error: unknown = await work.then(
        () => assert.fail("expected a refusal"),
        (thrown: unknown) => thrown,
    );
    const { kind, message, passing } = toKubernetesError("east", "list pods in shop", error);
    assert.deepEqual([kind, passing], ["rejected", undefined]);
    return message;
}

describe("an answer of an API server", () => {
    it("is read as it is within the limits", async () => {
        const text = JSON.stringify({ items: ["]".repeat(300)], size: "x".repeat(mib) });
        const given = answer(text, { "content-length": String(text.length), "content-type": "application/json" });
        assert.equal(await given.answer.body.text(), text);
        assert.equal((await given.answer.body.binary()).toString(), text);
        assert.equal(given.answer.headers["content-type"], "application/json");
    });

    it("is not read at all where it says that it is too large", async () => {
        const large = answer("{}", { "content-length": String(65 * mib) });
        const expected =
            "east: list pods in shop: expected an answer of 67108864 bytes at most, found 68157440. Nothing of it was used";
        assert.equal(await refusalOf(large.answer.body.text()), expected);
        assert.equal(await refusalOf(large.answer.body.binary()), expected);
        assert.deepEqual(large.read, []);
    });

    it("is refused where it turns out to be too large, or nested too deeply", async () => {
        assert.match(
            await refusalOf(answer("x".repeat(65 * mib)).answer.body.text()),
            /expected an answer of 67108864/,
        );
        const nested = `${"[".repeat(201)}${"]".repeat(201)}`;
        assert.match(
            await refusalOf(answer(nested).answer.body.text()),
            /east: list pods in shop: expected an answer nested 200 times at most, found 201/,
        );
    });
});
