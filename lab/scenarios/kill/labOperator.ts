import type { Lab, SiteName } from "../../lab";
import type { Stack } from "../../pulumi";
import { up, writes } from "../scenarioSteps";
import type { Operator } from "./verb";

/** Records after which an application counts as writing. */
const someWrites = 5;

/** Does on a lab what an operator would do. */
export class LabOperator implements Operator {
    constructor(
        private readonly lab: Lab,
        private readonly stacks: Readonly<Record<SiteName, Stack>>,
    ) {}

    configure(site: SiteName, values: Readonly<Record<string, string | number>>): Promise<void> {
        return this.stacks[site].edit((config) => {
            for (const [key, value] of Object.entries(values)) {
                config[`trident-dr:${key}`] = value;
            }
        });
    }

    unprotect(site: SiteName, value: boolean): Promise<void> {
        return this.stacks[site].edit((config) => {
            const [shop] = config["trident-dr:applications"] as Record<string, unknown>[];
            shop!["unprotect"] = value;
        });
    }

    async up(site: SiteName): Promise<void> {
        await up(this.stacks[site]);
    }

    takeAway(site: SiteName): Promise<void> {
        return this.lab.kill(site);
    }

    async bringBack(site: SiteName): Promise<void> {
        await this.lab.revive(site);
        await this.awaitWrites(site);
    }

    awaitWrites(site: SiteName): Promise<void> {
        return writes(this.lab, site, someWrites);
    }
}
