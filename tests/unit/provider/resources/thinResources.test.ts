import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import Module from "node:module";
import os from "node:os";
import path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { DeclaredObjectsHandler } from "../../../../provider/handlers/declaredObjects";
import { MirroredObjectHandler } from "../../../../provider/handlers/mirroredObject";
import { MirrorOutcomeHandler } from "../../../../provider/handlers/mirrorOutcome";
import { MirrorRoleHandler } from "../../../../provider/handlers/mirrorRole";
import { PeeringHandler } from "../../../../provider/handlers/peering";
import { DeclaredObjects } from "../../../../provider/resources/declaredObjects";
import { MirroredObject } from "../../../../provider/resources/mirroredObject";
import { MirrorOutcome } from "../../../../provider/resources/mirrorOutcome";
import { MirrorRole, type MirrorRoleArgs } from "../../../../provider/resources/mirrorRole";
import { OntapPeering } from "../../../../provider/resources/peering";
import { declare, promiseOf } from "../../components/harness";

/** What Pulumi may call of a dynamic resource's provider: what it does not have is done by Pulumi itself. */
const methodsOfPulumi = ["configure", "check", "diff", "create", "read", "update", "delete"] as const;

interface ThinResource {
    declares: () => pulumi.CustomResource;
    /** As states name it, after the module. */
    type: string;
    handler: string;
    handlerClass: { prototype: object };
    methods: readonly string[];
}

const resources: ThinResource[] = [
    {
        declares: () => new MirrorRole("it", { application: "shop", site: "east" } as unknown as MirrorRoleArgs),
        type: "MirrorRole",
        handler: "mirrorRole",
        handlerClass: MirrorRoleHandler,
        methods: methodsOfPulumi,
    },
    {
        declares: () =>
            new OntapPeering("it", {
                site: "east",
                peerSite: "west",
                endpoint: { url: "https://127.0.0.1" },
                svm: "svm_east",
                peer: { svm: "svm_west", interclusterAddresses: ["127.0.0.2"] },
            }),
        type: "OntapPeering",
        handler: "peering",
        handlerClass: PeeringHandler,
        methods: methodsOfPulumi,
    },
    {
        declares: () => new MirroredObject("it", "Schedule", { namespace: "shop", name: "daily" }),
        type: "Schedule",
        handler: "mirroredObject",
        handlerClass: MirroredObjectHandler,
        methods: ["diff", "create", "update"],
    },
    {
        declares: () => new DeclaredObjects("it", { site: "east", cluster: {}, objects: [] }),
        type: "DeclaredObjects",
        handler: "declaredObjects",
        handlerClass: DeclaredObjectsHandler,
        methods: ["configure", "check", "diff", "create", "update"],
    },
    {
        declares: () => new MirrorOutcome("it", { applications: ["shop"], roles: [] }),
        type: "MirrorOutcome",
        handler: "mirrorOutcome",
        handlerClass: MirrorOutcomeHandler,
        methods: ["check", "diff", "create", "update"],
    },
];

for (const { declares, type, handler, handlerClass, methods } of resources) {
    describe(`the provider of ${type}`, () => {
        it("is a text that names its handler, and no secret", async () => {
            const { answer } = await declare(declares);
            const text = `exports.handler = () => require("pulumi-trident-dr/provider").${handler};`;
            assert.equal(await textOf(answer), text);
            const urn = await promiseOf(answer.urn);
            assert.ok(urn.endsWith(`pulumi-nodejs:dynamic/trident-dr:${type}::it`), urn);
        });

        it("is that handler where Pulumi loads the text", async () => {
            const { answer } = await declare(declares);
            const text = await textOf(answer);
            await withPackage(async (load, calls) => {
                const provider = load(text);
                for (const method of methods) {
                    await provider[method]!("given");
                    assert.deepEqual(calls.pop(), [handler, method, ["given"]]);
                }
            });
        });

        it("has exactly the methods that it means Pulumi to call", () => {
            assert.deepEqual(
                methodsOfPulumi.filter((method) => method in handlerClass.prototype),
                methodsOfPulumi.filter((method) => methods.includes(method)),
            );
        });
    });
}

/** The files never change: what was in a state has to work, at least for a refresh and for what is destroyed. */
describe("the texts that earlier versions left in states", () => {
    it("still reach the handlers, each by the method of that name", async () => {
        const folder = path.join(__dirname, "textsInStates");
        const files = await readdir(folder);
        assert.equal(files.length, 6);
        for (const file of files) {
            const text = await readFile(path.join(folder, file), "utf8");
            await withPackage(async (load, calls) => {
                const provider = load(text);
                const called = methodsOfPulumi.filter((method) => provider[method] !== undefined);
                assert.ok(called.length >= 3, file);
                for (const method of called) {
                    await provider[method]!("given");
                    const [handler, reached] = calls.pop() as [string, string];
                    assert.equal(reached, method);
                    assert.ok(
                        resources.some((known) => known.handler === handler && known.methods.includes(method)),
                        `${file}: ${handler}.${method}`,
                    );
                }
            });
        }
    });
});

function textOf(resource: pulumi.CustomResource): Promise<string> {
    return promiseOf((resource as unknown as { __provider: pulumi.Output<string> }).__provider);
}

type Provider = Record<string, ((...given: unknown[]) => Promise<unknown>) | undefined>;

/** What Pulumi's dynamic provider does with a text, beside a package of this one's name that only notes who calls it. */
async function withPackage(use: (load: (text: string) => Provider, calls: unknown[]) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "thin-resources-"));
    const calls: unknown[] = [];
    const noted = globalThis as { noted?: unknown[] };
    noted.noted = calls;
    try {
        const standIn = path.join(folder, "node_modules", "pulumi-trident-dr");
        await mkdir(standIn, { recursive: true });
        await writeFile(path.join(standIn, "provider.js"), standInText);
        const exported = { name: "pulumi-trident-dr", exports: { "./provider": "./provider.js" } };
        await writeFile(path.join(standIn, "package.json"), JSON.stringify(exported));
        await use((text) => compiled(text, path.join(folder, "text.js")), calls);
    } finally {
        delete noted.noted;
        await rm(folder, { recursive: true, force: true });
    }
}

/** The names are written out, since an import finds only what a file says that it exports. */
const standInText = resources
    .map(({ handler, methods }) => {
        const noting = methods.map(
            (method) =>
                `${method}: async (...given) => globalThis.noted.push(["${handler}", "${method}", given.slice(0, 1)])`,
        );
        return `exports.${handler} = { ${noting.join(", ")} };`;
    })
    .join("\n");

/** As `requireFromString` of the SDK: a module of its own. */
function compiled(text: string, file: string): Provider {
    const loaded = new Module(file) as Module & { _compile(text: string, file: string): void };
    loaded.filename = file;
    loaded.paths = (Module as unknown as { _nodeModulePaths(folder: string): string[] })._nodeModulePaths(
        path.dirname(file),
    );
    loaded._compile(text, file);
    return (loaded.exports as { handler: () => Provider }).handler();
}
