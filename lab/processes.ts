import { spawn } from "node:child_process";
import {
    closeSync,
    existsSync,
    fstatSync,
    mkdirSync,
    openSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import path from "node:path";
import {
    ended,
    identify,
    leaves,
    type ProcessIdentity,
    type ProcessState,
    sendSignal,
    stateOf,
} from "./supervision/identity";
import { logHolds, tailOf } from "./supervision/logs";
import { httpsAnswers, type HttpsProbe } from "./supervision/probe";

export type { ProcessState } from "./supervision/identity";

/** How it is known that a process serves. */
type Readiness =
    /** A line of its output that matches this regular expression. */
    | { kind: "line"; pattern: string }
    /** An https URL that answers with status 200. */
    | ({ kind: "https" } & HttpsProbe)
    /** Nothing is waited for. */
    | { kind: "started" };

/** All that is needed to start a process, now and again. */
export interface ProcessSpecification {
    site: string;
    /** Unique within the site. */
    name: string;
    /** Processes of a lower stage are started first, and ended last. */
    stage: number;
    /** Absolute path of the executable, and its arguments. */
    argv: readonly [string, ...string[]];
    /** Added to the environment. */
    env?: Readonly<Record<string, string>>;
    cwd: string;
    /** File that output and errors are appended to. */
    log: string;
    ready: Readiness;
    /** Seconds within which it must be ready. */
    readySeconds: number;
}

/** Which processes are meant: all, those of a site, or one. */
interface Selection {
    site?: string;
    name?: string;
}

interface ProcessRecord {
    specification: ProcessSpecification;
    /** The process that was started last. */
    process?: ProcessIdentity;
}

export interface ListedProcess {
    site: string;
    name: string;
    pid?: number;
    state: ProcessState;
    log: string;
}

/**
 * Starts, freezes and ends the processes of a lab. What it knows is kept in a folder, one file a process, so that any
 * other process can go on where this one left off. Each runs in a process group of its own.
 */
export class Supervisor {
    /**
     * @param folder Where the records are kept; made if need be.
     * @param graceMs Time that a process has to end after SIGTERM (the lab's own end within 5 s); then it is killed.
     */
    constructor(
        private readonly folder: string,
        private readonly graceMs = 7_000,
    ) {
        mkdirSync(folder, { recursive: true });
    }

    /**
     * Starts processes, stage after stage, and waits until they are ready. Those that run already are left alone.
     *
     * @throws Error with the end of its log when one ends early or is not ready in time.
     */
    async start(specifications: readonly ProcessSpecification[]): Promise<void> {
        for (const stage of stagesOf(specifications)) {
            await Promise.all(stage.map((specification) => this.startOne(specification)));
        }
    }

    /** Ends processes, the last stage first: SIGTERM, and SIGKILL for what has not ended in time. Forgets them. */
    async stop(which: Selection = {}): Promise<void> {
        const stages = stagesOf(this.records(which).map((record) => record.specification)).reverse();
        for (const stage of stages) {
            await Promise.all(stage.map(({ site, name }) => this.stopOne(site, name)));
        }
    }

    /** Ends processes at once, without a chance to clean up; {@link revive} starts them again. */
    async kill(which: Selection = {}): Promise<void> {
        const records = this.records(which);
        for (const record of records) {
            sendSignal(record.process, "SIGKILL");
        }
        await Promise.all(records.map((record) => ended(record.process)));
    }

    /** Stops processes in their tracks: connections stay open, nothing is answered any more. */
    async freeze(which: Selection = {}): Promise<void> {
        // From the outside in, so that no stand-in sees its API server hang before it is frozen itself.
        const records = this.records(which).reverse();
        for (const record of records) {
            sendSignal(record.process, "SIGSTOP");
        }
        await Promise.all(records.map((record) => leaves(record.process, "running")));
    }

    /** Lets frozen processes go on, and starts again those that are dead. */
    async revive(which: Selection = {}): Promise<void> {
        const records = this.records(which);
        for (const record of records) {
            sendSignal(record.process, "SIGCONT");
        }
        await this.start(records.map((record) => record.specification));
    }

    /** Every process that was started and not stopped, in the order of their stages. */
    list(which: Selection = {}): ListedProcess[] {
        return this.records(which).map(({ specification: { site, name, log }, process }) => {
            return { site, name, pid: process?.pid, state: stateOf(process), log };
        });
    }

    private async startOne(specification: ProcessSpecification): Promise<void> {
        const { site, name, argv, env, cwd, log, ready, readySeconds } = specification;
        if (stateOf(this.read(site, name)?.process) !== "dead") {
            return;
        }
        mkdirSync(path.dirname(log), { recursive: true });
        mkdirSync(cwd, { recursive: true });
        const output = openSync(log, "a");
        const begin = fstatSync(output).size;
        const child = spawn(argv[0], argv.slice(1), {
            cwd,
            env: { ...process.env, ...env },
            detached: true,
            stdio: ["ignore", output, output],
        });
        closeSync(output);
        // Written before anything else happens, so that the process is never without its record.
        this.write({ specification, process: child.pid === undefined ? undefined : identify(child.pid) });
        child.unref();
        const failed = new Promise<string>((resolve) => {
            child.once("error", (error) => resolve(`cannot be started (${error.message})`));
            child.once("exit", (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`));
        });
        const done = new AbortController();
        const deadline = setTimeout(() => done.abort(), readySeconds * 1000);
        const serves = becomesReady(ready, log, begin, done.signal).then((isReady) =>
            isReady ? undefined : `is not ready after ${readySeconds} s`,
        );
        const problem = await Promise.race([failed, serves]);
        clearTimeout(deadline);
        done.abort();
        if (problem !== undefined) {
            throw new Error(`${site}: ${name} ${problem}; the end of ${log}:\n${await tailOf(log, begin)}`);
        }
    }

    private async stopOne(site: string, name: string): Promise<void> {
        const record = this.read(site, name);
        if (record === undefined) {
            return;
        }
        sendSignal(record.process, "SIGTERM");
        sendSignal(record.process, "SIGCONT");
        if (!(await ended(record.process, this.graceMs))) {
            sendSignal(record.process, "SIGKILL");
            await ended(record.process);
        }
        rmSync(this.file(site, name), { force: true });
    }

    private records({ site, name }: Selection): ProcessRecord[] {
        return readdirSync(this.folder)
            .filter((file) => file.endsWith(".json"))
            .map((file) => this.readFile(path.join(this.folder, file)))
            .filter((record) => record !== undefined)
            .filter(({ specification }) => site === undefined || specification.site === site)
            .filter(({ specification }) => name === undefined || specification.name === name)
            .sort((a, b) => a.specification.stage - b.specification.stage);
    }

    private read(site: string, name: string): ProcessRecord | undefined {
        return this.readFile(this.file(site, name));
    }

    private readFile(file: string): ProcessRecord | undefined {
        return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ProcessRecord) : undefined;
    }

    private write(record: ProcessRecord): void {
        const file = this.file(record.specification.site, record.specification.name);
        writeFileSync(`${file}.new`, JSON.stringify(record, undefined, 2));
        renameSync(`${file}.new`, file);
    }

    private file(site: string, name: string): string {
        return path.join(this.folder, `${site}.${name}.json`);
    }
}

function stagesOf(specifications: readonly ProcessSpecification[]): ProcessSpecification[][] {
    const stages = new Map<number, ProcessSpecification[]>();
    for (const specification of specifications) {
        stages.set(specification.stage, [...(stages.get(specification.stage) ?? []), specification]);
    }
    return [...stages.entries()].sort(([a], [b]) => a - b).map(([, stage]) => stage);
}

/** True once it serves; false when `signal` comes first. */
async function becomesReady(ready: Readiness, log: string, begin: number, signal: AbortSignal): Promise<boolean> {
    switch (ready.kind) {
        case "line":
            return logHolds(log, new RegExp(ready.pattern, "m"), begin, signal);
        case "https":
            return httpsAnswers(ready, signal);
        case "started":
            return true;
    }
}
