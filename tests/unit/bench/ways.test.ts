import assert from "node:assert/strict";
import type { PeerTool } from "../../../bench/bench";
import type { PeerApplications } from "../../../bench/peers/applications";
import { wayNames, waysOf } from "../../../bench/peers/ways";
import type { Python } from "../../../lab/ansible/python";
import type { Lab } from "../../../lab/lab";

describe("the ways in which others switch and rejoin", () => {
    const namesOf = (peers: readonly PeerTool[]) =>
        waysOf({} as Lab, { names: ["shop"] } as unknown as PeerApplications, {} as Python, {
            rule: "DTSTART:20260101T000000Z",
            peers,
        }).map(({ name }) => name);

    it("are those of the tools that are measured", () => {
        assert.deepEqual(namesOf(["kubectl", "ansible"]), [wayNames.kubectl, wayNames.ansible]);
        assert.deepEqual(namesOf(["ansible"]), [wayNames.ansible]);
    });

    it("are kubectl's with no tool, so that the applications of NetApp's role are led back", () => {
        assert.deepEqual(namesOf([]), [wayNames.kubectl]);
    });
});
