/** One lap: a site dies, ours fails over in one way, and the peers' applications in another, if at all. */
export interface Lap<Own, Peer> {
    own: Own;
    peer: Peer | undefined;
    oursFirst: boolean;
}

/**
 * So many laps that each way, ours and the peers', has its runs. Once the peers have theirs, laps are ours alone, in
 * pairs: each lap changes the site, and the peers' applications must end at the same one as ours.
 */
export function lapsOf<Own, Peer>(runs: number, owns: readonly Own[], peers: readonly Peer[]): Lap<Own, Peer>[] {
    const count = runs * Math.max(owns.length, peers.length);
    const alone = Math.floor((count - runs * peers.length) / 2) * 2;
    return Array.from({ length: count }, (_, lap) => ({
        own: owns[lap % owns.length]!,
        peer: lap < count - alone ? peers[lap % peers.length] : undefined,
        oursFirst: Math.floor(lap / owns.length) % 2 === 0,
    }));
}
