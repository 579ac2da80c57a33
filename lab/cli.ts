import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import axios from "axios";
import { Command } from "commander";
import lockfile from "proper-lockfile";
import { bringUp, type Lab, openLab, type SiteName } from "./lab";
import { installApplication } from "./application";
import { Supervisor } from "./processes";
import { ontapAdmin } from "./array/admin";
import { prepareStacks, separateProject } from "./pulumi";
import { readLedger } from "./writer/ledger";

/** Labs that stay up lie here, in `.lab`, `.lab-2` and so on. */
const checkout = path.join(__dirname, "..");

const program = new Command("npm run lab --")
    .description("Two whole sites on this machine, to be driven by hand with pulumi and kubectl")
    .option("--folder <folder>", "the lab meant", process.env.TRIDENT_DR_LAB ?? path.join(checkout, ".lab"))
    .showHelpAfterError();

program.command("up", { isDefault: true }).description("bring up a lab that stays up").action(up);

program
    .command("down")
    .description("end every process of the lab, and remove its folder")
    .option("--all", "every lab of this checkout")
    .action(down);

program
    .command("kill <site>")
    .description("take a site away: it swallows packets; with --hard it refuses connections")
    .option("--hard", "kill its processes instead of freezing them")
    .action(async (site: SiteName, options: { hard?: boolean }) => {
        await theLab().kill(site, options);
        console.log(`${site} is ${options.hard ? "dead" : "frozen"}; npm run lab -- revive ${site} brings it back`);
    });

program
    .command("revive <site>")
    .description("bring a site back, on the data that it had")
    .action(async (site: SiteName) => {
        await theLab().revive(site);
        console.log(`${site} is back`);
    });

program
    .command("ledger")
    .description("print what the writers were acknowledged, as JSON")
    .action(() => console.log(JSON.stringify(readLedger(path.join(theLab().folder, "ledger")), undefined, 2)));

program
    .command("fault <site> [fault]")
    .description("set a fault (JSON) of a site's ONTAP; without one, print those that stand")
    .option("--clear", "remove all of them")
    .addHelpText("after", `\nExample: npm run lab -- fault east '{"kind":"latency","milliseconds":500}'`)
    .action(fault);

program.command("status").description("print every process, and whether it runs").action(status);

async function up(): Promise<void> {
    const { folder, unlock } = await freeFolder();
    try {
        const lab = await bringUp({ folder, onProgress: console.log });
        await installApplication(lab.sites.east);
        // The checkout's own project is the first lab's; another one must not find its stack files there.
        const project = folder === candidates()[0] ? checkout : await separateProject(lab);
        await prepareStacks(lab, project);
        lab.leave();
        console.log(describe(lab, project));
    } finally {
        await unlock();
    }
}

async function down(options: { all?: boolean }): Promise<void> {
    const folders = options.all ? candidates().filter(existsSync) : [theFolder()];
    if (folders.length === 0 || !existsSync(folders[0]!)) {
        console.log(`There is no lab in ${folders[0] ?? checkout}`);
    }
    for (const folder of folders.filter(existsSync)) {
        await new Supervisor(path.join(folder, "processes")).stop();
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
        console.log(`The lab in ${folder} is down`);
    }
}

async function fault(site: SiteName, text: string | undefined, options: { clear?: boolean }): Promise<void> {
    const call = await ontapAdmin(siteOf(theLab(), site));
    if (options.clear) {
        await call.delete("/lab/faults");
    }
    if (text !== undefined) {
        await call.post("/lab/faults", JSON.parse(text));
    }
    console.log(JSON.stringify((await call.get("/lab/faults")).data, undefined, 2));
}

function status(): void {
    const lab = theLab();
    console.log(`${lab.folder}, speed ${lab.speed}`);
    for (const { site, name, pid, state, log } of lab.processes()) {
        console.log(`${site.padEnd(6)} ${name.padEnd(24)} ${String(pid ?? "").padStart(8)} ${state.padEnd(8)} ${log}`);
    }
}

/** The first folder of which no lab makes use; one that died there makes room. */
async function freeFolder(): Promise<{ folder: string; unlock: () => Promise<void> }> {
    for (const folder of candidates()) {
        // Held while a lab is being brought up, since it has no processes yet.
        const unlock = await lockfile.lock(folder, { realpath: false, stale: 20_000 }).catch(() => undefined);
        if (unlock === undefined || isAlive(folder)) {
            console.log(`There is a lab in ${folder} already`);
            await unlock?.();
            continue;
        }
        if (existsSync(folder)) {
            console.log(`Removing what is left of a lab in ${folder} that runs no more`);
            await rm(folder, { recursive: true, force: true, maxRetries: 3 });
        }
        return { folder, unlock };
    }
    throw new Error(`There are nine labs in ${checkout} already`);
}

function candidates(): string[] {
    return Array.from({ length: 9 }, (_, index) => path.join(checkout, index === 0 ? ".lab" : `.lab-${index + 1}`));
}

function isAlive(folder: string): boolean {
    const records = path.join(folder, "processes");
    return existsSync(records) && new Supervisor(records).list().some(({ state }) => state !== "dead");
}

function theFolder(): string {
    return path.resolve(program.opts<{ folder: string }>().folder);
}

function theLab(): Lab {
    return openLab(theFolder());
}

function siteOf(lab: Lab, name: SiteName) {
    const site = lab.sites[name] as Lab["sites"][SiteName] | undefined;
    if (site === undefined) {
        throw new Error(`Expected one of the sites ${Object.keys(lab.sites).join(", ")}, found "${name}"`);
    }
    return site;
}

function describe(lab: Lab, project: string): string {
    const relative = path.relative(process.cwd(), lab.folder) || ".";
    const sites = Object.values(lab.sites).flatMap(({ name, kubernetes, ontap, s3 }) => [
        `${name}:`,
        `    Kubernetes  ${kubernetes.server}  (contexts ${name} and ${name}-admin)`,
        `    ONTAP       ${ontap.url}  (cluster ${ontap.clusterName}, SVM ${ontap.svm})`,
        `    S3          https://${s3.endpoint}  (bucket ${s3.bucket})`,
    ]);
    return [
        "",
        ...sites,
        `Pulumi plugin for Kubernetes: ${lab.plugin.kind === "real" ? "the real one" : "a stand-in"}`,
        "",
        "To drive it by hand:",
        `    source ${relative}/env`,
        ...(project === process.cwd() ? [] : [`    cd ${path.relative(process.cwd(), project)}`]),
        "    pulumi up --stack east",
        "    pulumi up --stack west",
        "    pulumi config set active west --stack west && pulumi preview --stack west",
        "    pulumi stack output --stack west",
        "    kubectl --context west-admin get amr -A",
        "",
        "To take a site away, bring it back, see what was written, and end it all:",
        "    npm run lab -- kill east [--hard]",
        "    npm run lab -- revive east",
        "    npm run lab -- ledger",
        "    npm run lab -- down",
    ].join("\n");
}

program.parseAsync().catch((error: unknown) => {
    const said = axios.isAxiosError(error) ? `: ${JSON.stringify(error.response?.data ?? null)}` : "";
    console.error(error instanceof Error ? error.message + said : error);
    process.exitCode = 1;
});
