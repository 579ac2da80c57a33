import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { Authority } from "../ontap";
import type { HeldPorts } from "../ports";
import type { ProcessSpecification } from "../processes";
import type { Tools } from "../tools";

/** Ports that one S3 server listens on. */
export const s3Ports = 1;

/** The S3 of one site: one bucket, and a user who owns it and nothing else. */
export interface S3Server {
    /** `host:port`; always TLS. */
    endpoint: string;
    bucket: string;
    accessKey: string;
    secretKey: string;
    /** Certificate of the authority that vouches for the server, PEM. */
    caFile: string;
    accessLog: string;
    processes: ProcessSpecification[];
    /** Makes the bucket and its user, once the server runs. A second call changes nothing. */
    furnish(): Promise<void>;
}

/**
 * Writes the keys of a site's S3 server (versitygw on a plain folder), and says how it is started.
 *
 * @param options.folder Folder for all that this server keeps.
 * @param options.logs Folder for its logs.
 */
export async function prepareS3(options: {
    site: string;
    folder: string;
    logs: string;
    tools: Tools;
    authority: Authority;
    ports: HeldPorts;
}): Promise<S3Server> {
    const { site, folder, logs, tools, authority, ports } = options;
    const [data, metadata, users] = ["data", "metadata", "users"].map((name) => path.join(folder, name));
    for (const one of [data, metadata, users, logs]) {
        await mkdir(one!, { recursive: true });
    }
    const serving = await authority.issue(path.join(folder, "pki"), "s3", {
        commonName: "s3",
        addresses: ["127.0.0.1"],
        names: ["localhost"],
    });
    const endpoint = `127.0.0.1:${ports.next()}`;
    const [bucket, accessKey] = [`trident-dr-${site}`, `LAB${randomBytes(8).toString("hex").toUpperCase()}`];
    const [secretKey, rootSecret] = [randomBytes(20).toString("hex"), randomBytes(20).toString("hex")];
    const accessLog = path.join(logs, "s3-access.log");
    const root = { ROOT_ACCESS_KEY: "lab-root", ROOT_SECRET_KEY: rootSecret };
    const server: ProcessSpecification = {
        site,
        name: "s3",
        stage: 1,
        cwd: folder,
        log: path.join(logs, "s3.log"),
        readySeconds: 180,
        ready: { kind: "https", url: `https://${endpoint}/lab-health`, caFile: authority.certFile },
        env: root,
        argv: [
            tools.versitygw,
            `--port=${endpoint}`,
            `--cert=${serving.certFile}`,
            `--key=${serving.keyFile}`,
            `--iam-dir=${users}`,
            `--access-log=${accessLog}`,
            "--health=/lab-health",
            "--quiet",
            "--keep-alive",
            "posix",
            // Not every temporary folder keeps extended attributes.
            `--sidecar=${metadata}`,
            data!,
        ],
    };
    const admin = async (...words: string[]): Promise<void> => {
        await promisify(execFile)(tools.versitygw, ["admin", `--endpoint-url=https://${endpoint}`, ...words], {
            timeout: 30_000,
            env: {
                ...process.env,
                ADMIN_ACCESS_KEY: root.ROOT_ACCESS_KEY,
                ADMIN_SECRET_KEY: root.ROOT_SECRET_KEY,
                SSL_CERT_FILE: authority.certFile,
            },
        });
    };
    const furnish = async (): Promise<void> => {
        await admin("create-user", `--access=${accessKey}`, `--secret=${secretKey}`, "--role=user").catch(unlessThere);
        await admin("create-bucket", `--bucket=${bucket}`, `--owner=${accessKey}`).catch(unlessThere);
    };
    return {
        endpoint,
        bucket,
        accessKey,
        secretKey,
        caFile: authority.certFile,
        accessLog,
        processes: [server],
        furnish,
    };
}

function unlessThere(error: { stderr?: string; stdout?: string } & Error): void {
    if (!/exist|AlreadyOwned/i.test(`${error.stderr}${error.stdout}`)) {
        throw error;
    }
}
