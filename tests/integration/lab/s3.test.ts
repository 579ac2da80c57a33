import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetObjectCommand, HeadBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Authority } from "../../../lab/ontap";
import { holdPorts } from "../../../lab/ports";
import { Supervisor } from "../../../lab/processes";
import { prepareS3, s3Ports, type S3Server } from "../../../lab/s3/server";
import { ensureTools } from "../../../lab/tools";

describe("S3 of the lab", function () {
    this.timeout(30 * 60_000);
    let folder: string;
    let supervisor: Supervisor;
    const servers: S3Server[] = [];

    before(async () => {
        const tools = await ensureTools({ progress: console.log });
        folder = await mkdtemp(path.join(tmpdir(), "lab-s3-"));
        supervisor = new Supervisor(path.join(folder, "processes"));
        const authority = await Authority.create(folder, "lab");
        for (const site of ["east", "west"]) {
            const ports = await holdPorts(s3Ports);
            const home = path.join(folder, site);
            const server = await prepareS3({ site, folder: home, logs: home, tools, authority, ports });
            await ports.release();
            await supervisor.start(server.processes);
            await server.furnish();
            servers.push(server);
        }
    });

    after(async () => {
        await supervisor?.stop();
        await rm(folder, { recursive: true, force: true });
    });

    async function client(server: S3Server, key: { accessKey: string; secretKey: string } = server): Promise<S3Client> {
        const agent = new Agent({ ca: await readFile(server.caFile), keepAlive: true });
        return new S3Client({
            endpoint: `https://${server.endpoint}`,
            region: "us-east-1",
            forcePathStyle: true,
            maxAttempts: 1,
            credentials: { accessKeyId: key.accessKey, secretAccessKey: key.secretKey },
            requestHandler: { httpsAgent: agent },
        });
    }

    it("lets exactly one of many create an object that must not be there yet", async () => {
        const [server] = servers as [S3Server];
        const s3 = await client(server);
        const claims = await Promise.allSettled(
            Array.from({ length: 12 }, (_, number) =>
                s3.send(
                    new PutObjectCommand({
                        Bucket: server.bucket,
                        Key: "epochs/shop/2",
                        Body: `run ${number}`,
                        IfNoneMatch: "*",
                    }),
                ),
            ),
        );
        const won = claims.flatMap(({ status }, number) => (status === "fulfilled" ? [number] : []));
        assert.equal(won.length, 1);
        for (const claim of claims) {
            if (claim.status === "rejected") {
                assert.equal((claim.reason as { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode, 412);
            }
        }
        const kept = await s3.send(new GetObjectCommand({ Bucket: server.bucket, Key: "epochs/shop/2" }));
        assert.equal(await kept.Body?.transformToString(), `run ${won[0]}`);
    });

    it("keeps the key of one site out of the other's bucket", async () => {
        const [east, west] = servers as [S3Server, S3Server];
        const stranger = await client(west, east);
        await assert.rejects(stranger.send(new HeadBucketCommand({ Bucket: west.bucket })), {
            name: /^(403|Forbidden|Unknown|NotFound)$/,
        });
        await (await client(west)).send(new HeadBucketCommand({ Bucket: west.bucket }));
    });

    it("logs who asked for what", async () => {
        const [server] = servers as [S3Server];
        const log = await readFile(server.accessLog, "utf8");
        assert.match(log, new RegExp(`${server.bucket}.*${server.accessKey}.*epochs/shop/2`));
    });

    it("has its objects, bucket and user still after it was killed", async () => {
        const [server] = servers as [S3Server];
        await supervisor.kill({ site: "east" });
        await supervisor.revive({ site: "east" });
        await server.furnish();
        const s3 = await client(server);
        const kept = await s3.send(new GetObjectCommand({ Bucket: server.bucket, Key: "epochs/shop/2" }));
        assert.match((await kept.Body?.transformToString()) ?? "", /^run \d+$/);
    });
});
