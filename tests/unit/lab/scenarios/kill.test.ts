import assert from "node:assert/strict";
import { duplicates } from "../../../../lab/scenarios/kill/destructive";
import { type Call, type Point, pointsOf, sample } from "../../../../lab/scenarios/kill/points";

const kubernetes = "kubernetes /apis/protect.trident.netapp.io/v1/namespaces/shop";

describe("the points at which runs are killed", () => {
    const calls: Call[] = [
        { call: `GET ${kubernetes}/schedules/shop-daily`, occurrence: 1 },
        { call: `GET ${kubernetes}/schedules/shop-replication`, occurrence: 1 },
        { call: `GET ${kubernetes}/schedules (watch)`, occurrence: 1 },
        { call: "GET peer vault /trident-dr-peer/", occurrence: 1 },
        { call: "GET peer vault /trident-dr-peer/trident-dr/shop/epoch-N.json", occurrence: 1 },
        { call: `PATCH ${kubernetes}/schedules/shop-daily`, occurrence: 1 },
        { call: `PATCH ${kubernetes}/schedules/shop-daily`, occurrence: 2 },
    ];

    it("are both sides of each write, and one of each kind of read", () => {
        const points = pointsOf([[], calls]);
        assert.deepEqual(
            points.map(({ call, occurrence, moment }) => `${moment} ${call.replace(kubernetes, "…")} ${occurrence}`),
            [
                "before GET …/schedules/shop-daily 1",
                "after GET …/schedules (watch) 1",
                "before GET peer vault /trident-dr-peer/ 1",
                "before PATCH …/schedules/shop-daily 1",
                "after PATCH …/schedules/shop-daily 1",
                "before PATCH …/schedules/shop-daily 2",
                "after PATCH …/schedules/shop-daily 2",
            ],
        );
        assert.ok(points.every(({ stage }) => stage === 1));
    });

    it("are no writes where an account asks for its own rights, though that is posted", () => {
        const asking = "POST kubernetes /apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
        const asked = [1, 2, 3].map((occurrence): Call => ({ call: asking, occurrence }));
        assert.deepEqual(
            pointsOf([asked]).map(({ call, occurrence }) => [call, occurrence]),
            [[asking, 1]],
        );
    });

    it("take turns in what is killed, however few they are", () => {
        const points = pointsOf([calls, calls]);
        const victims = ["all", "provider", "cli"];
        assert.deepEqual([...new Set(points.map(({ what }) => what))], victims);
        assert.deepEqual(
            sample(points, 3).map(({ what }) => what),
            victims,
        );
    });

    it("are spread over all runs when only some are tried, and never more than there are", () => {
        const points = pointsOf([calls, calls, calls]);
        assert.deepEqual(
            sample(points, 3).map(({ stage }) => stage),
            [0, 1, 2],
        );
        assert.equal(sample(points, 1_000).length, points.length);
    });

    it("are those at writes first, and in the order of the runs, when only some are tried", () => {
        const points = pointsOf([calls, calls]);
        const atWrites = points.filter(({ call }) => call.startsWith("PATCH "));
        const bare = (some: Point[]) => some.map(({ what: _, ...point }) => point);
        assert.deepEqual(bare(sample(points, atWrites.length)), bare(atWrites));
        const oneMore = sample(points, atWrites.length + 1);
        assert.equal(oneMore.filter(({ call }) => call.startsWith("GET ")).length, 1);
        const stages = oneMore.map(({ stage }) => stage);
        assert.deepEqual(stages, stages.toSorted());
    });
});

describe("destructive calls", () => {
    it("are counted when one was carried out again; what can be repeated is not", () => {
        const once = ["patch AppMirrorRelationship shop/shop", "PUT vault-west trident-dr/shop/epoch-2.json"];
        const again = ["delete AppMirrorRelationship shop/shop", "create ShutdownSnapshot shop/shop-final-1"];
        const harmless = ["patch Schedule shop/shop-daily", "apply ConfigMap shop/trident-dr-record-shop"];
        assert.deepEqual(duplicates([...once, ...again, ...harmless, ...again, ...harmless]), [
            { call: again[0], times: 2 },
            { call: again[1], times: 2 },
        ]);
    });
});
