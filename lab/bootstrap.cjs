// node lab/bootstrap.cjs FILE [ARGUMENTS]: installs and builds what the project's commands need, then runs FILE.
// Plain JavaScript, since nothing is there yet on a fresh checkout.
const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");
const installed = path.join(root, "node_modules", ".installed-from");
const [file, ...args] = process.argv.slice(2);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Expected Node.js 20.19 or later, found ${process.versions.node}`);
    process.exit(1);
}
const lock = createHash("sha256")
    .update(fs.readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
if (!fs.existsSync(installed) || fs.readFileSync(installed, "utf8") !== lock) {
    console.log("installing packages (npm ci), about half a minute …");
    run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    fs.writeFileSync(installed, lock);
}
if (newest(["index.ts", "components", "provider", "testing", "cli", "build.cjs"]) > newest(["dist"])) {
    console.log("building the package …");
    run(process.execPath, [path.join(root, "build.cjs")]);
}
run(process.execPath, ["--import", "tsx", path.join(root, file), ...args]);

function run(command, commandArgs) {
    const { status, error } = spawnSync(command, commandArgs, { cwd: root, stdio: "inherit" });
    if (error !== undefined || status !== 0) {
        if (error !== undefined) {
            console.error(error.message);
        }
        process.exit(status ?? 1);
    }
}

/** Time of the newest change below some files and folders; 0 when there are none. */
function newest(names) {
    return Math.max(
        0,
        ...names.map((name) => {
            const full = path.join(root, name);
            if (!fs.existsSync(full)) {
                return 0;
            }
            const stat = fs.statSync(full);
            return stat.isDirectory()
                ? newest(fs.readdirSync(full).map((child) => path.join(name, child)))
                : stat.mtimeMs;
        }),
    );
}
