import path from "node:path";
import type { Lab, SiteName } from "../lab";
import { machineLabel, tokenAt } from "./virtualMachines";

/**
 * What Ansible needs to know of the lab; what it writes goes into the lab's folder.
 *
 * @param checkout of NetApp/netapp.trident_protect, where its roles are run
 */
export function ansibleOn(lab: Lab, checkout?: string): Record<string, string> {
    return {
        ...lab.environment(),
        ANSIBLE_HOME: path.join(lab.folder, "ansible"),
        ANSIBLE_LOCAL_TEMP: path.join(lab.folder, "ansible", "local"),
        K8S_AUTH_SSL_CA_CERT: lab.sites.east.kubernetes.webhook.caFile,
        ...(checkout === undefined ? {} : { ANSIBLE_ROLES_PATH: path.join(checkout, "roles") }),
    };
}

/** With which the roles log in. */
export async function tokensOf(lab: Lab): Promise<Record<SiteName, string>> {
    return { east: await tokenAt(lab, "east"), west: await tokenAt(lab, "west") };
}

/** What all roles ask for. The site that is to serve, or to receive, is their destination. */
export function variablesOfRoles(lab: Lab, destination: SiteName, tokens: Readonly<Record<SiteName, string>>): object {
    const source = destination === "east" ? "west" : "east";
    return {
        src_oc_api_url: lab.sites[source].kubernetes.server,
        src_oc_api_token: tokens[source],
        dst_oc_api_url: lab.sites[destination].kubernetes.server,
        dst_oc_api_token: tokens[destination],
        src_appvault_name: `vault-${source}`,
        dst_appvault_name: `vault-${destination}`,
        src_vm_label: machineLabel,
    };
}
