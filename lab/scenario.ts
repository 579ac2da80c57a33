import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { bringUp, type Lab } from "./lab";
import { separateProject } from "./pulumi";
import { adopt } from "./scenarios/adopt";
import { changeOfMind } from "./scenarios/changeOfMind";
import { circle } from "./scenarios/circle";
import { diesInSwitch } from "./scenarios/diesInSwitch";
import { failback } from "./scenarios/failback";
import { failover } from "./scenarios/failover";
import { forged } from "./scenarios/forged";
import { declaredHooks } from "./scenarios/hooks";
import { kill } from "./scenarios/kill";
import { verbs } from "./scenarios/kill/verbs";
import { longCopy } from "./scenarios/longCopy";
import { many } from "./scenarios/many";
import { olderPoint } from "./scenarios/olderPoint";
import { oneCommand } from "./scenarios/oneCommand";
import { oneCluster } from "./scenarios/oneCluster";
import { promotedByHand } from "./scenarios/promotedByHand";
import { operatorPods } from "./scenarios/operatorPods";
import { rejoin } from "./scenarios/rejoin";
import { resync } from "./scenarios/resync";
import type { Log } from "./scenarios/scenarioSteps";
import { selfHealing } from "./scenarios/selfHealing";
import { switchOver } from "./scenarios/switch";
import { takeoverCommand } from "./scenarios/takeoverCommand";
import { twoInNamespace } from "./scenarios/twoInNamespace";
import { unguardedBuckets } from "./scenarios/unguardedBuckets";
import { threeHundred } from "./scenarios/threeHundred";
import { mirroredVolumes } from "./scenarios/volumes";
import { weakCluster } from "./scenarios/weakCluster";

interface ScenarioOptions {
    report: string;
    laps: number;
    verb: string;
    points?: number;
    volumes: number;
    applications: number;
    roles?: string;
}

type Scenario = (
    lab: Lab,
    project: string,
    log: Log,
    options: ScenarioOptions,
) => Promise<{ report: { ok: boolean }; faults: string[] }>;

const scenarios: Readonly<Record<string, Scenario>> = {
    adopt: (lab, project, log, { roles }) => adopt(lab, project, log, roles),
    failover,
    switch: switchOver,
    rejoin,
    resync,
    "promoted-by-hand": promotedByHand,
    "older-point": olderPoint,
    "one-cluster": oneCluster,
    failback,
    "change-of-mind": changeOfMind,
    circle: (lab, project, log, { laps }) => circle(lab, project, log, laps),
    "dies-in-switch": (lab, project, log, { points }) => diesInSwitch(lab, project, log, points),
    forged,
    hooks: declaredHooks,
    kill,
    "long-copy": longCopy,
    "one-command": oneCommand,
    "operator-pods": operatorPods,
    "self-healing": selfHealing,
    "takeover-command": takeoverCommand,
    "weak-cluster": weakCluster,
    many: (lab, project, log, { applications }) => many(lab, project, log, applications),
    "two-in-namespace": twoInNamespace,
    "unguarded-buckets": unguardedBuckets,
    "three-hundred": (lab, project, log) => threeHundred(lab, project, log),
    volumes: (lab, project, log, { volumes }) => mirroredVolumes(lab, project, log, volumes),
};

const program = new Command("npm run scenario --")
    .description("One scenario on a lab of its own, with a JSON report")
    .argument("<name>", `one of ${Object.keys(scenarios).join(", ")}`)
    .requiredOption("--report <file>", "where the report goes")
    .option("--laps <n>", "how often circle goes round", wholeNumber, 2)
    .option("--verb <verb>", `whose runs kill kills: ${Object.keys(verbs).join(", ")}`, "switch")
    .option(
        "--points <n>",
        "at how many points kill kills, or a site dies in dies-in-switch, spread over all runs, writes first; default: at every one",
        wholeNumber,
    )
    .option("--applications <n>", "how many applications many switches", wholeNumber, 3)
    .option(
        "--roles <folder>",
        "a checkout of NetApp/netapp.trident_protect, whose roles mirror a further application for adopt",
        absolutePath,
    )
    .option("--volumes <n>", "how many volumes are mirrored as one", wholeNumber, 2)
    .action(run);

function absolutePath(text: string): string {
    return path.resolve(text);
}

function wholeNumber(text: string): number {
    if (!/^[1-9][0-9]*$/.test(text)) {
        throw new InvalidArgumentError(`Expected a whole number from 1, found "${text}"`);
    }
    return Number(text);
}

async function run(name: string, options: ScenarioOptions): Promise<void> {
    const scenario = scenarios[name];
    if (scenario === undefined) {
        throw new Error(`Expected one of ${Object.keys(scenarios).join(", ")}, found "${name}"`);
    }
    const lab = await bringUp({ onProgress: console.log });
    try {
        const { report, faults } = await scenario(lab, await separateProject(lab), console.log, options);
        await writeFile(options.report, `${JSON.stringify(report, undefined, 2)}\n`);
        faults.forEach((fault) => console.log(`FAULT: ${fault}`));
        console.log(`${name}: ${report.ok ? "ok" : "not ok"}; report in ${options.report}`);
        process.exitCode = report.ok ? 0 : 1;
    } finally {
        await lab.down();
    }
}

program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
