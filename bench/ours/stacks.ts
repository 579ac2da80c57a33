import path from "node:path";
import { installApplication } from "../../lab/application";
import type { Lab, SiteName } from "../../lab/lab";
import { type CliResult, prepareStacks, separateProject, type Stack } from "../../lab/pulumi";
import { expectOk, upAtBoth } from "../../lab/scenarios/scenarioSteps";
import { writesEvery } from "../latency";
import { command } from "../peers/command";

/** The runs that it took until neither site had anything left to do. */
export interface Settled {
    runs: CliResult[];
    /** Of all commands, one after another. */
    seconds: number;
}

/** The example's program with so many applications at both sites of a lab, as an operator leads them. */
export class OurStacks {
    /** Epoch of all applications: they are led together. */
    epoch = 1;
    serving: SiteName = "east";

    private constructor(
        readonly lab: Lab,
        readonly stacks: Readonly<Record<SiteName, Stack>>,
        /** Each is an application and its namespace. */
        readonly names: readonly string[],
    ) {}

    /** East serves, west is its standby site, and nothing is left to do at either. */
    static async establish(lab: Lab, names: readonly string[], rule: string): Promise<OurStacks> {
        for (const name of names) {
            await installApplication(lab.sites.east, name, writesEvery(names.length));
        }
        const stacks = await prepareStacks(lab, await separateProject(lab, "ours"), atOnce(names.length));
        for (const stack of Object.values(stacks)) {
            await stack.edit((config) => {
                const whole = `DTSTART:20250101T000000Z\nRRULE:${rule}`;
                const schedule = { recurrenceRule: whole, mirrorRecurrenceRule: whole };
                config["trident-dr:applications"] = names.map((name) => ({ name, namespaces: [name], ...schedule }));
            });
        }
        await upAtBoth(stacks, (_name, _site, run) => run());
        const ours = new OurStacks(lab, stacks, names);
        await ours.settle("west");
        return ours;
    }

    get standby(): SiteName {
        return otherThan(this.serving);
    }

    /**
     * `pulumi up` at one site and the other in turn, until `next` is empty at both.
     *
     * @param environment variables of each run. Default: none
     */
    async settle(first: SiteName, environment: Readonly<Record<string, string>> = {}): Promise<Settled> {
        const runs: CliResult[] = [];
        let site = first;
        while (await this.somethingIsLeft()) {
            if (runs.length === mostRuns) {
                throw new Error(`After ${mostRuns} runs something is left to do: ${await this.left()}`);
            }
            runs.push(expectOk(await this.stacks[site].with(environment).upAtOnce()));
            site = otherThan(site);
        }
        return { runs, seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0) };
    }

    /** `trident-dr`, as it is installed, in the folder of the project. */
    command(args: readonly string[]): Promise<CliResult> {
        const { project } = this.stacks.east;
        const environment = { ...this.lab.environment(), ...atOnce(this.names.length) };
        return command([process.execPath, program, ...args], environment, project);
    }

    /** A site has begun to serve. */
    served(site: SiteName): void {
        this.epoch += 1;
        this.serving = site;
    }

    /** Sets a value of the configuration at one site, or at both; the seconds that it took. */
    async configure(key: string, value: string, sites: readonly SiteName[] = ["east", "west"]): Promise<number> {
        const began = Date.now();
        for (const site of sites) {
            await this.stacks[site].configure(key, value);
        }
        return (Date.now() - began) / 1000;
    }

    private async somethingIsLeft(): Promise<boolean> {
        return (await this.left()).length > 0;
    }

    private async left(): Promise<string[]> {
        const outputs = await Promise.all(Object.values(this.stacks).map((stack) => stack.outputs()));
        return outputs.flatMap(({ next }) => (Array.isArray(next) ? next.map(String) : ["no output `next`"]));
    }
}

/** What `npm run build` made. */
export const program = path.join(__dirname, "..", "..", "dist", "cli", "command.js");

/** As docs/runbooks/many-applications.md has it: by itself the CLI executes four plans at a time for each core. */
function atOnce(count: number): Record<string, string> {
    return count > 8 ? { PULUMI_PARALLEL: String(count) } : {};
}

/** More than any change of roles needs. */
const mostRuns = 8;

export function otherThan(site: SiteName): SiteName {
    return site === "east" ? "west" : "east";
}
