import { once } from "node:events";
import { ProviderProcess } from "../../../../provider/process/providerProcess";

/** A process such as a dynamic provider's: `interruptible.ts run|idle <engine>`. It says where it has come to. */
async function main(): Promise<void> {
    const providerProcess = ProviderProcess.start();
    const alive = setInterval(() => undefined, 1_000);
    if (process.argv[2] === "idle") {
        console.log("idle");
        return;
    }
    await providerProcess.uninterrupted(async () => {
        console.log("running");
        await once(providerProcess.interrupted, "abort");
        console.log("at a safe point");
    });
    clearInterval(alive);
}

void main();
