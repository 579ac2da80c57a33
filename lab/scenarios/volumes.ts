import { readFile } from "node:fs/promises";
import { orphans } from "../../provider/drivers/volume-mirror/audit";
import { look } from "../../provider/drivers/volume-mirror/seen";
import type { VolumeMirrorSettings } from "../../provider/drivers/volume-mirror/settings";
import { OntapClient, type Transfer } from "../../provider/ontap";
import type { Lab, SiteName } from "../lab";
import { prepareStacks } from "../pulumi";
import type { SiteDescriptor } from "../site";
import { readVolume } from "../writer/ledger";
import { VolumeWriters } from "../writer/volume-writer";
import { Play, type Workload } from "./play";
import { comeBack } from "./rejoin";
import { faultsOf } from "./report";
import { type Outcome, type Tell, up } from "./story";
import { handOver } from "./switch";
import { until } from "./until";

const group = "archive";
const gigabyte = 2 ** 30;
/** Written before and after the takeover, so that blocks, which are moved whole, weigh little. */
const bulk = 8 * 2 ** 20;

/**
 * The circle with mirrored volumes: establish, hand over, fail over, come back, hand over again; the volumes are written
 * all the time, at whichever site takes writes.
 *
 * @param project folder with the Pulumi.yaml whose stacks are used
 */
export async function mirroredVolumes(lab: Lab, project: string, tell: Tell, count: number): Promise<Outcome> {
    const volumes = Array.from({ length: count }, (_, index) => `archive${String(index + 1).padStart(2, "0")}`);
    const writers = new VolumeWriters(Object.values(lab.sites), volumes);
    try {
        const play = await Play.begin(lab, project, tell, workload(writers));
        await play.writes("east", 20 * volumes.length);
        await writers.writeBulk(lab.sites.east, bulk);
        await handOver(play, "east", "west");
        await play.writes("west", 20 * volumes.length);

        await play.failOver("west", "east", 3);
        const tookOver = new Date();
        const bulkBytes = await writers.writeBulk(lab.sites.east, bulk);
        await play.writes("east", 20 * volumes.length);
        await comeBack(play, "west", "east");
        const moved = await movedBack(lab.sites.west);
        const changed = bulkBytes + (await writers.bytesOfRecords(lab.sites.east, tookOver));

        await handOver(play, "east", "west");
        const { report, faults: _ } = await play.end("volumes", "west", ["east", "west"]);
        const left = await leftOver(lab, volumes);
        left.forEach((one) => tell(`left over: ${one}`));
        const measured = { ...report, orphans: left.length, bytesMovedBack: moved, bytesChanged: changed };
        const faults = faultsOf(measured);
        return { report: { ...measured, ok: faults.length === 0 }, faults };
    } finally {
        await writers.stop();
    }
}

function workload(writers: VolumeWriters): Workload {
    return {
        async establish(lab, project, timed) {
            await makeVolumes(lab.sites.east, writers.volumes);
            const stacks = await timed("make the stacks", "both", () => prepareStacks(lab, project));
            for (const stack of Object.values(stacks)) {
                await stack.edit((config) => {
                    config["trident-dr:applications"] = [];
                    config["trident-dr:volumes"] = [{ name: group, volumes: writers.volumes, schedule: "5min" }];
                });
            }
            writers.start();
            await timed("establish: pulumi up", "east", () => up(stacks.east));
            await timed("establish: pulumi up", "west", () => up(stacks.west));
            await timed("settle: pulumi up", "east", () => up(stacks.east));
            return stacks;
        },
        async surviving(lab, { site, file }) {
            const descriptor = lab.sites[site as SiteName];
            const all = await Promise.all(writers.volumes.map((volume) => readVolume(descriptor, volume, file)));
            return all.flat();
        },
    };
}

/** As somebody did long before anybody thought of mirroring them. */
async function makeVolumes(site: SiteDescriptor, names: readonly string[]): Promise<void> {
    const { volumes } = await adminOf(site);
    for (const name of names) {
        const { svm, aggregate } = site.ontap;
        await volumes.create({ svm, name, aggregate, size: gigabyte, type: "rw" });
        const made = await volumes.byName(svm, name);
        await volumes.mount(made!.uuid, `/${name}`);
    }
}

/** Bytes of the transfers by which a site's volumes came back: the first ones of relationships that were made for it. */
async function movedBack(site: SiteDescriptor): Promise<number> {
    const { relationships } = await adminOf(site);
    const all = await relationships.ofDestinationSvm(site.ontap.svm);
    const transfers = await Promise.all(all.map(({ uuid }) => relationships.transfers(uuid)));
    const first = transfers.map((of) => of.sort((left, right) => (endOf(left) < endOf(right) ? -1 : 1))[0]);
    return first.reduce((sum, transfer) => sum + (transfer?.bytes_transferred ?? 0), 0);
}

function endOf({ end_time: end }: Transfer): number {
    return end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end);
}

/** What a mirror's source has let go of leaves the mirror with the next transfer: so long it is waited. */
async function leftOver(lab: Lab, volumes: readonly string[]): Promise<string[]> {
    const both = async () => [
        ...(await audit(lab.sites.west, lab.sites.east, volumes, true)),
        ...(await audit(lab.sites.east, lab.sites.west, volumes, false)),
    ];
    return until(
        "a transfer",
        async () => {
            const found = await both();
            return found.length === 0 ? found : undefined;
        },
        30_000,
    ).catch(both);
}

async function audit(
    site: SiteDescriptor,
    other: SiteDescriptor,
    volumes: readonly string[],
    serves: boolean,
): Promise<string[]> {
    const settings: VolumeMirrorSettings = {
        application: group,
        site: site.name,
        peer: other.name,
        svm: site.ontap.svm,
        peerSvm: other.ontap.svm,
        volumes,
        policy: "MirrorAllSnapshots",
        schedule: { name: "5min" },
        fence: "unmount",
        fencePolicy: "",
        exportPolicy: undefined,
        junctionPaths: {},
        adopt: false,
        other: undefined,
        timeouts: { establish: 0, promote: 0, snapshot: 0 },
    };
    return orphans(await look(await adminOf(site), settings), settings, lastEpoch, serves);
}

/** Established, handed over, taken over, handed over again. */
const lastEpoch = 4;

async function adminOf({ name, ontap }: SiteDescriptor): Promise<OntapClient> {
    return new OntapClient({
        site: name,
        endpoint: { url: ontap.url, certificate: await readFile(ontap.caFile, "utf8") },
        credentials: ontap.users.admin,
    });
}
