import type { Round, Verb } from "./verb";

/** Zero loss: the site that serves stands down, and the other one takes over with its token. */
const switchOver: Verb = {
    prepare: async ({ operator, from, to }) => {
        await operator.configure(from, { active: to });
        await operator.configure(to, { active: to });
    },
    runs: [
        { name: "stand down", at: "from", reaches: "stood-down" },
        { name: "take over", at: "to", reaches: "active" },
        { name: "become standby", at: "from", reaches: "standby" },
    ],
    epochs: 1,
    serves: "to",
};

/** The site that serves is gone: the other one takes over, and the first one rejoins when it is back. */
const takeover: Verb = {
    prepare: async (round) => {
        await round.operator.takeAway(round.from);
        await acknowledge(round);
    },
    runs: [
        { name: "take over", at: "to", reaches: "active" },
        {
            name: "stand aside",
            at: "from",
            reaches: "displaced",
            before: async ({ operator, from, to }) => {
                await operator.awaitWrites(to);
                await operator.bringBack(from);
                await operator.configure(from, { active: to });
            },
        },
        { name: "release the mirror", at: "to", reaches: "active" },
        { name: "rejoin", at: "from", reaches: "standby" },
    ],
    epochs: 1,
    serves: "to",
    givesUp: "from",
};

/** The way back with the old site's data, after a takeover that is not killed: `takeover` does that. */
const resync: Verb = {
    prepare: async (round) => {
        const { operator, from, to, epoch } = round;
        await operator.takeAway(from);
        await acknowledge(round);
        await operator.up(to);
        await operator.awaitWrites(to);
        await operator.bringBack(from);
        await operator.configure(from, { discard: `${to}@${epoch + 1}` });
    },
    runs: [
        { name: "serve by discard", at: "from", reaches: "active" },
        {
            name: "resync",
            at: "to",
            reaches: "standby",
            before: ({ operator, from, to, epoch }) =>
                operator.configure(to, { active: from, discard: `${to}@${epoch + 1}` }),
        },
    ],
    epochs: 2,
    serves: "from",
    givesUp: "to",
};

/** A site stands down, and serves again before the other one took its token up. */
const changeOfMind: Verb = {
    prepare: ({ operator, from, to }) => operator.configure(from, { active: to }),
    runs: [
        { name: "stand down", at: "from", reaches: "stood-down" },
        {
            name: "serve again",
            at: "from",
            reaches: "active",
            before: ({ operator, from }) => operator.configure(from, { active: from }),
        },
        { name: "follow", at: "to", reaches: "standby" },
    ],
    epochs: 1,
    serves: "from",
};

/** The application leaves the mirror at both sites (docs/runbooks/unprotect.md), and is protected again. */
const abandon: Verb = {
    prepare: (round) => unprotect(round, true),
    runs: [
        { name: "leave", at: "from", reaches: "none" },
        { name: "leave", at: "to", reaches: "none" },
        { name: "tidy up", at: "from", reaches: "none" },
        { name: "tidy up", at: "to", reaches: "none" },
        { name: "protect again", at: "from", reaches: "active", before: (round) => unprotect(round, false) },
        { name: "mirror again", at: "to", reaches: "standby" },
    ],
    epochs: 1,
    serves: "from",
};

/** Every change of roles that a person can ask for, by the name under which it is killed. */
export const verbs: Readonly<Record<string, Verb>> = {
    switch: switchOver,
    takeover,
    resync,
    "change-of-mind": changeOfMind,
    abandon,
};

/** The leave to take over without a token, and to give up what was not replicated. */
function acknowledge({ operator, to, epoch }: Round): Promise<void> {
    return operator.configure(to, { active: to, takeover: epoch + 1 });
}

async function unprotect({ operator, from, to }: Round, value: boolean): Promise<void> {
    await operator.unprotect(from, value);
    await operator.unprotect(to, value);
}
