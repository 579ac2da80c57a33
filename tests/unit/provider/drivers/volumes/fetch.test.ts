import assert from "node:assert/strict";
import type { VolumesContext } from "../../../../../provider/drivers/volumes/context";
import type { VolumesState } from "../../../../../provider/drivers/volumes/observe";
import { Promotion } from "../../../../../provider/drivers/volumes/promote";

const token = {
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

/** What a planned takeover announces of a volume whose mirror has brought these snapshots. */
function announced(...names: string[]): string[] {
    const path = "svm_west:archive01";
    const context = {
        settings: { site: "west", peer: "east", svm: "svm_west", fence: "none", junctionPaths: {}, timeouts: {} },
    } as unknown as VolumesContext;
    const snapshots = names.map((name) => ({ name, version_uuid: name.replace("final", "version") }));
    const volume = { name: "archive01", uuid: "uuid", type: "dp", state: "online", nas: {} };
    const into = { uuid: "uuid", destination: { path }, state: "snapmirrored" };
    const state = {
        volumes: [{ name: "archive01", path, volume, snapshots, into, outOf: [] }],
        access: { open: [], policies: [] },
    } as unknown as VolumesState;
    return new Promotion(context)
        .actions(token, state)
        .map(({ call, when }) => `${call}${when === undefined ? "" : ` (${when})`}`)
        .filter((call) => call.includes("/transfers"));
}

describe("the final snapshot of a volume that is handed over", () => {
    it("is fetched where it is missing, unless the mirror's schedule brings it first", () => {
        assert.deepEqual(announced("older"), [
            "POST /snapmirror/relationships/{svm_west:archive01}/transfers: final-1 (if it has not arrived by then)",
        ]);
    });

    it("is not fetched where it has arrived", () => {
        assert.deepEqual(announced("older", "final-1"), []);
    });
});
