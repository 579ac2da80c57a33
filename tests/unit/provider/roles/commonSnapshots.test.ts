import assert from "node:assert/strict";
import type { HeldVolume } from "../../../../provider/roles/record";
import { commonSnapshotsOf } from "../../../../provider/roles/commonSnapshots";

describe("the snapshots that a volume has in common with the other site", () => {
    const held = (volume: string, ...versions: string[]): HeldVolume => ({
        volume,
        snapshots: versions.map((versionUuid, index) => ({
            name: `snapshot-${versionUuid}`,
            versionUuid,
            takenAt: `2026-11-22T0${index}:00:00Z`,
        })),
    });
    const common = (here: HeldVolume[], there: HeldVolume[]) =>
        commonSnapshotsOf(here, there).map((one) => `${one.volume}: ${one.common?.name ?? "full"}`);

    it("begins at the newest snapshot whose content both sites hold, whatever its name there", () => {
        const there = [{ volume: "shop/data", snapshots: [{ ...held("", "b").snapshots[0]!, name: "another name" }] }];
        assert.deepEqual(common([held("shop/data", "a", "b", "c")], there), ["shop/data: snapshot-b"]);
        assert.deepEqual(common([held("shop/data", "a", "b")], [held("shop/data", "b", "a")]), [
            "shop/data: snapshot-b",
        ]);
    });

    it("is told beside the class of a claim that a mirror would change", () => {
        const otherClass = { has: "gold", gets: "trident-dr" };
        const both = [held("shop/data", "a"), held("shop/logs", "a")];
        const told = commonSnapshotsOf(both, both, new Map([["shop/logs", otherClass]]));
        assert.deepEqual(
            told.map((one) => one.otherClass),
            [undefined, otherClass],
        );
    });

    it("is a full copy without one, for each volume by itself", () => {
        assert.deepEqual(
            common(
                [held("shop/data", "a"), held("shop/logs", "a"), held("shop/new", "x")],
                [held("shop/data", "a"), held("shop/logs", "b")],
            ),
            ["shop/data: snapshot-a", "shop/logs: full", "shop/new: full"],
        );
    });
});
