import type { Lab, SiteName } from "../lab";
import { ArrayAdmin } from "./arrayAdmin";
import { until } from "./until";

/** Milliseconds until what a change of roles let go of counts as left over: Trident goes by its own clock. */
const patience = 120_000;

/** Mirrors on both arrays that no role needs once one site serves and the other one follows, a sentence each. */
export function leftOverMirrors({ sites }: Lab, serving: SiteName): Promise<string[]> {
    const following = serving === "east" ? "west" : "east";
    const look = async () => {
        const [serves, follows] = await Promise.all([
            new ArrayAdmin(sites[serving]).mirrors(),
            new ArrayAdmin(sites[following]).mirrors(),
        ]);
        return [
            ...serves.into.map((one) => `${serving} serves, and a mirror leads there: ${one}`),
            ...follows.outOf.map((one) => `${following} follows, and its array remembers to be a source: ${one}`),
            ...serves.outOf
                .filter((one) => !follows.into.includes(one))
                .map((one) => `${serving} remembers a mirror that ${following} does not have: ${one}`),
        ];
    };
    const none = async () => ((await look()).length === 0 ? [] : undefined);
    return until("arrays without leftovers", none, patience).catch(look);
}
