import assert from "node:assert/strict";
import { OntapError } from "../../../../../provider/clients/ontap";
import { runActions } from "../../../../../provider/drivers/action";
import type { VolumesContext } from "../../../../../provider/drivers/volumes/context";
import type { VolumesState } from "../../../../../provider/drivers/volumes/observe";
import { Promotion } from "../../../../../provider/drivers/volumes/promote";
import type { HandOverToken } from "../../../../../provider/roles/record";

const path = "svm_west:archive01";
const commands = `To do it by hand, at the array of west: snapmirror quiesce -destination-path ${path}; snapmirror abort -destination-path ${path}; snapmirror break -destination-path ${path}.`;
const token: HandOverToken = {
    application: "archive",
    epoch: 1,
    from: "east",
    to: "west",
    finalSnapshot: "final-1",
    archivePath: "",
    applicationUid: "uid",
    time: "2026-11-22T03:00:00Z",
    versions: { archive01: "version-1" },
};

/** West, whose mirror is paused and has the final snapshot; `shows` is what a break makes writable. */
function west({ breaking, shows = "final-1" }: { breaking: () => Promise<void>; shows?: string }) {
    const volume = { name: "archive01", uuid: "uuid", type: "dp", state: "online", nas: {} };
    const into = {
        uuid: "uuid",
        source: { path: "svm_east:archive01" },
        destination: { path },
        state: "paused",
        exported_snapshot: shows,
    };
    const snapshots = [
        { name: "older", uuid: "0", version_uuid: "version-0", create_time: "2026-11-22T02:00:00Z", owners: [] },
        { name: "final-1", uuid: "1", version_uuid: "version-1", create_time: "2026-11-22T03:00:00Z", owners: [] },
    ];
    const context = {
        client: {
            relationships: { byDestination: () => Promise.resolve(into), setState: breaking },
            volumes: { byName: () => Promise.resolve(volume) },
            snapshots: { ofVolume: () => Promise.resolve(snapshots) },
        },
        settings: {
            site: "west",
            peer: "east",
            svm: "svm_west",
            fence: "none",
            junctionPaths: {},
            timeouts: { promote: 1, establish: 1, snapshot: 1 },
        },
        signal: new AbortController().signal,
    } as unknown as VolumesContext;
    const state = {
        volumes: [{ name: "archive01", path, volume, snapshots, into, outOf: [] }],
        access: { open: [], policies: [] },
    } as unknown as VolumesState;
    const actions = new Promotion(context).actions(token, state).filter(({ call }) => call.endsWith(": broken_off"));
    assert.equal(actions.length, 1);
    return runActions(actions, () => undefined, "west");
}

function outOfTime(): Promise<void> {
    return Promise.reject(
        new OntapError({
            site: "west",
            cluster: "https://west",
            call: "PATCH /snapmirror/relationships/uuid",
            kind: "timeout",
            what: "the job did not finish in time (running)",
            meaning: "it continues on the array",
            remedy: "run it again",
        }),
    );
}

describe("a break of a volume's mirror that does not end", () => {
    it("gives the commands to make it by hand, where its job does not finish", async () => {
        await assert.rejects(west({ breaking: outOfTime }), (error: Error) => {
            assert.ok(error.message.includes(`did not finish in time (running); it continues on the array`));
            assert.ok(
                error.message.includes(`${commands} Then, or to keep waiting: pulumi up --stack west`),
                error.message,
            );
            return true;
        });
    });

    it("gives them where the volume does not become writable", async () => {
        await assert.rejects(west({ breaking: () => Promise.resolve() }), (error: Error) => {
            assert.ok(
                error.message.includes(`(still dp, paused). ${commands} Run pulumi up --stack west`),
                error.message,
            );
            return true;
        });
    });

    it("gives none that would make another point writable than the one that was handed over", async () => {
        await assert.rejects(west({ breaking: outOfTime, shows: "older" }), (error: Error) => {
            assert.match(error.message, /did not finish in time/);
            assert.doesNotMatch(error.message, /snapmirror break/);
            return true;
        });
    });

    it("gives none for what is refused", async () => {
        await assert.rejects(west({ breaking: () => Promise.reject(new Error("no")) }), /^Error: no$/);
    });
});
