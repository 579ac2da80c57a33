import { once } from "node:events";
import { ProviderProcess } from "../../../../provider/process/providerProcess";

/**
 * A process such as a dynamic provider's: `interruptible.ts run|idle <engine>`, or such as a command's:
 * `interruptible.ts run|idle command`. It says where it has come to.
 */
async function main(): Promise<void> {
    const providerProcess = process.argv[3] === "command" ? ofCommand() : ProviderProcess.start();
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

function ofCommand(): ProviderProcess {
    const started = new ProviderProcess({ interruptedCode: 1 });
    started.listen();
    return started;
}

void main();
