import assert from "node:assert/strict";
import type { ExportPolicy, OntapClient, Qtree, Share, Volume } from "../../../../../provider/clients/ontap";
import { readAccess } from "../../../../../provider/drivers/volumes/access";
import { fenceAll } from "../../../../../provider/drivers/volumes/fence";
import {
    fencePolicyOf,
    isBehindFencePolicy,
    servingPolicyOf,
} from "../../../../../provider/drivers/volumes/fencePolicy";
import type { VolumesState, VolumeState } from "../../../../../provider/drivers/volumes/observe";
import type { Fence, VolumesSettings } from "../../../../../provider/drivers/volumes/settings";
import { runActions } from "../../../../../provider/drivers/action";
import { render } from "../../../../../provider/roles/messages/message";

const fencing = "trident-dr-fenced-default";

/** An array with one volume, `archive`, in memory. */
class FakeArray {
    volume: Volume = {
        uuid: "uuid",
        name: "archive",
        svm: { name: "svm" },
        type: "rw",
        state: "online",
        nas: { path: "/archive", export_policy: { name: "default" } },
    };
    policies: ExportPolicy[] = [{ name: "default", rules: [{}] }];
    qtrees: Qtree[] = [];
    shares: Share[] = [];
    readonly writes: string[] = [];
    /** Runs after each write. */
    meanwhile: () => void = () => undefined;

    get client(): OntapClient {
        const wrote = (what: string, change: () => void) => {
            this.writes.push(what);
            change();
            this.meanwhile();
            return Promise.resolve();
        };
        const nas = (change: Volume["nas"]) =>
            (this.volume = { ...this.volume, nas: { ...this.volume.nas, ...change } });
        const fake = {
            volumes: {
                ofSvm: () => Promise.resolve([this.volume]),
                setExportPolicy: (_uuid: string, name: string) =>
                    wrote(`policy ${name}`, () => nas({ export_policy: { name } })),
                unmount: () => wrote("unmount", () => nas({ path: "" })),
                takeOffline: () =>
                    wrote("offline", () => {
                        nas({ path: "" });
                        this.volume = { ...this.volume, state: "offline" };
                    }),
                bringOnline: () => wrote("online", () => (this.volume = { ...this.volume, state: "online" })),
            },
            snapshots: { ofVolume: () => Promise.resolve([]) },
            relationships: {
                ofDestinationSvm: () => Promise.resolve([]),
                knownDestinations: () => Promise.resolve([]),
            },
            access: {
                exportPolicies: (_svm: string, names: string[]) =>
                    Promise.resolve(this.policies.filter(({ name }) => names.includes(name))),
                createExportPolicy: (_svm: string, name: string) =>
                    wrote(`create ${name}`, () => this.policies.push({ name, rules: [] })),
                qtrees: () => Promise.resolve(this.qtrees),
                shares: () => Promise.resolve(this.shares),
                lunMaps: () => Promise.resolve([{ path: "/vol/archive2/lun", to: "hosts" }]),
                namespaceMaps: () => Promise.resolve([]),
            },
        };
        return fake as unknown as OntapClient;
    }
}

describe("the fence of a volume", () => {
    let array: FakeArray;

    beforeEach(() => {
        array = new FakeArray();
    });

    const settingsWith = (fence: Fence, exportPolicy?: string) =>
        ({
            application: "archive",
            site: "east",
            peer: "west",
            svm: "svm",
            peerSvm: "other",
            volumes: ["archive"],
            fence,
            fencePolicy: "trident-dr-fenced",
            exportPolicy,
        }) as unknown as VolumesSettings;
    const item = (): VolumeState => ({
        name: "archive",
        path: "svm:archive",
        volume: array.volume,
        snapshots: [],
        into: undefined,
        outOf: [],
    });
    const actionsFor = async (settings: VolumesSettings) => {
        const volumes = [item()];
        const access = await readAccess(array.client, settings, volumes);
        const state = { volumes, access } as unknown as VolumesState;
        const context = { client: array.client, settings, signal: new AbortController().signal };
        return fenceAll(context, state).flat();
    };
    const close = async (settings: VolumesSettings) => runActions(await actionsFor(settings), () => undefined, "west");
    const open = async (fence: Fence = "exportPolicy") =>
        (await readAccess(array.client, settingsWith(fence), [item()])).open.map((one) => render(one));

    const ways: [Fence, string[]][] = [
        ["exportPolicy", [`create ${fencing}`, `policy ${fencing}`]],
        ["unmount", [`create ${fencing}`, `policy ${fencing}`, "unmount"]],
        ["offline", [`create ${fencing}`, `policy ${fencing}`, "offline", "online"]],
        ["none", []],
    ];
    for (const [fence, writes] of ways) {
        it(`closes it (${fence}), and changes nothing when it is closed`, async () => {
            await close(settingsWith(fence));
            assert.deepEqual(array.writes, writes);
            await close(settingsWith(fence));
            assert.deepEqual(array.writes, writes);
        });
    }

    it("brings online what a run that was interrupted left offline", async () => {
        await close(settingsWith("offline"));
        array.volume = { ...array.volume, state: "offline" };
        await close(settingsWith("offline"));
        assert.equal(array.writes.at(-1), "online");
    });

    it("closes to NFS what was only unmounted", async () => {
        array.volume = { ...array.volume, nas: { path: "", export_policy: { name: "default" } } };
        await close(settingsWith("unmount"));
        assert.deepEqual(array.writes, [`create ${fencing}`, `policy ${fencing}`]);
    });

    it("asks the array at the end, once for each volume, and says so", async () => {
        const last = (await actionsFor(settingsWith("exportPolicy"))).at(-1)!;
        assert.equal(last.effect, "read");
        assert.equal(last.call, `GET /storage/volumes/{archive}: behind export policy ${fencing}, which admits nobody`);
    });

    const meanwhile: [string, () => void, RegExp][] = [
        [
            "somebody gives it its policy back",
            () =>
                (array.volume = { ...array.volume, nas: { ...array.volume.nas, export_policy: { name: "default" } } }),
            /^MessageError: east: volume archive was opened again: its export policy is default, and it is mounted at \/archive\. The run stopped/,
        ],
        [
            "somebody adds a rule",
            () => (array.policies = array.policies.map((one) => ({ ...one, rules: [{}, {}] }))),
            /^MessageError: east: export policy trident-dr-fenced-default of SVM svm has 2 rules, and may admit clients/,
        ],
        [
            "a qtree turns out to have a policy of its own",
            () =>
                (array.qtrees = [
                    { id: 1, name: "q", volume: { name: "archive" }, export_policy: { name: "default" } },
                ]),
            /^MessageError: east: qtree q of volume archive has an export policy of its own \(default\)/,
        ],
        [
            "the policy is gone",
            () => (array.policies = []),
            /^MessageError: east: the array does not show export policy trident-dr-fenced-default of volume archive/,
        ],
    ];
    for (const [what, change, why] of meanwhile) {
        it(`fails when ${what} meanwhile`, async () => {
            array.meanwhile = change;
            await assert.rejects(close(settingsWith("exportPolicy")), why);
        });
    }

    it("keeps the name of the policy that it replaces, unless one is declared for serving", () => {
        const plain = settingsWith("exportPolicy");
        const declared = settingsWith("exportPolicy", "clients");
        const behind = (name: string): Volume => ({ ...array.volume, nas: { export_policy: { name } } });
        assert.equal(fencePolicyOf(behind("team"), plain), "trident-dr-fenced-team");
        assert.equal(fencePolicyOf(behind("trident-dr-fenced-team"), plain), "trident-dr-fenced-team");
        assert.equal(fencePolicyOf(behind("team"), declared), "trident-dr-fenced");
        assert.equal(servingPolicyOf(behind("trident-dr-fenced-team"), plain), "team");
        assert.equal(servingPolicyOf(behind("trident-dr-fenced"), plain), undefined);
        assert.equal(servingPolicyOf(behind("team"), plain), undefined);
        assert.equal(servingPolicyOf(behind("trident-dr-fenced-team"), declared), "clients");
        assert.equal(isBehindFencePolicy(behind("trident-dr-fenced"), plain), true);
        assert.equal(isBehindFencePolicy(behind("trident-dr-fencedteam"), plain), false);
    });

    it("names shares at, below and above its path, and none of the administrators' or of other volumes", async () => {
        array.shares = ["/", "/archive", "/archive/%w", "/archive2", "/other"].map((path) => ({
            name: `at ${path}`,
            path,
        }));
        array.shares.push({ name: "C$", path: "/" });
        assert.deepEqual(
            (await open()).map((one) => /share at (\S+) /.exec(one)?.[1]),
            ["/", "/archive", "/archive/%w"],
        );
        assert.deepEqual(await open("offline"), []);
        assert.deepEqual(await open("none"), []);
    });

    it("asks nothing about volumes that nobody can write to", async () => {
        array.shares = [{ name: "all", path: "/" }];
        array.volume = { ...array.volume, type: "dp" };
        assert.deepEqual(await open(), []);
    });
});
