import pulumiPlugin from "@pulumi/eslint-plugin";
import importPlugin from "eslint-plugin-import";
import tseslint from "typescript-eslint";

/** Which way imports point: each folder may use those named with it, and nothing else of ours. */
const allowed = {
    "provider/support": [],
    "provider/clients": ["provider/support"],
    "provider/roles": ["provider/support"],
    "provider/process": ["provider/clients", "provider/support"],
    "provider/vaults": ["provider/clients", "provider/roles", "provider/support"],
    "provider/peering": ["provider/clients", "provider/roles", "provider/process", "provider/support"],
    "provider/drivers": ["provider/clients", "provider/vaults", "provider/roles", "provider/support"],
    "provider/engine": [
        "provider/drivers",
        "provider/clients",
        "provider/vaults",
        "provider/roles",
        "provider/process",
        "provider/support",
    ],
    "provider/handlers": [
        "provider/engine",
        "provider/peering",
        "provider/clients",
        "provider/roles",
        "provider/process",
        "provider/support",
    ],
    // Types alone: what runs is reached by the package's own name.
    "provider/resources": ["provider/engine", "provider/clients", "provider/roles"],
    components: ["provider/resources", "provider/drivers", "provider/roles", "provider/clients", "provider/support"],
    testing: ["components", "provider/roles"],
    cli: ["provider/engine", "provider/clients", "provider/roles", "provider/process", "provider/support"],
};
const inner = Object.keys(allowed);
/** Of the command, what is loaded for a takeover; what works on both sites reads the settings of a user's stacks. */
const withoutComponents = ["./cli/*.ts", "./cli/trace/**/*"];

const zones = inner.flatMap((target) =>
    [...inner, "lab", "tests", "examples", "bench"]
        .filter((from) => from !== target && !allowed[target].includes(from))
        .map((from) => ({
            target: target === "cli" && from === "components" ? withoutComponents : `./${target}`,
            from: `./${from}`,
            message: `${target} does not import ${from}: imports point downward, see docs/architecture.md`,
        })),
);
// Scenarios are no part of what stands in for others: they look at what the product has done.
const labZones = ["./provider", "./components"].map((from) => ({
    target: ["./lab/*.ts", "./lab/!(scenarios)/**/*"],
    from,
    message: "The lab stands for what others wrote: it knows nothing of the product",
}));
// It measures from outside: what is built, what the servers wrote down, what a trace says; and a client of an array.
const benchZones = [
    {
        target: "./bench",
        from: ["./components", "./testing", "./tests"],
        message: "The benchmark measures what is built, from outside",
    },
    { target: "./bench", from: "./provider", except: ["./clients"], message: "Of the provider, only its clients" },
    { target: "./bench", from: "./cli", except: ["./trace"], message: "Of the command, only its reading of traces" },
    { target: ["./lab", "./examples"], from: "./bench", message: "Nothing but its own tests imports the benchmark" },
];

/** What must not be imported below a place, whatever folder of ours that would be. */
function importBansOf(place) {
    const isBelow = (folder) => place === folder || place.startsWith(`${folder}/`);
    return [
        !isBelow("examples") && {
            group: ["**/lab/**", "**/tests/**", "**/examples/**", "**/bench/**"],
            message: "The product never imports the lab, tests, examples or the benchmark",
        },
        !isBelow("provider/clients/ontap") && {
            group: ["axios", "axios/*", "axios-*"],
            message: "Only provider/clients/ontap speaks HTTP by itself",
        },
        ((isBelow("cli") && !isBelow("cli/project")) || (isBelow("provider") && !isBelow("provider/resources"))) && {
            group: ["@pulumi/*"],
            message: "Only provider/resources, components and cli/project know Pulumi: a takeover works without it",
        },
    ].filter(Boolean);
}

/** Properties are not named here: many are those of somebody else's API. */
const naming = [
    { selector: ["variable", "function", "parameter"], format: ["camelCase"], leadingUnderscore: "allow" },
    // Named by whoever declares the property.
    { selector: ["variable", "parameter"], modifiers: ["destructured"], format: null },
    { selector: ["classProperty", "classMethod", "parameterProperty"], format: ["camelCase"] },
    { selector: "typeLike", format: ["PascalCase"] },
];

export default tseslint.config(
    { ignores: ["**/dist/**", "node_modules/**", ".lab*/**", "eslint.config.mjs"] },
    ...tseslint.configs.recommended,
    {
        files: ["**/*.ts"],
        ignores: ["examples/**"],
        plugins: { "@pulumi": pulumiPlugin, import: importPlugin },
        languageOptions: { parserOptions: { project: "./tsconfig.check.json" } },
        settings: {
            "import/parsers": { "@typescript-eslint/parser": [".ts"] },
            "import/resolver": { node: { extensions: [".ts", ".js"] } },
        },
        rules: {
            "@typescript-eslint/no-explicit-any": "error",
            "@typescript-eslint/no-floating-promises": "error",
            "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: false }],
            "@typescript-eslint/no-unused-vars": [
                "error",
                { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" },
            ],
            "import/no-cycle": ["error", { ignoreExternal: true }],
            "import/no-restricted-paths": ["error", { zones: [...zones, ...labZones, ...benchZones] }],
        },
    },
    {
        // Runs before anything is installed, or is loaded by mocha: plain CommonJS.
        files: ["**/*.cjs"],
        rules: { "@typescript-eslint/no-require-imports": "off" },
    },
    {
        files: ["components/**/*.ts", "provider/resources/**/*.ts"],
        rules: {
            "@pulumi/no-output-in-template-literal": "error",
            "@pulumi/no-output-instance-in-template-literal": "error",
        },
    },
    {
        // Whoever installs the package gets all that it imports.
        files: ["index.ts", "components/**/*.ts", "provider/**/*.ts", "testing/**/*.ts", "cli/**/*.ts"],
        // By its name the package finds itself from a stack's state.
        settings: { "import/core-modules": ["pulumi-trident-dr/provider"] },
        rules: {
            "import/no-extraneous-dependencies": ["error", { devDependencies: false, includeTypes: true }],
        },
    },
    // One block for each place, from the outer to the inner: a later one replaces an earlier one whole, so each has all.
    ...[
        "index.ts",
        "components",
        "testing",
        "cli",
        "cli/project",
        "provider",
        "provider/resources",
        "provider/clients/ontap",
        "examples",
    ].map((place) => ({
        files: [place.endsWith(".ts") ? place : `${place}/**/*.ts`],
        rules: { "no-restricted-imports": ["error", { patterns: importBansOf(place) }] },
    })),
    {
        files: ["**/*.ts"],
        rules: {
            curly: ["error", "all"],
            "@typescript-eslint/naming-convention": ["error", ...naming],
        },
    },
);
