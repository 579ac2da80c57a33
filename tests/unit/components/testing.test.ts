import { strict as assert } from "node:assert";
import { InvalidInput, MirroredApplication, SitePair } from "../../../index";
import { declareAtBothSites, decideFor } from "../../../testing";
import { declareEast, declareVaults } from "./east";

describe("the module for users' own tests", () => {
    describe("declares at both sites", () => {
        it("what a program declares there, with what it returns", async () => {
            const { east, west } = await declareAtBothSites((site) => {
                const peer = site === "east" ? "west" : "east";
                const { pair, backend } = declareEast({}, { site, peer });
                const vaults = declareVaults(pair, {});
                new MirroredApplication("shop", { pair, backend, vaults, namespaces: ["shop"] });
                return pair.site;
            });
            const roleAt = (resources: typeof east.resources) => resources.find(({ name }) => name === "shop-role");
            assert.deepEqual([east.answer, west.answer], ["east", "west"]);
            assert.equal(roleAt(east.resources)?.type, "pulumi-nodejs:dynamic/trident-dr:MirrorRole");
            assert.equal(roleAt(east.resources)?.inputs.site, "east");
            assert.equal(roleAt(west.resources)?.inputs.peerSite, "east");
            assert.deepEqual(west.stacksRead, ["organization/trident-dr/east"]);
        });

        it("with a configuration each, and with what the other stack outputs", async () => {
            const { south } = await declareAtBothSites(
                (site) => new SitePair("pair", { site, peer: site === "north" ? "south" : "north", active: "north" }),
                {
                    sites: ["north", "south"],
                    outputsOf: (site) => (site === "north" ? new Error("connection refused") : {}),
                },
            );
            const record = await new Promise((resolve) => south.answer.peerRecordOf("shop").apply(resolve));
            assert.deepEqual(record, {
                known: false,
                why: "the outputs of stack organization/trident-dr/north cannot be read: connection refused",
            });
        });

        it("and fails with what the program fails with", async () => {
            await assert.rejects(
                declareAtBothSites((site) => new SitePair("pair", { site, peer: site, active: site })),
                InvalidInput,
            );
        });
    });

    describe("decides for a site", () => {
        it("what it would do, step by step", () => {
            const peer = { site: "east", role: "stood-down", epoch: 1 } as const;
            const change = decideFor({ site: "west", role: "standby", epoch: 1, active: "west", peer });
            assert.ok(!change.refused);
            assert.equal(change.verb, "take over with a token");
            assert.deepEqual(change.steps.slice(0, 4), ["mark", "claim", "allow-pods", "promote"]);
        });

        it("what it would refuse, and what to do about it", () => {
            const dark = {
                site: "west",
                role: "standby",
                active: "west",
                peer: { site: "east", role: "unknown" },
            } as const;
            const refusal = decideFor(dark);
            assert.ok(refusal.refused);
            assert.equal(refusal.code, "no-token");
            assert.match(refusal.remedies.join("\n"), /pulumi config set takeover 2 --stack west/);
            const change = decideFor({ ...dark, acknowledgements: { takeover: 2 } });
            assert.ok(!change.refused);
            assert.match(change.notes.join("\n"), /at most the writes of the last 60 s/);
        });

        it("by the age of replication, and by the snapshots that the sites have in common", () => {
            const serving = { site: "east", role: "active", active: "west" } as const;
            const codeOf = (change: ReturnType<typeof decideFor>) => (change.refused ? change.code : change.verb);
            const standby = { site: "west", role: "standby" } as const;
            assert.equal(codeOf(decideFor({ ...serving, peer: standby })), "stand down");
            assert.equal(codeOf(decideFor({ ...serving, peer: standby, unmanage: true })), "unmanage");
            const returning = { site: "east", role: "displaced", epoch: 2, active: "west" } as const;
            const peer = { site: "west", role: "active", epoch: 2 } as const;
            assert.equal(codeOf(decideFor({ ...returning, peer })), "rejoin");
            assert.equal(codeOf(decideFor({ ...returning, peer, commonSnapshots: false })), "full-copy");
            assert.equal(codeOf(decideFor({ ...returning, peer, stayedDown: false })), "ran-since");
        });
    });
});
