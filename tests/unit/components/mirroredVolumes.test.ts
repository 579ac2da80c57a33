import { strict as assert } from "node:assert";
import { expectedArrayName } from "../../../provider/clients/ontap/names";
import { MirroredVolumes, type MirroredVolumesArgs } from "../../../components/mirroredVolumes";
import { emptyRecord, type RoleRecord } from "../../../provider/roles/record";
import { declare, promiseOf, type Surroundings } from "./harness";
import { declareEast, declareVaults } from "./east";

const record: RoleRecord = {
    ...emptyRecord("archive", "east", "west"),
    role: "active",
    epoch: 1,
    activeSite: "east",
    serial: 1,
};
const array = { archive01: { volume: "rw" } };

interface Changes extends Partial<MirroredVolumesArgs> {
    withoutVaults?: boolean;
}

/** Declares the volumes `archive` at east. */
function archiveOf({ withoutVaults = false, ...changes }: Changes = {}, surroundings: Surroundings = {}) {
    const outputs: Surroundings["outputs"] = (type) => (type.endsWith("MirrorRole") ? { record, array } : { next: "" });
    return declare(
        (options) => {
            const { pair, backend } = declareEast(options);
            const vaults = withoutVaults ? undefined : declareVaults(pair, options);
            const args = { pair, backend, vaults, volumes: ["archive01", "archive02"], ...changes };
            return { pair, archive: new MirroredVolumes("archive", args, options) };
        },
        { outputs, ...surroundings },
    );
}

/** What the role is told. */
async function inputsOf(changes?: Changes): Promise<Record<string, unknown>> {
    const { __provider: _, ...inputs } = (await archiveOf(changes, { preview: true })).find("archive-role").inputs;
    return inputs;
}

describe("MirroredVolumes", () => {
    it("tells its role what is the group's own, and takes from the pair what is not", async () => {
        const own = { acknowledgements: { discard: "west@2" }, unprotect: true, path: "volumes[0]" };
        const { acknowledgements, unprotect, path } = await inputsOf(own);
        assert.deepEqual({ acknowledgements, unprotect, path }, own);
        await assert.rejects(inputsOf({ acknowledgements: { discard: "north@2" } }), /acknowledgements\.discard/);
    });

    it("tells its role in a preview already all that a plan is made from, defaults included", async () => {
        assert.deepEqual(await inputsOf(), {
            kind: "volumes",
            application: "archive",
            site: "east",
            peerSite: "west",
            active: "east",
            acknowledgements: {},
            cluster: { context: "east" },
            protectNamespace: "trident-protect",
            peerRecord: { known: true, record: null },
            ontap: { endpoint: { url: "https://10.0.1.5" }, svm: "svm_east" },
            peerSvm: "svm_west",
            volumes: ["archive01", "archive02"],
            recordNamespace: "trident-protect",
            vaults: { east: "vault-east", west: "vault-west" },
            policy: "MirrorAllSnapshots",
            schedule: { name: "5min" },
            fence: "exportPolicy",
            fencePolicy: "trident-dr-fenced",
            junctionPaths: { archive01: "/archive01", archive02: "/archive02" },
            adopt: false,
            order: { together: false, before: [], after: [], waitsFor: [] },
            maxLag: "15m",
        });
    });

    it("names a schedule of its own where times are given, and takes three of its intervals for the lag", async () => {
        const { schedule, maxLag } = await inputsOf({ schedule: { minutes: [0, 20, 40] } });
        assert.deepEqual(schedule, { name: "trident-dr-archive", cron: { minutes: [0, 20, 40] } });
        assert.equal(maxLag, "60m");
    });

    it("passes on what is said of mounting, fencing and adopting", async () => {
        const inputs = await inputsOf({
            fence: "unmount",
            exportPolicy: "clients",
            junctionPaths: { archive02: "" },
            adopt: true,
            active: "west",
        });
        assert.equal(inputs.fence, "unmount");
        assert.equal(inputs.exportPolicy, "clients");
        assert.deepEqual(inputs.junctionPaths, { archive01: "/archive01", archive02: "" });
        assert.equal(inputs.adopt, true);
        assert.equal(inputs.active, "west");
    });

    it("does without vaults", async () => {
        const { find } = await archiveOf({ withoutVaults: true });
        assert.equal(find("archive-role").inputs.vaults, undefined);
        assert.deepEqual(find("archive-role").dependsOn, ["ontap"]);
    });

    it("publishes its record for the other site, and what its array has", async () => {
        const { answer } = await archiveOf();
        const outputs = await promiseOf(answer.pair.outputs());
        assert.deepEqual(outputs.applications.archive?.record, record);
        assert.deepEqual(await promiseOf(answer.archive.array), array);
        assert.match(
            await promiseOf(answer.archive.next),
            /pulumi config set active east --stack west; pulumi up --stack west/,
        );
    });

    const cases: [title: string, changes: Changes, ...lines: string[]][] = [
        ["no volume", { volumes: [] }, "volumes: expected one volume or more; found an empty list"],
        [
            "a name that ONTAP does not take",
            { volumes: ["archive-01"] },
            'volumes[0]: expected the name of a FlexVol: letters, digits and "_", not a digit first, at most 203; found "archive-01"',
        ],
        [
            "a volume twice",
            { volumes: ["archive01", "archive01"] },
            'volumes[1]: expected each volume once; found "archive01" twice',
        ],
        [
            "a fence that there is not",
            { fence: "unmounted" as "unmount" },
            'fence: expected one of offline, unmount, exportPolicy, none; found "unmounted" (did you mean "unmount"?)',
        ],
        [
            "an export policy for serving that would fence",
            { exportPolicy: "trident-dr-fenced-default" },
            'exportPolicy: expected the export policy of volumes that serve, other than "trident-dr-fenced" and what begins with "trident-dr-fenced-"; found "trident-dr-fenced-default"',
        ],
        [
            "a fencing policy with a name that ONTAP does not take",
            { fencePolicy: "no one" },
            'fencePolicy: expected the name of an export policy: no spaces, at most 100 characters; found "no one"',
        ],
        [
            "names that are operators of a query",
            { fencePolicy: "a|b", policy: "Mirror*", exportPolicy: "!default", schedule: "5min,{1..9}", maxLag: "1h" },
            `schedule: expected ${expectedArrayName}; found "5min,{1..9}"`,
            `fencePolicy: expected ${expectedArrayName}; found "a|b"`,
            `policy: expected ${expectedArrayName}; found "Mirror*"`,
            `exportPolicy: expected ${expectedArrayName}; found "!default"`,
        ],
        [
            "a path for a volume that is none of them",
            { junctionPaths: { archive: "/archive" } },
            "junctionPaths.archive: expected one of the volumes; found archive",
        ],
        [
            "two volumes at one path",
            { junctionPaths: { archive01: "/a", archive02: "/a" } },
            'junctionPaths.archive02: expected a path of its own; found "/a" twice',
        ],
        [
            "a path that is none",
            { junctionPaths: { archive01: "archive" } },
            'junctionPaths.archive01: expected a path such as /archive, or ""; found "archive"',
        ],
        [
            "a schedule of the array's own, and no lag",
            { schedule: "nightly" },
            "maxLag: expected a time span such as 30m, since how often this schedule fires is not known here; found nothing",
        ],
        [
            "a site that there is not",
            { active: "wets" },
            'active: expected one of east, west; found "wets" (did you mean "west"?)',
        ],
    ];
    for (const [title, changes, ...lines] of cases) {
        it(`refuses ${title}, and says where`, async () => {
            await assert.rejects(archiveOf(changes), (thrown: Error) => {
                assert.deepEqual(
                    thrown.message
                        .split("\n")
                        .slice(1)
                        .map((line) => line.trim()),
                    lines,
                );
                return true;
            });
        });
    }
});
