import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { hooksOf } from "../../../../components/hooks/hooks";
import { hooksProblems } from "../../../../components/hooks/problems";
import { recipes } from "../../../../components/hooks/recipes";
import { validate } from "../../../../components/settings/validate";
import { configurationOf, goodValues } from "../configuration";

const matchingCriteria = [{ type: "containerName" as const, value: "^db$" }];
const script = { name: "shop-warm-up", action: "Failover", stage: "Post", source: "#!/bin/sh\n" };

describe("hooks of an application", () => {
    it("of a recipe are those before and after a snapshot, with the same script", () => {
        const made = hooksOf([
            { recipe: "mysql", name: "db", user: "backup", lockLimit: 60, timeout: 5, matchingCriteria },
        ])!;
        assert.deepEqual(
            made.map(({ source: _, ...rest }) => rest),
            [
                { name: "db-pre-snapshot", stage: "Pre", arguments: ["pre", "backup", "60"] },
                { name: "db-post-snapshot", stage: "Post", arguments: ["post", "backup", "60"] },
            ].map((one) => ({ ...one, action: "Snapshot", timeout: 5, matchingCriteria })),
        );
        assert.ok(made.every(({ source }) => source === recipes.mysql.script));
    });

    it("of a recipe that has nothing to undo are those before a snapshot", () => {
        const [only, ...rest] = hooksOf([{ recipe: "postgresql", matchingCriteria }])!;
        assert.deepEqual([only!.name, only!.arguments, rest], ["postgresql-pre-snapshot", ["pre", "", "300"], []]);
    });

    it("that nobody speaks of are not the same as none", () => {
        assert.equal(hooksOf(undefined), undefined);
        assert.deepEqual(hooksOf([]), []);
    });

    const refused: [string, object[], string, RegExp][] = [
        [
            "a recipe in every container",
            [{ recipe: "mysql" }],
            "hooks[0].matchingCriteria",
            /the containers in which it can run/,
        ],
        [
            "a script of its own with a recipe",
            [{ recipe: "mysql", source: "#!/bin/sh", matchingCriteria }],
            "hooks[0].source",
            /the recipe has it/,
        ],
        [
            "a parameter that the recipe lacks",
            [{ recipe: "postgresql", lockLimit: 5, matchingCriteria }],
            "hooks[0].lockLimit",
            /no such key with the recipe postgresql/,
        ],
        ["a parameter of recipes with a script", [{ ...script, user: "x" }], "hooks[0].user", /only with a recipe/],
        ["no script", [{ ...script, source: undefined }], "hooks[0]", /either source or file/],
        ["two scripts", [{ ...script, file: "x" }], "hooks[0]", /either source or file/],
        ["no name", [{ ...script, name: undefined }], "hooks[0].name", /the name of a hook/],
        ["a hook before a failover", [{ ...script, stage: "Pre" }], "hooks[0].stage", /nothing runs before a failover/],
        ["one name twice", [script, script], "hooks[1].name", /a name of its own/],
        [
            "the name of a recipe's hook twice",
            [
                { recipe: "mysql", matchingCriteria },
                { ...script, name: "mysql-post-snapshot" },
            ],
            "hooks[1].name",
            /a name of its own/,
        ],
        ["a path in place of a script", [{ ...script, source: "./warm-up.sh" }], "hooks[0].source", /begins with #!/],
        [
            "a script that Trident Protect does not take",
            [{ ...script, source: `#!${"x".repeat(98_304)}` }],
            "hooks[0].source",
            /98304 bytes at most/,
        ],
        [
            "more than a takeover can go by",
            Array.from({ length: 6 }, (_, index) => ({
                ...script,
                name: `h${index}`,
                source: `#!${"x".repeat(90_000)}`,
            })),
            "hooks",
            /524288 characters at most/,
        ],
        [
            "a criterion of another type",
            [{ ...script, matchingCriteria: [{ type: "containername", value: "x" }] }],
            "hooks[0].matchingCriteria[0].type",
            /one of containerImage, /,
        ],
    ];
    for (const [what, hooks, key, expected] of refused) {
        it(`do not have ${what}`, () => {
            const problem = hooksProblems("hooks", hooks).find((one) => one.key === key);
            assert.match(problem?.expected ?? "nothing", expected);
        });
    }

    it("of a program that are good are accepted", () => {
        assert.deepEqual(hooksProblems("hooks", [script, { recipe: "mongodb", matchingCriteria }]), []);
        assert.deepEqual(hooksProblems("hooks", undefined), []);
    });

    it("may have their scripts in files, which are checked before anything is touched", async () => {
        const folder = await mkdtemp(path.join(tmpdir(), "hooks-"));
        const [good, bad] = ["good.sh", "bad.sh"].map((name) => path.join(folder, name)) as [string, string];
        await writeFile(good, "#!/bin/sh\n");
        await writeFile(bad, "echo\n");
        const problemsOf = (file: string) => {
            const values = goodValues();
            Object.assign(values.applications[0]!, { hooks: [{ ...script, source: undefined, file }] });
            return validate(configurationOf(values)).problems;
        };
        assert.deepEqual(problemsOf(good), []);
        const key = "trident-dr:applications[0].hooks[0].file";
        assert.deepEqual(
            problemsOf(bad).map((one) => [one.key, one.expected]),
            [[key, "the path of a script: a file that begins with #!"]],
        );
        assert.deepEqual(
            problemsOf(path.join(folder, "none")).map((one) => one.key),
            [key],
        );
        await rm(folder, { recursive: true });
    });
});
