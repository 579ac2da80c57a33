import assert from "node:assert/strict";
import { Silence } from "../../../../provider/support/silence";

class NoAnswer extends Error {}

describe("the memory of who gave no answer", () => {
    let now: number;
    let asked: string[];
    let silence: Silence;
    beforeEach(() => {
        now = 0;
        asked = [];
        silence = new Silence(() => now);
    });

    const ask = (who: string, answer: () => string) =>
        silence
            .unless(
                who,
                () => {
                    asked.push(who);
                    return Promise.resolve().then(answer);
                },
                (error) => error instanceof NoAnswer,
            )
            .catch((error: unknown) => error);
    const silent = () => {
        throw new NoAnswer("no answer in time");
    };

    it("does not ask again for half a minute, and fails in the same way", async () => {
        const first = await ask("vault-east", silent);
        now = 29_999;
        assert.equal(await ask("vault-east", () => "here"), first);
        assert.deepEqual(asked, ["vault-east"]);
        now = 30_000;
        assert.equal(await ask("vault-east", () => "here"), "here");
    });

    it("keeps nobody else from being asked", async () => {
        await ask("vault-east", silent);
        assert.equal(await ask("vault-west", () => "here"), "here");
    });

    it("asks again whoever refused: a refusal is an answer", async () => {
        const refuse = () => {
            throw new Error("HTTP 403");
        };
        await ask("vault-east", refuse);
        await ask("vault-east", refuse);
        assert.deepEqual(asked, ["vault-east", "vault-east"]);
    });

    it("is silence to whoever has less patience, counted from when the question was asked", async () => {
        let answer = (_: string) => {};
        const question = () => {
            asked.push("vault-east");
            return new Promise<string>((resolve) => (answer = resolve));
        };
        const isSilence = (error: unknown) => error instanceof NoAnswer;
        const patient = silence.together("vault-east", question, isSilence);
        now = 1_000;
        const error = () => new NoAnswer("no answer in 1,000 ms");
        const impatient = silence.together("vault-east", question, isSilence, { ms: 1_000, error });
        await assert.rejects(impatient, NoAnswer);
        answer("here after all");
        assert.equal(await patient, "here after all");
        const later = await ask("vault-east", () => "here");
        assert.ok(later instanceof NoAnswer, "this run has decided that nobody is there");
        assert.deepEqual(asked, ["vault-east"]);
    });

    it("is no silence where the answer comes while patience lasts", async () => {
        const patience = { ms: 60_000, error: () => new NoAnswer("") };
        const here = silence.together(
            "vault-east",
            () => Promise.resolve("here"),
            () => false,
            patience,
        );
        assert.equal(await here, "here");
    });

    it("gives those who ask within seconds one answer, and asks again later", async () => {
        let answer = (_: string) => {};
        const question = () => {
            asked.push("vault-east");
            return new Promise<string>((resolve) => (answer = resolve));
        };
        const together = () => silence.together("vault-east", question, () => false);
        const both = [together(), together()];
        answer("here");
        assert.deepEqual(await Promise.all(both), ["here", "here"]);
        now = 9_999;
        assert.equal(await together(), "here");
        now = 10_000;
        const later = together();
        answer("still here");
        assert.equal(await later, "still here");
        assert.deepEqual(asked, ["vault-east", "vault-east"]);
    });
});
