import { appendFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import type { SiteDescriptor } from "../site";
import { DataPath } from "./dataPath";
import { recordsFile } from "./records";
import { type Target, writeRecords } from "./writing";

const intervalMs = 200;

/**
 * Clients of volumes that no pod mounts: at each site one for each volume, which writes whenever it reaches its volume: by
 * the handle that it has from its first mount. They are there at both sites all the time, so that a volume that serves where it should not is found out.
 */
export class VolumeWriters {
    private readonly stopped = new AbortController();
    private readonly running: Promise<void>[] = [];

    constructor(
        readonly sites: readonly SiteDescriptor[],
        readonly volumes: readonly string[],
    ) {}

    start(): void {
        for (const site of this.sites) {
            mkdirSync(site.ledgerFolder, { recursive: true });
            const file = path.join(site.ledgerFolder, `${site.name}-volumes.jsonl`);
            for (const volume of this.volumes) {
                const target: Target = {
                    site: site.name,
                    pod: `client-${site.name}`,
                    application: `volumes/${volume}`,
                    volume,
                    junctionPath: `/${volume}`,
                    intervalMs,
                };
                const acknowledge = (entry: object) => appendFileSync(file, `${JSON.stringify(entry)}\n`);
                this.running.push(writeRecords(target, dataPathOf(site), acknowledge, this.stopped.signal));
            }
        }
    }

    /** Writes so many bytes beside the records, on each volume of a site; the bytes that all volumes took. */
    async writeBulk(site: SiteDescriptor, bytes: number): Promise<number> {
        for (const volume of this.volumes) {
            await dataPathOf(site).append(`/${volume}`, "bulk", "x".repeat(bytes));
        }
        return bytes * this.volumes.length;
    }

    /** Bytes of the records that a site wrote since a time and that its volumes hold. */
    async bytesOfRecords(site: SiteDescriptor, since: Date): Promise<number> {
        const texts = await Promise.all(
            this.volumes.map((volume) => dataPathOf(site).readByVolume(volume, recordsFile)),
        );
        return texts
            .flatMap((text) => (text ?? "").split("\n"))
            .filter((line) => line !== "")
            .filter((line) => Date.parse((JSON.parse(line) as { time: string }).time) >= since.getTime())
            .reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    }

    async stop(): Promise<void> {
        this.stopped.abort(new Error("the writers end"));
        await Promise.allSettled(this.running);
    }
}

function dataPathOf({ ontap }: SiteDescriptor): DataPath {
    return new DataPath(ontap.dataUrl, ontap.svm);
}
