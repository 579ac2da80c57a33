import assert from "node:assert/strict";
import { openS3 } from "../../../../../provider/clients/buckets/s3";
import { type CountingServer, countingServer } from "../countingServer";

describe("the lookups of many applications in one bucket", () => {
    let server: CountingServer;
    before(async () => {
        server = await countingServer(() => ({ status: 200, body: "found" }));
    });
    after(() => server.close());

    it("share four connections", async () => {
        const lookUp = (index: number) => {
            const access = {
                endpoint: new URL(server.url).host,
                secure: true,
                bucket: "archives",
                rootCA: server.certificate,
                verify: true,
                credentials: { accessKeyId: "key", secretAccessKey: "secret" },
            };
            return openS3("vault-east", access, 60_000).get(`trident-dr/app${index}/epoch-1.json`);
        };
        const found = await Promise.all(Array.from({ length: 100 }, (_, index) => lookUp(index)));
        assert.ok(found.every((one) => one === '"found"'));
        assert.equal(server.asked.length, 100);
        assert.ok(server.handshakes <= 4, `${server.handshakes} handshakes`);
    });
});
