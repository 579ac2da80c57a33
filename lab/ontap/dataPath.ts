import Fastify, { FastifyInstance } from "fastify";
import { Cluster, exportPolicyNamed } from "./cluster";
import { Volumes } from "./data/volumes";
import { OntapFailure } from "./errors";
import { FileEntry, Volume } from "./state";

/**
 * Plain HTTP in the place of NFS:
 *
 * - `POST /<svm><junction path>/<file>?append` appends the body and answers `{"size": n}` when it is durable;
 * - `DELETE` of a file removes it from the active file system;
 * - `GET` of a file gives its bytes, `GET` of the folder with a `/` at its end a JSON list of `{name, size}`;
 * - `GET /<svm><junction path>/.handle` mounts: it gives `{"handle": …}`, which names the volume and not its path, so that
 *   `/<svm>/.handles/<handle>/<file>` goes on to work once nothing is mounted there any more (docs/facts/ontap.md#clients);
 * - `/<svm>/.volumes/<volume>/…` reads a volume for the lab, mounted or not, and `…/.snapshot/<snapshot>/…` what a snapshot
 *   froze.
 *
 * 403: its export policy admits nobody; 404: nothing is mounted there, or no such file; 410: the handle is stale; 423: the
 * volume is read-only; 507: it is full.
 */
export function buildDataPath(cluster: Cluster, volumes: Volumes): FastifyInstance {
    const server = Fastify({ forceCloseConnections: true, bodyLimit: 256 * 2 ** 20 });
    server.removeAllContentTypeParsers();
    server.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    server.setErrorHandler((error, _request, reply) => {
        const status =
            error instanceof OntapFailure ? error.status : ((error as { statusCode?: number }).statusCode ?? 500);
        return reply.code(status).send({ error: error instanceof Error ? error.message : String(error) });
    });
    server.get("/*", async (request, reply) => {
        const { volume, snapshot, file } = locate(cluster, request.url, "read");
        if (file === ".handle") {
            return { handle: volume.uuid };
        }
        const files = filesOf(volume, snapshot);
        if (file === "") {
            return files.map(({ name, length }) => ({ name, size: length }));
        }
        const entry =
            files.find(({ name }) => name === file) ?? notFound(`No file "${file}" on volume "${volume.name}"`);
        const bytes = await volumes.blobs.read(volume, entry, 0, entry.length);
        return reply.type("application/octet-stream").send(bytes);
    });
    server.post("/*", async (request) => {
        const { volume, snapshot, file } = locate(cluster, request.url, "write");
        if (snapshot !== undefined || file === "") {
            throw new OntapFailure(423, "30", "A file of the active file system must be named");
        }
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        return { size: await volumes.append(volume, file, bytes) };
    });
    server.delete("/*", async (request) => {
        const { volume, file } = locate(cluster, request.url, "write");
        await volumes.removeFile(volume, file);
        return {};
    });
    return server;
}

interface Place {
    volume: Volume;
    snapshot?: string;
    /** Empty for the folder. */
    file: string;
}

function notFound(message: string): never {
    throw new OntapFailure(404, "2", message);
}

function locate(cluster: Cluster, url: string, access: Access): Place {
    const path = decodeURIComponent(url.split("?")[0] ?? "");
    const [, svmName = "", ...rest] = path.split("/");
    const svm = cluster.svmNamed(svmName) ?? notFound(`No SVM "${svmName}"`);
    const own = cluster.state.volumes.filter((volume) => volume.svm === svm.uuid);
    if (rest[0] === ".volumes") {
        const volume = access === "read" ? own.find(({ name }) => name === rest[1]) : undefined;
        return within(volume ?? notFound(`No volume "${rest[1]}"`), rest.slice(2).join("/"));
    }
    if (rest[0] === ".handles") {
        const volume = own.find(({ uuid, state }) => uuid === rest[1] && state === "online");
        if (volume === undefined) {
            throw new OntapFailure(410, "70", "Stale file handle");
        }
        requireAccess(cluster, volume, access);
        return within(volume, rest.slice(2).join("/"));
    }
    const inSvm = `/${rest.join("/")}`;
    const mounted = own
        .filter(
            ({ junctionPath, isRoot }) => junctionPath !== undefined && !isRoot && inSvm.startsWith(`${junctionPath}/`),
        )
        .sort((one, other) => (other.junctionPath ?? "").length - (one.junctionPath ?? "").length)[0];
    const volume = mounted ?? notFound(`Nothing is mounted at "${inSvm}"`);
    if (volume.state !== "online") {
        notFound(`Volume "${volume.name}" is ${volume.state}`);
    }
    requireAccess(cluster, volume, access);
    return within(volume, inSvm.slice((volume.junctionPath ?? "").length + 1));
}

type Access = "read" | "write";

/** Every request is held against the volume's export policy, whether it comes by a path or by a handle. */
function requireAccess(cluster: Cluster, { svm, name, exportPolicy }: Volume, access: Access): void {
    const rules = exportPolicyNamed(cluster.state, svm, exportPolicy)?.rules ?? [];
    const admits = rules.some((rule) => !(access === "read" ? rule.ro_rule : rule.rw_rule).includes("never"));
    if (!admits) {
        throw new OntapFailure(403, "13", `Permission denied: export policy ${exportPolicy} of volume "${name}"`);
    }
}

function within(volume: Volume, rest: string): Place {
    const found = /^\.snapshot\/([^/]+)\/(.*)$/.exec(rest);
    return found ? { volume, snapshot: found[1], file: found[2] ?? "" } : { volume, file: rest };
}

function filesOf(volume: Volume, snapshot: string | undefined): FileEntry[] {
    if (snapshot === undefined) {
        return volume.files;
    }
    return (volume.snapshots.find(({ name }) => name === snapshot) ?? notFound(`No snapshot "${snapshot}"`)).files;
}
