import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { openS3, type S3Access } from "../../../../../provider/clients/buckets/s3";

describe("where a request names the bucket", () => {
    /** A proxy that is the server of every name. */
    let proxy: Server;
    let asked: string[];

    before(async () => {
        proxy = createServer((request, response) => {
            asked.push(`http://${request.headers.host}${request.url}`);
            response.writeHead(404, { "content-type": "application/xml" });
            response.end("<Error><Code>NoSuchKey</Code></Error>");
        });
        proxy.on("connect", ({ url = "" }, socket: Socket) => {
            if (url.endsWith(":443")) {
                asked.push(url);
                socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
                return;
            }
            socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
            proxy.emit("connection", socket);
        });
        await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    });
    beforeEach(() => (asked = []));
    after(async () => {
        const closed = new Promise((resolve) => proxy.close(resolve));
        proxy.closeAllConnections();
        await closed;
    });

    /** Where one is asked for the object `key`. */
    async function askedWith(change: Partial<S3Access>): Promise<string[]> {
        const access: S3Access = {
            endpoint: "s3.example:9000",
            secure: false,
            bucket: "archive",
            rootCA: undefined,
            verify: true,
            proxy: new URL(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`),
            credentials: { accessKeyId: "id", secretAccessKey: "canary" },
            ...change,
        };
        await openS3("vault-east", access, 5_000)
            .get("key")
            .catch(() => undefined);
        return asked;
    }

    for (const [addressing, url] of [
        [undefined, "http://s3.example:9000/archive/key?x-id=GetObject"],
        ["auto", "http://s3.example:9000/archive/key?x-id=GetObject"],
        ["path", "http://s3.example:9000/archive/key?x-id=GetObject"],
        ["host", "http://archive.s3.example:9000/key?x-id=GetObject"],
    ] as const) {
        it(`is ${url} with ${addressing}`, async () => {
            assert.deepEqual(await askedWith({ addressing }), [url]);
        });
    }

    for (const [addressing, host] of [
        [undefined, "archive.s3.eu-central-1.amazonaws.com:443"],
        ["auto", "archive.s3.eu-central-1.amazonaws.com:443"],
        ["path", "s3.eu-central-1.amazonaws.com:443"],
        ["host", "archive.s3.eu-central-1.amazonaws.com:443"],
    ] as const) {
        it(`is ${host} with ${addressing} at one of Amazon's public hosts`, async () => {
            const access = { addressing, endpoint: "s3.eu-central-1.amazonaws.com", secure: true };
            assert.deepEqual(await askedWith(access), [host]);
        });
    }

    it("is the path for an address, and for a name that no certificate of the server's would match", async () => {
        assert.deepEqual(await askedWith({ addressing: "host", endpoint: "10.0.0.9:9000" }), [
            "http://10.0.0.9:9000/archive/key?x-id=GetObject",
        ]);
        asked = [];
        const dotted = {
            addressing: "host",
            bucket: "archive.east",
            endpoint: "s3.example:443",
            secure: true,
        } as const;
        assert.deepEqual(await askedWith(dotted), ["s3.example:443"]);
    });
});
