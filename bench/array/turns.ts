/** How many volumes are mirrored between a pair of arrays, and whether the slow peers change them as well as ours. */
export interface Turn {
    volumes: number;
    withPeers: boolean;
}

/** Nothing is compared but what was done with as many volumes: where the peers have fewer, ours change those as well. */
export function turnsOf(volumes: number, peerVolumes: number): Turn[] {
    return peerVolumes < volumes
        ? [
              { volumes, withPeers: false },
              { volumes: peerVolumes, withPeers: true },
          ]
        : [{ volumes, withPeers: true }];
}
