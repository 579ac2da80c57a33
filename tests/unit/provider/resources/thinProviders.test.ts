import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { root, serialiseProvider, type Serialised } from "./serialise";

/** What a resource is made with, and what its provider is to be. */
const resources = [
    {
        file: "provider/resources/mirrorRole.ts",
        className: "MirrorRole",
        args: [{ application: "shop", site: "east", peerSite: "west", active: "east" }],
        type: "MirrorRole",
        methods: ["configure", "check", "diff", "create", "read", "update", "delete"],
    },
    {
        file: "provider/resources/mirroredObject.ts",
        className: "MirroredObject",
        args: ["Schedule", { namespace: "shop", name: "shop-daily", state: "present", spec: {} }],
        type: "Schedule",
        methods: ["diff", "create", "update"],
    },
    {
        file: "provider/resources/declaredObjects.ts",
        className: "DeclaredObjects",
        args: [{ site: "east", cluster: {}, objects: [] }],
        type: "DeclaredObjects",
        methods: ["check", "diff", "create", "update"],
    },
    {
        file: "provider/resources/configuredObjects.ts",
        className: "ConfiguredObjects",
        args: [{ site: "east", cluster: { fromConfig: true }, objects: [] }],
        type: "DeclaredObjects",
        methods: ["configure", "check", "diff", "create", "update"],
        handler: "declaredObjects",
    },
    {
        file: "provider/resources/mirrorOutcome.ts",
        className: "MirrorOutcome",
        args: [{ applications: ["shop"], roles: [] }],
        type: "MirrorOutcome",
        methods: ["check", "diff", "create", "update"],
    },
];

for (const { file, className, args, type, methods, handler = handlerOf(className) } of resources) {
    describe(`the thin provider of ${className}`, () => {
        let serialised: Serialised;

        before(async function () {
            this.timeout(60_000);
            serialised = await serialiseProvider(file, className, ...args);
        });

        it("has a type of its own, which states refer to", () => {
            assert.ok(serialised.urn.endsWith(`pulumi-nodejs:dynamic/trident-dr:${type}::resource`), serialised.urn);
        });

        it("is the text that states already hold: a change of it is a conscious act (UPDATE_GOLDEN=1)", async () => {
            const golden = path.join(__dirname, `${className}.golden.txt`);
            if (process.env.UPDATE_GOLDEN !== undefined) {
                await writeFile(golden, serialised.text);
            }
            assert.equal(serialised.text, await readFile(golden, "utf8"));
        });

        it("is small, refers to nothing but our own package, and holds no secret and no path", () => {
            const { text } = serialised;
            assert.ok(text.length < 4096, `${text.length} characters`);
            const loaded = [...text.matchAll(/(?:import|require)\(\s*(['"])(.*?)\1\s*\)/g)].map((match) => match[2]);
            assert.deepEqual([...new Set(loaded)], ["pulumi-trident-dr/provider"]);
            assert.equal(loaded.length, methods.length);
            assert.equal(serialised.containsSecrets, false);
            assert.ok(!text.includes(root) && !text.includes("<folder>"));
        });

        it("passes each method on to the handler of that name", () => {
            const called = [...serialised.text.matchAll(/pulumi-trident-dr\/provider"\)\)\.(\w+)\.(\w+)\(/g)];
            assert.deepEqual(
                called.map(([, object, method]) => `${object}.${method}`).sort(),
                methods.map((method) => `${handler}.${method}`).sort(),
            );
        });
    });
}

function handlerOf(className: string): string {
    return className.charAt(0).toLowerCase() + className.slice(1);
}
