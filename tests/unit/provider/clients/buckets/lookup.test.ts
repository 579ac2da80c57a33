import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { Lookup } from "../../../../../provider/clients/buckets/lookup";
import { isSilence } from "../../../../../provider/clients/buckets/objectStore";
import { Secrets } from "../../../../../provider/support/secrets";

const nobodyAnswered = () => ({ status: undefined, word: "" });

describe("many lookups in one vault at the same time", () => {
    const lookups = (vault: string, count: number, budget: number) =>
        Array.from({ length: count }, () => new Lookup(vault, budget, new Secrets([]), nobodyAnswered));

    it("have their whole budget, however long they wait for one another", async () => {
        let [now, most] = [0, 0];
        const answers = async () => {
            most = Math.max(most, ++now);
            await pause(100);
            now--;
            return "found";
        };
        const twice = async (lookup: Lookup) => [
            await lookup.ask("GET a", answers),
            await lookup.ask("GET b", answers),
        ];
        const found = await Promise.all(lookups("vault-busy", 32, 1_000).map(twice));
        assert.ok(found.flat().every((one) => one === "found"));
        assert.equal(most, 4);
    });

    it("wait once for a vault that does not answer, and send it no more", async () => {
        let sent = 0;
        const never = () => {
            sent++;
            return new Promise<never>(() => undefined);
        };
        const ended = await Promise.allSettled(
            lookups("vault-dead", 20, 50).map((lookup) => lookup.ask("GET a", never)),
        );
        assert.ok(ended.every((one) => one.status === "rejected" && isSilence(one.reason)));
        assert.equal(sent, 4);
    });
});
