import type { LatencyName } from "./latency";
import type { Machine } from "./machine";
import type { Report } from "./report";

/** What others use in this package's place. */
export const peerTools = ["kubectl", "ansible"] as const;
export type PeerTool = (typeof peerTools)[number];

export interface BenchOptions {
    /** Numbers of applications, in rising order. */
    applications: readonly number[];
    /** How many volumes the array's clients change. */
    volumes: number;
    /** How many volumes NetApp's own clients change, which take a minute for each. */
    peerVolumes: number;
    /** How often each thing is done. */
    runs: number;
    latencies: readonly LatencyName[];
    /** Which of the peers beside NetApp's roles are measured. */
    peers: readonly PeerTool[];
    /** A checkout of NetApp/netapp.trident_protect. */
    roles?: string | undefined;
}

/** What every measure works with. */
export interface Bench {
    options: BenchOptions;
    report: Report;
    machine: Machine;
    log: (line: string) => void;
}
