import type { ReadinessFacts, TargetFacts, TakeoverFacts } from "../../../../cli/readiness/facts";
import type { ObservedNeeds } from "../../../../provider/engine/takeoverNeeds";
import { mirrored, now, siteFacts } from "../status/facts";

const snapshot = { name: "custom-1", versionUuid: "v1", takenAt: "2026-11-22T02:57:30Z" };

export const goodNeeds: ObservedNeeds = {
    vaults: [
        { owner: "east", name: "vault-east", is: "answers" },
        { owner: "west", name: "vault-west", is: "answers" },
    ],
    prerequisites: [],
    peerings: {
        svm: "svm_west",
        svms: [
            {
                uuid: "1",
                svm: { name: "svm_west" },
                peer: { svm: { name: "svm_east" }, cluster: { name: "cluster-east" } },
                state: "peered",
                applications: ["snapmirror"],
            },
        ],
        clusters: [
            {
                uuid: "2",
                name: "cluster-east",
                remote: { ip_addresses: ["192.0.2.1"] },
                status: { state: "available" },
            },
        ],
    },
    nodes: [{ name: "west-01", aheadSeconds: 2 }],
    storageClass: { name: "trident-dr", exists: true },
    quotas: { inTheWay: [], all: true },
    podPolicy: { inTheWay: [] },
};

const goodTakeover: TakeoverFacts = {
    due: { is: "plan", verb: "take over without a token", calls: ["patch AppMirrorRelationship shop/shop: Promoted"] },
    takesOver: true,
    versions: [{ product: "Kubernetes", told: "v1.33.1", atMost: [1, 33, 1] }],
    rights: { missing: [] },
    space: [{ volume: "shop/data", usedBytes: 40, sizeBytes: 100 }],
};

/** West, which could take over from east. */
export function readyTarget(change: Partial<TargetFacts> = {}): TargetFacts {
    const { site, record, health, commands, next } = siteFacts("west", { role: "standby" });
    return {
        site,
        record,
        health,
        commands,
        next,
        peer: "east",
        reached: true,
        follows: true,
        bundle: "2026-11-21T00:00:00Z",
        takeover: goodTakeover,
        needs: goodNeeds,
        common: [{ volume: "shop/data", common: snapshot }],
        serving: { site: "east", faults: [], needs: goodNeeds },
        ...change,
    };
}

export const withNeeds = (change: Partial<ObservedNeeds>) => readyTarget({ needs: { ...goodNeeds, ...change } });

export const withTakeover = (change: Partial<TakeoverFacts>) =>
    readyTarget({ takeover: { ...goodTakeover, ...change } });

export const withHealth = (change: Partial<typeof mirrored>) => readyTarget({ health: { ...mirrored, ...change } });

export function factsOf(target?: TargetFacts, service: ReadinessFacts["service"] = "one"): ReadinessFacts {
    return {
        item: "shop",
        kind: "application",
        service,
        sites: [siteFacts("east", { role: "active" }), siteFacts("west", { role: "standby" })],
        ...(target === undefined ? {} : { target }),
    };
}

export { now };
