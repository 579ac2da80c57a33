import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { recipeNames, type RecipeName, recipes } from "../../../../components/hooks/recipes";

/** A container with commands that write down what they are asked. */
class Container {
    private constructor(private readonly folder: string) {}

    static async start(): Promise<Container> {
        const container = new Container(await mkdtemp(path.join(tmpdir(), "hook-")));
        // A second is long for a test, and its length is nothing to the scripts.
        await container.install("sleep", "exec /bin/sleep 0.02");
        return container;
    }

    /** @param does the command's script; `say` writes down what it is given */
    async install(command: string, does: string): Promise<void> {
        const script = `#!/bin/sh\nsay() { printf '%s\\n' "$*" >>"${this.log}"; }\n${does}\n`;
        await writeFile(path.join(this.folder, command), script, { mode: 0o755 });
    }

    run(recipe: RecipeName, args: string[], environment: Record<string, string> = {}): Promise<Ended> {
        const shell = spawn("/bin/sh", ["-c", recipes[recipe].script, "hook", ...args], {
            env: { PATH: `${this.folder}:/usr/bin:/bin`, TMPDIR: this.folder, ...environment },
            stdio: ["ignore", "ignore", "pipe"],
        });
        let stderr = "";
        shell.stderr.on("data", (data) => (stderr += String(data)));
        return new Promise((resolve, reject) => {
            shell.on("error", reject);
            // Only when nothing that was left behind writes to it any more: Trident Protect waits for that as well.
            shell.on("close", (code) => resolve({ code, stderr: stderr.trim() }));
        });
    }

    async asked(): Promise<string[]> {
        const text = await readFile(this.log, "utf8").catch(() => "");
        return text.split("\n").filter((line) => line !== "");
    }

    /** Until nothing holds the lock any more. */
    async hasNoLock(): Promise<void> {
        const deadline = Date.now() + 10_000;
        while (!existsSync(path.join(this.folder, "trident-dr-hook", "ended"))) {
            assert.ok(Date.now() < deadline, "the lock is still held");
            await new Promise(setImmediate);
        }
    }

    stop(): Promise<void> {
        return rm(this.folder, { recursive: true, force: true });
    }

    private get log(): string {
        return path.join(this.folder, "log");
    }
}

interface Ended {
    code: number | null;
    stderr: string;
}

const succeeded: Ended = { code: 0, stderr: "" };

describe("the recipes for hooks", () => {
    let container: Container;
    beforeEach(async () => {
        container = await Container.start();
    });
    afterEach(() => container.stop());

    for (const name of recipeNames) {
        it(`${name}: a script of the plain shell that a hook can have, with its sources`, async () => {
            const { script, sources } = recipes[name];
            assert.match(script, /^#!\/bin\/sh\n/);
            assert.ok(script.length < 8_000, `${script.length}`);
            assert.ok(sources.length > 0 && sources.every((source) => source.startsWith("https://")));
            assert.deepEqual(await syntaxOf(script), succeeded);
        });
    }

    describe("PostgreSQL", () => {
        it("makes a checkpoint, as the user of the container", async () => {
            await container.install("psql", 'say "$@"; say "password $PGPASSWORD"');
            const environment = { POSTGRES_USER: "shop", POSTGRES_PASSWORD: "canary" };
            assert.deepEqual(await container.run("postgresql", ["pre", "", "0"], environment), succeeded);
            assert.deepEqual(await container.asked(), [
                "-X -w -q -v ON_ERROR_STOP=1 -U shop -d postgres -c CHECKPOINT",
                "password canary",
            ]);
        });

        it("takes another user, and a password from a file", async () => {
            await container.install("psql", 'say "$6 $7"; say "password $PGPASSWORD"');
            const file = path.join(await mkdtemp(path.join(tmpdir(), "secret-")), "password");
            await writeFile(file, "canary with a space");
            assert.deepEqual(
                await container.run("postgresql", ["pre", "backup", "0"], { POSTGRES_PASSWORD_FILE: file }),
                succeeded,
            );
            await rm(path.dirname(file), { recursive: true });
            assert.deepEqual(await container.asked(), ["-U backup", "password canary with a space"]);
        });

        it("fails in the words of psql", async () => {
            await container.install("psql", 'echo "FATAL: role \\"shop\\" does not exist" >&2; exit 2');
            assert.deepEqual(await container.run("postgresql", ["pre", "shop", "0"]), {
                code: 2,
                stderr: 'FATAL: role "shop" does not exist',
            });
        });
    });

    describe("MySQL and MariaDB", () => {
        /** As the client does: one statement a line, until there are no more. */
        const client = `say "$*"; say "password $MYSQL_PWD"
            while read -r line; do say "$line"; case $line in SELECT*) echo locked ;; esac; done
            say "the session ends"`;
        const statements = ["SET SESSION lock_wait_timeout = 60;", "FLUSH TABLES WITH READ LOCK;", "SELECT 'locked';"];
        const options = "--user=root --batch --skip-column-names --unbuffered";

        it("hold the lock from one hook to the other", async () => {
            await container.install("mysql", client);
            const environment = { MYSQL_ROOT_PASSWORD: "canary" };
            assert.deepEqual(await container.run("mysql", ["pre", "", "3000"], environment), succeeded);
            assert.deepEqual(await container.asked(), [options, "password canary", ...statements]);
            assert.deepEqual(await container.run("mysql", ["post", "", "3000"], environment), succeeded);
            assert.equal((await container.asked()).at(-1), "the session ends");
            // Nothing is left behind that the next snapshot would find.
            assert.deepEqual(await container.run("mysql", ["pre", "", "3000"]), succeeded);
            assert.deepEqual(await container.run("mysql", ["post", "", "3000"]), succeeded);
        });

        it("take the client of MariaDB where there is one", async () => {
            await container.install("mysql", "say mysql; exit 1");
            await container.install("mariadb", client);
            const environment = { MARIADB_ROOT_PASSWORD: "canary" };
            assert.deepEqual(await container.run("mariadb", ["pre", "backup", "3000"], environment), succeeded);
            assert.deepEqual(await container.run("mariadb", ["post", "backup", "3000"], environment), succeeded);
            const [asked, password] = await container.asked();
            assert.equal(asked, options.replace("root", "backup"));
            assert.equal(password, "password canary");
        });

        it("fail in the words of the client, and hold nothing", async () => {
            await container.install("mysql", 'echo "ERROR 1205: Lock wait timeout exceeded" >&2; exit 1');
            const failed = { code: 1, stderr: "no lock: ERROR 1205: Lock wait timeout exceeded" };
            assert.deepEqual(await container.run("mysql", ["pre", "", "3000"]), failed);
            assert.match((await container.run("mysql", ["post", "", "3000"])).stderr, /^no lock is held: /);
        });

        it("let go at the limit, and say so after the snapshot", async () => {
            await container.install("mysql", client);
            assert.deepEqual(await container.run("mysql", ["pre", "", "1"]), succeeded);
            await container.hasNoLock();
            assert.equal((await container.asked()).at(-1), "the session ends");
            assert.deepEqual(await container.run("mysql", ["post", "", "1"]), {
                code: 1,
                stderr: "the lock ended before the snapshot did, after 1 s at most:",
            });
        });

        it("do not take a lock that another snapshot has", async () => {
            await container.install("mysql", client);
            assert.deepEqual(await container.run("mysql", ["pre", "", "3000"]), succeeded);
            const second = await container.run("mysql", ["pre", "", "3000"]);
            assert.equal(second.code, 1);
            assert.match(second.stderr, /^the lock of another snapshot is held since \d+ s$/);
            assert.deepEqual(await container.run("mysql", ["post", "", "3000"]), succeeded);
        });

        it("name what is missing in the container", async () => {
            const { code, stderr } = await container.run("mysql", ["pre", "", "3000"]);
            assert.deepEqual({ code, stderr }, { code: 1, stderr: "neither mariadb nor mysql is in this container" });
        });
    });

    describe("MongoDB", () => {
        const shell = `say "$1 $2 $3"; say "$5"; say "$HOOK_USER $HOOK_PASSWORD"
            case $5 in *fsyncLock*) echo locked ;; esac`;
        const environment = { MONGO_INITDB_ROOT_USERNAME: "root", MONGO_INITDB_ROOT_PASSWORD: "canary" };
        const login = "if (process.env.HOOK_USER) db.auth(process.env.HOOK_USER, process.env.HOOK_PASSWORD);";

        it("locks and unlocks the very member, without a password on a command line", async () => {
            await container.install("mongosh", shell);
            assert.deepEqual(await container.run("mongodb", ["pre", "", "3000"], environment), succeeded);
            const address = "--quiet --norc mongodb://127.0.0.1/admin?directConnection=true";
            const lock = [address, `${login} db.fsyncLock(); print('locked')`, "root canary"];
            assert.deepEqual(await container.asked(), lock);
            assert.deepEqual(await container.run("mongodb", ["post", "", "3000"], environment), succeeded);
            assert.deepEqual(await container.asked(), [...lock, address, `${login} db.fsyncUnlock()`, "root canary"]);
        });

        it("unlocks at the limit by itself", async () => {
            await container.install("mongosh", shell);
            assert.deepEqual(await container.run("mongodb", ["pre", "", "1"], environment), succeeded);
            await container.hasNoLock();
            assert.ok((await container.asked()).includes(`${login} db.fsyncUnlock()`));
        });

        it("says that it could not unlock", async () => {
            await container.install(
                "mongosh",
                `say "$5"; case $5 in *fsyncLock*) echo locked ;; *) echo "MongoServerError: not authorized" >&2; exit 1 ;; esac`,
            );
            assert.deepEqual(await container.run("mongodb", ["pre", "", "3000"]), succeeded);
            const { code, stderr } = await container.run("mongodb", ["post", "", "3000"]);
            assert.equal(code, 1);
            assert.match(stderr, /^the lock could not be released: MongoServerError: not authorized/);
        });
    });

    it("a plain file system is brought to the volume", async () => {
        await container.install("sync", 'say "sync $*"');
        assert.deepEqual(await container.run("file-system", ["pre", "", "0"]), succeeded);
        assert.deepEqual(await container.asked(), ["sync "]);
    });
});

/** What the shell says of a script that it does not run. */
function syntaxOf(script: string): Promise<Ended> {
    const shell = spawn("/bin/sh", ["-n", "-c", script], { stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    shell.stderr.on("data", (data) => (stderr += String(data)));
    return new Promise((resolve) => shell.on("close", (code) => resolve({ code, stderr })));
}
