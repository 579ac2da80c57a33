import assert from "node:assert/strict";
import {
    otherClasses,
    readClaims,
    readMirroredClaims,
    reasonNotToAwait,
    sortClaims,
    tridentDriver,
} from "../../../../../provider/drivers/applications/claims";
import type { Kind, ObjectName } from "../../../../../provider/clients/kubernetes/objects";
import type { LabelSelector } from "../../../../../provider/support/labelSelector";
import { boundClaim, object } from "./objects";

const trident = (internalName: string) => ({ driver: tridentDriver, volumeAttributes: { internalName } });
const excludingCache = {
    resourceSelectionCriteria: "Exclude",
    resourceMatchers: [{ group: "", version: "v1", kind: "PersistentVolumeClaim", labelSelectors: ["tier=cache"] }],
};

function sort(
    bound: ReturnType<typeof boundClaim>[],
    { filter, labelSelector, mirrors = [] as string[] }: Options = {},
) {
    return sortClaims(
        {
            claims: bound.map(({ claim }) => claim),
            volumes: bound.map(({ volume }) => volume),
            mirrors: mirrors.map((localPVCName) =>
                object("trident.netapp.io/v1", "TridentMirrorRelationship", localPVCName, {
                    spec: { volumeMappings: [{ localPVCName }] },
                }),
            ),
        },
        { resourceFilter: filter, labelSelector },
    );
}

interface Options {
    labelSelector?: LabelSelector;
    filter?: Record<string, unknown>;
    mirrors?: string[];
}

describe("the claims of an application", () => {
    it("count where Trident made the volume, by the name that it has on the array", () => {
        const { mirrored, ignored } = sort([boundClaim("data", trident("trident_pvc_1"))]);
        assert.deepEqual(mirrored, [{ claim: "shop/data", volume: "trident_pvc_1", backendUuid: undefined }]);
        assert.deepEqual(ignored, []);
    });

    it("do not count with volumes of other drivers, whatever those say of their volumes", () => {
        const { mirrored, ignored } = sort([
            boundClaim("ebs", { driver: "ebs.csi.aws.com", volumeAttributes: { partition: "1" } }),
            boundClaim("bare", { driver: "ebs.csi.aws.com" }),
            boundClaim("liar", { driver: "ebs.csi.aws.com", volumeAttributes: { internalName: "trident_pvc_9" } }),
            boundClaim("nfs", undefined),
            boundClaim("data", trident("trident_pvc_1")),
        ]);
        assert.deepEqual(
            mirrored.map(({ claim }) => claim),
            ["shop/data"],
        );
        assert.deepEqual(ignored, [
            { claim: "shop/ebs", why: "its volume belongs to ebs.csi.aws.com, not to Trident" },
            { claim: "shop/bare", why: "its volume belongs to ebs.csi.aws.com, not to Trident" },
            { claim: "shop/liar", why: "its volume belongs to ebs.csi.aws.com, not to Trident" },
            { claim: "shop/nfs", why: "its volume belongs to no CSI driver, not to Trident" },
        ]);
    });

    it("do not count while they are not bound, or where their volume is gone", () => {
        const pending = {
            ...boundClaim("pending", undefined),
            claim: object("v1", "PersistentVolumeClaim", "pending"),
        };
        const lost = { ...boundClaim("lost", undefined), volume: object("v1", "PersistentVolume", "other") };
        assert.deepEqual(sort([pending, lost]).ignored, [
            { claim: "shop/pending", why: "it is not bound to a volume" },
            { claim: "shop/lost", why: "its PersistentVolume pv-lost does not exist" },
        ]);
    });

    it("do not count where the filter excludes them, unless a mirror of Trident's leads into them", () => {
        const cache = boundClaim("cache", trident("trident_pvc_2"), { tier: "cache" });
        assert.deepEqual(sort([cache], { filter: excludingCache }).ignored, [
            { claim: "shop/cache", why: "resourceFilter excludes it" },
        ]);
        assert.equal(sort([cache], { filter: excludingCache, mirrors: ["cache"] }).mirrored.length, 1);
    });
});

describe("the claims of an application that has a label selector", () => {
    const labelSelector = { matchLabels: { app: "shop" } };
    const own = boundClaim("data", trident("trident_pvc_1"), { app: "shop" });
    const theirs = boundClaim("ledger", trident("trident_pvc_2"), { app: "bank" });

    it("are those that it chooses, whatever mirrors of Trident's are there: they may be another application's", () => {
        const { mirrored, ignored } = sort([own, theirs], { labelSelector, mirrors: ["data", "ledger"] });
        assert.deepEqual(
            mirrored.map(({ claim }) => claim),
            ["shop/data"],
        );
        const why = "labelSelector app=shop does not choose it";
        assert.deepEqual(ignored, [{ claim: "shop/ledger", why, isUnchosen: true }]);
    });

    it("are those of them that the filter leaves, or a mirror of Trident's leads into", () => {
        const cache = boundClaim("cache", trident("trident_pvc_3"), { app: "shop", tier: "cache" });
        const filtered = { labelSelector, filter: excludingCache };
        assert.deepEqual(sort([cache], filtered).ignored, [{ claim: "shop/cache", why: "resourceFilter excludes it" }]);
        assert.equal(sort([cache], { ...filtered, mirrors: ["cache"] }).mirrored.length, 1);
    });

    it("are looked up without the volumes of others, and mirrors into theirs do not count", async () => {
        const asked: string[] = [];
        const mirrors = ["data", "ledger", "yet-to-be-made"].map((localPVCName) =>
            object("trident.netapp.io/v1", "TridentMirrorRelationship", localPVCName, {
                spec: { volumeMappings: [{ localPVCName }] },
            }),
        );
        const cluster = {
            list: (kind: Kind) =>
                Promise.resolve(kind.kind === "PersistentVolumeClaim" ? [own.claim, theirs.claim] : mirrors),
            get: (_: Kind, { name }: ObjectName) => {
                asked.push(name);
                return Promise.resolve(own.volume);
            },
        };
        const settings = { namespaces: ["shop"], resourceFilter: undefined, labelSelector };
        assert.equal((await readClaims(cluster as never, settings)).mirrored.length, 1);
        assert.deepEqual(asked, ["pv-data"]);
        assert.deepEqual(await readMirroredClaims(cluster as never, settings), ["shop/data", "shop/yet-to-be-made"]);
    });

    it("are the only ones that a base snapshot waits for", () => {
        const pending = object("v1", "PersistentVolumeClaim", "pending", { metadata: { labels: { app: "bank" } } });
        assert.equal(
            reasonNotToAwait(pending, undefined, true, { resourceFilter: undefined, labelSelector }),
            "labelSelector app=shop does not choose it",
        );
    });
});

describe("a claim that is not bound", () => {
    const claim = object("v1", "PersistentVolumeClaim", "data", { metadata: { labels: { tier: "cache" } } });
    const storageClass = (provisioner: string, volumeBindingMode = "Immediate") =>
        object("storage.k8s.io/v1", "StorageClass", "x", { provisioner, volumeBindingMode });
    const reason = (of: ReturnType<typeof storageClass> | undefined, used: boolean, filter?: Record<string, unknown>) =>
        reasonNotToAwait(claim, of, used, { resourceFilter: filter });

    it("is waited for where Trident binds it, at once or for a pod that is there", () => {
        assert.equal(reason(storageClass(tridentDriver), false), undefined);
        assert.equal(reason(storageClass(tridentDriver, "WaitForFirstConsumer"), true), undefined);
        assert.equal(reason(undefined, true), undefined);
    });

    it("is not where no pod uses it, somebody else is to bind it, or the filter excludes it", () => {
        const unused = "no pod uses it, so that it has no volume yet";
        assert.equal(reason(storageClass(tridentDriver, "WaitForFirstConsumer"), false), unused);
        assert.equal(reason(undefined, false), unused);
        assert.match(reason(storageClass("ebs.csi.aws.com"), true) ?? "", /ebs\.csi\.aws\.com, not from Trident/);
        assert.equal(reason(storageClass(tridentDriver), true, excludingCache), "resourceFilter excludes it");
    });
});

describe("a claim of another class than a mirror gives it", () => {
    const claim = (name: string, storageClassName?: string, annotated?: string) =>
        object("v1", "PersistentVolumeClaim", name, {
            spec: storageClassName === undefined ? {} : { storageClassName },
            metadata: {
                ...(annotated === undefined
                    ? {}
                    : { annotations: { "volume.beta.kubernetes.io/storage-class": annotated } }),
            },
        });

    it("is told by its field, by the older annotation, or as one without a class", () => {
        const found = otherClasses(
            [
                claim("ours", "trident-dr"),
                claim("gold", "gold"),
                claim("annotated", "trident-dr", "silver"),
                claim("ours-annotated", undefined, "trident-dr"),
                claim("static", ""),
                claim("none"),
            ],
            { storageClass: "trident-dr" },
        );
        assert.deepEqual(Object.fromEntries(found), {
            "shop/gold": { has: "gold", gets: "trident-dr" },
            "shop/annotated": { has: "silver", gets: "trident-dr" },
            "shop/static": { has: "", gets: "trident-dr" },
            "shop/none": { has: "", gets: "trident-dr" },
        });
    });
});
