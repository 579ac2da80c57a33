import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { Body, Client, TwoClusters, until } from "./twoClusters";

const rounds = 25;

/**
 * Turns of the event loop, which both simulators share, between the two requests of a round: none at all, then more and
 * more, either way round.
 */
const offsets = Array.from({ length: rounds }, (_, round) => (round % 2 === 0 ? 1 : -1) * Math.floor(round / 2) * 3);

async function turns(count: number): Promise<void> {
    for (let done = 0; done < count; done++) {
        await turn();
    }
}

describe("ONTAP simulator: both sites peer at the same instant", () => {
    let both: TwoClusters;
    let east: Client;
    let west: Client;

    before(async () => {
        both = await TwoClusters.start();
        ({ east, west } = both);
    });
    after(() => both.close());

    const records = async (client: Client, path: string) =>
        (await client.get(`${path}?fields=*`)).data["records"] as Body[];
    /** Runs both, the west's so many turns after the east's, or before it. */
    const together = <T>(offset: number, atEast: () => Promise<T>, atWest: () => Promise<T>) =>
        Promise.all([
            offset < 0 ? turns(-offset).then(atEast) : atEast(),
            offset > 0 ? turns(offset).then(atWest) : atWest(),
        ]);
    const offerTo = (other: Client) => ({
        remote: { ip_addresses: [other.at.interclusterAddress] },
        authentication: { passphrase: "one passphrase for both" },
        initial_allowed_svms: [],
    });
    const svmPeering = (own: Client, other: Client) => ({
        svm: { name: own.at.svm },
        peer: { svm: { name: other.at.svm }, cluster: { name: other.at.clusterName } },
        applications: ["snapmirror"],
    });

    const removeClusterPeers = async (client: Client) => {
        for (const { uuid } of await records(client, "/cluster/peers")) {
            assert.equal((await client.delete(`/cluster/peers/${uuid}`)).status, 200);
        }
    };

    it("ends with one authenticated cluster peering, whichever request comes first", async () => {
        for (const offset of offsets) {
            const answers = await together(
                offset,
                () => east.post("/cluster/peers", offerTo(west)),
                () => west.post("/cluster/peers", offerTo(east)),
            );
            assert.deepEqual(
                answers.map(({ status }) => status),
                [201, 201],
                `${offset} turns apart`,
            );
            for (const client of [east, west]) {
                const found = await records(client, "/cluster/peers");
                const states = found.map(({ authentication, status }) => [authentication.state, status.state]);
                assert.deepEqual(states, [["ok", "available"]], `${offset} turns apart, ${client.at.clusterName}`);
            }
            await Promise.all([removeClusterPeers(east), removeClusterPeers(west)]);
        }
    }).timeout(120_000);

    it("refuses the second of two requests for the same cluster peering", async () => {
        const answers = await Promise.all([1, 2, 3].map(() => east.post("/cluster/peers", offerTo(west))));
        assert.equal((await west.post("/cluster/peers", offerTo(east))).status, 201);
        const codes = answers.map(({ data }) => data["error"]?.code as string | undefined);
        assert.deepEqual(codes.sort(), ["4653075", "4653075", undefined]);
        assert.deepEqual(
            (await records(east, "/cluster/peers")).map(({ authentication }) => authentication.state as string),
            ["ok"],
        );
        await Promise.all([removeClusterPeers(east), removeClusterPeers(west)]);
    });

    it("leaves no half behind when the other cluster does not answer", async () => {
        await west.faults({ kind: "peerLinkDown" });
        assert.equal((await east.post("/cluster/peers", offerTo(west))).data["error"].code, "4653215");
        await west.faults();
        assert.deepEqual(await records(east, "/cluster/peers"), []);
    });

    it("ends with one SVM peering under one uuid, and tells one of the two that it exists", async () => {
        await east.post("/cluster/peers", offerTo(west));
        await west.post("/cluster/peers", offerTo(east));
        for (const offset of offsets) {
            const answers = await together(
                offset,
                () => east.post("/svm/peers?return_timeout=15", svmPeering(east, west)),
                () => west.post("/svm/peers?return_timeout=15", svmPeering(west, east)),
            );
            const codes = answers.map(({ data }) => data["error"]?.code as string | undefined);
            assert.deepEqual(codes.sort(), ["9896086", undefined], `${offset} turns apart`);
            const [here, there] = await until("both records", async () => {
                const found = await Promise.all([records(east, "/svm/peers"), records(west, "/svm/peers")]);
                return found.every(({ length }) => length > 0) && found;
            });
            assert.deepEqual([here.length, there.length], [1, 1], `${offset} turns apart`);
            assert.equal(here[0]?.["uuid"], there[0]?.["uuid"]);
            assert.deepEqual([here[0]?.["state"], there[0]?.["state"]].sort(), ["initiated", "pending"]);
            await east.done("delete", `/svm/peers/${here[0]?.["uuid"]}`);
        }
    }).timeout(120_000);

    it("refuses the second of two requests for the same SVM peering", async () => {
        const answers = await Promise.all(
            [1, 2].map(() => east.post("/svm/peers?return_timeout=15", svmPeering(east, west))),
        );
        const codes = answers.map(({ data }) => data["error"]?.code as string | undefined);
        assert.deepEqual(codes.sort(), ["9896086", undefined]);
        assert.equal((await until("the record", async () => nonEmpty(await records(west, "/svm/peers")))).length, 1);
    });
});

function nonEmpty<T>(list: T[]): T[] | undefined {
    return list.length > 0 ? list : undefined;
}
