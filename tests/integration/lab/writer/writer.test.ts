import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { Stoppable } from "../../../../lab/controllers";
import { kinds, type Pvc } from "../../../../lab/trident/kinds";
import { type LedgerEntry, lostWrites, readLedger, readVolume } from "../../../../lab/writer/ledger";
import { startWriter } from "../../../../lab/writer/writer";
import { toolsMs } from "../controllers/controlPlane";
import { eventually, until } from "../controllers/until";
import { startTestSite, type TestSite } from "../trident/twoArrays";

const namespace = "shop";
const podKind = { apiVersion: "v1", kind: "Pod" };

describe("The writer on a real API server and a simulated array", function () {
    this.timeout(60_000);
    let site: TestSite;
    let writer: Stoppable;
    let volume: string;

    before(async function () {
        this.timeout(toolsMs);
        site = await startTestSite();
        const { cluster } = site.plane;
        await cluster.create({
            ...kinds.pvc,
            metadata: { namespace, name: "shop-data" },
            spec: {
                storageClassName: "east",
                accessModes: ["ReadWriteMany"],
                resources: { requests: { storage: "1Gi" } },
            },
        });
        const ref = { namespace, name: "shop-data" };
        const bound = await until<Pvc>(cluster, kinds.pvc, ref, (pvc) => pvc?.status?.phase === "Bound");
        const pv = await cluster.get(kinds.pv, { name: bound?.spec.volumeName ?? "" });
        volume = String(pv?.spec.csi.volumeAttributes.internalName);
        writer = await startWriter(site.descriptor);
    });
    after(async () => {
        await writer?.stop();
        await site?.stop();
    });

    const ledger = (): LedgerEntry[] => readLedger(site.descriptor.ledgerFolder);

    const moreThan = (count: number): Promise<boolean> =>
        eventually(async () => (ledger().length > count ? true : undefined));

    async function startPod(name: string, labels: Record<string, string>): Promise<void> {
        await eventually(() =>
            site.plane.cluster
                .create({
                    ...podKind,
                    metadata: { namespace, name, labels, annotations: { "trident-dr-lab/interval": "20ms" } },
                    spec: {
                        nodeName: "worker-1",
                        terminationGracePeriodSeconds: 0,
                        containers: [{ name: "shop", image: "shop" }],
                        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "shop-data" } }],
                    },
                })
                // The namespace's service account comes a moment after the namespace.
                .catch(() => undefined),
        );
    }

    async function endPod(name: string): Promise<void> {
        await site.plane.cluster.delete(podKind, { namespace, name }, { gracePeriodSeconds: 0 });
        await until(site.plane.cluster, podKind, { namespace, name }, (pod) => pod === undefined);
    }

    const label = { "trident-dr-lab/writer": "true" };

    it("writes for a running pod with the label, and for no other", async () => {
        await startPod("stranger", {});
        await startPod("first", label);
        await moreThan(5);
        const records = await readVolume(site.descriptor, volume, "records.jsonl");
        assert.deepEqual([...new Set(records.map((record) => record.pod))], ["first"]);
        assert.deepEqual(lostWrites(ledger(), await readVolume(site.descriptor, volume, "records.jsonl")), []);
    });

    it("ends with the pod, and the next pod goes on with the numbers", async () => {
        await endPod("first");
        await startPod("second", label);
        const before = ledger().length;
        await moreThan(before + 3);
        const numbers = ledger().map((entry) => entry.n);
        assert.deepEqual(
            numbers,
            numbers.map((_, index) => index + 1),
        );
        assert.equal(ledger()[0]?.application, "shop/shop-data");
    });

    it("goes on by its handle while the volume is not mounted at its path", async () => {
        const onArray = await site.east.client.volume(site.east.svm, volume);
        await site.east.client.mountVolume(onArray?.uuid ?? "", "/elsewhere");
        await eventually(async () => ((await site.east.append(volume, "x")) === 404 ? true : undefined));
        const before = ledger().length;
        await moreThan(before + 1);
        await site.east.client.mountVolume(onArray?.uuid ?? "", `/${volume}`);
        assert.deepEqual(lostWrites(ledger(), await readVolume(site.descriptor, volume, "records.jsonl")), []);
    });
});
