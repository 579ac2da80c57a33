import { Agent } from "node:https";
import { checkServerIdentity } from "node:tls";
import axios, { type AxiosInstance, type AxiosResponse, isAxiosError } from "axios";
import { delay, scaled } from "../controllers";

interface OntapAccess {
    /** Management LIF: a host or `host:port`. */
    managementLif: string;
    username: string;
    password: string;
    /** PEM of the CA, or of the very certificate, that the LIF presents. */
    ca: string;
    /** Divides the pauses between two looks at a job. */
    speed: number;
}

/** What ONTAP answered instead of success, or that it did not answer at all (`code` is empty then). */
export class OntapError extends Error {
    constructor(
        readonly call: string,
        /** ONTAP's error number, a string as on the wire. */
        readonly code: string,
        readonly ontapMessage: string,
        readonly status?: number,
    ) {
        super(code === "" ? `${call}: ${ontapMessage}` : `${call}: ${ontapMessage} (${code})`);
        this.name = "OntapError";
    }

    get notFound(): boolean {
        return this.code === "4" || (this.status === 404 && this.code === "");
    }
}

/** ONTAP's error numbers that mean something to Trident. */
export const codes = {
    volumeExists: "917526",
    volumeIsMirrored: "917858",
    volumeNotInitialized: "917536",
    snapshotExists: "525059",
    snapshotGone: "1638600",
    relationshipExists: "6619637",
    /** Initialisation refused: Trident takes it for "is running already". */
    initializeRefused: "13303812",
    breakRefused: "13303808",
    releaseRefused: "13303822",
} as const;

export interface Volume {
    uuid: string;
    name: string;
    type: "rw" | "dp" | "ls";
    state?: string;
    size?: number;
    nas?: { path?: string };
    space?: { size?: number };
}

interface ArraySnapshot {
    uuid: string;
    name: string;
    create_time?: string;
}

export interface Relationship {
    uuid: string;
    state?: string;
    healthy?: boolean;
    unhealthy_reason?: { code?: string | number; message?: string }[];
    source?: { path?: string };
    destination?: { path?: string };
    policy?: { name?: string; type?: string };
    transfer?: { uuid?: string; state?: string; end_time?: string };
}

interface Job {
    uuid: string;
    state: string;
    code?: number;
    message?: string;
    error?: { code?: string; message?: string };
}

const relationshipFields =
    "uuid,state,healthy,unhealthy_reason,source.path,destination.path,policy.name,policy.type,transfer";
const requestTimeoutMs = 20_000;
const jobPollMs = 1_500;
const jobDeadlineMs = 120_000;

/** ONTAP's REST API as far as Trident needs it, with one user's rights, on one cluster. */
export class Ontap {
    private readonly http: AxiosInstance;

    constructor(private readonly access: OntapAccess) {
        const { managementLif, username, password, ca } = access;
        const host = managementLif.replace(/^https:\/\//, "").replace(/\/$/, "");
        this.http = axios.create({
            baseURL: `https://${host}/api`,
            auth: { username, password },
            httpsAgent: new Agent({
                ca,
                keepAlive: true,
                maxSockets: 8,
                // As Go verifies: also a certificate that is trusted itself has to name the address.
                checkServerIdentity: (name, certificate) =>
                    certificate.subjectaltname === undefined
                        ? new Error("x509: certificate relies on legacy Common Name field, use SANs instead")
                        : checkServerIdentity(name, certificate),
            }),
            timeout: requestTimeoutMs,
            proxy: false,
            headers: { "X-Dot-Client-App": "trident" },
            paramsSerializer: (params: Record<string, string>) =>
                Object.entries(params)
                    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
                    .join("&"),
        });
    }

    async cluster(): Promise<{ name: string; uuid: string }> {
        return this.get("/cluster", { fields: "name,uuid,version" });
    }

    async svm(name: string): Promise<{ uuid: string; state?: string; aggregates: string[] } | undefined> {
        type Svm = { uuid: string; state?: string; aggregates?: { name: string }[] };
        const [svm] = await this.records<Svm>("/svm/svms", { name, fields: "uuid,state,aggregates" });
        if (svm === undefined) {
            return undefined;
        }
        const assigned = svm.aggregates?.map((aggregate) => aggregate.name) ?? [];
        // An SVM without a list of its own may use every aggregate.
        const aggregates = assigned.length > 0 ? assigned : await this.aggregates();
        return { uuid: svm.uuid, state: svm.state, aggregates };
    }

    private async aggregates(): Promise<string[]> {
        const records = await this.records<{ name: string }>("/storage/aggregates", { fields: "name" });
        return records.map((record) => record.name);
    }

    async volume(svm: string, name: string): Promise<Volume | undefined> {
        const query = { "svm.name": svm, name, fields: "uuid,name,type,state,size,nas.path,space.size" };
        return (await this.records<Volume>("/storage/volumes", query))[0];
    }

    /** Creates the volume; one of that name that is there already is as good. */
    async createVolume(body: object): Promise<void> {
        await this.tolerating([codes.volumeExists], () => this.write("POST", "/storage/volumes", {}, body));
    }

    async mountVolume(uuid: string, path: string): Promise<void> {
        await this.write("PATCH", `/storage/volumes/${uuid}`, {}, { nas: { path } });
    }

    /** Deletes the volume past the recovery queue; one that is gone is as good. */
    async deleteVolume(uuid: string): Promise<void> {
        await this.tolerating(["4"], () => this.write("DELETE", `/storage/volumes/${uuid}`, { force: "true" }));
    }

    async snapshot(volumeUuid: string, name: string): Promise<ArraySnapshot | undefined> {
        const query = { name, fields: "uuid,name,create_time" };
        return (await this.records<ArraySnapshot>(`/storage/volumes/${volumeUuid}/snapshots`, query))[0];
    }

    async createSnapshot(volumeUuid: string, name: string): Promise<void> {
        await this.tolerating([codes.snapshotExists], () =>
            this.write("POST", `/storage/volumes/${volumeUuid}/snapshots`, {}, { name }),
        );
    }

    async deleteSnapshot(volumeUuid: string, snapshotUuid: string): Promise<void> {
        await this.tolerating(["4", codes.snapshotGone], () =>
            this.write("DELETE", `/storage/volumes/${volumeUuid}/snapshots/${snapshotUuid}`),
        );
    }

    /** Takes the volume back to one of its snapshots; later ones are lost. */
    async restoreVolume(uuid: string, snapshot: string): Promise<void> {
        await this.write("PATCH", `/storage/volumes/${uuid}`, { "restore_to.snapshot.name": snapshot }, {});
    }

    async policy(name: string): Promise<{ type?: string; copy_all_source_snapshots?: boolean } | undefined> {
        const query = { name, fields: "name,type,copy_all_source_snapshots" };
        return (await this.records<{ type?: string }>("/snapmirror/policies", query))[0];
    }

    async scheduleExists(name: string): Promise<boolean> {
        return (await this.records("/cluster/schedules", { name, fields: "name" })).length > 0;
    }

    /** The relationship into a volume of this cluster. */
    async relationshipInto(destinationPath: string): Promise<Relationship | undefined> {
        const query = { "destination.path": destinationPath, fields: relationshipFields };
        return (await this.records<Relationship>("/snapmirror/relationships", query))[0];
    }

    /** What this cluster still remembers of relationships out of one of its volumes. */
    async relationshipsOutOf(sourcePath: string): Promise<Relationship[]> {
        const query = {
            list_destinations_only: "true",
            "source.path": sourcePath,
            fields: "uuid,source.path,destination.path",
        };
        return this.records<Relationship>("/snapmirror/relationships", query);
    }

    async createRelationship(body: object): Promise<void> {
        await this.tolerating([codes.relationshipExists], () =>
            this.write("POST", "/snapmirror/relationships", {}, body),
        );
    }

    async patchRelationship(uuid: string, body: object): Promise<void> {
        await this.write("PATCH", `/snapmirror/relationships/${uuid}`, {}, body);
    }

    /** Forgets a relationship on one side; what is gone already is as good. */
    async deleteRelationship(
        uuid: string,
        side: "destination_only" | "source_only" | "source_info_only",
    ): Promise<void> {
        await this.tolerating(["4"], () =>
            this.write("DELETE", `/snapmirror/relationships/${uuid}`, { [side]: "true" }),
        );
    }

    /** Starts an initialisation or an update, whichever the relationship's state calls for. */
    async startTransfer(uuid: string, body: { source_snapshot?: string } = {}): Promise<void> {
        await this.write("POST", `/snapmirror/relationships/${uuid}/transfers`, {}, body);
    }

    async abortTransfer(uuid: string, transferUuid: string): Promise<void> {
        const path = `/snapmirror/relationships/${uuid}/transfers/${transferUuid}`;
        await this.tolerating(["4"], () => this.write("PATCH", path, {}, { state: "aborted" }));
    }

    /** Any collection, all its pages. */
    list<T>(path: string, query: Record<string, string> = {}): Promise<T[]> {
        return this.records<T>(path, query);
    }

    /** Any write, with the job that it started. */
    request(method: "POST" | "PATCH" | "DELETE", path: string, body?: object): Promise<void> {
        return this.write(method, path, {}, body);
    }

    private async records<T>(path: string, query: Record<string, string>): Promise<T[]> {
        const found: T[] = [];
        let answer = await this.get<{ records?: T[]; _links?: { next?: { href: string } } }>(path, query);
        for (;;) {
            found.push(...(answer.records ?? []));
            const next = answer._links?.next?.href;
            if (next === undefined) {
                return found;
            }
            answer = await this.get(next.replace(/^\/api/, ""), {});
        }
    }

    private async get<T>(path: string, query: Record<string, string>): Promise<T> {
        return (await this.send<T>("GET", path, query)).data;
    }

    /** A write, and the job that it started if it did; a failed job throws with the job's code. */
    private async write(
        method: string,
        path: string,
        query: Record<string, string> = {},
        body?: object,
    ): Promise<void> {
        const answer = await this.send<{ job?: { uuid: string } }>(method, path, query, body);
        const job = answer.data?.job?.uuid;
        if (job === undefined) {
            return;
        }
        const deadline = Date.now() + jobDeadlineMs;
        for (;;) {
            const found = await this.get<Job>(`/cluster/jobs/${job}`, { fields: "state,message,code,error" });
            if (found.state === "success") {
                return;
            }
            if (found.state === "failure") {
                const code = found.error?.code ?? String(found.code ?? "");
                throw new OntapError(
                    `${method} ${path}`,
                    code,
                    found.error?.message ?? found.message ?? "the job failed",
                );
            }
            if (Date.now() > deadline) {
                throw new OntapError(
                    `${method} ${path}`,
                    "",
                    `job ${job} is still ${found.state} after ${jobDeadlineMs} ms`,
                );
            }
            await delay(Math.max(50, scaled(jobPollMs, this.access.speed)));
        }
    }

    private async send<T>(
        method: string,
        path: string,
        query: Record<string, string>,
        body?: object,
    ): Promise<AxiosResponse<T>> {
        try {
            return await this.http.request<T>({ method, url: path, params: query, data: body });
        } catch (error) {
            if (isAxiosError<{ error?: { code?: string; message?: string } }>(error) && error.response !== undefined) {
                const { status, data } = error.response;
                throw new OntapError(
                    `${method} ${path}`,
                    data?.error?.code ?? "",
                    data?.error?.message ?? `HTTP ${status}`,
                    status,
                );
            }
            const why = error instanceof Error ? error.message : String(error);
            throw new OntapError(`${method} ${path}`, "", why);
        }
    }

    private async tolerating(tolerated: readonly string[], act: () => Promise<void>): Promise<void> {
        try {
            await act();
        } catch (error) {
            if (!(error instanceof OntapError && tolerated.includes(error.code))) {
                throw error;
            }
        }
    }
}
