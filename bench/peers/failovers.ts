import path from "node:path";
import { ansibleOn, tokensOf, variablesOfRoles } from "../../lab/ansible/roles";
import type { Lab, SiteName } from "../../lab/lab";
import type { BenchOptions, PeerTool } from "../bench";
import type { PeerApplications } from "./applications";
import type { Commanded } from "../../lab/ansible/command";
import type { Python } from "../../lab/ansible/python";

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
                run: (site) =>
                    python.playbook(playbookOf("failover.yml"), { site, applications: names }, ansibleOn(lab)),
            },
        ],
    };
    const found = peers.flatMap((tool) => byTool[tool]);
    if (roles !== undefined) {
        const tokens = await tokensOf(lab);
        found.push({
            name: "roles",
            run: (site) => {
                const environment = ansibleOn(lab, roles);
                return python.playbook(
                    playbookOf("roles-failover.yml"),
                    { ...variablesOfRoles(lab, site, tokens), applications: names, rule },
                    environment,
                );
            },
        });
    }
    return found;
}

/** A playbook of the benchmark's own. */
export function playbookOf(name: string): string {
    return path.join(__dirname, "ansible", name);
}
