import type { Lab, SiteName } from "../../lab/lab";
import type { BenchOptions, PeerTool } from "../bench";
import type { PeerApplications } from "./applications";
import type { Commanded } from "../../lab/ansible/command";
import { ansibleOn } from "../../lab/ansible/roles";
import { playbookOf } from "./failovers";
import type { Python } from "../../lab/ansible/python";

/** A way in which others switch and rejoin, all applications at once. */
export interface PeerWay {
    name: string;
    tool: PeerTool;
    /** Until the other site serves; the way into the mirror is {@link rejoin}. */
    switchOver(from: SiteName, to: SiteName): Promise<Commanded>;
    rejoin(serving: SiteName, returned: SiteName): Promise<Commanded>;
}

export const wayNames = {
    kubectl: "kubectl, all at once",
    ansible: "Ansible, kubernetes.core at its defaults",
} as const;

/** With no tool, `kubectl`: after NetApp's role alone, somebody has to lead the applications back. */
export function waysOf(
    lab: Lab,
    applications: PeerApplications,
    python: Python,
    { rule, peers }: { rule: string } & Pick<BenchOptions, "peers">,
): PeerWay[] {
    const { names } = applications;
    const playbook = (name: string, variables: object) =>
        python.playbook(playbookOf(name), { ...variables, applications: names, rule }, ansibleOn(lab));
    const ways: PeerWay[] = [
        {
            name: wayNames.kubectl,
            tool: "kubectl",
            switchOver: (from, to) => applications.kubectl("switch.sh", from, to),
            rejoin: (serving, returned) => applications.kubectl("rejoin.sh", serving, returned),
        },
        {
            name: wayNames.ansible,
            tool: "ansible",
            switchOver: (from, to) =>
                playbook("switch.yml", { from_site: from, to_site: to, final: `final-${Date.now()}` }),
            rejoin: (serving, returned) => playbook("rejoin.yml", { serving, returned, base: `base-${Date.now()}` }),
        },
    ];
    const tools = peers.length === 0 ? ["kubectl"] : peers;
    return ways.filter(({ tool }) => tools.includes(tool));
}
