import assert from "node:assert/strict";
import { snapshotsIn } from "../../../../../provider/drivers/applications/archivedPoints";

const volume = "pvc-4994f34d-2ad3-46fb-a1dc-a5f0f45f0612";
const snapshot = "snapshot-f4bc25c2-43c1-4dca-9abd-786ae1554d06";

describe("the volume snapshots of an archive", () => {
    it("are those of Trident's handles, wherever they stand, each once", () => {
        const contents = JSON.stringify({
            items: [{ spec: { source: { snapshotHandle: `${volume}/${snapshot}` } } }],
            other: [{ status: { snapshotHandle: `${volume}/${snapshot}` } }],
        });
        assert.deepEqual(snapshotsIn(contents), [snapshot]);
        assert.deepEqual(snapshotsIn(JSON.stringify([{ handle: `${volume}/${snapshot}` }], undefined, 2)), [snapshot]);
    });

    it("are none in a text of another form", () => {
        assert.deepEqual(snapshotsIn(""), []);
        assert.deepEqual(snapshotsIn(`{"name": "${snapshot}"}`), []);
    });
});
