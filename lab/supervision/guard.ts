import { spawn } from "node:child_process";
import path from "node:path";

/** Stands by while a lab's owner lives. */
export interface Guard {
    /** Sends it away: the lab's processes are ended by somebody else, or shall go on. */
    dismiss(): void;
}

/**
 * Starts the process that kills those of a supervisor, should the calling process die in whatever way before it has
 * dismissed the guard.
 *
 * @param records Folder of the supervisor's records.
 * @param folder Removed then as well, if given.
 */
export function guard(records: string, folder?: string): Guard {
    const program = path.join(__dirname, "guardian.ts");
    const guardian = spawn(
        process.execPath,
        ["--import", "tsx", program, records, ...(folder === undefined ? [] : [folder])],
        // The pipe is what it watches; a session of its own keeps a Ctrl-C from it.
        { cwd: path.join(__dirname, "..", ".."), detached: true, stdio: ["pipe", "ignore", "ignore"] },
    );
    // Without it the lab works as well, and is ended by its owner as long as that lives.
    guardian.on("error", () => undefined);
    guardian.stdin.on("error", () => undefined);
    guardian.unref();
    (guardian.stdin as unknown as { unref(): void }).unref();
    return { dismiss: () => guardian.stdin.end("keep\n") };
}
