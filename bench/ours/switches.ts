import { expectOk, up } from "../../lab/scenarios/scenarioSteps";
import { runCommand } from "../../lab/scenarios/command";
import type { LedgerWindow } from "../ledgerWindow";
import type { OurStacks } from "./stacks";

/** A way in which ours change the site that serves, as planned: until neither site has anything left to do. */
export interface OurSwitch {
    name: OurSwitchName;
    /** What it took, in seconds; the time without service is that of the application that waited longest. */
    run(ours: OurStacks, window: LedgerWindow): Promise<{ withoutService: number; commands: number }>;
}

export type OurSwitchName = "up" | "trident-dr switch";

export const ourSwitches: readonly OurSwitch[] = [
    { name: "up", run: byHand },
    { name: "trident-dr switch", run: byCommand },
];

/** As the runbook has it: the value at both sites, then `up` at one and at the other. */
async function byHand(ours: OurStacks, window: LedgerWindow): Promise<{ withoutService: number; commands: number }> {
    const [from, to] = [ours.serving, ours.standby];
    const configured = await ours.configure("active", to);
    const stoodDown = await up(ours.stacks[from]);
    const took = await up(ours.stacks[to]);
    const withoutService = await window.secondsWithoutService(ours.names, from, to);
    const settled = await ours.settle(from);
    ours.served(to);
    return { withoutService, commands: configured + stoodDown.seconds + took.seconds + settled.seconds };
}

/** One command, which plans, sets the value, and runs what is needed at either site. */
async function byCommand(ours: OurStacks, window: LedgerWindow): Promise<{ withoutService: number; commands: number }> {
    const [from, to] = [ours.serving, ours.standby];
    const { lab, stacks, names } = ours;
    const environment = { ...process.env, ...lab.environment(), ...ours.environment };
    const args = ["switch", ...names, "--to", to, "--yes"];
    const { seconds } = expectOk(await runCommand(args, environment, stacks[from].project));
    const withoutService = await window.secondsWithoutService(names, from, to);
    ours.served(to);
    return { withoutService, commands: seconds };
}
