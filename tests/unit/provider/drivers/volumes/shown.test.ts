import assert from "node:assert/strict";
import { spaceOf, unhealthyMirrors } from "../../../../../provider/drivers/volumes/arrayReport";
import { observedOf, type VolumesState } from "../../../../../provider/drivers/volumes/observe";
import type { VolumesSettings } from "../../../../../provider/drivers/volumes/settings";

const settings = { site: "west" } as VolumesSettings;

function stateOf(...mirrors: object[]): VolumesState {
    return {
        peerAnswers: true,
        access: { open: [] },
        volumes: mirrors.map((more, index) => ({
            name: `archive0${index + 1}`,
            path: `svm_west:archive0${index + 1}`,
            snapshots: [],
            outOf: [],
            into: { state: "snapmirrored", source: { path: "svm_east:a" }, unhealthy_reason: [], ...more },
        })),
    } as unknown as VolumesState;
}

const ended = (at: string, state = "success") => ({ transfer: { state, end_time: at } });

describe("what is shown of the mirrors into a group of volumes", () => {
    const lastTransfer = (...mirrors: object[]) => observedOf(stateOf(...mirrors), settings).mirror?.transferredAt;

    it("is the end of the last transfer of the volume that is furthest back", () => {
        const [first, second] = ["2026-11-22T03:00:00+01:00", "2026-11-22T02:30:00Z"];
        assert.equal(lastTransfer(ended(first), ended(second)), first);
    });

    it("is nothing where a volume's last transfer failed, or is not told", () => {
        const good = ended("2026-11-22T03:00:00Z");
        for (const other of [{}, ended("2026-11-22T03:00:00Z", "failed"), ended("yesterday")]) {
            assert.equal(lastTransfer(good, other), undefined);
        }
    });

    it("is how full each volume is whose array tells", () => {
        const { volumes } = stateOf({}, {});
        const [first, second] = volumes;
        const told = [{ ...first!, volume: { space: { used: 40, size: 100 } } }, second!] as typeof volumes;
        assert.deepEqual(spaceOf(told), [{ volume: "archive01", usedBytes: 40, sizeBytes: 100 }]);
    });

    it("is a fault where a mirror of a standby site is not healthy, which endangers nothing yet", () => {
        const { volumes } = stateOf({ healthy: true }, { healthy: false, unhealthy_reason: [{ message: "no route" }] });
        const [fault, ...more] = unhealthyMirrors({ role: "standby" }, volumes, settings);
        assert.match(String(fault?.what), /^the mirror into volume svm_west:archive02 is not healthy: no route; /);
        assert.deepEqual([fault?.endangers, more], [false, []]);
        assert.deepEqual(unhealthyMirrors({ role: "active" }, volumes, settings), []);
    });
});
