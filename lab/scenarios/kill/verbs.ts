import type { SiteName } from "../../lab";
import type { Stack } from "../../pulumi";

/** One round of a verb: it leads from one site to the other, and the next round leads back. */
export interface Round {
    stacks: Record<SiteName, Stack>;
    from: SiteName;
    to: SiteName;
}

/** A verb as it is typed: what is configured, and at which sites `pulumi up` then follows. */
export interface Verb {
    /** Brings both stacks to where the first run of a round can begin. */
    prepare(round: Round): Promise<void>;
    /** The runs of `pulumi up`, in order. */
    runs: readonly { name: string; at: "from" | "to" }[];
    /** What the sites are for the application when a round is over. */
    roles: Readonly<Record<"from" | "to", string>>;
}

export const verbs: Readonly<Record<string, Verb>> = {
    switch: {
        prepare: async ({ stacks, to }) => {
            for (const stack of Object.values(stacks)) {
                await stack.edit((config) => {
                    config["trident-dr:active"] = to;
                });
            }
        },
        runs: [
            { name: "stand down", at: "from" },
            { name: "take over", at: "to" },
            { name: "become standby", at: "from" },
        ],
        roles: { from: "standby", to: "active" },
    },
};
