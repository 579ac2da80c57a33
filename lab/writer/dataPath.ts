import { Agent } from "node:http";
import axios, { type AxiosInstance } from "axios";

/** Why an append was not acknowledged. */
export class AppendRefused extends Error {
    constructor(
        /** HTTP status: 423 for a volume that only receives, 404 for none mounted there. */
        readonly status: number,
        message: string,
    ) {
        super(message);
        this.name = "AppendRefused";
    }
}

const timeoutMs = 5_000;

/** The simulator's data path, which stands for NFS: files on volumes by junction path. */
export class DataPath {
    private readonly http: AxiosInstance;

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
        const answer = await this.http.post<string>(`/${this.svm}${junctionPath}/${file}?append`, text, {
            headers: { "Content-Type": "application/octet-stream" },
        });
        if (answer.status !== 200) {
            throw new AppendRefused(answer.status, reasonIn(answer.data));
        }
        return JSON.parse(answer.data) as { size: number };
    }

    /** The file, or undefined when there is none or nothing is mounted. */
    read(junctionPath: string, file: string): Promise<string | undefined> {
        return this.get(`/${this.svm}${junctionPath}/${file}`);
    }

    /** The file on a volume that need not be mounted. */
    readByVolume(volume: string, file: string): Promise<string | undefined> {
        return this.get(`/${this.svm}/.volumes/${volume}/${file}`);
    }

    private async get(path: string): Promise<string | undefined> {
        const answer = await this.http.get<string>(path);
        if (answer.status === 404) {
            return undefined;
        }
        if (answer.status !== 200) {
            throw new Error(`GET ${path}: HTTP ${answer.status}, ${reasonIn(answer.data)}`);
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
