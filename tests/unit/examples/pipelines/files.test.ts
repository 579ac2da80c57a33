import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { verbs } from "../../../../cli/verbs/view";
import { pipelines } from "./job";

const scripts = readdirSync(path.join(pipelines, "ci"));
const workflowFolder = ".github/workflows";
const workflows = readdirSync(path.join(pipelines, workflowFolder)).map((name) => path.join(workflowFolder, name));

const read = (file: string) => readFileSync(path.join(pipelines, file), "utf8");

const workflow = z.object({
    permissions: z.record(z.string(), z.string()),
    jobs: z.record(
        z.string(),
        z.object({
            steps: z.array(
                z.object({
                    uses: z.string().optional(),
                    run: z.string().optional(),
                    env: z.record(z.string(), z.unknown()).optional(),
                }),
            ),
        }),
    ),
});

/** The keys of GitLab's reference that the jobs use; one that is misspelt is refused. */
const rule = z.strictObject({
    if: z.string(),
    changes: z.array(z.string()).optional(),
    when: z.enum(["manual"]).optional(),
});
const job = z.strictObject({
    stage: z.string(),
    rules: z.array(rule).min(1),
    needs: z.array(z.string()).optional(),
    environment: z.strictObject({ name: z.string() }).optional(),
    resource_group: z.string().optional(),
    interruptible: z.boolean().optional(),
    timeout: z.string().optional(),
    variables: z.record(z.string(), z.string()).optional(),
    script: z.array(z.string()).min(1),
    allow_failure: z.strictObject({ exit_codes: z.array(z.number()) }).optional(),
    artifacts: z
        .strictObject({ when: z.literal("always").optional(), paths: z.array(z.string()), expire_in: z.string() })
        .optional(),
});
const gitlabFile = z
    .object({
        stages: z.array(z.string()),
        default: z.strictObject({ image: z.string(), before_script: z.array(z.string()) }),
    })
    .catchall(job);

const jobsOf = (file: string) => Object.values(workflow.parse(parse(read(file))).jobs);
const stepsOf = (file: string) => jobsOf(file).flatMap(({ steps }) => steps);
const gitlab = gitlabFile.parse(parse(read(".gitlab-ci.yml")));
const { stages, default: everyJob, ...gitlabJobs } = gitlab;

describe("the pipelines to copy", () => {
    it("are workflows by GitHub's own parser", async () => {
        const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } =
            await import("@actions/workflow-parser");
        assert.equal(workflows.length, 3);
        for (const name of workflows) {
            const parsed = parseWorkflow({ name, content: read(name) }, new NoOperationTraceWriter());
            assert.deepEqual(
                parsed.context.errors.getErrors().map((error) => error.message),
                [],
                name,
            );
            const { errors } = await convertWorkflowTemplate(parsed.context, parsed.value!);
            assert.equal(errors, undefined, name);
        }
    });

    it("are jobs of GitLab in stages that there are, after jobs that there are", () => {
        for (const [name, { stage, needs = [] }] of Object.entries(gitlabJobs)) {
            assert.ok(stages.includes(stage), name);
            needs.forEach((needed) => assert.ok(needed in gitlabJobs, `${name} needs ${needed}`));
        }
    });

    it("run the scripts that are tested, and nothing else", () => {
        const lines = [
            ...workflows.flatMap(stepsOf).flatMap(({ run }) => (run === undefined ? [] : run.split("\n"))),
            ...everyJob.before_script,
            ...Object.values(gitlabJobs).flatMap(({ script }) => script),
        ];
        const called = lines.map((line) => /^sh ci\/(?<script>[a-z]+\.sh)(?: [a-z]+)*$/.exec(line)?.groups?.["script"]);
        assert.deepEqual(
            lines.filter((_, index) => !scripts.includes(called[index] ?? "")),
            [],
        );
        const tested = read("../../tests/unit/examples/pipelines/scripts.test.ts");
        assert.deepEqual(
            [...new Set(called)].filter((script) => !tested.includes(`describe("${script}"`)),
            [],
        );
        assert.deepEqual([...new Set(called)].sort(), ["drift.sh", "install.sh", "plan.sh", "run.sh", "status.sh"]);
    });

    it("pin each action by a commit", () => {
        const used = workflows.flatMap(stepsOf).flatMap(({ uses }) => uses ?? []);
        assert.ok(used.length > 0);
        assert.deepEqual(
            used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action)),
            [],
        );
        workflows.forEach((file) =>
            assert.doesNotMatch(read(file), /uses: (?!\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$).*$/m),
        );
    });

    it("give secrets to the step that needs them, and text of others to no shell", () => {
        for (const file of workflows) {
            for (const { uses, run, env } of stepsOf(file)) {
                assert.ok(uses === undefined || env === undefined, file);
                assert.doesNotMatch(run ?? "", /\$\{\{/, file);
                assert.ok(run !== "sh ci/install.sh" || env === undefined, file);
            }
        }
    });

    it("change something only where a person started them, in an environment that has reviewers, one at a time", () => {
        const run = workflows.filter((file) => stepsOf(file).some((step) => step.run === "sh ci/run.sh"));
        assert.deepEqual(run, [path.join(workflowFolder, "trident-dr-run.yml")]);
        const text = parse(read(run[0]!)) as Record<string, unknown>;
        assert.deepEqual(Object.keys(text["on"] as object), ["workflow_dispatch"]);
        assert.match(read(run[0]!), /environment: disaster-recovery[^]*/);
        assert.deepEqual(text["concurrency"], { group: "trident-dr", "cancel-in-progress": false });
        const job = Object.values(gitlabJobs).find(({ script }) => script.includes("sh ci/run.sh"))!;
        assert.deepEqual(
            [job.rules.map(({ when }) => when), job.environment?.name, job.resource_group, job.interruptible],
            [["manual"], "disaster-recovery", "trident-dr", false],
        );
    });

    it("have scripts that the shell can read, and that print no secret by tracing", () => {
        for (const script of scripts) {
            execFileSync("sh", ["-n", path.join(pipelines, "ci", script)]);
            assert.match(read(`ci/${script}`), /^#!\/bin\/sh\n# [^]*\nset -eu\n/);
            assert.doesNotMatch(read(`ci/${script}`), /set -\w*x|xtrace/);
        }
    });

    it("ask for a verb that there is", () => {
        const asked = read("trident-dr-request")
            .split("\n")
            .filter((line) => line !== "" && !line.startsWith("#"));
        assert.equal(asked.length, 1);
        assert.ok(verbs.some((verb) => asked[0]!.startsWith(`${verb} `)));
    });
});
