import path from "node:path";
import { installApplication } from "../../lab/application";
import { grantVirtualMachines } from "../../lab/ansible/virtualMachines";
import { writesEvery } from "../latency";
import type { Lab, SiteName } from "../../lab/lab";
import { type Commanded, commandOrFail } from "../../lab/ansible/command";

/** Applications that are mirrored by plain manifests, with the vaults, the storage class and the peering that are there. */
export class PeerApplications {
    private constructor(
        private readonly lab: Lab,
        readonly names: readonly string[],
        private readonly rule: string,
    ) {}

    static async establish(
        lab: Lab,
        names: readonly string[],
        rule: string,
        roles: boolean,
    ): Promise<PeerApplications> {
        for (const name of names) {
            await installApplication(lab.sites.east, name, writesEvery(names.length));
        }
        const peers = new PeerApplications(lab, names, rule);
        if (roles) {
            await grantVirtualMachines(lab, names);
        }
        await peers.kubectl("establish.sh", "east", "west");
        return peers;
    }

    /** Runs a script of peers/kubectl for all of them. */
    kubectl(script: string, ...sites: readonly SiteName[]): Promise<Commanded> {
        const file = path.join(__dirname, "kubectl", script);
        return commandOrFail(["bash", file, ...sites, ...this.names], { ...this.lab.environment(), RULE: this.rule });
    }
}
