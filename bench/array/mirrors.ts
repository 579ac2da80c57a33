import { setTimeout as pause } from "node:timers/promises";
import { OntapClient } from "../../provider/clients/ontap";
import type { ArrayFacts } from "./simulators";

/** This package's client of an array. */
export function clientOf({ url, certificate, username, password, svm }: ArrayFacts): OntapClient {
    return new OntapClient({ site: svm, endpoint: { url, certificate }, credentials: { username, password } });
}

/** Peers two arrays, makes volumes at one, and mirrors each of them to the other. */
export async function mirrorVolumes(
    source: ArrayFacts,
    destination: ArrayFacts,
    names: readonly string[],
): Promise<void> {
    const [from, to] = [clientOf(source), clientOf(destination)];
    await peer(source, destination);
    await Promise.all(
        names.map((name) =>
            from.volumes.create({ svm: source.svm, aggregate: source.aggregate, name, size: 2 ** 30, type: "rw" }),
        ),
    );
    await Promise.all(names.map((name) => mirror(to, source, destination, name)));
    await mirrored(to, destination.svm, names.length, "snapmirrored");
}

async function peer(source: ArrayFacts, destination: ArrayFacts): Promise<void> {
    const [from, to] = [clientOf(source), clientOf(destination)];
    const passphrase = "a passphrase of the benchmark";
    await from.clusterPeers.create({
        ...{ addresses: [destination.interclusterAddress], passphrase, allowedSvms: [source.svm] },
    });
    await to.clusterPeers.create({
        ...{ addresses: [source.interclusterAddress], passphrase, allowedSvms: [destination.svm] },
    });
    await seen("the peering of the clusters", async () =>
        (await to.clusterPeers.all()).some(({ status }) => status?.state === "available"),
    );
    const { name } = (await to.clusterPeers.all())[0]!;
    await to.svmPeers.create({ svm: destination.svm, peerSvm: source.svm, peerCluster: name });
    await seen("the peering of the SVMs", async () =>
        (await to.svmPeers.all()).some(({ state }) => state === "peered"),
    );
}

/** A relationship into a volume, whose first or next transfer has begun. */
export async function mirror(
    to: OntapClient,
    source: ArrayFacts,
    destination: ArrayFacts,
    name: string,
    createDestination = true,
): Promise<void> {
    const { uuid } = await to.relationships.create({
        source: `${source.svm}:${name}`,
        destination: `${destination.svm}:${name}`,
        policy: "MirrorAllSnapshots",
        createDestination,
    });
    await to.relationships.setState(uuid, "snapmirrored");
}

/** Waits until so many relationships into an SVM have a state, and nothing is being transferred: one question for all. */
export function mirrored(client: OntapClient, svm: string, count: number, state: string): Promise<void> {
    return seen(`${count} relationships ${state}`, async () => {
        const all = await client.relationships.ofDestinationSvm(svm);
        const moving = all.some(({ transfer }) => ["queued", "transferring"].includes(transfer?.state ?? ""));
        return !moving && all.filter((one) => one.state === state).length === count;
    });
}

async function seen(what: string, look: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 600_000;
    while (!(await look())) {
        if (Date.now() > end) {
            throw new Error(`Timed out waiting for ${what}`);
        }
        await pause(200);
    }
}
