import assert from "node:assert/strict";
import { parseInputs, type MirrorRoleInputs } from "../../../../provider/engine/inputs";
import { Outcomes } from "../../../../provider/engine/outcomes";
import { changeOfIdentity, changeOfNames } from "../../../../provider/handlers/identity";
import { MirrorRoleHandler } from "../../../../provider/handlers/mirrorRole";
import { ProviderProcess } from "../../../../provider/process/providerProcess";
import { render } from "../../../../provider/roles/messages/message";
import { emptyRecord, type Role } from "../../../../provider/roles/record";
import { goodInputs } from "../engine/goodInputs";

function inputs(change: Record<string, unknown>): MirrorRoleInputs {
    const parsed = parseInputs({ ...goodInputs(), ...change });
    assert.ok(parsed.ok);
    return parsed.inputs;
}

describe("what an application is", () => {
    it("cannot change: neither its namespaces nor what Trident Protect does not let change", () => {
        const roles = [{ groupVersionKind: { version: "v1", kind: "ClusterRole" } }];
        const change = (before: object, after: Record<string, unknown>) =>
            changeOfIdentity({ ...goodInputs(), ...before }, inputs(after))?.property;
        assert.equal(change({}, { namespaces: ["shop", "other"] }), "namespaces");
        assert.equal(change({}, { peerNamespaces: ["spare"] }), "peerNamespaces");
        assert.equal(change({}, { includedClusterScopedResources: roles }), "includedClusterScopedResources");
        assert.equal(
            change({ includedClusterScopedResources: roles }, { includedClusterScopedResources: roles }),
            undefined,
        );
        assert.equal(change({}, { transformations: [] }), undefined);
        const of = (matchLabels: Record<string, string>) => ({ labelSelector: { matchLabels } });
        assert.equal(change({}, of({ app: "shop" })), "labelSelector");
        assert.equal(change(of({ app: "shop" }), of({ app: "bank" })), "labelSelector");
        assert.equal(change(of({ app: "shop" }), {}), "labelSelector");
        assert.equal(change(of({ app: "shop", tier: "db" }), of({ tier: "db", app: "shop" })), undefined);
    });
});

describe("the names of an application's objects", () => {
    it("cannot change: neither the mirror's, nor a Schedule's, nor a vault's", () => {
        const changes = [
            [{}, { names: { mirror: "shop-to-west" } }, /^names\.mirror: was the default, is "shop-to-west"\. east/],
            [{ names: { daily: "a" } }, { names: { daily: "b" } }, /^names\.daily: was "a", is "b"/],
            [{}, { vaults: { east: "other", west: "vault-west" } }, /^vaults\.east: was "vault-east", is "other"/],
        ] as const;
        for (const [before, after, pattern] of changes) {
            assert.match(render(changeOfNames({ ...goodInputs(), ...before }, inputs(after)) ?? ""), pattern);
            assert.equal(changeOfNames({ ...goodInputs(), ...after }, inputs(after)), undefined);
        }
    });

    it("are set back, or changed out of the mirror, by the commands that the refusal has", () => {
        const told = (before: object, after: object) =>
            render(changeOfNames({ ...goodInputs(), ...before }, inputs({ path: "applications[0]", ...after })) ?? "");
        const renamed = told({}, { names: { mirror: "shop-to-west" } });
        const back = "pulumi config rm --path 'applications[0].names.mirror' --stack east";
        assert.ok(renamed.includes(`To set it back: ${back}.`), renamed);
        const both = (command: string) =>
            ["east", "west"].map((site) => `pulumi ${command} --stack ${site}`).join("; ");
        const unprotect = (value: boolean) => `config set --path 'applications[0].unprotect' ${value}`;
        const name = "config set --path 'applications[0].names.mirror' shop-to-west";
        const through = [
            `first: ${back}; ${both(unprotect(true))}; ${both("up")}, until \`next\` is empty at both;`,
            `then ${both(name)}; ${both(unprotect(false))}; ${both("up")}`,
        ].join(" ");
        assert.ok(renamed.endsWith(through), renamed);
        const vault = told({}, { vaults: { east: "other", west: "vault-west" } });
        assert.match(
            vault,
            /set it back: pulumi config set --path 'sites\.east\.vault\.name' vault-east --stack east\./,
        );
    });

    it("may change as long as the site has no role", async () => {
        const handler = new MirrorRoleHandler(new ProviderProcess({ log: () => undefined }), new Outcomes());
        const diff = (role: Role) => {
            const record = { ...emptyRecord("shop", "east", "west"), role, epoch: role === "none" ? 0 : 1, serial: 1 };
            const news = { ...goodInputs(), cluster: { kubeconfig: "no-such-kubeconfig" }, names: { mirror: "other" } };
            return handler.diff("shop@east", { ...goodInputs(), record }, news);
        };
        await assert.rejects(diff("standby"), /names\.mirror: was the default, is "other"/);
        assert.deepEqual(await diff("none"), { changes: true });
    });
});
