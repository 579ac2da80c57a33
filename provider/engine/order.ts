import type { Order } from "../roles/situation";
import type { MirrorRoleInputs, RecordPlace } from "./inputs";
import type { Outcomes } from "./outcomes";
import type { Site } from "./site";

type Records = Pick<Site, "recordOf">;

/**
 * Where the items stand that this one is ordered with: by what became of them in this operation, in which they had their
 * turn already, else by their records.
 */
export async function orderOf({ order }: MirrorRoleInputs, outcomes: Outcomes, records: Records): Promise<Order> {
    const { before, after } = order ?? { before: [], after: [] };
    const [first, last] = await Promise.all([
        Promise.all(before.map((place) => serviceOf(place, outcomes, records))),
        Promise.all(after.map((place) => records.recordOf(place))),
    ]);
    return {
        notServing: first.filter(({ serves }) => !serves).map(({ item, why }) => ({ item, why })),
        stillServing: last
            .filter((record) => record?.role === "active")
            .map((record) => record!.application)
            .filter((item) => !standsDown(item, outcomes)),
    };
}

async function serviceOf(place: RecordPlace, outcomes: Outcomes, records: Records) {
    const item = place.application;
    const outcome = outcomes.of(item);
    switch (outcome?.kind) {
        case "planned":
            return { item, serves: outcome.serves, why: "" };
        case "failed":
            return { item, serves: false, why: outcome.why };
        case "done":
            return {
                item,
                serves: outcome.record.role === "active" && outcome.establishing !== true,
                why: outcome.establishing === true ? "its copy to this site is not complete yet" : "",
            };
        case undefined:
            return { item, serves: (await records.recordOf(place))?.role === "active", why: "" };
    }
}

/** At preview, the record of an item that stands down in this operation still says that it serves. */
function standsDown(item: string, outcomes: Outcomes): boolean {
    const outcome = outcomes.of(item);
    return outcome?.kind === "planned" && !outcome.serves;
}
