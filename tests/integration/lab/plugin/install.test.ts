import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { type PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { installKubernetesPlugin } from "../../../../lab/kubernetes-plugin/install";
import { pluginVersion } from "../../../../lab/kubernetes-plugin/version";
import { call } from "./client";

describe("Choice of the Kubernetes plugin", () => {
    let folder: string;
    let binFolder: string;
    let cache: string;
    let environment: NodeJS.ProcessEnv;

    before(async () => {
        cache = await mkdtemp(path.join(tmpdir(), "trident-dr-install-cache-"));
    });

    after(async () => rm(cache, { recursive: true, force: true }));

    beforeEach(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "trident-dr-install-"));
        binFolder = path.join(folder, "bin");
        environment = { PATH: "", HOME: folder };
    });

    afterEach(async () => rm(folder, { recursive: true, force: true }));

    it("takes the stand-in where there is no real plugin, and it serves in the version that programs expect", async () => {
        const plugin = await installKubernetesPlugin({ binFolder, cache, environment });
        assert.deepEqual(plugin, {
            kind: "standin",
            path: path.join(binFolder, "pulumi-resource-kubernetes"),
            version: pluginVersion,
        });
        const process = spawn(plugin.path, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "inherit"] });
        try {
            const [line] = (await once(process.stdout, "data")) as [Buffer];
            const client = new ResourceProviderClient(
                `127.0.0.1:${Number(line.toString())}`,
                grpc.credentials.createInsecure(),
            );
            const info = await call<PluginInfo>((done) => client.getPluginInfo(new Empty(), done));
            assert.equal(info.getVersion(), pluginVersion);
            client.close();
        } finally {
            process.kill();
            await once(process, "exit");
        }
    });

    it("takes the newest real plugin of Pulumi's folder", async () => {
        for (const version of ["4.9.0", "4.34.2", "4.32.0"]) {
            await fakePlugin(path.join(folder, "home", "plugins", `resource-kubernetes-v${version}`));
        }
        const plugin = await installKubernetesPlugin({
            binFolder,
            environment: { ...environment, PULUMI_HOME: path.join(folder, "home") },
        });
        assert.deepEqual([plugin.kind, plugin.version], ["real", "4.34.2"]);
    });

    it("prefers a real plugin on PATH, and takes an old stand-in out of its way", async () => {
        await installKubernetesPlugin({ binFolder, cache, environment });
        await fakePlugin(path.join(folder, "own"));
        const searchPath = [binFolder, path.join(folder, "own")].join(path.delimiter);
        const plugin = await installKubernetesPlugin({ binFolder, environment: { ...environment, PATH: searchPath } });
        assert.deepEqual(plugin, {
            kind: "real",
            path: path.join(folder, "own", "pulumi-resource-kubernetes"),
            version: "unknown",
        });
        await assert.rejects(
            installKubernetesPlugin({ binFolder, mode: "real", environment: { ...environment, PATH: binFolder } }),
        );
    });

    it("does not take another lab's stand-in for the real plugin", async () => {
        await installKubernetesPlugin({ binFolder: path.join(folder, "other"), cache, environment });
        const searchPath = path.join(folder, "other");
        await assert.rejects(
            installKubernetesPlugin({ binFolder, mode: "real", environment: { ...environment, PATH: searchPath } }),
            /Expected the real pulumi-resource-kubernetes .* found none/,
        );
    });

    it("takes the stand-in where it is asked for, whatever else there is", async () => {
        await fakePlugin(path.join(folder, "own"));
        const searchPath = path.join(folder, "own");
        const plugin = await installKubernetesPlugin({
            binFolder,
            cache,
            mode: "standin",
            environment: { ...environment, PATH: searchPath },
        });
        assert.equal(plugin.kind, "standin");
    });
});

async function fakePlugin(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "pulumi-resource-kubernetes"), "#!/bin/sh\n", { mode: 0o755 });
}
