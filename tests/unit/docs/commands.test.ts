import assert from "node:assert/strict";
import { settingsSchema } from "../../../components/settings/schema";
import { refusalCodes } from "../../../provider/roles/planner/decision";
import { commandsIn, documents, filesBelow, textOf } from "./documents";

const packages = ["package.json", ...filesBelow("lab", /^package\.json$/), "examples/two-sites/package.json"].map(
    (file) => JSON.parse(textOf(file)) as { scripts?: Record<string, string>; bin?: Record<string, string> },
);
const commands = documents.flatMap(commandsIn);

/** Commands that begin so, with what comes after it. */
function calls(pattern: RegExp): { at: string; rest: string }[] {
    return commands.flatMap(({ at, command }) => {
        const match = pattern.exec(command);
        return match === null ? [] : [{ at, rest: match[1] ?? "" }];
    });
}

describe("commands in documents", () => {
    it("of npm are scripts of a package", () => {
        const known = new Set(packages.flatMap(({ scripts = {} }) => Object.keys(scripts)));
        const unknown = calls(/^npm run ([\w:-]+)/).filter(({ rest }) => !known.has(rest));
        assert.deepEqual(unknown, []);
    });

    it("of npx are programs of the package, or of its dependencies", () => {
        const known = new Set([...packages.flatMap(({ bin = {} }) => Object.keys(bin)), "mocha"]);
        assert.deepEqual(
            calls(/^npx ([\w-]+)/).filter(({ rest }) => !known.has(rest)),
            [],
        );
    });

    it("name scenarios that there are, and CONTRIBUTING names each of them", () => {
        const [, map = ""] = /const scenarios[^{]*\{\n([\s\S]*?)\n\};/.exec(textOf("lab/scenario.ts")) ?? [];
        const known = [...map.matchAll(/^ {4}"?([a-z-]+)"?[:,]/gm)].map(([, name]) => name!);
        assert.ok(known.length >= 20 && known.includes("dies-in-switch"), known.join(", "));
        const named = calls(/^npm run scenario -- ([a-z-]+)/);
        assert.deepEqual(
            named.filter(({ rest }) => !known.includes(rest)),
            [],
        );
        const table = textOf("CONTRIBUTING.md")
            .split("\n")
            .filter((line) => line.startsWith("|"));
        const listed = table.flatMap((line) =>
            [...line.split("|")[1]!.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
        );
        assert.deepEqual(
            known.filter((name) => !listed.includes(name)),
            [],
        );
    });

    it("name subcommands of the lab that there are", () => {
        const known = [...textOf("lab/cli.ts").matchAll(/\.command\("([a-z]+)/g)].map(([, name]) => name!);
        assert.deepEqual(
            calls(/^npm run lab -- ([a-z]+)/).filter(({ rest }) => !known.includes(rest)),
            [],
        );
    });

    it("set keys of the configuration that there are", () => {
        const set = calls(/^pulumi config (?:set|rm) (?:--secret |--path )*'?(?:[a-z-]+:)?([\w.[\]]+)/).filter(
            ({ rest }) => rest !== "",
        );
        assert.ok(set.length > 20, `${set.length} keys`);
        assert.deepEqual(
            set.filter(({ rest }) => !isKey(rest)),
            [],
        );
    });

    it("of pulumi say at which site, wherever they are to be copied from a runbook", () => {
        const copied = commands.filter(
            ({ at, command, isInBlock }) =>
                isInBlock &&
                at.startsWith("docs/runbooks/") &&
                /^pulumi (up|preview|refresh|cancel|config (set|rm)|stack output)\b/.test(command),
        );
        assert.ok(copied.length > 50, `${copied.length} commands`);
        assert.deepEqual(
            copied.filter(({ command }) => !/ --stack (east|west)\b/.test(command)),
            [],
        );
    });
});

describe("refusals in documents", () => {
    const architecture = textOf("docs/architecture.md");

    it("are all of those that there are, each with its meaning", () => {
        const [, table = ""] = /\n## Refusals\n([\s\S]*?)\n## /.exec(architecture) ?? [];
        const rows = [...table.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, code]) => code!);
        assert.deepEqual([...rows].sort(), [...refusalCodes].sort());
    });

    it("of runbooks are among them", () => {
        const known: readonly string[] = refusalCodes;
        const steps = new Set(
            [...textOf("provider/roles/steps.ts").matchAll(/do: "([a-z-]+)"/g)].map(([, name]) => name!),
        );
        const named = documents
            .filter(({ file }) => file.startsWith("docs/runbooks/"))
            .flatMap(({ file, lines }) =>
                lines.flatMap((line) =>
                    [...line.matchAll(/(?:refused|refusal|found) \(`([a-z]+(?:-[a-z]+)+)`/g)].map(([, code]) => ({
                        file,
                        code: code!,
                    })),
                ),
            )
            .filter(({ code }) => !steps.has(code));
        assert.ok(named.length > 0);
        assert.deepEqual(
            named.filter(({ code }) => !known.includes(code)),
            [],
        );
    });
});

/** `takeover`, `applications[0].unprotect` or `vaultCredentials.east.accessKeyID`. */
function isKey(key: string): boolean {
    const [root = "", ...rest] = key.split(/[.[\]]+/).filter((part) => part !== "");
    const { shape } = settingsSchema;
    if (!(root in shape)) {
        return false;
    }
    const item = { applications: shape.applications.element, volumes: shape.volumes.unwrap().unwrap().element }[root];
    return item === undefined || rest.slice(1).every((name) => name in item.shape);
}
