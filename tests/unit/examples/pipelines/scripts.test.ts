import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { type Fake, Job } from "./job";

const hash = "0123456789abcdef".repeat(4);
const digest = `sha256:${hash}`;
const plan = JSON.stringify({ verb: "switch", digest });
const markdown = `### trident-dr: switch shop\n\nDigest: \`${digest}\`\n\n`;
/** Git in a repository one of whose stacks' files has changed: it lists them, adds them, and says that they differ. */
const changed: Fake = { stdout: "Pulumi.east.yaml\n", exits: [0, 0, 1] };
const planned: Fake = { writes: { "--out": plan, "--comment": markdown } };

const secrets = {
    PULUMI_CONFIG_PASSPHRASE: "hunter2-passphrase",
    GH_TOKEN: "hunter2-github",
    GITLAB_TOKEN: "hunter2-gitlab",
};
const github = { ...secrets, GITHUB_ACTIONS: "true", GITHUB_OUTPUT: "output", PULL_REQUEST: "7", BRANCH: "move-shop" };
const gitlab = {
    ...secrets,
    GITLAB_CI: "true",
    CI_API_V4_URL: "https://gitlab.example/api/v4",
    CI_PROJECT_ID: "12",
    CI_MERGE_REQUEST_IID: "7",
    CI_PROJECT_URL: "https://gitlab.example/dr/shop",
    BRANCH: "move-shop",
};

describe("the scripts of the pipelines", () => {
    let job: Job;

    function begin(fakes: Readonly<Record<string, Fake>>): void {
        job = new Job({ gh: {}, curl: {}, git: {}, pulumi: {}, npm: {}, ...fakes });
        job.write("trident-dr-request", "# why\nswitch shop --to west\n");
    }

    afterEach(() => job.remove());

    /** Nothing that is said, posted as text or seen in a list of processes has a secret in it. */
    function assertNothingSecret(output: string): void {
        const seen = [output, ...job.calls.flatMap(({ args }) => args)];
        seen.forEach((text) => assert.doesNotMatch(text, /hunter2/));
    }

    describe("install.sh", () => {
        it("installs what the lockfile pins", () => {
            begin({});
            assert.equal(job.run("sh ci/install.sh").code, 0);
            assert.deepEqual(
                job.calls.map(({ program, args }) => [program, args[0]]),
                [["npm", "ci"]],
            );
        });
    });

    describe("plan.sh", () => {
        it("plans what is asked for, and comments the plan with its digest and how to approve it", () => {
            begin({ "trident-dr": planned });
            const { code, output } = job.run("sh ci/plan.sh", github);
            assert.equal(code, 0, output);
            const [call] = job.callsOf("trident-dr");
            assert.deepEqual(call!.args, [
                ...["plan", "switch", "shop", "--to", "west", "--json", "--out", "plan.json", "--comment", "plan.md"],
            ]);
            assert.equal(call!.input, "", "nobody answers a command in a pipeline");
            assert.deepEqual(job.callsOf("gh")[0]!.args, ["pr", "comment", "7", "--body-file", "comment.md"]);
            const comment = job.read("comment.md");
            assert.ok(comment.startsWith(markdown));
            assert.match(
                comment,
                /To approve exactly this: start the workflow `trident-dr run` on the branch `move-shop`/,
            );
            assert.equal(job.read("output"), `name=trident-dr-plan-${hash}\n`);
            assert.equal(job.read("plan.json"), plan);
            assertNothingSecret(output + comment);
        });

        it("comments on a merge request of GitLab, with the token on no command line", () => {
            begin({ "trident-dr": planned });
            const { code, output } = job.run("sh ci/plan.sh", gitlab);
            assert.equal(code, 0, output);
            const [call] = job.callsOf("curl");
            assert.ok(call!.args.includes("body@comment.md"));
            assert.ok(call!.args.includes("--fail"));
            assert.equal(call!.args.at(-1), "https://gitlab.example/api/v4/projects/12/merge_requests/7/notes");
            assert.equal(call!.input, 'header = "PRIVATE-TOKEN: hunter2-gitlab"\n');
            assert.match(job.read("comment.md"), /start the job `run` of this pipeline with the variable `DIGEST`/);
            assert.deepEqual(job.callsOf("gh"), []);
            assertNothingSecret(output + job.read("comment.md"));
        });

        it("comments a refusal with its reason, leaves no plan, and ends as the command did", () => {
            for (const exit of [1, 2]) {
                begin({ "trident-dr": { exit, stderr: "shop: the sites have parted\n| a table |\n" } });
                job.write("plan.json", "of an earlier run");
                const { code, output } = job.run("sh ci/plan.sh", github);
                assert.equal(code, exit);
                assert.match(output, /the sites have parted/);
                assert.equal(
                    job.read("comment.md"),
                    [
                        "### trident-dr: refused, and nothing was changed\n",
                        "    switch shop --to west\n",
                        "    shop: the sites have parted",
                        "    | a table |\n",
                    ].join("\n"),
                );
                assert.equal(job.has("plan.json"), false);
                assert.equal(job.has("output"), false, "nothing that could be approved");
                if (exit === 1) {
                    job.remove();
                }
            }
        });

        it("takes nothing in a request for a command of the shell", () => {
            begin({ "trident-dr": planned });
            job.write("trident-dr-request", 'switch $(touch-it) `touch-it` ; touch-it * "$GH_TOKEN"\n');
            job.put("touch-it", {});
            const { output } = job.run("sh ci/plan.sh", github);
            assert.deepEqual(job.callsOf("touch-it"), []);
            assert.deepEqual(job.callsOf("trident-dr")[0]!.args.slice(1, 7), [
                ...["switch", "$(touch-it)", "`touch-it`", ";", "touch-it", "*"],
            ]);
            assertNothingSecret(output);
        });

        it("refuses an empty request, and fails where the comment cannot be posted", () => {
            begin({ "trident-dr": planned, gh: { exit: 1 } });
            assert.equal(job.run("sh ci/plan.sh", github).code, 1);
            job.write("trident-dr-request", "# nothing\n");
            const { code, output } = job.run("sh ci/plan.sh", github);
            assert.equal(code, 1);
            assert.match(output, /trident-dr-request is empty: write what is asked for into it/);
            assert.equal(job.callsOf("trident-dr").length, 1);
        });

        it("leaves out the calls where a comment would be longer than GitHub takes, and never the digest", () => {
            const calls = "shop at east: create ShutdownSnapshot\n".repeat(2000);
            const long = `### switch\n\n<details><summary>Calls</summary>\n\n${calls}\n</details>\n\nDigest: \`${digest}\`\n`;
            begin({ "trident-dr": { writes: { "--out": plan, "--comment": long } } });
            assert.equal(job.run("sh ci/plan.sh", github).code, 0);
            const comment = job.read("comment.md");
            assert.ok(comment.length < 1000, `${comment.length} characters`);
            assert.match(comment, new RegExp(`Digest: \`${digest}\`[^]*too many for a comment: they are in plan.md`));
            assert.ok(job.read("plan.md").includes(calls));
        });
    });

    describe("run.sh", () => {
        it("carries out the plan that was approved, and asks nobody", () => {
            begin({ "trident-dr": {} });
            job.write("plan.json", plan);
            const { code, output } = job.run("sh ci/run.sh", { ...gitlab, DIGEST: digest });
            assert.equal(code, 0, output);
            assert.deepEqual(job.callsOf("trident-dr"), [
                { program: "trident-dr", args: ["switch", "--plan", "plan.json", "--yes"], input: "" },
            ]);
            assertNothingSecret(output);
        });

        it("has GitHub's plan by its digest alone, and never one that lies there", () => {
            begin({ "trident-dr": {}, gh: { writes: { "plan.json": plan } } });
            job.write("plan.json", JSON.stringify({ verb: "failover", digest }));
            const { code, output } = job.run("sh ci/run.sh", { ...github, DIGEST: digest });
            assert.equal(code, 0, output);
            assert.deepEqual(job.callsOf("gh")[0]!.args, [
                ...["run", "download", "--name", `trident-dr-plan-${hash}`, "--dir", "."],
            ]);
            assert.equal(job.callsOf("trident-dr")[0]!.args[0], "switch");
            assertNothingSecret(output);

            job.put("gh", { exit: 1 });
            const gone = job.run("sh ci/run.sh", { ...github, DIGEST: digest });
            assert.equal(gone.code, 1);
            assert.match(
                gone.output,
                /no plan with this digest, or it has expired.*Nothing was changed at either site/,
            );
            assert.equal(job.callsOf("trident-dr").length, 1);
        });

        it("does nothing without a digest, or with one that is none", () => {
            begin({ "trident-dr": {} });
            job.write("plan.json", plan);
            for (const [typed, why] of [
                [undefined, /DIGEST is empty: approve a plan by the digest that its comment shows/],
                ["", /DIGEST is empty/],
                ["sha256:", /DIGEST is empty/],
                [hash, /DIGEST is no digest/],
                ["sha256:0123", /DIGEST is no digest/],
                [`${digest}0`, /DIGEST is no digest/],
                [`${digest}\n--dir=/`, /DIGEST is no digest/],
                [`sha256:${"../".repeat(21)}x`, /DIGEST is no digest/],
            ] as const) {
                for (const platform of [gitlab, github]) {
                    const { code, output } = job.run("sh ci/run.sh", {
                        ...platform,
                        ...(typed === undefined ? {} : { DIGEST: typed }),
                    });
                    assert.equal(code, 1, typed);
                    assert.match(output, why);
                    assert.match(output, /Nothing was changed at either site/);
                }
            }
            assert.deepEqual(job.calls, []);
        });

        it("does nothing where the plan is another one than was approved, or is missing", () => {
            begin({ "trident-dr": {} });
            const digestOfOther = `sha256:${"f".repeat(64)}`;
            job.write("plan.json", JSON.stringify({ verb: "failover", digest: digestOfOther }));
            const other = job.run("sh ci/run.sh", { ...gitlab, DIGEST: digest });
            assert.equal(other.code, 1);
            assert.match(other.output, new RegExp(`not the one that was approved: its digest is ${digestOfOther}`));
            execFileSync("rm", [path.join(job.folder, "plan.json")]);
            const missing = job.run("sh ci/run.sh", { ...gitlab, DIGEST: digest });
            assert.equal(missing.code, 1);
            assert.match(missing.output, /There is no plan\.json: have the merge request planned again/);
            assert.deepEqual(job.calls, []);
        });

        it("ends as the command did, and keeps what was set also where it failed", () => {
            begin({ "trident-dr": { exit: 1 }, git: changed });
            job.write("plan.json", plan);
            const { code } = job.run("sh ci/run.sh", { ...gitlab, DIGEST: digest });
            assert.equal(code, 1);
            assert.ok(job.callsOf("git").some(({ args }) => args.includes("push")));
        });
    });

    describe("keep.sh", () => {
        /** A clone of a repository whose stacks' files are in it. */
        function clone(): { git: (...args: string[]) => string } {
            begin({});
            execFileSync("rm", [path.join(job.bin, "git")]);
            const git = (...args: string[]) =>
                execFileSync("git", ["-c", "user.name=x", "-c", "user.email=x@x", ...args], {
                    cwd: job.folder,
                    encoding: "utf8",
                    stdio: "pipe",
                });
            git("init", "--quiet", "--bare", "origin.git");
            git("init", "--quiet", "--initial-branch", "move-shop");
            git("remote", "add", "origin", path.join(job.folder, "origin.git"));
            job.write("Pulumi.east.yaml", "config: { active: east }\n");
            git("add", "Pulumi.east.yaml");
            git("commit", "--quiet", "--message", "first");
            return { git };
        }

        it("brings to the branch what was set in a stack's file, and nothing else", () => {
            const { git } = clone();
            job.write("Pulumi.east.yaml", "config: { active: west }\n");
            job.write("Pulumi.test.yaml", "not of the repository\n");
            job.write("plan.json", plan);
            const { code, output } = job.run("sh ci/keep.sh 'trident-dr switch'", github);
            assert.equal(code, 0, output);
            const pushed = git("--git-dir", "origin.git", "show", "--name-only", "--format=%s", "move-shop");
            assert.equal(pushed, "trident-dr switch\n\nPulumi.east.yaml\n");
            assertNothingSecret(output);
        });

        it("does nothing where nothing was set, or where no stack's file is in the repository", () => {
            const { git } = clone();
            assert.equal(job.run("sh ci/keep.sh message", github).code, 0);
            assert.equal(git("--git-dir", "origin.git", "branch", "--list"), "");
            git("rm", "--quiet", "--cached", "Pulumi.east.yaml");
            git("commit", "--quiet", "--message", "none");
            const { code, output } = job.run("sh ci/keep.sh message", github);
            assert.equal(code, 0, output);
            assert.equal(git("--git-dir", "origin.git", "branch", "--list"), "");
        });

        it("says that the branch is behind where it cannot be pushed", () => {
            const { git } = clone();
            git("remote", "set-url", "origin", path.join(job.folder, "gone.git"));
            job.write("Pulumi.east.yaml", "config: { active: west }\n");
            const { code, output } = job.run("sh ci/keep.sh message", github);
            assert.equal(code, 1);
            assert.match(
                output,
                /What was set in the stacks' files is not on move-shop: set it there as the plan says/,
            );
        });

        it("pushes to GitLab with the token on no command line, and starts no pipeline by it", () => {
            begin({ git: changed });
            const { code, output } = job.run("sh ci/keep.sh message", gitlab);
            assert.equal(code, 0, output);
            const push = job.callsOf("git").at(-1)!.args;
            assert.deepEqual(push.slice(-6), [
                ...["push", "--quiet", "--push-option", "ci.skip"],
                ...["https://gitlab.example/dr/shop.git", "HEAD:refs/heads/move-shop"],
            ]);
            const helper = push.find((arg) => arg.startsWith("credential.helper=!"))!;
            const answered = job.run(helper.replace("credential.helper=!", ""), gitlab);
            assert.match(answered.output, /^password=hunter2-gitlab$/m);
            assertNothingSecret(output);
        });
    });

    describe("drift.sh", () => {
        it("previews each stack, also after one that has drifted, and names those", () => {
            begin({ pulumi: { exits: [1, 0, 255] } });
            const { code, output } = job.run("sh ci/drift.sh east west north", github);
            assert.equal(code, 1);
            assert.match(output, /not as declared, or not previewed: east north\./);
            assert.deepEqual(
                job.callsOf("pulumi").map(({ args, input }) => [...args, input]),
                ["east", "west", "north"].map((stack) => [
                    ...["preview", "--stack", stack, "--expect-no-changes", "--non-interactive", ""],
                ]),
            );
            assertNothingSecret(output);
        });

        it("ends with 0 where nothing has drifted, and looks at nothing where no stack is named", () => {
            begin({});
            assert.equal(job.run("sh ci/drift.sh east west", github).code, 0);
            const { code, output } = job.run("sh ci/drift.sh", github);
            assert.equal(code, 1);
            assert.match(output, /expected the names of stacks/);
            assert.equal(job.callsOf("pulumi").length, 2);
        });
    });

    describe("status.sh", () => {
        it("shows both sites, and ends as the status does", () => {
            for (const exit of [0, 1, 2, 3]) {
                begin({ "trident-dr": { exit, stdout: "3 items: 1 in danger\n", writes: { "--html": "<html>" } } });
                const { code, output } = job.run("sh ci/status.sh", { ...github, GITHUB_STEP_SUMMARY: "summary" });
                assert.equal(code, exit);
                assert.match(output, /^3 items: 1 in danger$/m);
                assert.equal(job.read("summary"), "```text\n3 items: 1 in danger\n```\n");
                assert.equal(job.read("status.html"), "<html>");
                assert.equal(job.callsOf("trident-dr")[0]!.input, "");
                assertNothingSecret(output);
                if (exit < 3) {
                    job.remove();
                }
            }
        });

        it("needs no summary", () => {
            begin({ "trident-dr": { stdout: "well\n" } });
            assert.deepEqual(job.run("sh ci/status.sh", gitlab), { code: 0, output: "well\n" });
        });
    });
});
