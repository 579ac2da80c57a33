import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { turnsOf } from "../../../bench/array/turns";
import { arrayPeers, durationsIn, operations } from "../../../bench/peers/arrayClients";
import { type Python, versionsIn } from "../../../lab/ansible/python";

const ended = (output: string, ok = true) => ({ ok, output, errors: "", started: new Date(0), seconds: 7 });

describe("the volumes that clients of an array change", () => {
    it("are the same for all where the peers have as many", () => {
        assert.deepEqual(turnsOf(200, 200), [{ volumes: 200, withPeers: true }]);
        assert.deepEqual(turnsOf(10, 60), [{ volumes: 10, withPeers: true }]);
    });

    it("are all of them for ours alone, and the fewer ones for ours and the peers", () => {
        assert.deepEqual(turnsOf(200, 20), [
            { volumes: 200, withPeers: false },
            { volumes: 20, withPeers: true },
        ]);
    });
});

describe("the clients of an array that others made", () => {
    const array = {
        ...{ url: "", username: "", password: "", certificateFile: "", certificate: "" },
        ...{ cluster: "", svm: "", aggregate: "", interclusterAddress: "" },
    };
    const task = { source: array, destination: array, volumes: ["one"] };

    it("are a program that prints what it took, and a playbook for each operation, which takes what it took", async () => {
        const asked: string[] = [];
        const python = {
            script: (file: string) => {
                asked.push(path.basename(file));
                return Promise.resolve(ended('a warning\n{"break": 1, "resync": 2.5, "reverse": 3}\n'));
            },
            playbook: (file: string) => {
                asked.push(path.basename(file));
                return Promise.resolve(ended(""));
            },
        } as unknown as Python;
        const taken = [];
        for (const peer of arrayPeers(python, "folder")) {
            taken.push([peer.goal.text, await peer.run(task, "file")]);
        }
        assert.deepEqual(taken, [
            ["≥ 3 times less", { break: 1, resync: 2.5, reverse: 3 }],
            ["≥ 10 times less", { break: 7, resync: 7, reverse: 7 }],
        ]);
        assert.deepEqual(asked, ["volumes.py", ...operations.map((one) => `snapmirror-${one}.yml`)]);
    });

    it("are not measured by what failed", () => {
        assert.throws(() => durationsIn(ended("no such volume", false)), /no such volume/);
    });

    it("wait as their users' playbooks do: with the module's own times", () => {
        for (const operation of operations) {
            const file = path.join(__dirname, `../../../bench/peers/ansible/snapmirror-${operation}.yml`);
            const text = readFileSync(file, "utf8");
            assert.ok(Array.isArray(parse(text)));
            assert.doesNotMatch(text, /time_out|async:|poll:|strategy:/);
        }
    });
});

describe("the versions of Ansible's collections", () => {
    it("are those that Ansible lists, whatever it says before", () => {
        const listed = JSON.stringify({
            "/a": { one: { version: "1.0.0" } },
            "/b": { "netapp.ontap": { version: "23.2.0" } },
        });
        assert.deepEqual(versionsIn(`[WARNING]: something\n${listed}\n`, ["netapp.ontap", "other"]), {
            "netapp.ontap": "23.2.0",
            other: "unknown",
        });
    });
});
