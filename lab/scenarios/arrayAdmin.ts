import axios, { type AxiosInstance } from "axios";
import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { z } from "zod";
import type { SiteDescriptor } from "../site";
import { until } from "./until";

const end = z.object({ path: z.string() });
const relationship = z.object({ uuid: z.string(), source: end, destination: end });
const transfer = z.object({ bytes_transferred: z.number().default(0), end_time: z.string().optional() });
const volume = z.object({ uuid: z.string(), name: z.string(), msid: z.number() });
const snapshot = z.object({ name: z.string() });

/** A site's array as its administrator sees it: the product's own word for it counts nothing here. */
export class ArrayAdmin {
    private readonly http: AxiosInstance;
    private readonly svm: string;

    constructor(private readonly site: SiteDescriptor) {
        const { url, caFile, users, svm } = site.ontap;
        this.svm = svm;
        this.http = axios.create({
            baseURL: `${url}/api`,
            auth: users.admin,
            httpsAgent: new Agent({ ca: readFileSync(caFile) }),
            proxy: false,
            timeout: 30_000,
        });
    }

    /** A volume that is mounted under its own name. */
    async makeVolume(name: string): Promise<void> {
        await this.http.post("/storage/volumes?return_timeout=15", {
            name,
            svm: { name: this.svm },
            aggregates: [{ name: this.site.ontap.aggregate }],
            size: 2 ** 30,
            nas: { path: `/${name}` },
        });
        await until(`volume ${name}`, async () => (await this.volumes([name]))[0]);
    }

    /** The relationships that lead to here, by their UUIDs: one that is made anew has another. */
    async relationships(): Promise<string[]> {
        return (await this.relationshipsInto()).map(({ uuid }) => uuid);
    }

    /**
     * Bytes of the first transfer of each relationship that leads to here, but for some.
     *
     * @param from only of that volume
     */
    async bytesOfFirstTransfers(except: readonly string[] = [], from?: string): Promise<number> {
        const all = await this.relationshipsInto();
        const firsts = await Promise.all(
            all
                .filter(({ uuid }) => !except.includes(uuid))
                .filter(({ source }) => from === undefined || source.path.endsWith(`:${from}`))
                .map(async ({ uuid }) => {
                    const path = `/snapmirror/relationships/${uuid}/transfers`;
                    const transfers = await this.list(path, { fields: "bytes_transferred,end_time" }, transfer);
                    return transfers.sort((left, right) => endOf(left) - endOf(right))[0]?.bytes_transferred ?? 0;
                }),
        );
        return firsts.reduce((sum, bytes) => sum + bytes, 0);
    }

    /** The mirrors into its volumes and those out of them, each as `source to destination`. */
    async mirrors(): Promise<{ into: string[]; outOf: string[] }> {
        const [into, outOf] = await Promise.all([
            this.relationshipsInto(),
            this.list("/snapmirror/relationships", { list_destinations_only: "true" }, relationship),
        ]);
        const ends = ({ source, destination }: z.infer<typeof relationship>) => `${source.path} to ${destination.path}`;
        return { into: into.map(ends), outOf: outOf.map(ends) };
    }

    /** What is left over of earlier epochs and of mirrors that are none any more, a sentence each. */
    async orphans(
        names: readonly string[],
        group: string,
        epoch: number,
        role: "serves" | "follows",
    ): Promise<string[]> {
        const [{ into, outOf }, peers, svms, volumes] = await Promise.all([
            this.mirrors(),
            this.list("/svm/peers", { state: "!peered" }, z.object({ uuid: z.string() })),
            this.list("/svm/svms", { name: this.svm }, z.object({ uuid: z.string() })),
            this.volumes(names),
        ]);
        const expected = role === "serves" ? { into: 0, outOf: names.length } : { into: names.length, outOf: 0 };
        const snapshots = await Promise.all(
            volumes.map(async ({ uuid, name, msid }) =>
                (await this.list(`/storage/volumes/${uuid}/snapshots`, {}, snapshot))
                    .filter((one) => isLeftOver(one.name, group, epoch, role, `snapmirror.${svms[0]?.uuid}_${msid}.`))
                    .map((one) => `snapshot ${one.name} of ${name}`),
            ),
        );
        const count = (what: string, found: number, wanted: number) =>
            found === wanted ? [] : [`${found} ${what}, expected ${wanted}`];
        return [
            ...count("relationships into its volumes", into.length, expected.into),
            ...count("records of relationships out of its volumes", outOf.length, expected.outOf),
            ...count("SVM peerings that nobody uses", peers.length, 0),
            ...snapshots.flat(),
        ].map((what) => `${this.site.name}: ${what}`);
    }

    private relationshipsInto() {
        return this.list("/snapmirror/relationships", { "destination.svm.name": this.svm }, relationship);
    }

    private volumes(names: readonly string[]) {
        // Not by a query: hundreds of names are more than a request line holds.
        return this.list("/storage/volumes", { fields: "name,msid" }, volume).then((all) =>
            all.filter(({ name }) => names.includes(name)),
        );
    }

    private async list<T>(path: string, params: Record<string, string>, schema: z.ZodType<T>): Promise<T[]> {
        const { data } = await this.http.get<unknown>(path, { params });
        return z.object({ records: z.array(schema) }).parse(data).records;
    }
}

function endOf({ end_time: time }: z.infer<typeof transfer>): number {
    return time === undefined ? Number.POSITIVE_INFINITY : Date.parse(time);
}

/** The serving site's own mirror has ended; that of the other one makes new snapshots all the time. */
function isLeftOver(name: string, group: string, epoch: number, role: string, ownMirror: string): boolean {
    const match = new RegExp(`^trident-dr-${group}-(?:base|final)-(\\d+)$`).exec(name);
    return (match !== null && Number(match[1]) < epoch) || (role === "serves" && name.startsWith(ownMirror));
}
