/** `npm run record -- FILE`: a switch on a lab of its own, typed as a person types it, recorded in a document. */
import { readFile, writeFile } from "node:fs/promises";
import { Command } from "commander";
import { main as tridentDr } from "../cli/main";
import { bringUp, type Lab } from "./lab";
import { separateProject } from "./pulumi";
import { Recording, withRecording } from "./scenarios/recording";
import { establish } from "./scenarios/scenarioSteps";

const program = new Command("npm run record --")
    .description("A switch on a lab of its own, recorded in a document")
    .argument("<file>", "Markdown with a place for it, such as README.md")
    .action(record);

async function record(file: string): Promise<void> {
    const document = await readFile(file, "utf8");
    // What has no place for it is found before the lab is up.
    withRecording(document, "");
    const lab = await bringUp({ onProgress: console.log });
    try {
        const text = await recordedSwitch(lab, await separateProject(lab));
        console.log(text);
        await writeFile(file, withRecording(document, text));
    } finally {
        await lab.down();
    }
}

/** The command runs in this process: what it asks is answered as by a person at its terminal. */
async function recordedSwitch(lab: Lab, project: string): Promise<string> {
    await establish(lab, project);
    Object.assign(process.env, lab.environment());
    const before = process.cwd();
    process.chdir(project);
    try {
        const recording = new Recording(["shop"]);
        recording.typed("npx trident-dr switch shop");
        const code = await tridentDr(["switch", "shop"], recording.terminal);
        if (code !== 0) {
            throw new Error(`trident-dr switch shop ended with ${code}:\n${recording.text}`);
        }
        return recording.text;
    } finally {
        process.chdir(before);
    }
}

program
    .parseAsync()
    .catch((error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
    })
    // Connections that the command's servers keep open would hold up the end.
    .finally(() => process.exit());
