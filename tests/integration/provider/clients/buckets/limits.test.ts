import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { VaultError } from "../../../../../provider/clients/buckets/objectStore";
import { openS3 } from "../../../../../provider/clients/buckets/s3";

const secret = 'canary"secret';

describe("a bucket that somebody else fills", () => {
    let server: Server;
    let requests: number;
    let answer: (response: ServerResponse) => void | Promise<void>;

    before(async () => {
        server = createServer((_request, response) => {
            requests++;
            void answer(response);
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    beforeEach(() => {
        requests = 0;
    });
    after(async () => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
    });

    const store = (budget: number) =>
        openS3(
            "vault-east",
            {
                endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
                secure: false,
                bucket: "bucket",
                rootCA: undefined,
                verify: true,
                credentials: { accessKeyId: "key", secretAccessKey: secret },
            },
            budget,
        );
    const failureOf = async (work: Promise<unknown>): Promise<VaultError> => {
        const thrown = await work.then(
            () => assert.fail("expected a failure"),
            (error: unknown) => error,
        );
        assert.ok(thrown instanceof VaultError, String(thrown));
        return thrown;
    };
    const page = () =>
        `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t${requests}</NextContinuationToken>` +
        `<Contents><Key>x/${requests}</Key></Contents></ListBucketResult>`;

    it("is listed within one budget, however many pages it has", async () => {
        answer = async (response) => {
            await pause(20);
            response.end(page());
        };
        const failure = await failureOf(store(400).names("x/"));
        assert.match(failure.message, /^vault vault-east: LIST x\/: no answer in time$/);
        assert.equal(failure.unreachable, true);
    });

    it("is listed up to 200 pages", async () => {
        answer = (response) => void response.end(page());
        const failure = await failureOf(store(600_000).names("x/"));
        assert.match(failure.message, /LIST x\/: found more than 200 pages, which nothing of ours is; inspect it/);
        assert.deepEqual([requests, failure.unreachable], [200, false]);
    });

    it("has no object read that is larger than any of ours", async () => {
        let written = 0;
        answer = async (response) => {
            while (!response.destroyed && written < 200_000_000) {
                written += 65_536;
                await new Promise((resolve) => response.write(Buffer.alloc(65_536, "x"), resolve));
            }
            response.end();
        };
        const failure = await failureOf(store(600_000).get("claim"));
        assert.match(failure.message, /GET claim: found more than 1048576 bytes, which nothing of ours is/);
        assert.equal(failure.unreachable, false);
        assert.ok(written < 50_000_000, `${written} bytes were sent`);
    });

    it("is quoted with the one word that S3 has for an error, and with nothing else", async () => {
        const errors: [string, RegExp][] = [
            ["AccessDenied", /\(HTTP 403, AccessDenied\)$/],
            [`no: ${secret}`, /\(HTTP 403\)$/],
            ["\u001b[2Jcurl", /\(HTTP 403\)$/],
        ];
        for (const [code, end] of errors) {
            answer = (response) => {
                response.writeHead(403, { "content-type": "application/xml" });
                response.end(`<Error><Code>${code}</Code><Message>${secret}</Message></Error>`);
            };
            const { message } = await failureOf(store(600_000).get("claim"));
            assert.match(message, end);
            assert.doesNotMatch(message, /canary|curl/);
        }
    });
});
