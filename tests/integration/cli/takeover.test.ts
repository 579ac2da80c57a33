import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { bundledItems } from "../../../cli/bundledItems";
import { takeOver } from "../../../cli/takeover";
import { Cluster } from "../../../provider/clients/kubernetes/cluster";
import { TakeoverBundle } from "../../../provider/engine/takeoverBundle";
import { ProviderProcess } from "../../../provider/process/providerProcess";
import { noSeal } from "../../../provider/support/seal";
import { FakeSite, roleInputs } from "../../unit/cli/fakeSite";
import { active } from "../../unit/provider/roles/situations";
import { grantedClient } from "../provider/engine/grantedClient";
import { startControlPlane, type TestControlPlane, toolsMs } from "../lab/controllers/controlPlane";

const place = { namespace: "trident-dr", name: "trident-dr-takeover-shop" };
const checkout = path.join(__dirname, "..", "..", "..");

describe("a takeover without Pulumi, at a real API server, with the rights that trident-dr-rbac prints", function () {
    this.timeout(toolsMs);
    let plane: TestControlPlane;
    let product: Cluster;

    before(async () => {
        plane = await startControlPlane({ controllers: false });
        product = await grantedClient(plane, "west", [place]);
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

    it("finds all that can be taken over, as an account that may list them", async () => {
        const admin = Cluster.connect("west", { kubeconfig: plane.kubeconfig });
        const place = { site: "west", cluster: {} };
        await assert.rejects(bundledItems(product, place), /this account may not list the ConfigMaps in trident-dr, /);
        await assert.rejects(
            bundledItems(admin, place),
            /nothing in trident-dr, trident-protect, trident-dr-west is of/,
        );
        await keep();
        assert.deepEqual((await bundledItems(admin, place)).items, ["shop"]);
    });

    it("takes over by what is in the cluster, and leaves the newer record there", async () => {
        const site = new FakeSite(noSeal, product);
        await site.setUp();
        const lines: string[] = [];
        const log = (line: string) => lines.push(line);
        const serves = await takeOver(
            {
                applications: ["shop"],
                all: false,
                site: "west",
                kubeconfig: plane.productKubeconfig,
                takeover: 2,
                yes: true,
            },
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
