import assert from "node:assert/strict";
import type { OntapClient } from "../../../../provider/clients/ontap";
import { actingServers } from "../../../../provider/engine/servers";

/** An array that counts how often its relationships are read. */
function countingArray() {
    const asked: string[] = [];
    const client = {
        within: () => client,
        relationships: {
            ofDestinationSvm: (svm: string) => {
                asked.push(svm);
                return Promise.resolve([]);
            },
        },
    } as unknown as OntapClient;
    return { asked, open: () => client };
}

describe("what is only shown of an array", () => {
    const place = { site: "west", endpoint: { url: "https://west.example" } };

    it("is read once for all items that wait at the same time, while whoever acts reads for itself", async () => {
        const { asked, open } = countingArray();
        const servers = actingServers();
        const waiting = Array.from({ length: 20 }, () => servers.shownArray(place, open, 8_000));
        await Promise.all(waiting.map((array) => array.mirrorsInto("svm_west")));
        assert.deepEqual(asked, ["svm_west"]);
        await servers.array(place, open).mirrorsInto("svm_west");
        assert.equal(asked.length, 2);
    });

    it("is each array's own", async () => {
        const { asked, open } = countingArray();
        const servers = actingServers();
        for (const url of ["https://west.example", "https://other.example"]) {
            await servers.shownArray({ site: "west", endpoint: { url } }, open, 8_000).mirrorsInto("svm_west");
        }
        assert.equal(asked.length, 2);
    });
});
