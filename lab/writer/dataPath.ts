import { Agent } from "node:http";
import axios, { type AxiosInstance, type AxiosResponse } from "axios";

/** Why an append was not acknowledged. */
export class AppendRefused extends Error {
    constructor(
        /** HTTP status: 403 where the export policy admits nobody, 404 for nothing mounted, 423 for a volume that only receives. */
        readonly status: number,
        message: string,
    ) {
        super(message);
        this.name = "AppendRefused";
    }
}

const timeoutMs = 5_000;

/**
 * A client of the simulator's data path, which stands for NFS. It mounts a junction path once, and reaches the volume by
 * its handle from then on, as a real client does: also when the volume is not mounted any more. Only what the handle does
 * not reach is mounted afresh.
 */
export class DataPath {
    private readonly http: AxiosInstance;
    /** By junction path. */
    private readonly handles = new Map<string, string>();

    constructor(
        url: string,
        private readonly svm: string,
    ) {
        this.http = axios.create({
            baseURL: url,
            timeout: timeoutMs,
            proxy: false,
            httpAgent: new Agent({ keepAlive: true, maxSockets: 16 }),
            responseType: "text",
            // Bytes stay bytes: a file with one record is no JSON answer.
            transformResponse: (data: string) => data,
            validateStatus: () => true,
        });
    }

    /** The file's size once the bytes are durable. @throws AppendRefused, or the transport's error. */
    async append(junctionPath: string, file: string, text: string): Promise<{ size: number }> {
        const answer = await this.onVolume(junctionPath, (volume) =>
            this.http.post<string>(`${volume}/${file}?append`, text, {
                headers: { "Content-Type": "application/octet-stream" },
            }),
        );
        if (answer.status !== 200) {
            throw new AppendRefused(answer.status, reasonIn(answer.data));
        }
        return JSON.parse(answer.data) as { size: number };
    }

    /** The file, or undefined when there is none or nothing is mounted. */
    async read(junctionPath: string, file: string): Promise<string | undefined> {
        return this.contentOf(
            await this.onVolume(junctionPath, (volume) => this.http.get<string>(`${volume}/${file}`)),
        );
    }

    /** The file on a volume that need not be mounted. */
    async readByVolume(volume: string, file: string): Promise<string | undefined> {
        return this.contentOf(await this.http.get<string>(`/${this.svm}/.volumes/${volume}/${file}`));
    }

    /** By the handle that is known, else by one of a new mount. The answer of a mount that fails is the call's own. */
    private async onVolume(
        junctionPath: string,
        call: (volume: string) => Promise<AxiosResponse<string>>,
    ): Promise<AxiosResponse<string>> {
        const known = this.handles.get(junctionPath);
        const answer = known === undefined ? undefined : await call(this.byHandle(known));
        // Such an answer is the file's, or the volume's: another mount would give the same.
        if (answer !== undefined && ![403, 410].includes(answer.status)) {
            return answer;
        }
        const mount = await this.http.get<string>(`/${this.svm}${junctionPath}/.handle`);
        if (mount.status !== 200) {
            return answer ?? mount;
        }
        const { handle } = JSON.parse(mount.data) as { handle: string };
        this.handles.set(junctionPath, handle);
        return handle === known && answer !== undefined ? answer : call(this.byHandle(handle));
    }

    private byHandle(handle: string): string {
        return `/${this.svm}/.handles/${handle}`;
    }

    private contentOf(answer: AxiosResponse<string>): string | undefined {
        if (answer.status === 404) {
            return undefined;
        }
        if (answer.status !== 200) {
            throw new Error(`GET ${answer.config.url}: HTTP ${answer.status}, ${reasonIn(answer.data)}`);
        }
        return answer.data;
    }
}

function reasonIn(body: string): string {
    try {
        return String((JSON.parse(body) as { error?: unknown }).error ?? body);
    } catch {
        return body;
    }
}
