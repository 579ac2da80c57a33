import path from "node:path";
import type { Lab } from "../lab";
import { commandOrFail } from "./command";

/** Label by which NetApp's roles know the virtual machines that they wait for. */
export const machineLabel = "bench";

/**
 * NetApp's roles fail over virtual machines, and wait until there is one at the other site: the kind, and one object of
 * it in each application's namespace.
 */
export async function grantVirtualMachines(lab: Lab, namespaces: readonly string[]): Promise<void> {
    const script = path.join(__dirname, "roles", "virtual-machines.sh");
    await commandOrFail(["bash", script, "east", "west", ...namespaces], lab.environment());
}

/** A token of an administrator at a site: the roles log in with one. */
export async function tokenAt(lab: Lab, site: string): Promise<string> {
    const { output } = await commandOrFail(
        ["bash", path.join(__dirname, "roles", "token.sh"), site],
        lab.environment(),
    );
    return output.trim().split("\n").at(-1)!;
}
