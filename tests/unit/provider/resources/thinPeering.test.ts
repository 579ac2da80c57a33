import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { root, serialiseProvider, type Serialised } from "./serialise";

describe("the thin provider of OntapPeering", () => {
    let serialised: Serialised;

    before(async function () {
        this.timeout(60_000);
        serialised = await serialiseProvider("provider/resources/peering.ts", "OntapPeering", {
            site: "east",
            peerSite: "west",
            endpoint: { url: "https://127.0.0.1" },
            svm: "svm_east",
            peer: { svm: "svm_west", interclusterAddresses: ["127.0.0.2"] },
        });
    });

    it("has a type of its own, which states refer to", () => {
        assert.match(serialised.urn, /pulumi-nodejs:dynamic\/trident-dr:OntapPeering::resource$/);
    });

    it("is the text that states already hold: a change of it is a conscious act (UPDATE_GOLDEN=1)", async () => {
        const golden = path.join(__dirname, "OntapPeering.golden.txt");
        if (process.env.UPDATE_GOLDEN !== undefined) {
            await writeFile(golden, serialised.text);
        }
        assert.equal(serialised.text, await readFile(golden, "utf8"));
    });

    it("is small, refers to nothing but our own package, and holds no secret and no path", () => {
        const { text } = serialised;
        assert.ok(text.length < 4096, `${text.length} characters`);
        const loaded = [...text.matchAll(/(?:import|require)\(\s*(['"])(.*?)\1\s*\)/g)].map((match) => match[2]);
        assert.deepEqual([...new Set(loaded)], ["pulumi-trident-dr/provider"]);
        assert.equal(loaded.length, 7);
        assert.equal(serialised.containsSecrets, false);
        assert.ok(!text.includes(root) && !text.includes("<folder>"));
    });
});
