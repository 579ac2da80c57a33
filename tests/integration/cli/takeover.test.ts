import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { takeOver } from "../../../cli/takeover";
import { grantRights } from "../../../lab/kubernetes/rights";
import { Cluster } from "../../../provider/clients/kubernetes/cluster";
import { kinds } from "../../../provider/clients/kubernetes/kinds";
import { TakeoverBundle } from "../../../provider/engine/takeoverBundle";
import { ProviderProcess } from "../../../provider/process/providerProcess";
import { noSeal } from "../../../provider/support/seal";
import { FakeSite, roleInputs } from "../../unit/cli/fakeSite";
import { active } from "../../unit/provider/roles/situations";
import { startControlPlane, type TestControlPlane, toolsMs } from "../lab/controllers/controlPlane";
import { eventually } from "../lab/controllers/until";

const place = { namespace: "trident-dr", name: "trident-dr-takeover-shop" };
const checkout = path.join(__dirname, "..", "..", "..");

describe("a takeover without Pulumi, at a real API server, with the rights that trident-dr-rbac prints", function () {
    this.timeout(toolsMs);
    let plane: TestControlPlane;
    let product: Cluster;

    before(async () => {
        plane = await startControlPlane({ controllers: false });
        const stackFile = path.join(plane.folder, "Pulumi.west.yaml");
        const sites = { east: { vault: {} }, west: { vault: {} } };
        const applications = [{ name: "shop", namespaces: ["shop"] }];
        await writeFile(
            stackFile,
            stringify({ config: { "a:site": "west", "a:sites": sites, "a:applications": applications } }),
        );
        await grantRights(plane.kubeconfig, stackFile);
        product = Cluster.connect("west", { kubeconfig: plane.productKubeconfig });
        // The API server learns of roles by a watch of its own.
        await eventually(async () => (await product.get(kinds.configMap, place).catch(() => false)) !== false);
    });
    after(() => plane?.stop());

    const bundle = () =>
        new TakeoverBundle(
            product,
            roleInputs({ peerRecord: { known: true, record: active("east", 1) } }),
            place.namespace,
            noSeal,
        );

    /** One `pulumi up`, as far as the bundle is concerned; the calls that it makes. */
    async function keep(): Promise<string[]> {
        const found = await bundle().look();
        assert.ok(!("unknown" in found), JSON.stringify(found));
        const actions = bundle().keep(found, "standby");
        for (const action of actions) {
            await action.run(() => undefined);
        }
        return actions.map(({ call }) => call);
    }

    it("finds no bundle before there is one, and ends with 1", async () => {
        const args = ["takeover", "shop", "--site", "west", "--kubeconfig", plane.productKubeconfig];
        const { code, stderr } = await command(args);
        assert.match(stderr, /^west: in the cluster of the current context of .* there is no ConfigMap trident-dr\//);
        assert.equal(code, 1);
    });

    it("writes the bundle once, reads it back, and removes it", async () => {
        assert.equal((await keep()).length, 1);
        assert.deepEqual(await keep(), []);
        for (const action of bundle().remove()) {
            await action.run(() => undefined);
        }
        assert.deepEqual(await bundle().look(), {});
    });

    it("takes over by what is in the cluster, and leaves the newer record there", async () => {
        const site = new FakeSite(noSeal, product);
        await site.setUp();
        const lines: string[] = [];
        const log = (line: string) => lines.push(line);
        const serves = await takeOver(
            { application: "shop", site: "west", kubeconfig: plane.productKubeconfig, takeover: 2, yes: true },
            { print: log, complain: log },
            {
                process: new ProviderProcess({ environment: {}, log }),
                connect: (name, reference) => Cluster.connect(name, reference),
                openSite: (run, inputs) => site.open(run, inputs),
            },
        );
        assert.equal(serves, true, lines.join("\n"));
        const record = await site.open(new ProviderProcess({ environment: {}, log }), roleInputs()).store.read();
        assert.deepEqual([record?.role, record?.epoch, record?.began], ["active", 2, "takeover"]);
    });
});

/** The command as a person starts it. */
function command(args: readonly string[]): Promise<{ code: number; stderr: string }> {
    const file = path.join(checkout, "cli", "command.ts");
    return new Promise((resolve) => {
        execFile(process.execPath, ["--import", "tsx", file, ...args], { cwd: checkout }, (error, _stdout, stderr) =>
            resolve({ code: typeof error?.code === "number" ? error.code : 0, stderr }),
        );
    });
}
