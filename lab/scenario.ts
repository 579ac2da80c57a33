import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { bringUp, type Lab } from "./lab";
import { separateProject } from "./pulumi";
import { changeOfMind } from "./scenarios/changeOfMind";
import { failover } from "./scenarios/failover";
import { rejoin } from "./scenarios/rejoin";
import { resync } from "./scenarios/resync";
import type { Outcome, Tell } from "./scenarios/story";
import { switchOver } from "./scenarios/switch";
import { mirroredVolumes } from "./scenarios/volumes";

interface Options {
    report: string;
    /** How many volumes are mirrored, where volumes are. */
    volumes: number;
}

type Scenario = (lab: Lab, project: string, tell: Tell, options: Options) => Promise<Outcome>;

const scenarios: Readonly<Record<string, Scenario>> = {
    failover,
    switch: switchOver,
    rejoin,
    resync,
    "change-of-mind": changeOfMind,
    volumes: mirroredVolumes,
};

const program = new Command("npm run scenario --")
    .description("One scenario on a lab of its own, with a JSON report")
    .argument("<name>", `one of ${Object.keys(scenarios).join(", ")}`)
    .requiredOption("--report <file>", "where the report goes")
    .option("--volumes <number>", "volumes: how many are mirrored as one", Number, 2)
    .action(run);

async function run(name: string, options: Options): Promise<void> {
    const scenario = scenarios[name];
    if (scenario === undefined) {
        throw new Error(`Expected one of ${Object.keys(scenarios).join(", ")}, found "${name}"`);
    }
    if (!(Number.isInteger(options.volumes) && options.volumes > 0)) {
        throw new Error(`Expected a positive whole number as --volumes, found ${options.volumes}`);
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
