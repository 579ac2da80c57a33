import assert from "node:assert/strict";
import { Body, Client, peer, TwoClusters, until } from "./twoClusters";

describe("ONTAP simulator: peering", () => {
    let both: TwoClusters;
    let east: Client;
    let west: Client;

    beforeEach(async () => {
        both = await TwoClusters.start();
        ({ east, west } = both);
    });
    afterEach(() => both.close());

    const peers = async (client: Client) => (await client.get("/cluster/peers?fields=*")).data["records"] as Body[];
    const failure = ({ status, data }: { status: number; data: Body }) => [status, data["error"]?.code];
    const accept = (address: string, passphrase: string) => ({
        remote: { ip_addresses: [address] },
        authentication: { passphrase },
    });
    const svmPeering = {
        svm: { name: "svm_west" },
        peer: { svm: { name: "svm_east" }, cluster: { name: "cluster_east" } },
        applications: ["snapmirror"],
    };

    it("takes up an anonymous offer, whose uuid and name change by that", async () => {
        const offer = await east.post("/cluster/peers", { authentication: { generate_passphrase: true } });
        const [made] = offer.data["records"] as Body[];
        assert.equal(made?.["authentication"].state, "pending");
        assert.match(String(made?.["name"]), /^Clus_/);
        assert.equal((await peers(east))[0]?.["authentication"].passphrase, undefined);
        const passphrase = made?.["authentication"].passphrase as string;
        const taken = await west.post("/cluster/peers", accept(east.at.interclusterAddress, passphrase));
        assert.equal(taken.status, 201);
        const [here] = await peers(east);
        const [there] = await peers(west);
        assert.notEqual(here?.["uuid"], made?.["uuid"]);
        assert.deepEqual([here?.["name"], there?.["name"]], ["cluster_west", "cluster_east"]);
        for (const one of [here, there]) {
            assert.deepEqual(
                [one?.["status"].state, one?.["authentication"].state, one?.["encryption"].state],
                ["available", "ok", "tls_psk"],
            );
        }
        assert.equal((await east.get(`/cluster/peers/${made?.["uuid"]}`)).status, 404);
    });

    it("joins two halves that name each other with one passphrase, and none before both are there", async () => {
        await east.post("/cluster/peers", accept(west.at.interclusterAddress, "one passphrase"));
        assert.equal((await peers(east))[0]?.["authentication"].state, "pending");
        await west.post("/cluster/peers", accept(east.at.interclusterAddress, "one passphrase"));
        assert.equal((await peers(east))[0]?.["authentication"].state, "ok");
        assert.equal((await peers(west))[0]?.["status"].state, "available");
    });

    it("does not join halves with different passphrases", async () => {
        await east.post("/cluster/peers", accept(west.at.interclusterAddress, "one passphrase"));
        await west.post("/cluster/peers", accept(east.at.interclusterAddress, "another passphrase"));
        assert.deepEqual(
            [(await peers(east))[0]?.["authentication"].state, (await peers(west))[0]?.["authentication"].state],
            ["pending", "pending"],
        );
    });

    it("refuses what no peering can be made from", async () => {
        const post = async (body: object) => failure(await east.post("/cluster/peers", body));
        assert.deepEqual(await post({ authentication: { passphrase: "long enough" } }), [400, "4656069"]);
        assert.deepEqual(await post({ remote: { ip_addresses: ["127.0.0.9"] } }), [400, "4656077"]);
        assert.deepEqual(await post(accept("127.0.0.9", "short")), [400, "4653236"]);
        assert.deepEqual(await post(accept(east.at.interclusterAddress, "long enough")), [400, "4656100"]);
        assert.deepEqual(await post(accept("127.0.0.9", "long enough")), [400, "4653215"]);
        const late = { authentication: { generate_passphrase: true, expiry_time: "P8D" } };
        assert.deepEqual(await post(late), [400, "4655058"]);
    });

    it("refuses a second peering with the same cluster, and to drop one that is in use", async () => {
        await peer(east, west);
        const again = await west.post("/cluster/peers", accept(east.at.interclusterAddress, "a long passphrase"));
        assert.deepEqual(failure(again), [409, "4653075"]);
        const [here] = await peers(east);
        assert.deepEqual(failure(await east.delete(`/cluster/peers/${here?.["uuid"]}`)), [409, "4653079"]);
    });

    it("peers SVMs at once where they are allowed beforehand", async () => {
        await peer(east, west);
        const [here] = (await east.get("/svm/peers?fields=*")).data["records"] as Body[];
        const [there] = await until("the record at the west", async () => {
            const found = (await west.get("/svm/peers?fields=*")).data["records"] as Body[];
            return found.length > 0 && found;
        });
        assert.equal(here?.["uuid"], there?.["uuid"]);
        assert.deepEqual([here?.["state"], there?.["state"]], ["peered", "peered"]);
        assert.deepEqual([here?.["name"], there?.["name"]], ["svm_west", "svm_east"]);
        assert.deepEqual(failure(await west.post("/svm/peers", svmPeering)), [409, "9896086"]);
    });

    it("leaves an SVM peering initiated and pending until the other side accepts it", async () => {
        await east.post("/cluster/peers", accept(west.at.interclusterAddress, "one passphrase"));
        await west.post("/cluster/peers", accept(east.at.interclusterAddress, "one passphrase"));
        await west.done("post", "/svm/peers", svmPeering);
        const state = async (client: Client) =>
            until("a record", async () => ((await client.get("/svm/peers?fields=*")).data["records"] as Body[])[0]);
        const pending = await state(east);
        assert.deepEqual([pending["state"], (await state(west))["state"]], ["pending", "initiated"]);
        const self = await west.patch(`/svm/peers/${pending["uuid"]}`, { state: "peered" });
        assert.deepEqual(failure(self), [400, "26345577"]);
        await east.done("patch", `/svm/peers/${pending["uuid"]}`, { state: "peered" });
        assert.deepEqual([(await state(east))["state"], (await state(west))["state"]], ["peered", "peered"]);
        await west.done("delete", `/svm/peers/${pending["uuid"]}`);
        assert.deepEqual((await east.get("/svm/peers")).data["records"], []);
    });

    it("sees a peer become unavailable when the link is down, and available again", async () => {
        await peer(east, west);
        const status = async () => (await peers(east))[0]?.["status"].state as string;
        await east.faults({ kind: "peerLinkDown" });
        await until("unavailable", async () => (await status()) === "unavailable");
        await east.faults();
        await until("available", async () => (await status()) === "available");
    });
});
