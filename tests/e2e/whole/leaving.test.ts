import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { installApplication } from "../../../lab/application";
import { Cluster } from "../../../lab/controllers";
import type { Lab, SiteName } from "../../../lab/lab";
import { ontapAdmin } from "../../../lab/array/admin";
import { prepareSeparateStacks, type Stack } from "../../../lab/pulumi";
import { entries, expectOk, residual, up } from "../../../lab/scenarios/scenarioSteps";
import { until } from "../../../lab/scenarios/until";
import { writesSince } from "../../../lab/scenarios/writes";
import { sharedLab } from "../sharedLab";

const name = "leaving";
const protect = "protect.trident.netapp.io/v1";
const kinds = {
    Application: { apiVersion: protect, kind: "Application" },
    Schedule: { apiVersion: protect, kind: "Schedule" },
    AppMirrorRelationship: { apiVersion: protect, kind: "AppMirrorRelationship" },
    TridentMirrorRelationship: { apiVersion: "trident.netapp.io/v1", kind: "TridentMirrorRelationship" },
};

describe("an application that leaves the mirror", function () {
    this.timeout(600_000);
    let lab: Lab;
    let stacks: Record<SiteName, Stack>;
    let volume: string;

    before(async () => {
        lab = await sharedLab();
        await installApplication(lab.sites.east, name);
        stacks = await prepareSeparateStacks(lab, name);
        for (const stack of Object.values(stacks)) {
            await stack.edit((config) => {
                config["trident-dr:applications"] = [{ name, namespaces: [name] }];
            });
        }
        await up(stacks.east);
        await up(stacks.west);
        await up(stacks.east);
        await keepsWriting();
        volume = written().at(-1)!.volume;
    });
    after(async () => {
        if (lab === undefined) {
            return;
        }
        for (const [site, { kubernetes }] of Object.entries(lab.sites)) {
            await stacks?.[site as SiteName].run(["destroy", "--yes", "--stack", site]);
            const admin = await Cluster.connect(kubernetes.adminKubeconfig);
            await admin.delete({ apiVersion: "v1", kind: "Namespace" }, { name }).catch(() => undefined);
        }
        await rm(stacks.east.project, { recursive: true, force: true });
    });

    const written = () => entries(lab).filter(({ application }) => application.startsWith(`${name}/`));

    /** The application writes at east, now. */
    async function keepsWriting(): Promise<void> {
        const before = written().length;
        await until(`writes of ${name}`, () => (written().length > before + 3 ? true : undefined));
        assert.equal(written().at(-1)!.site, "east");
    }

    /** What of a kind is in the application's namespace. */
    async function objects(site: SiteName, kind: keyof typeof kinds): Promise<string[]> {
        const admin = await Cluster.connect(lab.sites[site].kubernetes.adminKubeconfig);
        return (await admin.list(kinds[kind], { namespace: name })).map(({ metadata }) => metadata.name);
    }

    /** Volumes for which an array remembers that it is the source of mirrors. */
    async function sources(site: SiteName): Promise<string[]> {
        const admin = await ontapAdmin(lab.sites[site]);
        const { data } = await admin.get<{ records: { source: { path: string } }[] }>(
            "/api/snapmirror/relationships?list_destinations_only=true",
        );
        return data.records.map(({ source }) => source.path.split(":")[1]!);
    }

    async function unprotect(value: boolean): Promise<void> {
        for (const { site, must: run } of Object.values(stacks).map((stack) => ({
            site: stack.site,
            must: stack.must.bind(stack),
        }))) {
            await run(["config", "set", "--path", "applications[0].unprotect", String(value), "--stack", site]);
        }
    }

    it("is not removed with the stack of the site that serves: it says what to do first, and touches nothing", async () => {
        const refused = await stacks.east.run(["destroy", "--yes", "--stack", "east"]);
        assert.equal(refused.ok, false);
        assert.match(
            refused.output,
            /leaving at east is active in epoch 1, and is not removed as long as it is protected/,
        );
        assert.match(refused.output, /config set --path 'applications\[0\]\.unprotect' true --stack east/);
        assert.deepEqual(writesSince(lab.sites.east, refused.started), []);
        await keepsWriting();
        await up(stacks.east);
    });

    it("loses its mirror with the stack of the standby site, and serves on; the site that serves says so", async () => {
        expectOk(await stacks.west.run(["destroy", "--yes", "--stack", "west"]));
        assert.deepEqual(await objects("west", "AppMirrorRelationship"), []);
        assert.deepEqual(await objects("west", "TridentMirrorRelationship"), []);
        assert.deepEqual(await objects("west", "Application"), [name]);
        const { output } = await up(stacks.east);
        assert.match(output, /leaving at east: not protected: west holds no mirror of it/);
        const { next } = (await stacks.east.outputs()) as { next: string[] };
        assert.match(next.join(), /pulumi up --stack west: .*until then nothing is protected/);
        await keepsWriting();
    });

    it("is mirrored again into the copy that was left", async () => {
        await up(stacks.west);
        await up(stacks.east);
        await up(stacks.west);
        assert.deepEqual(await objects("west", "AppMirrorRelationship"), [name]);
        assert.equal(await residual(Object.values(stacks)), 0);
    });

    it("leaves nothing behind when it leaves at both sites, and serves on all the time", async () => {
        await unprotect(true);
        await up(stacks.east);
        const { next } = (await stacks.east.outputs()) as { next: string[] };
        assert.match(
            next.join("\n"),
            /unprotect' true --stack west; pulumi up --stack west: it takes .* out of the mirror, too$/,
        );
        assert.ok((await sources("east")).includes(volume));
        await up(stacks.west);
        await up(stacks.east);
        await up(stacks.west);
        assert.equal(await residual(Object.values(stacks)), 0);
        for (const site of ["east", "west"] as const) {
            assert.deepEqual(await objects(site, "Schedule"), []);
            assert.deepEqual(await objects(site, "AppMirrorRelationship"), []);
            assert.deepEqual(await objects(site, "TridentMirrorRelationship"), []);
            assert.deepEqual(((await stacks[site].outputs()) as { next: string[] }).next, []);
        }
        assert.ok(!(await sources("east")).includes(volume));
        await keepsWriting();
        assert.ok(written().every(({ site }) => site === "east"));
    });

    it("comes back with an epoch that was not there before", async () => {
        await unprotect(false);
        await up(stacks.east);
        await up(stacks.west);
        await up(stacks.east);
        const { tridentDr } = (await stacks.west.outputs()) as {
            tridentDr: { applications: Record<string, { record: { role: string; epoch: number } }> };
        };
        const { role, epoch } = tridentDr.applications[name]!.record;
        assert.deepEqual({ role, epoch }, { role: "standby", epoch: 2 });
        await unprotect(true);
        await up(stacks.east);
        await up(stacks.west);
        await up(stacks.east);
    });
});
