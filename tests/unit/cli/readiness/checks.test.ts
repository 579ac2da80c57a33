import assert from "node:assert/strict";
import { readinessOf } from "../../../../cli/readiness/checks";
import {
    type CheckLevel,
    type CheckName,
    checkNames,
    type ReadinessDocument,
} from "../../../../cli/readiness/document";
import type { TargetFacts } from "../../../../cli/readiness/facts";
import { tableOf } from "../../../../cli/readiness/table";
import { mirrored } from "../status/facts";
import { textOf } from "../../docs/documents";
import { factsOf, goodNeeds, now, readyTarget, withHealth, withNeeds, withTakeover } from "./facts";

const unread = { unknown: "it does not answer" };

/** Each way in which a check is not well: the check's level, that of the item, and what is said. */
type Case = [target: TargetFacts, level: CheckLevel, ofItem: CheckLevel, what: RegExp, next: RegExp];

const cases: Readonly<Record<CheckName, readonly Case[]>> = {
    reached: [
        [readyTarget({ reached: unread }), "unknown", "unknown", /does not answer/, /or name another --context-west/],
    ],
    standby: [
        [
            readyTarget({ follows: false }),
            "blocks",
            "blocks",
            /^west is standby in epoch 1$/,
            /pulumi preview --stack west/,
        ],
        [readyTarget({ follows: false, next: "pulumi up" }), "blocks", "blocks", /^west is standby/, /^pulumi up$/],
        [readyTarget({ record: unread }), "unknown", "unknown", /what west is for shop is not known/, /status shop/],
    ],
    bundle: [[readyTarget({ bundle: unread }), "attention", "attention", /does not answer/, /^pulumi up --stack west/]],
    takeover: [
        [
            withTakeover({
                due: { is: "refusal", code: "others-write", reason: "the mirror was broken", remedies: ["look"] },
            }),
            "blocks",
            "blocks",
            /^a takeover is refused \(others-write\): the mirror was broken$/,
            /^look$/,
        ],
        [
            withTakeover({ due: { is: "plan", verb: "hold", calls: [] }, takesOver: false }),
            "blocks",
            "blocks",
            /what is due there is no takeover: hold/,
            /pulumi up --stack west/,
        ],
        [readyTarget({ takeover: unread }), "unknown", "unknown", /does not answer/, /pulumi preview/],
    ],
    copy: [
        [
            withHealth({ maxLagSeconds: 60 }),
            "blocks",
            "blocks",
            /^the copy is 3 min behind, and maxLag is 60 s$/,
            /pulumi preview/,
        ],
        [
            withHealth({ mirror: { state: "unsettled" } }),
            "blocks",
            "blocks",
            /nothing of shop is complete at west/,
            /pulumi preview/,
        ],
        [
            withHealth({ mirror: { state: "unsettled" }, copy: "40%" }),
            "blocks",
            "blocks",
            /the copy of shop is being made: 40%/,
            /--watch/,
        ],
        [readyTarget({ health: unread }), "unknown", "attention", /does not answer/, /pulumi preview/],
    ],
    mirror: [
        [
            withHealth({ mirror: { ...mirrored.mirror!, error: "quota exceeded" } }),
            "attention",
            "attention",
            /the mirror of shop is established: quota exceeded/,
            /pulumi preview/,
        ],
        [
            withHealth({ mirror: { ...mirrored.mirror!, state: "unsettled" } }),
            "attention",
            "attention",
            /the mirror of shop is unsettled$/,
            /pulumi preview/,
        ],
    ],
    array: [
        [
            withHealth({ faults: [{ what: "the mirror is broken off", endangers: true }] }),
            "blocks",
            "blocks",
            /broken off/,
            /pulumi preview/,
        ],
        [
            withHealth({ faults: [{ what: "left over", endangers: false }] }),
            "attention",
            "attention",
            /left over/,
            /pulumi preview/,
        ],
        [withHealth({ arrayUnknown: "HTTP 401" }), "unknown", "attention", /HTTP 401/, /address, certificate/],
    ],
    capacity: [
        [
            withTakeover({
                space: [
                    { volume: "shop/data", usedBytes: 95, sizeBytes: 100 },
                    { volume: "shop/logs", usedBytes: 94, sizeBytes: 100 },
                ],
            }),
            "attention",
            "attention",
            /^full at west: shop\/data \(95%\)$/,
            /make room/,
        ],
    ],
    vaults: [
        [
            withVault("west", { fault: "no route", unreachable: true }),
            "blocks",
            "blocks",
            /^vault vault-west of west: no route$/,
            /the bucket of west can be reached/,
        ],
        [
            withVault("east", { fault: "no route", unreachable: true }),
            "attention",
            "attention",
            /vault-east of east: no route/,
            /the bucket of east can be reached/,
        ],
        [
            withVault("east", { fault: "403", unreachable: false }),
            "blocks",
            "blocks",
            /vault-east of east: 403/,
            /correct sites\.east\.vault/,
        ],
        [readyTarget({ needs: unread }), "unknown", "attention", /does not answer/, /pulumi preview/],
    ],
    prerequisites: [
        [
            withNeeds({ prerequisites: [{ what: "AppVault is not Available", remedy: "check it" }] }),
            "attention",
            "attention",
            /^AppVault is not Available$/,
            /^check it$/,
        ],
        [withNeeds({ prerequisites: unread }), "unknown", "attention", /does not answer/, /pulumi preview/],
    ],
    "storage-class": [
        [
            withNeeds({ storageClass: { name: "gold", exists: false } }),
            "attention",
            "attention",
            /^StorageClass gold does not exist$/,
            /pulumi up/,
        ],
        [withNeeds({ storageClass: unread }), "unknown", "attention", /does not answer/, /trident-dr rights west/],
    ],
    versions: [
        [
            withTakeover({ versions: [{ product: "Trident", told: "23.10", atMost: [23, 10] }] }),
            "attention",
            "attention",
            /^Trident is 23\.10$/,
            /upgrade Trident at west to 24\.02 or newer/,
        ],
        [
            withTakeover({ versions: [{ product: "Trident", told: "26.10.0", atMost: [26, 10, 0] }] }),
            "attention",
            "attention",
            /known to be faulty/,
            /to 26\.10\.1 or newer/,
        ],
        [
            withTakeover({ versions: [{ product: "ONTAP", unknown: "HTTP 403" }] }),
            "unknown",
            "attention",
            /the version of ONTAP is not known: HTTP 403/,
            /may read its version/,
        ],
    ],
    rights: [
        [
            withTakeover({
                rights: { missing: [{ group: "", resource: "pods", verbs: ["list"], namespace: "shop" }] },
            }),
            "attention",
            "attention",
            /this account may not: list pods in shop/,
            /trident-dr rights west/,
        ],
        [
            withTakeover({
                rights: {
                    missing: [{ group: "", resource: "resourcequotas", verbs: ["get", "delete"], namespace: "shop" }],
                },
            }),
            "blocks",
            "blocks",
            /get, delete resourcequotas in shop/,
            /trident-dr rights west/,
        ],
        [withTakeover({ rights: unread }), "unknown", "attention", /does not answer/, /trident-dr rights west/],
    ],
    quotas: [
        [
            withNeeds({ quotas: { inTheWay: ["shop/frozen"], all: true } }),
            "blocks",
            "blocks",
            /ResourceQuota shop\/frozen allows no pod/,
            /kubectl -n shop delete resourcequota frozen/,
        ],
        [withNeeds({ quotas: unread }), "unknown", "attention", /does not answer/, /trident-dr rights west/],
    ],
    "pod-policy": [
        [
            withNeeds({
                podPolicy: { inTheWay: [{ what: "ValidatingAdmissionPolicy x", remove: "kubectl delete x" }] },
            }),
            "blocks",
            "blocks",
            /^ValidatingAdmissionPolicy x has the name of this package's, and is somebody else's$/,
            /^at west: kubectl delete x$/,
        ],
        [withNeeds({ podPolicy: unread }), "unknown", "attention", /does not answer/, /trident-dr rights west/],
    ],
    peering: [
        [
            withPeering("suspended", "available"),
            "attention",
            "attention",
            /the peering of SVM svm_west with svm_east is suspended/,
            /pulumi preview/,
        ],
        [
            withPeering("peered", "unavailable"),
            "attention",
            "attention",
            /the peering with cluster cluster-east \(192\.0\.2\.1\) is unavailable/,
            /pulumi preview/,
        ],
        [
            withNeeds({ peerings: { svm: "svm_west", svms: [], clusters: [] } }),
            "attention",
            "attention",
            /SVM svm_west has no peering/,
            /pulumi preview/,
        ],
        [withNeeds({ peerings: unread }), "unknown", "attention", /could not be read/, /\/api\/svm\/peers/],
    ],
    clocks: [
        [
            withNeeds({ nodes: [{ name: "west-01", aheadSeconds: -90 }] }),
            "attention",
            "attention",
            /the clock of west-01 is .* behind this machine's/,
            /ntp server create/,
        ],
        [
            withHealth({
                mirror: {
                    ...mirrored.mirror!,
                    recoveryPoint: { snapshot: "custom-2", takenAt: "2026-11-22T03:01:00Z" },
                },
            }),
            "attention",
            "attention",
            /in this machine's future/,
            /clocks of east/,
        ],
        [withNeeds({ nodes: unread }), "unknown", "attention", /clocks .* could not be read/, /\/api\/cluster\/nodes/],
    ],
    "common-snapshots": [
        [
            readyTarget({ common: [{ volume: "shop/data", common: undefined }] }),
            "attention",
            "attention",
            /no snapshot is at both sites of shop\/data/,
            /daily\.keep/,
        ],
        [readyTarget({ common: unread }), "unknown", "attention", /does not answer/, /^$/],
    ],
    "serving-site": [
        [
            readyTarget({
                serving: { site: "east", faults: [{ what: "a hook failed", endangers: false }], needs: goodNeeds },
            }),
            "attention",
            "attention",
            /^a hook failed$/,
            /^$/,
        ],
        [
            readyTarget({
                serving: {
                    site: "east",
                    faults: [],
                    needs: {
                        prerequisites: [],
                        vaults: [{ owner: "west", name: "vault-west", is: { fault: "403", unreachable: false } }],
                    },
                },
            }),
            "attention",
            "attention",
            /vault vault-west of west, with what east has: 403/,
            /stack of east/,
        ],
        [readyTarget({ serving: unread }), "unknown", "attention", /east was not looked at/, /--context-east/],
    ],
};

function withVault(of: string, is: { fault: string; unreachable: boolean }): TargetFacts {
    return withNeeds({ vaults: goodNeeds.vaults.map((one) => (one.owner === of ? { ...one, is } : one)) });
}

function withPeering(state: "peered" | "suspended", ofCluster: "available" | "unavailable"): TargetFacts {
    const good = goodNeeds.peerings as Exclude<typeof goodNeeds.peerings, { unknown: string }>;
    return withNeeds({
        peerings: {
            svm: good.svm,
            svms: good.svms.map((one) => ({ ...one, state })),
            clusters: good.clusters.map((one) => ({ ...one, status: { state: ofCluster } })),
        },
    });
}

describe("the checks of a takeover", () => {
    it("are all well where nothing stands in its way, and each has been asked", () => {
        const { level, at, checks } = readinessOf(factsOf(readyTarget()), now);
        assert.deepEqual([level, at], ["ok", "west"]);
        assert.deepEqual(
            checks.map(({ name, level: of }) => [name, of]),
            checkNames.map((name) => [name, "ok"]),
        );
    });

    for (const name of checkNames) {
        it(`have ${name}, which is told where it is not well, with what it means and what to do`, () => {
            assert.ok(cases[name].length > 0);
            for (const [target, level, ofItem, what, next] of cases[name]) {
                const item = readinessOf(factsOf(target), now);
                const found = item.checks.filter((check) => check.name === name);
                assert.equal(found.length, 1, JSON.stringify(found));
                const [check] = found;
                assert.match(check!.what, what);
                assert.match(check!.next.join("; "), next);
                assert.notEqual(check!.means ?? "", "");
                assert.deepEqual([check!.level, item.level], [level, ofItem], check!.what);
            }
        });
    }

    it("say why no site could take over", () => {
        for (const [service, level] of [
            ["two", "blocks"],
            ["not set up", "blocks"],
            ["none", "blocks"],
            ["unknown", "unknown"],
            ["left", "ok"],
        ] as const) {
            const item = readinessOf(factsOf(undefined, service), now);
            assert.deepEqual([item.level, item.at, item.checks.length], [level, null, 1], service);
        }
    });

    it("are shown as docs/readiness.md shows them, and each is in its table", () => {
        const documentation = textOf("docs/readiness.md");
        // Of an application without a label selector.
        const { podPolicy: _, ...others } = goodNeeds;
        const needs = {
            ...others,
            vaults: [{ owner: "west", name: "vault-west", is: { fault: "no route", unreachable: true } }],
            storageClass: { name: "trident-dr", exists: false },
        };
        const item = readinessOf(factsOf(readyTarget({ needs })), now);
        const sites: ReadinessDocument["sites"] = [
            { site: "east", reached: true },
            { site: "west", reached: true },
        ];
        const table = tableOf({ schema: 1, readAt: now.toISOString(), level: item.level, sites, items: [item] });
        assert.ok(documentation.includes(`\`\`\`text\n${table}\n\`\`\``), table);
        for (const name of checkNames) {
            assert.ok(documentation.includes(`| \`${name}\``), name);
        }
    });
});
