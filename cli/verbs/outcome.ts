import { describeSite, describeSites } from "./describe";
import type { Ending } from "./perform";
import type { Reading } from "./sites";
import { command } from "./step";
import type { ItemView, Verb } from "./view";

/** What was lost or given up between two readings, by what both records say of each change; a sentence each. */
export function lossesSince(item: string, before: Reading, after: Reading, ending: Ending): string[] {
    const sentences = Object.entries(after).flatMap(([site, { items }]) => {
        const last = before[site]?.items[item]?.record?.history.at(-1)?.at;
        const history = items[item]?.record?.history ?? [];
        const since = history.filter(({ at }) => last === undefined || Date.parse(at) > Date.parse(last));
        return since.flatMap((change) => [
            ...(change.lossBoundSeconds === undefined
                ? []
                : [
                      `lost by the takeover at ${site}: at most the writes of ${Math.ceil(change.lossBoundSeconds)} s${change.recoveryPoint === undefined ? "" : `, those since ${change.recoveryPoint.takenAt}`}`,
                  ]),
            ...(change.unreplicated === undefined
                ? []
                : [`given up at ${site}: ${describeGivenUp(change.unreplicated.seconds, change.unreplicated.bytes)}`]),
        ]);
    });
    // Of what has not come to its end, nobody knows yet.
    return sentences.length === 0 && ending.is === "done" ? ["nothing was lost"] : [...new Set(sentences)];
}

function describeGivenUp(seconds: number | undefined, bytes: number | undefined): string {
    const time = seconds === undefined ? "an unknown time of writes" : `at most the writes of ${Math.ceil(seconds)} s`;
    return bytes === undefined ? time : `${time}, ${bytes} bytes on its volumes`;
}

/** Where it stands, and what a person may do next. */
export function standing(ending: Exclude<Ending, { is: "failed" }>, verb: Verb, to: string, view: ItemView): string {
    return ending.is === "waiting" ? `${describeSites(view)}; ${ending.why}` : nextAfter(verb, to, view);
}

function nextAfter(verb: Verb, to: string, view: ItemView): string {
    const { peer } = view.sites[to]!;
    // What the lost site's stack says is from before.
    return verb === "failover"
        ? `${describeSite(view.sites[to]!)}. Once ${peer} is back: ${command("rejoin", view)} keeps what ${to} has written, ${command("resync", view)} what ${peer} has; until then ${to} has no standby site`
        : `${describeSites(view)}; nothing is left to do at either site`;
}
