import assert from "node:assert/strict";
import path from "node:path";
import { inspect } from "node:util";
import { startSimulator } from "../../../../lab/ontap";
import type { Properties } from "../../../../provider/handlers/results";
import { emptyRecord } from "../../../../provider/roles/record";
import { unknownValue } from "../../../../provider/support/unknown";
import { messageOf, testPassphrase, providerText, Site } from "../peering/site";

describe("OntapPeering", function () {
    this.timeout(60_000);
    let east: Site;
    let west: Site;

    beforeEach(async () => {
        [east, west] = await Promise.all([Site.start("east"), Site.start("west")]);
    });
    afterEach(() => Promise.all([east.stop(), west.stop()]));

    const both = async () => {
        await east.up(east.inputs(west));
        await west.up(west.inputs(east));
    };

    /** Whoever waits for so long outlasts a test. */
    const anHour = 3_600_000;
    /** How often the own cluster was asked for its peers. */
    const looks = () => east.calls.filter((call) => call === "GET /cluster/peers").length;

    it("is established by one up at each site, each touching its own array only", async () => {
        const first = await east.up(east.inputs(west));
        assert.equal(first.peered, false);
        assert.match(String(first.next), /^Run pulumi up --stack west: /);
        assert.equal((await west.admin.clusterPeers.all()).length, 0);

        const second = await west.up(west.inputs(east));
        assert.deepEqual(
            [second.peered, second.next, second.svmPeerState, second.clusterPeer],
            [true, "", "peered", "cluster-east"],
        );
        assert.deepEqual(await east.writes(), ["POST /cluster/peers"]);
        assert.deepEqual(await west.writes(), ["POST /cluster/peers", "POST /svm/peers"]);

        const third = await east.up(east.inputs(west));
        assert.deepEqual([third.peered, third.next], [true, ""]);
        assert.deepEqual(await east.writes(), ["POST /cluster/peers"]);
    });

    it("converges to no changes and no writes", async () => {
        await both();
        await east.up(east.inputs(west));
        const writes = [await east.writes(), await west.writes()];
        assert.equal(await east.preview(east.inputs(west)), false);
        assert.equal(await west.preview(west.inputs(east)), false);
        await both();
        assert.deepEqual([await east.writes(), await west.writes()], writes);
    });

    it("is established by two ups at the same moment, with another up at each", async () => {
        const ups = () => Promise.all([east.up(east.inputs(west)), west.up(west.inputs(east))]);
        await ups();
        const [atEast, atWest] = await ups();
        assert.deepEqual([atEast.peered, atWest.peered], [true, true]);
        assert.equal(await east.preview(east.inputs(west)), false);
        assert.equal(await west.preview(west.inputs(east)), false);
        for (const site of [east, west]) {
            assert.ok((await site.writes()).filter((call) => call === "POST /svm/peers").length <= 1);
        }
    });

    it("prints in the preview exactly the calls that up makes, and changes nothing by it", async () => {
        const planned = (site: Site) =>
            site.printed.map(
                (line) => new RegExp(`^ontap peering ${site.name}: (?:step \\d+|once .*): (.*)$`).exec(line)?.[1],
            );
        await east.preview(east.inputs(west));
        assert.deepEqual(await east.writes().catch(() => []), []);
        assert.deepEqual(
            planned(east).filter((call) => call !== undefined),
            [
                `POST /cluster/peers (west, ${west.ontap.interclusterAddress})`,
                "POST /svm/peers (east svm_east, west svm_west)",
            ],
        );
        await east.up(east.inputs(west));
        await west.preview(west.inputs(east));
        const expected = planned(west).filter((call) => call !== undefined);
        west.calls.length = 0;
        await west.up(west.inputs(east));
        assert.deepEqual(
            west.calls.filter((call) => !call.startsWith("GET ")),
            expected,
        );
    });

    it("finds what exists and checks it instead of making it again", async () => {
        await both();
        for (const site of [east, west]) {
            site.state = undefined;
        }
        const writes = (await east.writes()).length;
        const outputs = await east.up(east.inputs(west));
        assert.equal(outputs.peered, true);
        assert.equal((await east.writes()).length, writes);

        east.state = undefined;
        assert.match(
            await messageOf(east.up(east.inputs(west, { adopt: false }))),
            /^east: the cluster peering cluster-west already exists, and adopt is false/,
        );
        await east.up(east.inputs(west));
        await east.handlers().delete("id", east.state!.outputs);
        assert.equal((await east.admin.clusterPeers.all()).length, 1, "what was found is left");
    });

    it("accepts what the peer asked for, when a preview shows that something can be done now", async () => {
        await east.admin.clusterPeers.create({
            addresses: [west.ontap.interclusterAddress],
            passphrase: testPassphrase,
            allowedSvms: [],
        });
        await west.up(west.inputs(east));
        assert.equal(west.state?.outputs.svmPeerState, "initiated");
        assert.match(String(west.state?.outputs.next), /^Run pulumi up --stack east: it has to accept/);
        assert.equal(await west.preview(west.inputs(east)), false);
        const outputs = await east.up(east.inputs(west));
        assert.equal(outputs.peered, true);
        assert.match((await east.writes()).join(), /^PATCH \/svm\/peers\/[0-9a-f-]+$/);
        assert.equal(await west.preview(west.inputs(east)), true);
    });

    it("makes its half again when somebody deleted it", async () => {
        await both();
        await east.up(east.inputs(west));
        for (const one of await east.admin.svmPeers.all()) {
            await east.admin.svmPeers.remove(one.uuid, { ownHalfOnly: false });
        }
        assert.equal(await east.preview(east.inputs(west)), true);
        const outputs = await east.up(east.inputs(west));
        assert.equal(outputs.peered, true);
    });

    it("neither waits for a dark peer nor takes it for a change", async () => {
        await both();
        await east.up(east.inputs(west));
        const outputs = east.state?.outputs;
        await west.ontap.close();
        const patient = east.handlers({}, {}, anHour);
        const before = looks();
        assert.equal(await east.preview(east.inputs(west), patient), false);
        assert.equal(looks() - before, 1);
        const update = await patient.update(east.state!.id, outputs!, east.inputs(west));
        assert.equal(update.outs.peered, true);
        assert.equal(looks() - before, 2);
        west.ontap = await startSimulator({ folder: path.join(west.folder, "again"), clusterName: "other" });
    });

    it("is neither changed nor waited for by a takeover from a dark peer, and fails nothing afterwards", async () => {
        await both();
        await east.up(east.inputs(west));
        for (const one of await east.admin.svmPeers.all()) {
            await east.admin.svmPeers.remove(one.uuid, { ownHalfOnly: true });
        }
        for (const one of await east.admin.clusterPeers.all()) {
            await east.admin.clusterPeers.remove(one.uuid);
        }
        await west.ontap.close();
        const item = { application: "shop", namespace: "trident-dr", takeover: 2 };
        const inputs = east.inputs(west, { serves: { cluster: {}, items: [item] } });
        const writes = await east.writes();
        east.record = { ...emptyRecord("shop", "east", "west"), role: "standby", epoch: 1 };
        const due = await east.up(inputs, east.handlers({}, {}, anHour));
        assert.deepEqual([due.peered, due.clusterPeerState], [false, "absent"]);
        assert.match(String(due.next), /left for later: POST \/cluster\/peers .*then run pulumi up --stack east$/);
        assert.equal(await east.preview(inputs), false);
        assert.deepEqual(await east.writes(), writes);

        east.record = { ...east.record, role: "active", epoch: 2 };
        const served = await east.up(inputs);
        assert.equal(served.peered, false);
        assert.match(String(served.next), /^warning: east: POST \/cluster\/peers .*11104/);
        assert.deepEqual(await east.writes(), [...writes, "POST /cluster/peers"]);
        west.ontap = await startSimulator({ folder: path.join(west.folder, "again"), clusterName: "other" });
    });

    it("waits for the peer's half only after a change of its own", async () => {
        await east.up(east.inputs(west));
        const { id, outputs } = east.state!;
        const before = looks();
        const update = await east.handlers({}, {}, anHour).update(id, outputs, east.inputs(west));
        assert.equal(update.outs.peered, false);
        assert.equal(looks() - before, 1);
    });

    it("records changed inputs without a write", async () => {
        await both();
        await east.up(east.inputs(west));
        const writes = (await east.writes()).length;
        const inputs = east.inputs(west, { timeouts: { request: "50s" } });
        assert.equal(await east.preview(inputs), true);
        const outputs = await east.up(inputs);
        assert.deepEqual(outputs.timeouts, { request: "50s" });
        assert.equal((await east.writes()).length, writes);
    });

    it("refuses another identity", async () => {
        await east.up(east.inputs(west));
        assert.match(
            await messageOf(east.up(east.inputs(west, { svm: "svm_else" }))),
            /key "svm": expected svm_east as before/,
        );
    });

    it("promises changes without a call while something is unknown", async () => {
        const inputs = east.inputs(west, { peer: { svm: unknownValue, interclusterAddresses: [] } });
        assert.deepEqual((await east.handlers({ ontapPassword: undefined }).check({}, inputs)).failures, []);
        assert.deepEqual(await east.handlers().diff("id", {}, inputs), { changes: true });
        assert.deepEqual(east.calls, []);
    });

    it("keeps what it reached when a later step fails, and goes on from there", async () => {
        await east.up(east.inputs(west));
        west.ontap.faults.add([
            {
                kind: "jobFailure",
                method: "POST",
                path: "/svm/peers*",
                times: 1,
                code: "26345581",
                message: "internal",
            },
        ]);
        const handlers = west.handlers();
        const inputs = west.inputs(east);
        const failure = (await handlers.create(inputs).then(
            () => assert.fail("expected a failure"),
            (thrown: unknown) => thrown,
        )) as Error & { id: string; properties: Properties; reasons: string[] };
        assert.equal(failure.id, "svm_west/svm_east");
        assert.match(failure.reasons[0] ?? "", /^west: .*POST \/svm\/peers.*internal/);
        assert.equal(failure.properties.__provider, providerText);
        assert.deepEqual(failure.properties.made, { clusterPeer: true, svmPeer: true });
        west.state = { id: failure.id, inputs, outputs: failure.properties };
        assert.equal((await west.up(inputs)).peered, true);
        assert.deepEqual(await west.writes(), ["POST /cluster/peers", "POST /svm/peers", "POST /svm/peers"]);
    });

    it("reads what is there, and an empty id only when nothing is", async () => {
        await both();
        const { id, outputs } = east.state!;
        const read = await east.handlers().read(id, outputs);
        assert.equal(read.id, id);
        assert.equal(read.props.peered, true);
        assert.deepEqual(Object.keys(read.inputs ?? {}).sort(), [
            "endpoint",
            "peer",
            "peerSite",
            "site",
            "svm",
            "timeouts",
        ]);
        assert.match(
            await messageOf(east.handlers({ ontapPassword: "wrong" }).read(id, outputs)),
            /refuses the user name/,
        );
        for (const site of [east, west]) {
            for (const one of await site.admin.svmPeers.all()) {
                await site.admin.svmPeers.remove(one.uuid, { ownHalfOnly: false });
            }
        }
        for (const one of await east.admin.clusterPeers.all()) {
            await east.admin.clusterPeers.remove(one.uuid);
        }
        assert.equal((await east.handlers().read(id, outputs)).id, "");
    });

    describe("removal", () => {
        it("takes away the own half only, at each site in its turn", async () => {
            await both();
            await east.handlers().delete(east.state!.id, east.state!.outputs);
            assert.deepEqual([await east.admin.clusterPeers.all(), await east.admin.svmPeers.all()], [[], []]);
            assert.equal((await west.admin.clusterPeers.all()).length, 1);
            await west.handlers().delete(west.state!.id, west.state!.outputs);
            assert.deepEqual([await west.admin.clusterPeers.all(), await west.admin.svmPeers.all()], [[], []]);
        });

        it("leaves what a mirror uses, and says so", async () => {
            await both();
            await east.up(east.inputs(west));
            const volume = { name: "data", size: 32 * 2 ** 20 };
            await east.admin.volumes.create({
                ...volume,
                svm: "svm_east",
                aggregate: east.ontap.aggregate,
                type: "rw",
            });
            await west.admin.volumes.create({
                ...volume,
                svm: "svm_west",
                aggregate: west.ontap.aggregate,
                type: "dp",
            });
            await west.admin.relationships.create({ source: "svm_east:data", destination: "svm_west:data" });
            await west.handlers().delete(west.state!.id, west.state!.outputs);
            assert.equal((await west.admin.clusterPeers.all()).length, 1);
            assert.equal((await west.admin.svmPeers.all()).length, 1);
            const said = west.printed.filter((line) => line.includes("left:")).join("\n");
            assert.match(said, /SVM peering .*: SnapMirror relationships use it \(svm_east:data to svm_west:data\)/);
            assert.match(said, /cluster peering cluster-east: SVM peerings use it/);
        });
    });

    it("shows no secret: not in outputs, nor in what is printed, nor in errors", async () => {
        const shown: unknown[] = [];
        await both();
        east.ontap.faults.add([
            {
                kind: "error",
                status: 400,
                code: "2",
                message: `bad ${testPassphrase} canary-password-east`,
                path: "/svm/*",
            },
        ]);
        shown.push(
            await east
                .handlers()
                .diff("id", {}, east.inputs(west))
                .catch((thrown: unknown) => thrown),
        );
        shown.push(await east.handlers().check({}, east.inputs(west)));
        shown.push(east.handlers(), east.state, west.state, east.printed, west.printed, east.calls, west.calls);
        assert.doesNotMatch(inspect(shown, { depth: 12, showHidden: true, maxArrayLength: null }), /canary/);
    });
});

describe("OntapPeering says in one sentence, with the site's name, and leaves nothing half done:", function () {
    this.timeout(60_000);
    let east: Site;
    let west: Site;

    before(async () => {
        [east, west] = await Promise.all([Site.start("east"), Site.start("west")]);
    });
    after(() => Promise.all([east.stop(), west.stop()]));

    const refusal = (more: Properties = {}, config: Record<string, string | undefined> = {}) =>
        messageOf(east.up(east.inputs(west, more), east.handlers(config)));

    afterEach(async () => {
        east.ontap.faults.clear();
        assert.deepEqual(await east.admin.clusterPeers.all(), []);
    });

    it("a missing credential", async () => {
        assert.match(
            await refusal({}, { ontapPassword: undefined }),
            /^east: trident-dr:ontapPassword is not set: run "pulumi/,
        );
        assert.match(
            await refusal({}, { peeringPassphrase: undefined }),
            /^east: trident-dr:peeringPassphrase is not set/,
        );
        assert.match(
            await refusal({}, { peeringPassphrase: "short" }),
            /^east: .*expected at least 8 characters, found 5$/,
        );
    });

    it("a wrong password", async () => {
        assert.match(
            await refusal({}, { ontapPassword: "wrong" }),
            /^east: ONTAP at https:\S+ refuses the user name or password/,
        );
    });

    it("a wrong certificate", async () => {
        const endpoint = { url: east.ontap.url, certificate: west.ontap.certificate };
        assert.match(
            await refusal({ endpoint }),
            /^east: ONTAP at https:\S+ presents a certificate that is not the declared one/,
        );
    });

    it("an endpoint that nobody serves", async () => {
        const endpoint = { url: "https://127.0.0.1:9" };
        assert.match(
            await refusal({ endpoint, timeouts: { request: "1s" } }),
            /^east: ONTAP at https:\S+ cannot be reached \(connection refused\)/,
        );
    });

    it("missing rights, all of them at once", async () => {
        for (const called of ["/cluster/peers*", "/network/ip/interfaces*"]) {
            east.ontap.faults.add([{ kind: "narrowRole", path: called, user: "product" }]);
        }
        const message = await refusal();
        assert.match(
            message,
            /^east: the ONTAP account may not GET \/network\/ip\/interfaces, GET \/cluster\/peers at/,
        );
        assert.match(message, /rights: \/api\/network\/ip\/interfaces, \/api\/cluster\/peers$/);
    });

    it("an SVM that does not exist", async () => {
        assert.match(
            await refusal({ svm: "svm_gone" }),
            /^east: the SVM svm_gone does not exist in the cluster cluster-east/,
        );
    });

    it("peer addresses at which nothing answers", async () => {
        const peer = { svm: "svm_west", cluster: "cluster-west", interclusterAddresses: ["127.255.255.254"] };
        assert.match(await refusal({ peer }), /^east: POST \/cluster\/peers .*; no peering was created; .*11104/);
    });
});
