// node build.cjs: what is published, in dist. Each entry is one file with what it needs in it, since Pulumi starts a
// process for the program and one for its dynamic providers in each preview and each update, and a takeover waits for
// both to load. Plain JavaScript, since it builds what everything else needs.
const { build } = require("esbuild");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

/** What a program loads, with its white space: a user may have to read it, in a debugger or below an error. */
const ofPrograms = { index: "index.ts", "testing/index": "testing/index.ts" };
const ofProcesses = {
    "provider/handlers": "provider/index.ts",
    "components/permissions/command": "components/permissions/command.ts",
    "cli/command": "cli/command.ts",
};
const dist = path.join(__dirname, "dist");

// What a program has anyway, the package itself, whose name is in the state, and what few vaults or a trace need.
const external = ["@pulumi/*", "pulumi-trident-dr", "@azure/storage-blob", "@google-cloud/storage", "@opentelemetry/*"];

/** The client has a class for each kind of Kubernetes', of which none is used, and does not say that they can be left out. */
const withoutUnusedKinds = {
    name: "without unused kinds",
    setup({ onResolve, resolve }) {
        const resolving = Symbol("resolving");
        onResolve({ filter: /./ }, async ({ path: wanted, pluginData, importer, resolveDir, kind }) => {
            if (pluginData === resolving || !/@kubernetes.client-node/.test(`${importer} ${wanted}`)) {
                return undefined;
            }
            const found = await resolve(wanted, { importer, resolveDir, kind, pluginData: resolving });
            return /@kubernetes.client-node/.test(found.path) ? { ...found, sideEffects: false } : found;
        });
    },
};

async function main() {
    fs.rmSync(dist, { recursive: true, force: true });
    const compiler = require.resolve("typescript/bin/tsc");
    execFileSync(process.execPath, [compiler, "-p", "tsconfig.json", "--emitDeclarationOnly"], { stdio: "inherit" });
    const built = [await bundle(ofPrograms, false), await bundle(ofProcesses, true)];
    fs.writeFileSync(path.join(dist, "provider", "index.js"), namesOf(path.join(dist, "provider", "index.d.ts")));
    fs.writeFileSync(path.join(dist, "THIRD-PARTY-LICENSES.txt"), licensesOf(packagesIn(built)));
}

async function bundle(entryPoints, minifyWhitespace) {
    const { metafile } = await build({
        absWorkingDir: __dirname,
        entryPoints,
        outdir: dist,
        bundle: true,
        platform: "node",
        target: "node20",
        format: "cjs",
        legalComments: "none",
        minifyWhitespace,
        external,
        plugins: [withoutUnusedKinds],
        metafile: true,
        logLevel: "warning",
    });
    return metafile;
}

/**
 * A provider in an earlier state is `import("pulumi-trident-dr/provider")`, and for an import Node.js reads through a whole file to
 * find what it exports: half a second for all the libraries, and nothing for this.
 */
function namesOf(declarations) {
    const names = [...fs.readFileSync(declarations, "utf8").matchAll(/^export declare const (\w+)/gm)].map(
        ([, name]) => name,
    );
    return ['"use strict";', 'const handlers = require("./handlers.js");']
        .concat(names.map((name) => `exports.${name} = handlers.${name};`))
        .concat("")
        .join("\n");
}

/** Folders of the packages of which something is in what was built. */
function packagesIn(built) {
    const outputs = built.flatMap((metafile) => Object.values(metafile.outputs));
    const inputs = outputs.flatMap((output) =>
        Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    );
    const folders = inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
    return [...new Set(folders)].sort();
}

function licensesOf(folders) {
    return folders
        .map((folder) => {
            const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
            const file = fs.readdirSync(folder).find((one) => /^licen[cs]e(\.|$)/i.test(one));
            const text = file === undefined ? "" : fs.readFileSync(path.join(folder, file), "utf8").trim();
            return `${name} ${version} (${license})\n\n${text}\n`;
        })
        .join(`\n${"-".repeat(80)}\n\n`);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
