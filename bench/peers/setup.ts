import { rules } from "../latency";
import type { LabRun } from "../labRun";
import { commandOrFail } from "../../lab/ansible/command";
import { PeerApplications } from "./applications";
import { Python } from "../../lab/ansible/python";

export interface Peers {
    applications: PeerApplications;
    python: Python;
}

const known = new WeakMap<LabRun, Promise<Peers>>();

/** What ours is compared with on a lab: as many applications again, mirrored by others. Set up once for each lab. */
export function peersOf(run: LabRun): Promise<Peers> {
    const peers = known.get(run) ?? setUp(run);
    known.set(run, peers);
    return peers;
}

async function setUp({ bench, lab, size, latency }: LabRun): Promise<Peers> {
    const python = await Python.ensure(bench.log);
    const { output } = await commandOrFail(["kubectl", "version", "--client", "-o", "json"], lab.environment());
    const { clientVersion } = JSON.parse(output) as { clientVersion: { gitVersion: string } };
    const versions = await python.versions("ansible", "ansible-core", "kubernetes", "netapp_ontap");
    Object.assign(bench.machine.versions, versions, { kubectl: clientVersion.gitVersion });
    const names = Array.from({ length: size }, (_, index) => `peer${index + 1}`);
    const withRoles = bench.options.roles !== undefined;
    return { python, applications: await PeerApplications.establish(lab, names, rules[latency], withRoles) };
}
