import { readdirSync } from "node:fs";
import path from "node:path";

const provider = path.resolve(__dirname, "../../../../provider");

/** Imports all that runs in the provider's process, save what starts it, and says what that did to this process. */
async function main(): Promise<void> {
    const files = readdirSync(provider, { recursive: true, encoding: "utf8" }).filter(
        (file) => file.endsWith(".ts") && file !== "index.ts",
    );
    const environment = { ...process.env };
    for (const file of files) {
        await import(path.join(provider, file));
    }
    const changed = Object.keys(process.env).filter((key) => process.env[key] !== environment[key]);
    console.log(
        JSON.stringify({ files: files.length, signals: process.listenerCount("SIGINT"), environment: changed }),
    );
}

void main();
