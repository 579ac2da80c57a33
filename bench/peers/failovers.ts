import path from "node:path";
import type { Lab, SiteName } from "../../lab/lab";
import type { BenchOptions, PeerTool } from "../bench";
import type { PeerApplications } from "./applications";
import type { Commanded } from "./command";
import type { Python } from "./python";
import { machineLabel, tokenAt } from "./virtualMachines";

/** A way in which others fail over: all applications, to a site. */
export interface PeerFailover {
    name: PeerName;
    run(site: SiteName): Promise<Commanded>;
}

export type PeerName = keyof typeof peerNames;

export const peerNames = {
    loop: "kubectl patch and wait, one by one",
    parallel: "kubectl patch and wait, all at once",
    ansible: "Ansible, kubernetes.core at its defaults",
    roles: "NetApp's role dr_failover",
} as const;

/** Those that there are: of NetApp's roles only with a checkout of them. */
export async function failoversOf(
    lab: Lab,
    applications: PeerApplications,
    python: Python,
    { rule, peers, roles }: { rule: string } & Pick<BenchOptions, "peers" | "roles">,
): Promise<PeerFailover[]> {
    const { names } = applications;
    const byTool: Record<PeerTool, PeerFailover[]> = {
        kubectl: [
            { name: "loop", run: (site) => applications.kubectl("failover-loop.sh", site) },
            { name: "parallel", run: (site) => applications.kubectl("failover-parallel.sh", site) },
        ],
        ansible: [
            {
                name: "ansible",
                run: (site) => python.playbook("failover.yml", { site, applications: names }, ansibleOn(lab)),
            },
        ],
    };
    const found = peers.flatMap((tool) => byTool[tool]);
    if (roles !== undefined) {
        const tokens = { east: await tokenAt(lab, "east"), west: await tokenAt(lab, "west") };
        found.push({
            name: "roles",
            run: (site) => {
                const environment = { ...ansibleOn(lab), ANSIBLE_ROLES_PATH: path.join(roles, "roles") };
                return python.playbook(
                    "roles-failover.yml",
                    { ...variablesOfRoles(lab, site, tokens), applications: names, rule },
                    environment,
                );
            },
        });
    }
    return found;
}

/** What Ansible needs to know of the lab; what it writes goes into the lab's folder. */
export function ansibleOn(lab: Lab): Record<string, string> {
    return {
        ...lab.environment(),
        ANSIBLE_HOME: path.join(lab.folder, "ansible"),
        ANSIBLE_LOCAL_TEMP: path.join(lab.folder, "ansible", "local"),
        K8S_AUTH_SSL_CA_CERT: lab.sites.east.kubernetes.webhook.caFile,
    };
}

/** The site that is to serve is the roles' destination. */
function variablesOfRoles(lab: Lab, destination: SiteName, tokens: Readonly<Record<SiteName, string>>): object {
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
