import { Cluster } from "../clients/kubernetes/cluster";
import type { RoleRecord } from "../roles/record";
import type { Order } from "../roles/situation";
import type { Seal } from "../support/seal";
import type { MirrorRoleInputs } from "./inputs";
import type { Outcomes } from "./outcomes";
import { recordStoreOf } from "./recordStore";

type Place = NonNullable<MirrorRoleInputs["order"]>["before"][number];

/**
 * Where the items stand that this one is ordered with: by what became of them in this operation, in which they had their
 * turn already, else by their records.
 */
export async function orderOf(inputs: MirrorRoleInputs, outcomes: Outcomes, seal: Seal): Promise<Order> {
    const { before, after } = inputs.order ?? { before: [], after: [] };
    const [first, last] = await Promise.all([
        Promise.all(before.map((place) => serviceOf(place, inputs, outcomes, seal))),
        Promise.all(after.map((place) => recordOf(place, inputs, seal))),
    ]);
    return {
        notServing: first.filter(({ serves }) => !serves).map(({ item, why }) => ({ item, why })),
        stillServing: last
            .filter((record) => record?.role === "active")
            .map((record) => record!.application)
            .filter((item) => !standsDown(item, outcomes)),
    };
}

async function serviceOf(place: Place, inputs: MirrorRoleInputs, outcomes: Outcomes, seal: Seal) {
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
            return { item, serves: (await recordOf(place, inputs, seal))?.role === "active", why: "" };
    }
}

function recordOf(
    { application, namespace, before }: Place,
    inputs: MirrorRoleInputs,
    seal: Seal,
): Promise<RoleRecord | undefined> {
    const cluster = Cluster.connect(inputs.site, inputs.cluster);
    return recordStoreOf(cluster, { ...inputs, application }, namespace, seal, before).readTrusted();
}

/** At preview, the record of an item that stands down in this operation still says that it serves. */
function standsDown(item: string, outcomes: Outcomes): boolean {
    const outcome = outcomes.of(item);
    return outcome?.kind === "planned" && !outcome.serves;
}
