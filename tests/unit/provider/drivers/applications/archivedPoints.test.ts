import assert from "node:assert/strict";
import { holdsArchive, pointsIn, snapshotsIn } from "../../../../../provider/drivers/applications/archivedPoints";

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

describe("the points that a mirror can be promoted at", () => {
    const uid = "8f14e45f-0000-4000-8000-000000000000";
    const older = `20261122025200_custom-252_${uid}`;
    const newer = `20261122025700_custom-257_${uid}`;
    const other = "snapshot-00000000-43c1-4dca-9abd-786ae1554d06";
    const contents = (...names: string[]) => JSON.stringify(names.map((name) => ({ handle: `${volume}/${name}` })));
    const foldersOf = async (archives: Record<string, string | undefined>, ...onArray: string[]) => {
        const store = {
            folders: () => Promise.resolve(Object.keys(archives)),
            get: (key: string) => Promise.resolve(archives[key.split("/").at(-2)!]),
        };
        return (await pointsIn(store, "shop/replicatedSnapshots/", new Set(onArray))).map(({ folder }) => folder);
    };

    it("are archives whose volume snapshots the array has, all of them, the newest first", async () => {
        const archives = { [older]: contents(snapshot), [newer]: contents(snapshot, other), elsewhere: "" };
        assert.deepEqual(await foldersOf(archives, snapshot, other), [newer, older]);
        assert.deepEqual(await foldersOf(archives, snapshot), [older]);
        assert.deepEqual(await foldersOf(archives), []);
    });

    it("include those that name no volume snapshot", async () => {
        assert.deepEqual(await foldersOf({ [older]: undefined, [newer]: "[]" }), [newer, older]);
    });
});

describe("what a token hands over", () => {
    const holding = (...folders: string[]) => ({
        folders: (prefix: string) => Promise.resolve(prefix === "dr/shop_uid/snapshots/" ? folders : []),
    });

    it("is in the vault or not, and nothing is known where the vault shows no archive at all", async () => {
        const path = "dr/shop_uid/snapshots/20261122025959_shop-final-1_abc";
        assert.equal(await holdsArchive(holding("older", "20261122025959_shop-final-1_abc"), path), true);
        assert.equal(await holdsArchive(holding("older"), path), false);
        assert.equal(await holdsArchive(holding(), path), undefined);
    });
});
