import assert from "node:assert/strict";
import { Command } from "commander";
import { addPairOptions, pairOptionsOf, type TypedPair, withSiteOptions } from "../../../../cli/project/options";

function typed(...args: string[]): TypedPair {
    const command = addPairOptions(new Command("status"))
        .exitOverride()
        .configureOutput({ writeErr: () => undefined });
    return command.parse(withSiteOptions(args), { from: "user" }).opts<TypedPair>();
}

describe("the options that name a project and its stacks", () => {
    it("name the stack of a site in either way", () => {
        for (const args of [
            ["--stack-east", "prod-1", "--stack-west=prod-2"],
            ["--stack", "east=prod-1", "--stack", "west=prod-2"],
        ]) {
            assert.deepEqual(pairOptionsOf(typed(...args)), {
                project: undefined,
                stacks: { east: "prod-1", west: "prod-2" },
                namespace: undefined,
            });
        }
    });

    it("name the cluster of a site in a status, which other commands know nothing of", () => {
        assert.deepEqual(withSiteOptions(["status", "--context-east", "a", "--kubeconfig-west=b", "shop"]), [
            "status",
            "--context",
            "east=a",
            "--kubeconfig",
            "west=b",
            "shop",
        ]);
        assert.deepEqual(withSiteOptions(["takeover", "--context-east", "a"]), ["takeover", "--context-east", "a"]);
    });

    it("leave everything else as it was typed", () => {
        assert.deepEqual(withSiteOptions(["switch", "shop", "--project", "--stack-x"]).slice(0, 3), [
            "switch",
            "shop",
            "--project",
        ]);
        assert.deepEqual(pairOptionsOf(typed("--project", "dr", "--namespace", "archive")), {
            project: "dr",
            stacks: undefined,
            namespace: "archive",
        });
    });

    it("refuse a stack without a site, and a site without a stack", () => {
        for (const args of [["--stack", "east"], ["--stack-east"], ["--stack", "=prod"]]) {
            assert.throws(() => typed(...args), /expected <site>=<stack>, such as east=prod-east/);
        }
    });
});
