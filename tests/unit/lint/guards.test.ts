import assert from "node:assert/strict";
import path from "node:path";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import ts from "typescript";

const root = path.join(__dirname, "..", "..", "..");

/** A file that breaks one rule of this project. */
interface Planted {
    rule: string;
    what: string;
    file: string;
    text: string;
}

/** Those that need to know types: to read those of the whole project takes longer than all other unit tests. */
const typedRules = [
    "@typescript-eslint/no-floating-promises",
    "@typescript-eslint/no-misused-promises",
    "@pulumi/no-output-in-template-literal",
    "@pulumi/no-output-instance-in-template-literal",
];
const withoutTypes = {
    languageOptions: { parserOptions: { project: null } },
    rules: Object.fromEntries(typedRules.map((rule) => [rule, "off" as const])),
};

/** It follows every import, and cannot begin at a file that is not on the disk. */
const cycleRule = "import/no-cycle";
const withoutCycles = { rules: { [cycleRule]: "off" as const } };

const importOf = (module: string) => `import { thing } from "${module}";\nexport const copy = thing;\n`;
const restricted = (what: string, file: string, module: string) => ({
    rule: "no-restricted-imports",
    what,
    file,
    text: importOf(module),
});
const zone = (what: string, file: string, module: string) => ({
    rule: "import/no-restricted-paths",
    what,
    file,
    text: importOf(module),
});

const planted: Planted[] = [
    restricted("axios in a driver", "provider/drivers/planted.ts", "axios"),
    restricted("axios in another client", "provider/clients/s3/planted.ts", "axios"),
    restricted("axios in a resource", "provider/resources/planted.ts", "axios"),
    restricted("axios in a component", "components/planted.ts", "axios"),
    restricted("axios in an example", "examples/two-sites/planted.ts", "axios"),
    restricted("Pulumi in a driver", "provider/drivers/planted.ts", "@pulumi/pulumi"),
    restricted("Pulumi in the ONTAP client", "provider/clients/ontap/planted.ts", "@pulumi/pulumi"),
    restricted("Pulumi in the planner", "provider/roles/planted.ts", "@pulumi/pulumi"),
    restricted("Pulumi in the command", "cli/planted.ts", "@pulumi/pulumi"),
    restricted("Pulumi in a verb of the command", "cli/verbs/planted.ts", "@pulumi/pulumi/automation"),
    restricted("the lab in a driver", "provider/drivers/planted.ts", "../../lab/lab"),
    restricted("the lab in a resource", "provider/resources/planted.ts", "../../lab/lab"),
    restricted("the lab in the ONTAP client", "provider/clients/ontap/planted.ts", "../../../lab/lab"),
    restricted("the lab in a component", "components/planted.ts", "../lab/lab"),
    restricted("the lab in what the package exports", "index.ts", "./lab/lab"),
    restricted("a test in a component", "components/planted.ts", "../tests/mocha"),
    restricted("an example in the provider", "provider/engine/planted.ts", "../../examples/two-sites/index"),
    zone("an engine in the planner", "provider/roles/planted.ts", "../engine/inspect"),
    zone("a driver in a client", "provider/clients/ontap/planted.ts", "../../drivers/driver"),
    zone("the process in a driver", "provider/drivers/planted.ts", "../process/credentials"),
    zone("a client in what supports all", "provider/support/planted.ts", "../clients/ontap"),
    zone("a component in a resource", "provider/resources/planted.ts", "../../components/sitePair"),
    zone("a component in the command", "cli/planted.ts", "../components/sitePair"),
    zone("the command in the engine", "provider/engine/planted.ts", "../../cli/takeover"),
    zone("a handler in a component", "components/planted.ts", "../provider/handlers/peering"),
    zone("the product in the lab's top folder", "lab/planted.ts", "../provider/roles/epoch"),
    zone("the product below the lab", "lab/s3/planted.ts", "../../provider/roles/epoch"),
    zone("a component below the lab", "lab/s3/planted.ts", "../../components/sitePair"),
    restricted("the benchmark in the command", "cli/planted.ts", "../bench/rows"),
    zone("the benchmark in the lab", "lab/planted.ts", "../bench/rows"),
    zone("an engine in the benchmark", "bench/planted.ts", "../provider/engine/inspect"),
    zone("a command in the benchmark", "bench/planted.ts", "../cli/takeover"),
    {
        rule: cycleRule,
        what: "two files that import each other",
        // Imported by what it would import.
        file: "tests/mocha.ts",
        text: importOf("./run"),
    },
    {
        rule: "import/no-extraneous-dependencies",
        what: "a package that users do not get",
        file: "provider/engine/planted.ts",
        text: importOf("fast-check"),
    },
    {
        rule: "curly",
        what: "an if without braces",
        file: "components/planted.ts",
        text: "if (process.pid) process.exit();\n",
    },
    ...["export const TOO_LOUD = 1;", "export function SoItIs() {}", "export class quiet {}"].map((text) => ({
        rule: "@typescript-eslint/naming-convention",
        what: text,
        file: "components/planted.ts",
        text: `${text}\n`,
    })),
    {
        rule: "@typescript-eslint/no-explicit-any",
        what: "any",
        file: "provider/engine/planted.ts",
        text: "export const thing: any = 1;\n",
    },
    {
        rule: "@typescript-eslint/no-unused-vars",
        what: "a variable that nobody reads",
        file: "provider/engine/planted.ts",
        text: "const thing = 1;\nexport {};\n",
    },
    {
        rule: "@typescript-eslint/no-floating-promises",
        what: "a promise that nobody waits for",
        file: "provider/engine/floating.ts",
        text: "async function thing() {}\nthing();\n",
    },
    {
        rule: "@typescript-eslint/no-misused-promises",
        what: "a promise as a condition",
        file: "provider/engine/misused.ts",
        text: "async function thing() {}\nif (thing()) {\n    void thing();\n}\n",
    },
    ...["Output", "OutputInstance"].map((type) => ({
        rule: `@pulumi/no-output${type === "Output" ? "" : "-instance"}-in-template-literal`,
        what: `an ${type} in a template`,
        file: `components/${type}.ts`,
        text: `type ${type}<T> = { of: T } | undefined;\ndeclare const thing: ${type}<string>;\nexport const text = \`\${thing}\`;\n`,
    })),
].map((one, index) => ({ ...one, file: one.file.replace("planted", `planted${index}`) }));

/** Breaks none of them, in whichever folder it is. */
const clean = ["components", "provider/clients/ontap", "provider/resources", "provider/roles", "lab", "tests/unit"].map(
    (folder) => ({
        file: `${folder}/clean.ts`,
        text: "export const thing = 1;\n\nexport function twice(count: number): number {\n    return count * 2;\n}\n",
    }),
);

describe("the linter", function () {
    // How long it takes to load is not what is tested.
    this.timeout(0);
    const cycles = new ESLint({ cwd: root, overrideConfig: withoutTypes });
    const others = new ESLint({ cwd: root, overrideConfig: [withoutTypes, withoutCycles] });
    let typed: ESLint;

    async function lint({ file, text }: Pick<Planted, "file" | "text">, rule = "") {
        const eslint = typedRules.includes(rule) ? typed : rule === cycleRule ? cycles : others;
        return (await eslint.lintText(text, { filePath: absolute(file) })).flatMap(({ messages }) => messages);
    }

    before(() => {
        const files = planted.filter(({ rule }) => typedRules.includes(rule));
        const program = programOf(new Map(files.map(({ file, text }) => [absolute(file), text])));
        const parserOptions = { project: null, programs: [program] };
        typed = new ESLint({ cwd: root, overrideConfig: [{ languageOptions: { parserOptions } }, withoutCycles] });
    });

    for (const one of planted) {
        it(`rejects ${one.what} (${one.file})`, async () => {
            const rules = (await lint(one, one.rule)).map(({ ruleId }) => ruleId);
            assert.ok(rules.includes(one.rule), `found only: ${rules.join(", ") || "nothing"}`);
        });
    }

    it("has a file planted here for each rule that this project adds to those that are recommended", async () => {
        const recommended = tseslint.configs.recommended.flatMap(({ rules = {} }) => Object.keys(rules));
        const configs = planted.map(({ file }) => others.calculateConfigForFile(absolute(file)) as Promise<Config>);
        const rules = (await Promise.all(configs)).flatMap((config) => Object.keys(config.rules));
        const rejected = planted.map(({ rule }) => rule);
        assert.deepEqual(
            [...new Set(rules)].filter((rule) => !recommended.includes(rule) && !rejected.includes(rule)),
            [],
        );
    });

    for (const one of clean) {
        it(`has nothing to say of a clean file (${one.file})`, async () => assert.deepEqual(await lint(one), []));
    }
});

interface Config {
    rules: Record<string, unknown>;
}

function absolute(file: string): string {
    return path.join(root, file);
}

/** Knows the types of these texts alone. */
function programOf(texts: ReadonlyMap<string, string>): ts.Program {
    const options: ts.CompilerOptions = { noResolve: true, types: [], target: ts.ScriptTarget.ES2022, strict: true };
    const host = ts.createCompilerHost(options, true);
    const { getSourceFile } = host;
    host.getSourceFile = (file, version) => {
        const text = texts.get(file);
        return text === undefined ? getSourceFile(file, version) : ts.createSourceFile(file, text, version, true);
    };
    return ts.createProgram({ rootNames: [...texts.keys()], options, host });
}
