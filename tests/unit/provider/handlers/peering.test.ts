import assert from "node:assert/strict";
import type {
    ClusterPeer,
    NetworkInterface,
    OntapClient,
    OntapClientOptions,
    SvmPeer,
} from "../../../../provider/clients/ontap";
import type { AccountLookup } from "../../../../provider/clients/ontap/endpoint";
import { OntapError } from "../../../../provider/clients/ontap";
import { PeeringHandler } from "../../../../provider/handlers/peering";
import type { Properties } from "../../../../provider/handlers/results";
import { ProviderProcess } from "../../../../provider/process/providerProcess";
import { emptyRecord, type Role, type RoleRecord } from "../../../../provider/roles/record";

/** West's array, as far as a peering asks it. What it is asked to change it asks east, which may be dark. */
class FakeArray {
    clusterPeers: ClusterPeer[] = [
        {
            uuid: "cp",
            name: "cluster-east",
            remote: { name: "cluster-east", ip_addresses: ["127.0.0.1"] },
            status: { state: "available" },
        },
    ];
    svmPeers: SvmPeer[] = [
        {
            uuid: "sp",
            name: "svm_east",
            svm: { name: "svm_west" },
            peer: { svm: { name: "svm_east" }, cluster: { name: "cluster-east" } },
            state: "peered",
            applications: ["snapmirror"],
        },
    ];
    interfaces: NetworkInterface[] = [{ name: "ic1", ip: { address: "127.0.0.2" }, state: "up", enabled: true }];
    /** What each call fails with. */
    failure: OntapError | undefined;
    eastIsDark = false;
    /** Whether east refuses to peer its SVM. */
    eastRefuses = false;
    looks = 0;
    /** The time for the last look; absent where it was not limited. */
    budget: number | undefined;
    readonly writes: string[] = [];

    client(): OntapClient {
        const answer = <T>(value: () => T) => {
            return () => (this.failure === undefined ? Promise.resolve(value()) : Promise.reject(this.failure));
        };
        const fake = {
            within: (budget: number) => {
                this.budget = budget;
                return fake;
            },
            cluster: answer(() => {
                this.looks++;
                return { name: "cluster-west" };
            }),
            nodes: answer(() => []),
            interclusterInterfaces: answer(() => this.interfaces),
            svms: { all: answer(() => [{ name: "svm_west", state: "running" }]) },
            clusterPeers: {
                all: answer(() => this.clusterPeers),
                create: () => this.change("POST /cluster/peers", () => this.peerClusters()),
            },
            svmPeers: {
                all: answer(() => this.svmPeers),
                create: () => this.change("POST /svm/peers", () => (this.svmPeers = new FakeArray().svmPeers)),
            },
        };
        return fake as unknown as OntapClient;
    }

    private change(call: string, done: () => void): Promise<void> {
        this.writes.push(call);
        if (this.eastIsDark) {
            return Promise.reject(failing(call, "east does not answer", "262224"));
        }
        if (this.eastRefuses && call === "POST /svm/peers") {
            return Promise.reject(failing(call, "east refuses"));
        }
        done();
        return Promise.resolve();
    }

    private peerClusters(): void {
        this.clusterPeers = new FakeArray().clusterPeers;
    }
}

function failing(call: string, what: string, code?: string): OntapError {
    return new OntapError({ kind: "refused", site: "west", cluster: "https://10.0.0.2", call, what, code });
}

const record = (role: Role, epoch: number): RoleRecord => ({ ...emptyRecord("shop", "west", "east"), role, epoch });

/** West's stack: its array, its record, and what the handler printed. */
class West {
    readonly array = new FakeArray();
    readonly printed: string[] = [];
    environment: NodeJS.ProcessEnv = {};
    record: RoleRecord | undefined | Error = record("standby", 1);
    passphrase: string | undefined = "canary-passphrase";

    /** As the standby site; `active` and `takeover` are what an operator sets. */
    inputs({ active = "east", takeover, ...more }: Properties & { active?: string; takeover?: number } = {}) {
        const item = { application: "shop", namespace: "trident-dr", ...(takeover === undefined ? {} : { takeover }) };
        return {
            site: "west",
            peerSite: "east",
            endpoint: { url: "https://10.0.0.2" },
            svm: "svm_west",
            peer: { svm: "svm_east", cluster: "cluster-east", interclusterAddresses: ["127.0.0.1"] },
            ...(active === "west" ? { serves: { cluster: { context: "west" }, items: [item] } } : {}),
            ...more,
        };
    }

    handler(config: Record<string, string | undefined> = this.config, options: object = {}): PeeringHandler {
        const log = (line: string) => this.printed.push(line);
        const handler = new PeeringHandler(new ProviderProcess({ environment: this.environment, log }), {
            peeringPatience: 0,
            open: () => this.array.client(),
            records: ({ items }) =>
                this.record instanceof Error
                    ? Promise.reject(this.record)
                    : Promise.resolve(items.map(() => this.record as RoleRecord | undefined)),
            ...options,
        });
        void handler.configure({ config: { get: (key) => config[key] } });
        return handler;
    }

    private get config(): Record<string, string | undefined> {
        return {
            "trident-dr:ontapUsername": "product",
            "trident-dr:ontapPassword": "canary-password",
            "trident-dr:peeringPassphrase": this.passphrase,
        };
    }

    /** The state of a peering that was whole. */
    async whole(): Promise<Properties> {
        const { outs } = await this.handler().create(this.inputs());
        assert.equal(outs.peered, true);
        this.printed.length = 0;
        this.array.looks = 0;
        return outs;
    }

    /** What `pulumi up` does with what is in the state: previews it, and updates it if that shows a change. */
    async up(olds: Properties, inputs: Properties): Promise<{ changes: boolean; outs: Properties }> {
        const handler = this.handler();
        assert.deepEqual((await handler.check(olds, inputs)).failures, []);
        const { changes } = await handler.diff("id", olds, inputs);
        return { changes, outs: changes ? (await handler.update("id", olds, inputs)).outs : olds };
    }

    get warnings(): string[] {
        return this.printed.filter((line) => line.startsWith("ontap peering west: warning: "));
    }
}

const problems: [string, (west: West) => void, RegExp][] = [
    [
        "whose intercluster interfaces are down",
        ({ array }) => (array.interfaces = [{ name: "ic1", state: "down" }]),
        /no intercluster interface .* is up \(ic1\): bring them up/,
    ],
    [
        "whose SVM peering is suspended",
        ({ array }) => (array.svmPeers[0]!.state = "suspended"),
        /was suspended: resume it \(vserver peer resume\)/,
    ],
    [
        "whose cluster peering lacks the passphrase to make it again",
        (west) => {
            west.array.clusterPeers = [];
            west.array.svmPeers = [];
            west.passphrase = undefined;
        },
        /trident-dr:peeringPassphrase is not set/,
    ],
];

describe("the plan of a peering", () => {
    it("is a line of JSON too where it is asked for, with the calls that the text has", async () => {
        const west = new West();
        west.array.svmPeers = [];
        west.environment = { TRIDENT_DR_PLAN: "json" };
        assert.deepEqual((await west.handler().check(undefined, west.inputs())).failures, []);
        const data = west.printed.filter((line) => line.startsWith("{"));
        assert.equal(data.length, 1);
        const { calls, notes: _notes, next: _next, ...more } = JSON.parse(data[0]!) as Record<string, unknown>;
        assert.deepEqual(more, { tridentDr: "peering", schema: 1, site: "west", peerSite: "east", later: [] });
        assert.deepEqual(
            (calls as string[]).map((call, index) => `ontap peering west: step ${index + 1}: ${call}`),
            west.printed.filter((line) => line.includes(": step ")),
        );
        assert.equal((calls as string[]).length, 1);
    });
});

describe("a peering that others manage", () => {
    const existing = { existing: true };

    /** An account of the SVM sees its peerings, and may read nothing else. */
    function ofSvm(west: West): West {
        const { svmPeers } = west.array.client();
        const client = { within: () => client, svmPeers } as unknown as OntapClient;
        west.array.client = () => client;
        west.passphrase = undefined;
        return west;
    }

    it("lets what leaves the mirror leave, although it is gone already", async () => {
        const west = ofSvm(new West());
        const { outs } = await west.handler().create(west.inputs(existing));
        west.array.svmPeers = [];
        const staying = west.inputs(existing);
        await assert.rejects(west.handler().diff("id", outs, staying), { message: /there is no peering of them/ });
        const leaving = west.inputs({ ...existing, leaving: true });
        const { changes, outs: left } = await west.up(outs, leaving);
        assert.equal(changes, true);
        assert.match(
            west.warnings[0]!,
            /there is no peering of them.*This does not keep what is mirrored at west from leaving the mirror/,
        );
        assert.equal(left.peered, false);
        assert.equal((await west.up(left, leaving)).changes, false);
    });

    it("is no other peering because all leaves the mirror", async () => {
        const west = ofSvm(new West());
        const { outs } = await west.handler().create(west.inputs(existing));
        assert.equal((await west.up(outs, west.inputs({ ...existing, leaving: true }))).changes, false);
    });

    it("needs neither a passphrase nor more than the SVM's peerings, and is never removed", async () => {
        const west = ofSvm(new West());
        const inputs = west.inputs(existing);
        assert.deepEqual((await west.handler().check(undefined, inputs)).failures, []);
        const { outs } = await west.handler().create(inputs);
        assert.deepEqual([outs.peered, outs.made], [true, { clusterPeer: false, svmPeer: false }]);
        assert.deepEqual(await west.handler().diff("id", outs, inputs), { changes: false });
        assert.equal((await west.handler().read("id", outs)).id, "id");
        await west.handler().delete("id", outs);
        assert.match(west.printed.at(-1)!, /left: the SVM peering svm_west, svm_east: others manage it/);
        assert.deepEqual(west.array.writes, []);
    });

    it("is refused where it is missing, by the commands that make it, and stays in the state when it is lost", async () => {
        const west = ofSvm(new West());
        const { outs } = await west.handler().create(west.inputs(existing));
        west.array.svmPeers = [];
        const [failure] = (await west.handler().check(undefined, west.inputs(existing))).failures;
        assert.match(failure!.reason, /For the storage team: at west's cluster: vserver peer create/);
        await assert.rejects(west.handler().diff("id", outs, west.inputs(existing)), /there is no peering of them/);
        assert.deepEqual(west.array.writes, []);
    });

    it("is a warning at a site that is to serve", async () => {
        const west = ofSvm(new West());
        const { outs } = await west.handler().create(west.inputs(existing));
        west.array.svmPeers = [];
        west.record = record("active", 2);
        const { outs: after } = await west.up(outs, west.inputs({ ...existing, active: "west" }));
        assert.equal(after.peered, false);
        assert.match(west.warnings[0]!, /there is no peering of them/);
        assert.equal((await west.handler().read("id", after)).id, "id");
    });

    it("is left to them where this program had made it", async () => {
        const west = new West();
        west.array.svmPeers = [];
        const { outs } = await west.handler().create(west.inputs());
        assert.deepEqual(outs.made, { clusterPeer: false, svmPeer: true });
        const { outs: after } = await west.up(outs, west.inputs(existing));
        assert.deepEqual(after.made, { clusterPeer: false, svmPeer: false });
    });
});

describe("a peering at a site that is to serve", () => {
    for (const [which, happen, said] of problems) {
        describe(which, () => {
            it("is refused as long as the other site serves", async () => {
                const west = new West();
                const olds = await west.whole();
                happen(west);
                await assert.rejects(west.handler().diff("id", olds, west.inputs()), { message: said });
                await assert.rejects(west.handler().update("id", olds, west.inputs()), { message: said });
            });

            it("is a warning, which says what it means and what to do later, in each preview until it is repaired", async () => {
                const west = new West();
                const olds = await west.whole();
                happen(west);
                const inputs = west.inputs({ active: "west" });
                const first = await west.up(olds, inputs);
                assert.deepEqual([first.changes, first.outs.peered, first.outs.made], [true, false, olds.made]);
                assert.match(String(first.outs.next), said);
                assert.match(west.warnings.join("\n"), said);
                assert.match(
                    west.warnings[0]!,
                    /does not keep west from serving\. Nothing is replicated .* east needs it to rejoin: then run pulumi up --stack west$/,
                );
                west.printed.length = 0;
                const second = await west.up(first.outs, inputs);
                assert.equal(second.changes, false);
                assert.match(west.warnings.join("\n"), said);
                assert.deepEqual(west.array.writes, []);

                west.array.interfaces = new FakeArray().interfaces;
                west.array.clusterPeers = new FakeArray().clusterPeers;
                west.array.svmPeers = new FakeArray().svmPeers;
                const third = await west.up(first.outs, inputs);
                assert.deepEqual([third.changes, third.outs.peered, third.outs.next], [true, true, ""]);
                assert.equal((await west.up(third.outs, inputs)).changes, false);
            });

            it("is a warning, too, where the state was lost and a record says that something is mirrored", async () => {
                const west = new West();
                happen(west);
                const inputs = west.inputs({ active: "west" });
                assert.deepEqual((await west.handler().check({}, inputs)).failures, []);
                const { outs } = await west.handler().create(inputs);
                assert.deepEqual([outs.peered, outs.made], [false, undefined]);
                assert.match(String(outs.next), said);
            });

            it("is an error where nothing is mirrored yet", async () => {
                const west = new West();
                happen(west);
                west.record = undefined;
                const inputs = west.inputs({ active: "west" });
                const { failures } = await west.handler().check({}, inputs);
                assert.match(failures.map(({ reason }) => reason).join(), said);
                await assert.rejects(west.handler().create(inputs), { message: said });
            });
        });
    }

    describe("that is gone", () => {
        const gone = async () => {
            const west = new West();
            const olds = await west.whole();
            west.array.clusterPeers = [];
            west.array.svmPeers = [];
            west.array.eastIsDark = true;
            return { west, olds };
        };

        it("is not made again while a takeover without the other site is due: that would ask its array", async () => {
            const { west, olds } = await gone();
            const inputs = west.inputs({ active: "west", takeover: 2 });
            const { changes, outs } = await west.up(olds, inputs);
            assert.deepEqual([changes, outs.peered, outs.clusterPeerState], [true, false, "absent"]);
            assert.match(
                west.warnings[0]!,
                /not complete \(cluster peering: absent; SVM peering: absent\), .*left for later: POST \/cluster\/peers \(east, 127\.0\.0\.1\)\. .* then run pulumi up --stack west$/,
            );
            assert.equal((await west.up(outs, inputs)).changes, false);
            assert.deepEqual(west.array.writes, []);
        });

        it("is not made again there either where the state was lost, nor while the record cannot be read", async () => {
            const { west } = await gone();
            const inputs = west.inputs({ active: "west", takeover: 2 });
            for (const stored of [record("standby", 1), new Error("the Kubernetes API of west does not answer")]) {
                west.record = stored;
                assert.deepEqual((await west.handler().check({}, inputs)).failures, []);
                const { outs } = await west.handler().create(inputs);
                assert.deepEqual([outs.peered, outs.made], [false, undefined]);
            }
            assert.deepEqual(west.array.writes, []);
        });

        it("is made again once the site serves, and that the other one is dark is a warning then", async () => {
            const { west, olds } = await gone();
            west.record = record("active", 2);
            const inputs = west.inputs({ active: "west", takeover: 2 });
            const first = await west.up(olds, inputs);
            assert.deepEqual([first.changes, first.outs.peered, first.outs.clusterPeerState], [true, false, "absent"]);
            assert.match(west.warnings.join("\n"), /not complete[^]*east does not answer/);
            assert.equal((await west.handler().diff("id", first.outs, inputs)).changes, true);

            west.array.eastIsDark = false;
            const second = await west.up(first.outs, inputs);
            assert.deepEqual([second.outs.peered, second.outs.next], [true, ""]);
            assert.deepEqual(west.array.writes, ["POST /cluster/peers", "POST /cluster/peers", "POST /svm/peers"]);
            assert.equal((await west.up(second.outs, inputs)).changes, false);
        });

        it("is made again before a switch that the other site has handed over for", async () => {
            const { west, olds } = await gone();
            west.array.eastIsDark = false;
            const { outs } = await west.up(olds, west.inputs({ active: "west" }));
            assert.equal(outs.peered, true);
        });

        it("is this resource's own as far as it came, whatever failed after it", async () => {
            const { west } = await gone();
            west.array.eastIsDark = false;
            west.array.eastRefuses = true;
            const inputs = west.inputs({ active: "west" });
            const { outs } = await west.handler().create(inputs);
            assert.deepEqual([outs.peered, outs.clusterPeerState], [false, "available"]);
            assert.deepEqual(outs.made, { clusterPeer: true, svmPeer: true });
            west.array.eastRefuses = false;
            assert.equal((await west.up(outs, inputs)).outs.peered, true);
        });

        it("is an error at a site that does not serve", async () => {
            const { west, olds } = await gone();
            await assert.rejects(west.handler().update("id", olds, west.inputs()), { message: /east does not answer/ });
        });
    });

    it("is established as ever where nothing is mirrored yet, and fails with a peer that does not answer", async () => {
        const west = new West();
        west.array.clusterPeers = [];
        west.array.svmPeers = [];
        west.record = undefined;
        const inputs = west.inputs({ active: "west", takeover: 2 });
        west.array.eastIsDark = true;
        await assert.rejects(west.handler().create(inputs), { message: /east does not answer/ });
        west.array.eastIsDark = false;
        const { outs } = await west.handler().create(inputs);
        assert.deepEqual([outs.peered, outs.made], [true, { clusterPeer: true, svmPeer: true }]);
    });

    describe("whose own array does not answer", () => {
        const silent = async () => {
            const west = new West();
            const olds = await west.whole();
            west.array.failure = failing("GET /cluster", "ONTAP at https://10.0.0.2 cannot be reached");
            return { west, olds };
        };

        it("is left as it is known, with a warning and without an update", async () => {
            const { west, olds } = await silent();
            const inputs = west.inputs({ active: "west" });
            const { changes, outs } = await west.up(olds, inputs);
            assert.deepEqual([changes, outs], [false, olds]);
            assert.match(west.warnings[0]!, /cannot be reached; .*how the peering stands is not known\. This does not/);
            const update = await west.handler().update("id", olds, inputs);
            assert.deepEqual(update.outs, { ...olds, ...inputs });
        });

        it("is given a few seconds, once in each preview", async () => {
            const { west, olds } = await silent();
            west.array.failure = undefined;
            await west.handler().diff("id", olds, west.inputs({ active: "west", takeover: 2 }));
            assert.deepEqual([west.array.budget, west.array.looks], [10_000, 1]);
        });

        it("is an error at a site that does not serve, which may take its time", async () => {
            const { west, olds } = await silent();
            await assert.rejects(west.handler().diff("id", olds, west.inputs()), { message: /cannot be reached/ });
            assert.equal(west.array.budget, undefined);
        });

        it("is read as it is known", async () => {
            const { west, olds } = await silent();
            const props = { ...olds, ...west.inputs({ active: "west" }) };
            assert.deepEqual((await west.handler().read("id", props)).props, props);
            await assert.rejects(west.handler().read("id", olds), { message: /cannot be reached/ });
        });
    });

    it("is read with its problem, which the next preview finds again", async () => {
        const west = new West();
        const olds = await west.whole();
        west.array.svmPeers[0]!.state = "suspended";
        const inputs = west.inputs({ active: "west" });
        const read = await west.handler().read("id", { ...olds, ...inputs });
        assert.deepEqual([read.id, read.props.peered, read.inputs], ["id", false, inputs]);
        assert.match(String(read.props.next), /^warning: .*suspended/);
        assert.equal((await west.handler().diff("id", read.props, inputs)).changes, false);
        const standby = await west.handler().read("id", olds);
        assert.match(String(standby.props.next), /^west: the SVM peering .* was suspended/);
    });

    it("does not become a change because another site is to serve", async () => {
        const west = new West();
        const olds = await west.whole();
        assert.equal((await west.up(olds, west.inputs({ active: "west", takeover: 2 }))).changes, false);
        assert.deepEqual(west.warnings, []);
    });

    it("is not adopted against the declaration, however often that was only a warning", async () => {
        const west = new West();
        const inputs = west.inputs({ active: "west", adopt: false });
        const { outs } = await west.handler().create(inputs);
        assert.match(String(outs.next), /already exists, and adopt is false/);
        assert.equal((await west.handler().diff("id", outs, inputs)).changes, false);
        await assert.rejects(west.handler().diff("id", outs, west.inputs({ adopt: false })), {
            message: /already exists, and adopt is false/,
        });
    });
});

describe("a peering whose credentials are in another namespace of the configuration", () => {
    it("looks for them there", async () => {
        const west = new West();
        const { failures } = await west.handler().check({}, { ...west.inputs(), configNamespace: "acme-dr" });
        assert.match(JSON.stringify(failures), /west: acme-dr:ontapUsername is not set/);
    });

    it("is no other peering for that", async () => {
        const west = new West();
        const olds = await west.whole();
        const { changes } = await west.up(olds, { ...west.inputs(), configNamespace: "trident-dr" });
        assert.equal(changes, false);
    });
});

describe("a peering whose account is in a Secret", () => {
    const accountSecret = { namespace: "trident", name: "dr-account", cluster: { context: "west" } };
    const data = { username: "ZHI=", password: Buffer.from("canary-kept").toString("base64") };

    it("signs in with what is in there, asked for when the array is called", async () => {
        const west = new West();
        const asked: string[] = [];
        let found: unknown;
        const handler = west.handler(
            {},
            {
                connect: (site: string, reference: { context?: string }) => {
                    const get = (_kind: unknown, { name }: { name: string }) => {
                        asked.push(`${reference.context} ${name}`);
                        return Promise.resolve({ data });
                    };
                    return { site, get, getAnew: get };
                },
                open: ({ credentials }: OntapClientOptions) => {
                    found = credentials;
                    return west.array.client();
                },
            },
        );
        assert.deepEqual((await handler.check(undefined, { ...west.inputs(), accountSecret })).failures, []);
        assert.ok(typeof found === "function" && asked.length === 0);
        assert.deepEqual(await (found as AccountLookup)(), { username: "dr", password: "canary-kept" });
        assert.deepEqual(asked, ["west dr-account"]);
        const refused = await (found as AccountLookup)();
        assert.equal(asked.length, 1);
        assert.notEqual(await (found as AccountLookup)(refused), refused);
        assert.equal(asked.length, 2);
    });

    it("reaches the cluster by the kubeconfig in the configuration", async () => {
        const west = new West();
        let reference: unknown;
        const connect = (site: string, given: unknown) => {
            reference = given;
            const get = () => Promise.resolve({ data });
            return { site, get, getAnew: get };
        };
        const open = ({ credentials }: OntapClientOptions) => {
            void (credentials as AccountLookup)();
            return west.array.client();
        };
        const handler = west.handler({ "trident-dr:kubeconfig": "users: []" }, { connect, open });
        const secret = { ...accountSecret, cluster: { fromConfig: true } };
        assert.deepEqual((await handler.check(undefined, { ...west.inputs(), accountSecret: secret })).failures, []);
        assert.deepEqual(reference, { fromConfig: true, contents: "users: []" });
    });

    it("is declared anew with another Secret, and not with another way to the cluster", async () => {
        const west = new West();
        const olds = await west.whole();
        const state = { ...olds, accountSecret };
        const changes = async (secret: object) =>
            (await west.handler().diff("id", state, { ...west.inputs(), accountSecret: secret })).changes;
        assert.equal(await changes({ ...accountSecret, cluster: { context: "other" } }), false);
        // A destroy from the state alone would look for the Secret in whatever cluster its machine knows.
        assert.equal(await changes({ ...accountSecret, cluster: { fromConfig: true } }), true);
        assert.equal(await changes({ ...accountSecret, name: "other" }), true);
    });
});
