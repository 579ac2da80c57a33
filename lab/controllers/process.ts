import { readSiteDescriptor, type SiteDescriptor } from "../site";
import { messageOf } from "./controller";

/** Something that runs until it is told to stop. */
export interface Stoppable {
    stop(): Promise<void> | void;
}

/**
 * The life of one lab process: reads `--site`, starts, prints `ready`, and on SIGTERM stops and ends within five
 * seconds. A start that fails ends the process with status 1.
 */
export function runSiteProcess(start: (site: SiteDescriptor) => Promise<Stoppable>): void {
    const main = async (): Promise<void> => {
        const running = await start(readSiteDescriptor());
        const end = (): void => {
            setTimeout(() => process.exit(0), 4_000).unref();
            void Promise.resolve(running.stop()).finally(() => process.exit(0));
        };
        process.once("SIGTERM", end);
        process.once("SIGINT", end);
        process.stdout.write("ready\n");
    };
    main().catch((error: unknown) => {
        process.stderr.write(`${messageOf(error)}\n`);
        process.exit(1);
    });
}
