import type { Measured } from "./statistics";

/** What a row is held against. */
export interface Goal {
    text: string;
    /** Whether it is met; undefined where the row has no peer to compare with. */
    met(ours: Measured, peer: Measured | undefined): boolean | undefined;
}

/** Reported, and held against nothing. */
export const noGoal: Goal = { text: "", met: () => undefined };

export function atMost(limit: number, unit: string): Goal {
    return { text: `≤ ${limit} ${unit}`, met: ({ median }) => median <= limit };
}

export function atLeast(limit: number, unit: string): Goal {
    return { text: `≥ ${limit} ${unit}`, met: ({ median }) => median >= limit };
}

/** At most so much more than the peer. */
export function atMostOver(limit: number, unit: string): Goal {
    return {
        text: `≤ ${limit} ${unit} more`,
        met: (ours, peer) => (peer === undefined ? undefined : ours.median - peer.median <= limit),
    };
}

/** At most so much more than the peer, for each of so many applications. */
export function atMostOverForEach(limit: number, unit: string, size: number): Goal {
    return {
        text: `≤ ${limit} ${unit} more for each`,
        met: (ours, peer) => (peer === undefined ? undefined : (ours.median - peer.median) / size <= limit),
    };
}

/** At most this share of the peer's time. */
export function atMostShare(share: number, text: string): Goal {
    return { text, met: (ours, peer) => (peer === undefined ? undefined : ours.median <= share * peer.median) };
}

export const faster: Goal = {
    text: "faster",
    met: (ours, peer) => (peer === undefined ? undefined : ours.median < peer.median),
};

export function timesLess(factor: number): Goal {
    return atMostShare(1 / factor, `≥ ${factor} times less`);
}
