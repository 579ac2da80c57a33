import { Engine } from "./engine";
import { serveProvider } from "./server";

/**
 * `pulumi-resource-kubernetes <engine address>`: prints the port it serves on, as the engine expects of a plugin, and
 * ends with the engine.
 */
async function main(): Promise<void> {
    let cancelled = false;
    const { port } = await serveProvider(new Engine(process.argv[2]), () => {
        cancelled = true;
    });
    process.stdout.write(`${port}\n`);
    // Ctrl-C reaches the whole process group, and the engine then says what is to be done. When the engine itself is
    // done it cancels first and interrupts next, and kills a plugin that stays after five seconds.
    process.on("SIGINT", () => {
        if (cancelled) {
            process.exit(0);
        }
    });
    endWithParent();
}

/** An engine that was killed cannot end its plugins: they notice that they have been given to another parent. */
function endWithParent(): void {
    const parent = process.ppid;
    const check = setInterval(() => {
        if (process.ppid !== parent) {
            process.exit(0);
        }
    }, 2_000);
    check.unref();
}

main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
});
