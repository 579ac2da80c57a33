import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { holdPorts } from "../../../lab/ports";
import { type ProcessSpecification, Supervisor } from "../../../lab/processes";
import { ended, identify, type ProcessIdentity } from "../../../lab/supervision/identity";

describe("Supervisor of the lab's processes", () => {
    let folder: string;
    let supervisor: Supervisor;

    beforeEach(() => {
        folder = mkdtempSync(path.join(tmpdir(), "lab-processes-"));
        supervisor = new Supervisor(path.join(folder, "processes"), 500);
    });

    afterEach(async () => {
        await supervisor.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    /** A process that runs a line of shell. */
    function shell(name: string, script: string, more: Partial<ProcessSpecification> = {}): ProcessSpecification {
        return {
            site: "east",
            name,
            stage: 1,
            argv: ["/bin/sh", "-c", script],
            cwd: folder,
            log: path.join(folder, `${name}.log`),
            ready: { kind: "line", pattern: "^ready$" },
            readySeconds: 20,
            ...more,
        };
    }

    const stateOf = (name: string) => supervisor.list({ name })[0]?.state;
    const pidOf = (name: string) => supervisor.list({ name })[0]!.pid!;

    it("waits for the line that says ready, one stage after the other", async () => {
        await supervisor.start([
            shell("second", `cat first-was-here && echo ready && exec sleep 100`, { stage: 2 }),
            shell("first", `sleep 0.2; touch first-was-here; echo ready; exec sleep 100`),
        ]);
        assert.deepEqual(
            supervisor.list().map(({ name, state }) => [name, state]),
            [
                ["first", "running"],
                ["second", "running"],
            ],
        );
    });

    it("takes no line of an earlier run for its own", async () => {
        writeFileSync(path.join(folder, "late.log"), "ready\n");
        await assert.rejects(
            supervisor.start([shell("late", "exec sleep 100", { readySeconds: 0.3 })]),
            /east: late is not ready after 0.3 s/,
        );
    });

    it("fails with the end of the log when a process ends before it is ready", async () => {
        await assert.rejects(
            supervisor.start([shell("short", "echo no such volume >&2; exit 3")]),
            /east: short ended with code 3;[^]*no such volume/,
        );
        await assert.rejects(
            supervisor.start([shell("absent", "", { argv: ["/nowhere/etcd"] })]),
            /east: absent cannot be started/,
        );
    });

    it("freezes a server so that it takes connections and answers none, and thaws it", async () => {
        const ports = await holdPorts(2);
        const [frozen, running] = [ports.next(), ports.next()];
        await ports.release();
        const server = (name: string, port: number) => {
            const program = `require("net").createServer((s) => s.end("hello")).listen(${port}, "127.0.0.1", () => console.log("ready"))`;
            return shell(name, "", { argv: [process.execPath, "-e", program] });
        };
        await supervisor.start([server("frozen", frozen), server("running", running)]);
        const greet = (port: number) => {
            const socket = createConnection(port, "127.0.0.1");
            const answer = once(socket.setEncoding("utf8"), "data").then(([text]) => text as string);
            return { socket, answer };
        };
        assert.equal(await greet(frozen).answer, "hello");
        await supervisor.freeze({ name: "frozen" });
        assert.equal(stateOf("frozen"), "frozen");
        const { socket, answer } = greet(frozen);
        let answers = 0;
        void answer.then(() => answers++);
        await once(socket, "connect");
        // Time enough for an answer: another server gives twenty, one after the other.
        for (let asked = 0; asked < 20; asked++) {
            assert.equal(await greet(running).answer, "hello");
        }
        assert.equal(answers, 0);
        await supervisor.revive({ site: "east" });
        assert.equal(await answer, "hello");
    });

    it("starts what was killed again, from another process's records, and leaves the rest alone", async () => {
        await supervisor.start([shell("a", "echo ready; exec sleep 100"), shell("b", "echo ready; exec sleep 100")]);
        const [a, b] = [pidOf("a"), pidOf("b")];
        const other = new Supervisor(path.join(folder, "processes"));
        await other.kill({ site: "east", name: "a" });
        assert.equal(stateOf("a"), "dead");
        await other.revive();
        assert.equal(stateOf("a"), "running");
        assert.notEqual(pidOf("a"), a);
        assert.equal(pidOf("b"), b);
    });

    it("takes a killed process for dead only when its port is free again", async () => {
        // So much memory takes long to free, and only after that is the port closed.
        const ports = await holdPorts(1);
        const port = ports.next();
        await ports.release();
        const program = `const memory = Buffer.alloc(300e6, 1);
            require("net").createServer().listen(${port}, "127.0.0.1", () => console.log("ready"));
            setInterval(() => memory[0], 1000)`;
        await supervisor.start([shell("server", "", { argv: [process.execPath, "-e", program] })]);
        await supervisor.kill({ name: "server" });
        assert.equal(stateOf("server"), "dead");
        const heir = createServer().listen(port, "127.0.0.1");
        await once(heir, "listening");
        heir.close();
    });

    it("ends a frozen process, one that ignores SIGTERM, and what that one started", async () => {
        await supervisor.start([
            shell("frozen", "echo ready; exec sleep 100"),
            shell("stubborn", `trap "" TERM; sleep 100 & echo $! > child; echo ready; while :; do wait; done`),
        ]);
        const child = identify(Number(readFileSync(path.join(folder, "child"), "utf8")));
        const all = [identify(pidOf("frozen")), identify(pidOf("stubborn")), child];
        assert.ok(all.every((one) => one !== undefined));
        await supervisor.freeze({ name: "frozen" });
        await supervisor.stop();
        for (const one of all) {
            assert.ok(await ended(one, 2_000));
        }
        assert.deepEqual(supervisor.list(), []);
    });

    it("does not touch a process that has got the number of one of its own", async () => {
        await supervisor.start([shell("mine", "echo ready; exec sleep 100")]);
        const file = path.join(folder, "processes", "east.mine.json");
        const record = JSON.parse(readFileSync(file, "utf8")) as { process: ProcessIdentity };
        const stranger = strangerTo(record.process);
        try {
            const mine = { ...record.process };
            record.process.pid = stranger.pid!;
            writeFileSync(file, JSON.stringify(record));
            assert.equal(stateOf("mine"), "dead");
            await supervisor.stop();
            assert.notEqual(identify(stranger.pid!), undefined);
            process.kill(mine.pid, "SIGKILL");
        } finally {
            stranger.kill();
        }
    });

    for (const signal of ["SIGINT", "SIGKILL"] as const) {
        it(`leaves nothing when its owner dies of ${signal}`, async () => {
            const records = path.join(folder, "processes");
            const module = (name: string) => pathToFileURL(path.join(__dirname, "..", "..", "..", "lab", name)).href;
            const specification = JSON.stringify(shell("orphan", "echo ready; exec sleep 100"));
            const program = `
                import { Supervisor } from ${JSON.stringify(module("processes.ts"))};
                import { guard } from ${JSON.stringify(module("supervision/guard.ts"))};
                guard(${JSON.stringify(records)});
                new Supervisor(${JSON.stringify(records)}).start([${specification}]).then(() => console.log("up"));
                setInterval(() => undefined, 1000);`;
            writeFileSync(path.join(folder, "owner.ts"), program);
            const owner = spawn(process.execPath, ["--import", "tsx", path.join(folder, "owner.ts")], {
                cwd: path.join(__dirname, "..", "..", ".."),
                stdio: ["ignore", "pipe", "inherit"],
            });
            await once(owner.stdout, "data");
            const orphan = identify(pidOf("orphan"));
            assert.notEqual(orphan, undefined);
            owner.kill(signal);
            assert.ok(await ended(orphan, 20_000));
            assert.ok(existsSync(records));
        });
    }
});

/** A process that began at another time, of which the kernel tells hundredths of a second: the next one may share it. */
function strangerTo({ startTime }: ProcessIdentity): ChildProcess {
    for (;;) {
        const process = spawn("sleep", ["100"], { detached: true });
        if (identify(process.pid!)?.startTime !== startTime) {
            return process;
        }
        process.kill();
    }
}
