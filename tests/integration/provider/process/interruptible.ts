import { once } from "node:events";
import { interrupted, uninterrupted } from "../../../../provider/process/interrupt";

/** A process such as a dynamic provider's: `interruptible.ts run|idle <engine>`. It says where it has come to. */
async function main(): Promise<void> {
    const alive = setInterval(() => undefined, 1_000);
    if (process.argv[2] === "idle") {
        console.log("idle");
        return;
    }
    await uninterrupted(async () => {
        console.log("running");
        await once(interrupted, "abort");
        console.log("at a safe point");
    });
    clearInterval(alive);
}

void main();
