import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

describe("a dynamic provider's process", () => {
    let engine: Server;
    let held: Socket[];
    let child: ChildProcessWithoutNullStreams;
    let lines: string[];

    beforeEach(async () => {
        held = [];
        engine = createServer((socket) => {
            held.push(socket);
            socket.on("error", () => undefined);
        });
        await once(engine.listen(0, "127.0.0.1"), "listening");
    });

    afterEach(() => {
        child.kill("SIGKILL");
        endEngine();
    });

    function endEngine(): void {
        engine.close();
        held.forEach((socket) => socket.destroy());
    }

    /** Starts the process and waits until it has said that. */
    async function start(
        what: "run" | "idle",
        said: string,
        address = `127.0.0.1:${(engine.address() as AddressInfo).port}`,
    ): Promise<void> {
        const file = path.join(__dirname, "interruptible.ts");
        child = spawn(process.execPath, ["--import", "tsx", file, what, address]);
        lines = [];
        child.stdout.on("data", (chunk: Buffer) => lines.push(...chunk.toString().trim().split("\n")));
        while (!lines.includes(said)) {
            await once(child.stdout, "data");
        }
    }

    async function exits(): Promise<number | null> {
        const [code] = (await once(child, "exit")) as [number | null];
        return code;
    }

    const endOf = { run: ["running", "at a safe point"], idle: ["idle"] };

    for (const what of ["run", "idle"] as const) {
        it(`ends at a safe point when the engine is gone, whoever its parent is: ${what}`, async () => {
            await start(what, endOf[what][0]!);
            endEngine();
            assert.equal(await exits(), 0);
            assert.deepEqual(lines, endOf[what]);
        });

        it(`ends at a safe point when it is signalled: ${what}`, async () => {
            await start(what, endOf[what][0]!);
            child.kill("SIGINT");
            assert.equal(await exits(), 0);
            assert.deepEqual(lines, endOf[what]);
        });

        it(`ends so with a failure where it is a command's, and watches no engine: ${what}`, async () => {
            await start(what, endOf[what][0]!, "command");
            child.kill("SIGINT");
            assert.equal(await exits(), 1);
            assert.deepEqual(lines, endOf[what]);
        });
    }

    it("goes on while the engine is there, even if that ends the connection", async () => {
        await start("run", "running");
        while (held.length < 3) {
            held.forEach((socket) => socket.destroy());
            await pause(50);
        }
        assert.deepEqual(lines, ["running"]);
        assert.equal(child.exitCode, null);
    });
});
