import assert from "node:assert/strict";
import { AppendRefused, DataPath } from "../../../../../lab/writer/dataPath";
import type { KubernetesObject } from "../../../../../provider/clients/kubernetes/cluster";
import { OntapClient } from "../../../../../provider/clients/ontap";
import type { VolumesState } from "../../../../../provider/drivers/volumes/observe";
import type { VolumesSettings } from "../../../../../provider/drivers/volumes/settings";
import { VolumesDriver } from "../../../../../provider/drivers/volumes/volumesDriver";
import { noClaims } from "../../../../../provider/engine/claims";
import { execute, pendingSteps } from "../../../../../provider/engine/execute";
import { RecordStore } from "../../../../../provider/engine/recordStore";
import { otherSite } from "../../../../../provider/engine/volumesSite";
import type { Acknowledgements } from "../../../../../provider/roles/acknowledgement";
import { commonSnapshotsOf } from "../../../../../provider/roles/commonSnapshots";
import { progressOf } from "../../../../../provider/roles/copy";
import { join, render } from "../../../../../provider/roles/messages/message";
import { decide } from "../../../../../provider/roles/planner";
import type { Decision } from "../../../../../provider/roles/planner/decision";
import type { RoleRecord } from "../../../../../provider/roles/record";
import { orphans } from "./audit";
import { type Body, type Client, peer, TwoClusters, until } from "../../../lab/ontap/twoClusters";

export const application = "archive";

/** What a test may say of a site besides what stands. */
export type Options = Partial<VolumesSettings>;

/** One site as its `pulumi up` sees it: a real array of its own, a record of its own, and the other one's outputs. */
export class Site {
    /** Calls of ONTAP that a run made. */
    readonly calls: string[] = [];
    /** Lines that a run printed. */
    readonly lines: string[] = [];
    active = "east";
    acknowledgements: Acknowledgements = {};
    unprotect = false;
    options: Options = {};
    /** The record that the other site's outputs carry; undefined while they cannot be read. */
    published: RoleRecord | undefined;
    /** A run is cut off at its first call after so many writes. */
    writesUntilKilled: number | undefined;
    private kept: KubernetesObject | undefined;
    private nfs: DataPath | undefined;

    constructor(
        readonly name: "east" | "west",
        readonly array: Client,
        private readonly volumes: readonly string[],
    ) {}

    get peerName(): "east" | "west" {
        return this.name === "east" ? "west" : "east";
    }

    settings(other: RoleRecord | undefined): VolumesSettings {
        return {
            application,
            site: this.name,
            peer: this.peerName,
            svm: `svm_${this.name}`,
            peerSvm: `svm_${this.peerName}`,
            volumes: this.volumes,
            policy: "MirrorAllSnapshots",
            schedule: { name: "weekly" },
            fence: "exportPolicy",
            fencePolicy: "trident-dr-fenced",
            exportPolicy: undefined,
            junctionPaths: Object.fromEntries(this.volumes.map((name) => [name, `/${name}`])),
            adopt: false,
            other: otherSite(other),
            timeouts: { establish: 20_000, promote: 20_000, snapshot: 20_000 },
            ...this.options,
        };
    }

    client(): OntapClient {
        return new OntapClient({
            site: this.name,
            endpoint: { url: this.array.at.url, certificate: this.array.at.certificate },
            credentials: { username: "product", password: "product" },
            pauses: { transport: 5, short: 5, long: 5, job: 5 },
            onCall: (call) => {
                this.calls.push(call);
                if (this.writesUntilKilled === 0) {
                    throw new Error(`killed at ${call}`);
                }
                if (!call.startsWith("GET ") && this.writesUntilKilled !== undefined) {
                    this.writesUntilKilled--;
                }
            },
        });
    }

    driver(other?: RoleRecord): VolumesDriver {
        return new VolumesDriver({
            client: this.client(),
            settings: this.settings(other),
            signal: new AbortController().signal,
        });
    }

    /** What is to be done, and the calls that it takes; a refusal has none. */
    async preview(other: Site): Promise<{ decision: Decision; calls: string[] }> {
        const { site, decision, start } = await this.inspect(other);
        const pending = decision.kind === "plan" ? pendingSteps(site, decision, start) : [];
        return { decision, calls: pending.flatMap(({ actions }) => actions.map(({ call }) => call)) };
    }

    /** What `pulumi up` does; throws the refusal. */
    async up(other: Site): Promise<RoleRecord> {
        this.lines.length = 0;
        this.calls.length = 0;
        const { site, decision, start } = await this.inspect(other);
        if (decision.kind === "refusal") {
            const { code, reason, remedies } = decision;
            throw new Error(`refused (${code}): ${render(join([reason, ...remedies], "; "))}`);
        }
        const { record } = await execute(site, decision, start, (written) => (this.published = written));
        return (this.published = record);
    }

    /** `up` again and again, each run cut off after so many writes, until one comes to its end. */
    async upCutOff(other: Site, writes: number, between: () => Promise<void>): Promise<RoleRecord> {
        for (let run = 1; run < 60; run++) {
            this.writesUntilKilled = writes;
            try {
                return await this.up(other);
            } catch (thrown) {
                if (!(thrown instanceof Error) || !thrown.message.includes("killed at")) {
                    throw thrown;
                }
            } finally {
                this.writesUntilKilled = undefined;
            }
            await between();
        }
        throw new Error("60 runs that were cut off did not come to an end");
    }

    async observe(): Promise<VolumesState> {
        return (await this.driver().observe()).state;
    }

    async record(): Promise<RoleRecord> {
        const store = this.store();
        return store.newer(await store.read(), undefined);
    }

    /** The array has noticed that it reaches its peer again. */
    async peered(): Promise<void> {
        await until("the cluster peer is available", async () => {
            const { data } = await this.array.get("/cluster/peers?fields=status.state");
            return (data["records"] as Body[])[0]?.["status"]?.state === "available";
        });
    }

    /** A client that has volumes mounted from the first time on, as one of NFS has: what it appends, or why it may not. */
    async write(volume: string, file: string, text: string): Promise<number> {
        this.nfs ??= new DataPath(this.array.at.dataUrl, `svm_${this.name}`);
        try {
            await this.nfs.append(`/${volume}`, file, text);
            return 200;
        } catch (failure) {
            assert.ok(failure instanceof AppendRefused, String(failure));
            return failure.status;
        }
    }

    /** Whether a volume takes a write here. */
    async takesWrites(volume: string): Promise<boolean> {
        return (await this.write(volume, "probe", "x")) === 200;
    }

    /** What does not fit the site's role. */
    async warnings(): Promise<string[]> {
        const report = await (await this.driver().observe()).arrayReport();
        return report.warnings(await this.record(), { known: true, record: undefined }, 900).map((one) => render(one));
    }

    /** A moment of the mirrors' schedule. */
    async transferAll(): Promise<void> {
        for (const { into } of (await this.observe()).volumes) {
            await this.array.update(into!.uuid);
        }
    }

    async orphans(): Promise<string[]> {
        const { epoch, role } = await this.record();
        return orphans(await this.observe(), this.settings(undefined), epoch, role === "active");
    }

    private async inspect(other: Site) {
        const record = other.published;
        const store = this.store();
        const own = store.newer(await store.read(), undefined);
        const view = await this.driver(record).observe();
        const [lag, held] = await Promise.all([view.replicationLag(), view.heldSnapshots()]);
        const common =
            record?.holds === undefined || held === undefined
                ? {}
                : { commonSnapshots: commonSnapshotsOf(held, record.holds) };
        const report = await view.arrayReport();
        const decision = decide({
            own,
            peer: other.readable ? { known: true, record } : { known: false, why: "not readable" },
            configuration: {
                item: application,
                site: this.name,
                peer: this.peerName,
                active: this.active,
                acknowledgements: this.acknowledgements,
                maxLagSeconds: 900,
                unprotect: this.unprotect,
            },
            observed: {
                ...view.observed,
                ...common,
                ...(lag === undefined ? {} : { replicationLagSeconds: lag }),
                ...(report.copy === undefined ? {} : { copy: progressOf(report.copy, record?.holds, new Date()) }),
                ...(this.unprotect ? { remains: { sources: await view.sources(), claims: [] } } : {}),
            },
            now: new Date(),
        });
        const site = {
            store,
            claims: noClaims,
            progress: (line: string) => void this.lines.push(line),
            signal: new AbortController().signal,
        };
        return { site, decision, start: { own, view, unmet: [] } };
    }

    /** Whether the other site can read this one's outputs. */
    readable = true;

    private store(): RecordStore {
        return new RecordStore(
            {
                get: () => Promise.resolve(this.kept as never),
                apply: (object: KubernetesObject) => {
                    this.kept = object;
                    return Promise.resolve(object);
                },
            },
            { name: `trident-dr-record-${application}`, namespace: "trident-protect" },
            { application, site: this.name, peer: this.peerName },
        );
    }
}

/** Two peered arrays, and at east the volumes that are to be mirrored. */
export class TwoSites {
    private constructor(
        private readonly clusters: TwoClusters,
        readonly east: Site,
        readonly west: Site,
    ) {}

    static async start(volumes: readonly string[] = ["archive01", "archive02"]): Promise<TwoSites> {
        const clusters = await TwoClusters.start();
        await peer(clusters.east, clusters.west);
        for (const name of volumes) {
            await clusters.east.makeVolume(name, { nas: { path: `/${name}` } });
        }
        return new TwoSites(
            clusters,
            new Site("east", clusters.east, volumes),
            new Site("west", clusters.west, volumes),
        );
    }

    /** They are mirrored, and west has what was written at east. */
    static async mirrored(): Promise<TwoSites> {
        const sites = await TwoSites.start();
        await sites.east.array.append("/archive01", "log", "before\n");
        await sites.establish();
        await sites.west.transferAll();
        return sites;
    }

    /** East serves, west follows, and nothing is left to do at either. */
    async establish(): Promise<void> {
        await this.east.up(this.west);
        await this.west.up(this.east);
        await this.east.up(this.west);
    }

    /** The sites' arrays do not reach each other any more. */
    async part(): Promise<void> {
        await this.east.array.faults({ kind: "peerLinkDown" });
        await this.west.array.faults({ kind: "peerLinkDown" });
    }

    async meet(): Promise<void> {
        await this.east.array.faults();
        await this.west.array.faults();
        await this.east.peered();
        await this.west.peered();
    }

    flip(active: "east" | "west"): void {
        this.east.active = active;
        this.west.active = active;
    }

    /** `up` at each site in turn, as often as any way back takes. */
    async settle(): Promise<void> {
        for (let round = 0; round < 3; round++) {
            await this.east.up(this.west);
            await this.west.up(this.east);
        }
    }

    /** What is left on both arrays once the standby site's mirrors have transferred. */
    async orphans(): Promise<string[]> {
        for (const site of [this.east, this.west]) {
            if ((await site.record()).role === "standby") {
                await site.transferAll();
            }
        }
        return [...(await this.east.orphans()), ...(await this.west.orphans())];
    }

    close(): Promise<void> {
        return this.clusters.close();
    }
}
