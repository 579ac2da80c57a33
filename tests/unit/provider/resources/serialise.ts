import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import ts from "typescript";

/** What Pulumi keeps of a dynamic resource's provider in the state. */
export interface Serialised {
    text: string;
    containsSecrets: boolean;
    urn: string;
}

/** Top folder of the project. */
export const root = path.resolve(__dirname, "../../../..");

/**
 * Makes a dynamic resource of a file of the product under Pulumi's mocks, and gives back the text of its provider.
 * The file is compiled as `npm run build` does and loaded by Node.js itself: a loader that compiles would have its own
 * text of the class serialised.
 */
export async function serialiseProvider(file: string, className: string, ...args: unknown[]): Promise<Serialised> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "thin-provider-"));
    try {
        const compiled = path.join(folder, "resource.js");
        await writeFile(compiled, await compile(file));
        await writeFile(path.join(folder, "package.json"), JSON.stringify({ name: "compiled", type: "commonjs" }));
        await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"));
        const load = createRequire(compiled);
        const pulumi = load("@pulumi/pulumi") as typeof import("@pulumi/pulumi");
        let text = "";
        await pulumi.runtime.setMocks({
            newResource: ({ inputs: given, name }) => {
                text = String((given as { __provider?: unknown }).__provider);
                return { id: name, state: given as object };
            },
            call: () => ({}),
        });
        const exported = load(compiled) as Record<
            string,
            new (name: string, ...args: unknown[]) => import("@pulumi/pulumi").Resource
        >;
        const resourceClass = exported[className];
        if (resourceClass === undefined) {
            throw new Error(`${file} exports no ${className}`);
        }
        const resource = new resourceClass("resource", ...args);
        const urn = await new Promise<string>((resolve) => resource.urn.apply(resolve));
        const output = (resource as unknown as { __provider: import("@pulumi/pulumi").Output<string> }).__provider;
        return { text: text.replaceAll(folder, "<folder>"), containsSecrets: await pulumi.isSecret(output), urn };
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function compile(file: string): Promise<string> {
    const { config } = ts.readConfigFile(path.join(root, "tsconfig.json"), (name) => ts.sys.readFile(name)) as {
        config: object;
    };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const source = await readFile(path.join(root, file), "utf8");
    const compilerOptions = { ...options, declaration: false, sourceMap: false };
    return ts.transpileModule(source, { compilerOptions, fileName: path.join(root, file) }).outputText;
}
