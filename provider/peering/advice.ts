import type { ClusterNode, NetworkInterface } from "../clients/ontap";

/** Seconds of difference from which on a clock is worth a note. Peering is said to fail at five minutes. */
const notableSeconds = 60;

/** What a reader should know of the own cluster before it is peered, each with its remedy; nothing of it stops a plan. */
export function adviceOn(observed: { nodes: ClusterNode[]; interclusterInterfaces: NetworkInterface[] }): string[] {
    return [...clocks(observed.nodes), ...bareNodes(observed)];
}

function clocks(nodes: ClusterNode[]): string[] {
    return nodes
        .filter(({ aheadSeconds = 0 }) => Math.abs(aheadSeconds) >= notableSeconds)
        .map(({ name, aheadSeconds = 0 }) => {
            const much = spanOf(Math.abs(aheadSeconds));
            const side = aheadSeconds > 0 ? "ahead of" : "behind";
            return (
                `the clock of ${name} is ${much} ${side} this machine's: clusters whose clocks differ do not authenticate ` +
                "each other, and lags are wrong by as much; set one right (cluster time-service ntp server create)"
            );
        });
}

/** A node without an intercluster interface cannot send or take what its volumes mirror. */
function bareNodes({ nodes, interclusterInterfaces }: Parameters<typeof adviceOn>[0]): string[] {
    const located = interclusterInterfaces.map(({ location }) => location?.node?.name);
    if (located.includes(undefined)) {
        return [];
    }
    return nodes
        .filter(({ name }) => !located.includes(name))
        .map(
            ({ name }) =>
                `the node ${name} has no intercluster interface: its volumes cannot be mirrored (network interface create ` +
                "-service-policy default-intercluster)",
        );
}

function spanOf(seconds: number): string {
    return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
