import assert from "node:assert/strict";
import type { OntapCluster } from "../../../../provider/clients/ontap";
import { Versions } from "../../../../provider/engine/versions";
import type { Needed } from "../../../../provider/roles/versions";

const group = "protect.trident.netapp.io";

/** As an API server publishes definitions, with the fields of each kind's spec. */
function published(fields: Record<string, readonly string[]>): unknown {
    return {
        components: {
            schemas: Object.fromEntries(
                Object.entries(fields).map(([kind, names]) => [
                    `io.netapp.trident.protect.v1.${kind}`,
                    {
                        "x-kubernetes-group-version-kind": [{ group, kind, version: "v1" }],
                        properties: {
                            spec: { properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])) },
                        },
                    },
                ]),
            ),
        },
    };
}

const of2605 = {
    AppMirrorRelationship: ["promotedSnapshot", "sourceApplicationUID"],
    Schedule: ["recurrenceRule", "runImmediately"],
    ShutdownSnapshot: ["applicationRef"],
    SnapshotInplaceRestore: ["appArchivePath"],
};

interface Told {
    trident?: unknown;
    protect?: Record<string, readonly string[]>;
    array?: () => Promise<OntapCluster>;
    kubernetes?: Needed;
}

function versions({ trident = "26.06.2", protect = of2605, array = ontap, kubernetes }: Told = {}, namespace?: string) {
    const cluster = {
        get: (_kind: unknown, { name, namespace }: { name: string; namespace?: string }) =>
            Promise.resolve({
                apiVersion: "trident.netapp.io/v1",
                kind: "TridentVersion",
                metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
                ...(typeof trident === "string" ? { trident_version: trident } : {}),
            }),
        document: (path: string) =>
            Promise.resolve(path === "/version" ? { gitVersion: "v1.35.1" } : published(protect)),
    };
    return new Versions({ cluster, trident: namespace, array, ...(kubernetes && { kubernetes }) }).read();
}

function ontap(): Promise<OntapCluster> {
    return Promise.resolve({ name: "east", version: { generation: 9, major: 16, minor: 1 } });
}

describe("reading what a site runs on", () => {
    it("asks the API server, Trident's own object, the definitions of Trident Protect, and the array", async () => {
        assert.deepEqual(await versions({}, "trident"), [
            { product: "Kubernetes", told: "v1.35.1", atMost: [1, 35, 1] },
            { product: "Trident", told: "26.06.2", atMost: [26, 6, 2] },
            { product: "Trident Protect", told: "older than 26.06", atMost: [26, 5, 99] },
            { product: "ONTAP", told: "9.16.1", atMost: [9, 16, 1] },
        ]);
    });

    it("keeps beside Kubernetes' what the item needs of it", async () => {
        const kubernetes = { oldest: "1.30", why: "for an application with a labelSelector" };
        const [found] = await versions({ kubernetes });
        assert.deepEqual(found, { product: "Kubernetes", told: "v1.35.1", atMost: [1, 35, 1], needed: kubernetes });
    });

    it("asks for neither Trident nor Trident Protect where there are only volumes", async () => {
        assert.deepEqual(
            (await versions()).map(({ product }) => product),
            ["Kubernetes", "ONTAP"],
        );
    });

    it("tells Trident Protect by its definitions", async () => {
        const protect = async (fields: Record<string, readonly string[]>) =>
            (await versions({ protect: fields }, "trident"))[2];
        assert.deepEqual(await protect({ ...of2605, Schedule: ["recurrenceRule"] }), {
            product: "Trident Protect",
            told: "older than 26.02",
            atMost: [26, 1, 99],
        });
        const newer = [...of2605.AppMirrorRelationship, "storageClassMapping"];
        assert.deepEqual(await protect({ ...of2605, AppMirrorRelationship: newer }), {
            product: "Trident Protect",
            told: "26.06 or newer",
        });
        const { ShutdownSnapshot: _, ...without } = of2605;
        assert.deepEqual(await protect(without), {
            product: "Trident Protect",
            told: "a version without ShutdownSnapshot.spec.applicationRef",
            atMost: [0, 0],
        });
    });

    it("takes what cannot be read for unknown", async () => {
        const found = await versions(
            { trident: undefined, array: () => Promise.reject(new Error("east: its array does not answer")) },
            "trident",
        );
        assert.deepEqual(found[1], { product: "Trident", told: "26.06.2", atMost: [26, 6, 2] });
        assert.deepEqual(found[3], { product: "ONTAP", unknown: "east: its array does not answer" });
        const odd = await versions({ trident: 26 }, "trident");
        assert.deepEqual(odd[1], { product: "Trident", unknown: "expected a version, found none" });
    });
});
