import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { AppVaults } from "../../../components/appVaults";
import { MirroredApplication } from "../../../components/mirroredApplication";
import { OntapBackend } from "../../../components/ontapBackend";
import { loadSettings } from "../../../components/settings/loadSettings";
import { SitePair } from "../../../components/sitePair";
import { MirrorRoleHandler } from "../../../provider/handlers/mirrorRole";
import { Outcomes } from "../../../provider/engine/outcomes";
import { ProviderProcess } from "../../../provider/process/providerProcess";
import { goodValues, rawConfiguration } from "./configuration";
import { declare, promiseOf, type Surroundings } from "./harness";

const secretKeys = ["ontapUsername", "ontapPassword", "tridentPassword", "peeringPassphrase", "vaultCredentials"];

/** The stack's configuration in a namespace. */
function configured(
    namespace: string,
    values: object = goodValues(),
): Required<Pick<Surroundings, "config" | "secretKeys">> {
    const config = Object.entries(rawConfiguration(values)).map(([key, value]) => [
        key.replace("trident-dr:", `${namespace}:`),
        value,
    ]);
    return {
        config: Object.fromEntries(config) as Record<string, string>,
        secretKeys: secretKeys.map((key) => `${namespace}:${key}`),
    };
}

/** README's program, with names of its components that begin with `prefix`. */
function program(options: { config?: pulumi.Config; prefix?: string; outputName?: string } = {}): SitePair {
    const { config, prefix = "", outputName } = options;
    const settings = loadSettings(config);
    const pair = new SitePair(`${prefix}pair`, {
        ...settings.pair,
        ...(outputName === undefined ? {} : { outputName }),
    });
    const backend = new OntapBackend(`${prefix}ontap`, { pair, ...settings.ontap });
    const vaults = new AppVaults(`${prefix}vaults`, { pair, sites: settings.vaults });
    for (const { name, ...application } of settings.applications) {
        new MirroredApplication(`${prefix}${name}`, { pair, backend, vaults, ...application, application: name });
    }
    return pair;
}

const own = { role: "active", epoch: 1, site: "east", peer: "west", activeSite: "east", history: [] };
const outputs: Surroundings["outputs"] = (type) => (type.endsWith("MirrorRole") ? { record: own } : { next: "" });

/** What a provider gets of a role's inputs; its cluster cannot be reached. */
function plain(inputs: Record<string, unknown>): Record<string, unknown> {
    return JSON.parse(JSON.stringify({ ...inputs, cluster: { kubeconfig: "no-such-kubeconfig" } })) as Record<
        string,
        unknown
    >;
}

describe("a program in a project with another name", () => {
    it("has its credentials in the project's own namespace, where it validates them", async () => {
        const surroundings = { project: "acme-dr", outputs, ...configured("acme-dr") };
        const { find } = await declare(() => program(), surroundings);
        assert.equal(find("ontap-peering").inputs.configNamespace, "acme-dr");
        const { inputs } = find("shop-role");
        assert.equal(inputs.configNamespace, "acme-dr");
        // The provider's process, configured by the engine with the same stack's configuration.
        const refused = async (configured: Record<string, string>) => {
            const process = new ProviderProcess({ log: () => undefined, environment: {} });
            process.configure({ config: { get: (key) => configured[key] } });
            const { failures } = await new MirrorRoleHandler(process, new Outcomes()).check({}, plain(inputs));
            return failures![0]!.reason;
        };
        const { config } = surroundings;
        assert.match(
            await refused({ ...config, "acme-dr:pairKey": "short" }),
            /^east: acme-dr:pairKey: expected at least/,
        );
        assert.match(await refused({ ...config, "trident-dr:pairKey": "short" }), /no-such-kubeconfig/);
    });

    it("tells commands for that namespace", async () => {
        const { answer } = await declare(() => program(), { project: "acme-dr", outputs, ...configured("acme-dr") });
        const [next] = await promiseOf(answer.next());
        assert.match(next!, /pulumi config set acme-dr:active east --stack west; pulumi up --stack west/);
    });

    it("is said nowhere in the project that every release has known, so that states stay as they are", async () => {
        const { find, answer } = await declare(() => program(), { outputs, ...configured("trident-dr") });
        for (const name of ["shop-role", "ontap-peering"]) {
            assert.equal(find(name).inputs.configNamespace, undefined);
        }
        assert.match((await promiseOf(answer.next()))[0]!, /pulumi config set active east --stack west/);
    });

    it("may keep its configuration in a namespace that is not the project's", async () => {
        const { find } = await declare(() => program({ config: new pulumi.Config("trident-dr") }), {
            project: "acme-dr",
            outputs,
            ...configured("trident-dr"),
        });
        assert.equal(find("shop-role").inputs.configNamespace, "trident-dr");
    });
});

describe("two pairs of one program", () => {
    it("have a namespace of the configuration, an output and a record of the peer each", async () => {
        const [one, other] = [configured("one"), configured("other")];
        const record = (epoch: number) => ({
            schema: 1,
            application: "shop",
            site: "west",
            peer: "east",
            role: "standby",
            epoch,
            began: "init",
            activeSite: "east",
            serial: 1,
            history: [],
        });
        const published = (epoch: number) => ({ site: "west", applications: { shop: { record: record(epoch) } } });
        const { find } = await declare(
            () => {
                program({ config: new pulumi.Config("one"), prefix: "one-" }).outputs();
                program({
                    config: new pulumi.Config("other"),
                    prefix: "other-",
                    outputName: "tridentDrOther",
                }).outputs();
            },
            {
                project: "acme-dr",
                outputs,
                config: { ...one.config, ...other.config },
                secretKeys: [...one.secretKeys, ...other.secretKeys],
                peerOutputs: { tridentDr: published(1), tridentDrOther: published(2) },
            },
        );
        const seen = ["one", "other"].map((name) => {
            const { configNamespace, peerRecord } = find(`${name}-shop-role`).inputs;
            const { record } = peerRecord as { record: string };
            return [configNamespace, (JSON.parse(record) as { epoch: number }).epoch];
        });
        assert.deepEqual(seen, [
            ["one", 1],
            ["other", 2],
        ]);
    });
});
