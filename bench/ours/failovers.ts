import path from "node:path";
import type { Stack } from "../../lab/pulumi";
import { expectOk } from "../../lab/scenarios/scenarioSteps";
import { commandOrFail } from "../../lab/ansible/command";
import type { OurStacks } from "./stacks";

/** A way in which ours fail over, to the standby site. */
export interface OurFailover {
    name: OurName;
    run(ours: OurStacks): Promise<{ started: Date; seconds: number }>;
    /** An empty program run in the same way; of the command without Pulumi there is none. */
    empty?(stack: Stack): Promise<{ seconds: number }>;
}

export type OurName = "up" | "up --skip-preview" | "trident-dr takeover";

export const ourFailovers: readonly OurFailover[] = [
    {
        name: "up",
        run: async (ours) => expectOk(await ours.stacks[ours.standby].up()),
        empty: async (stack) => expectOk(await stack.up()),
    },
    {
        name: "up --skip-preview",
        run: async (ours) => expectOk(await ours.stacks[ours.standby].upAtOnce()),
        empty: async (stack) => expectOk(await stack.upAtOnce()),
    },
    { name: "trident-dr takeover", run: takeover },
];

/** The command as it is installed: what `npm run build` made. */
const program = path.join(__dirname, "..", "..", "dist", "cli", "command.js");

function takeover({ lab, names, standby, epoch }: OurStacks): Promise<{ started: Date; seconds: number }> {
    const { kubernetes, ontap } = lab.sites[standby];
    const accepted = ["--takeover", String(epoch + 1), "--yes"];
    const args = ["takeover", ...names, "--site", standby, "--kubeconfig", kubernetes.productKubeconfig, ...accepted];
    return commandOrFail([process.execPath, program, ...args], {
        TRIDENT_DR_ONTAP_USERNAME: ontap.users.product.username,
        TRIDENT_DR_ONTAP_PASSWORD: ontap.users.product.password,
    });
}
