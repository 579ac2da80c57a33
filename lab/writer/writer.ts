import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Cluster, type KubeObject, messageOf, runController, type Stoppable } from "../controllers";
import { type SiteDescriptor, siteOfSvm } from "../site";
import { DataPath } from "./dataPath";
import type { LedgerEntry } from "./ledger";
import { type Target, writeRecords } from "./writing";

const writerLabel = "trident-dr-lab/writer";
/** Of a pod: the pause between two of its writes. */
export const intervalAnnotation = "trident-dr-lab/interval";
/** Of a pod: what the ledger calls its application, where its namespaces differ between sites. Default: its namespace. */
export const applicationAnnotation = "trident-dr-lab/application";
const defaultIntervalMs = 200;
const backendKind = { apiVersion: "trident.netapp.io/v1", kind: "TridentBackend" };
const podKind = { apiVersion: "v1", kind: "Pod" };
const pvcKind = { apiVersion: "v1", kind: "PersistentVolumeClaim" };
const pvKind = { apiVersion: "v1", kind: "PersistentVolume" };

interface Pod extends KubeObject {
    spec: { volumes?: { persistentVolumeClaim?: { claimName: string } }[] };
    status?: { phase?: string };
}

/** Writes wherever a pod with the label runs, on each volume that the pod mounts, as the pod's container would. */
export async function startWriter(site: SiteDescriptor): Promise<Stoppable> {
    const cluster = await Cluster.connect(site.kubernetes.adminKubeconfig, { userAgent: "writer" });
    const acknowledge = openLedger(site);
    const log = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);
    /** Pods that are writing, by uid: a pod of the same name that came after another one is another pod. */
    const writing = new Map<string, { key: string; stop: AbortController; done: Promise<unknown> }>();

    const stopOthers = (key: string, uid?: string): void => {
        for (const [running, { key: runningKey, stop }] of writing) {
            if (runningKey === key && running !== uid) {
                stop.abort(new Error("the pod ended"));
                writing.delete(running);
            }
        }
    };

    const controller = runController<Pod>({
        cluster,
        kind: podKind,
        select: { labelSelector: `${writerLabel}=true` },
        backOff: { firstMs: 100, greatestMs: 1_000 },
        reconcile: async (pod) => {
            const { namespace, name, uid = "", deletionTimestamp } = pod.metadata;
            const key = `${namespace}/${name}`;
            const runs = pod.status?.phase === "Running" && deletionTimestamp === undefined;
            stopOthers(key, runs ? uid : undefined);
            if (!runs || writing.has(uid)) {
                return;
            }
            const targets = await targetsOf(cluster, site, pod);
            const stop = new AbortController();
            const done = Promise.all(
                // Each pod mounts for itself.
                targets.map(({ array: { dataUrl, svm }, ...target }) =>
                    writeRecords(target, new DataPath(dataUrl, svm), acknowledge, stop.signal, log),
                ),
            );
            done.catch((error: unknown) => log(`${key}: ${messageOf(error)}`));
            writing.set(uid, { key, stop, done });
            log(`${key} runs: writing to ${targets.map((target) => target.volume).join(", ") || "nothing"}`);
        },
        gone: async (ref) => stopOthers(`${ref.namespace}/${ref.name}`),
        log,
    });
    await controller.synced;
    return {
        stop: async () => {
            await controller.stop();
            writing.forEach(({ stop }) => stop.abort(new Error("the writer ends")));
            await Promise.allSettled([...writing.values()].map(({ done }) => done));
        },
    };
}

/** A volume that is written to, and the array that it is on. */
interface ArrayTarget extends Target {
    array: SiteDescriptor["ontap"];
}

async function targetsOf(cluster: Cluster, own: SiteDescriptor, pod: Pod): Promise<ArrayTarget[]> {
    const { namespace, name, annotations } = pod.metadata;
    const intervalMs = parseInterval(annotations?.[intervalAnnotation]);
    const claims = (pod.spec.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []);
    return Promise.all(
        claims.map(async (claim) => {
            const pvc = await cluster.get(pvcKind, { namespace, name: claim });
            const pv = await cluster.get(pvKind, { name: String(pvc?.spec?.volumeName ?? "-") });
            const { internalName: volume, backendUUID } = (pv?.spec?.csi?.volumeAttributes ?? {}) as VolumeAttributes;
            if (volume === undefined) {
                throw new Error(`the PVC ${namespace}/${claim} has no volume of Trident`);
            }
            const { name: site, ontap: array } = siteOfSvm(own, await svmOf(cluster, backendUUID));
            const application = `${annotations?.[applicationAnnotation] ?? namespace}/${claim}`;
            return { site, array, pod: name, application, volume, junctionPath: `/${volume}`, intervalMs };
        }),
    );
}

interface VolumeAttributes {
    internalName?: string;
    backendUUID?: string;
}

/** A cluster may have backends on several arrays. */
async function svmOf(cluster: Cluster, backendUuid: string | undefined): Promise<string> {
    const backends = await cluster.list(backendKind);
    const found = backends.find(({ backendUUID }) => backendUUID === backendUuid) as Backend | undefined;
    const svm = found?.config?.ontap_config?.svm;
    if (svm === undefined) {
        throw new Error(`Trident has no backend ${backendUuid ?? "of this volume"}`);
    }
    return svm;
}

interface Backend extends KubeObject {
    config?: { ontap_config?: { svm?: string } };
}

/** `200` or `200ms` or `1s`; anything else, or nothing, gives 200 ms. */
export function parseInterval(text: string | undefined): number {
    const match = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text ?? "");
    const value = Number(match?.[1] ?? 0) * (match?.[2] === "s" ? 1000 : 1);
    return value > 0 ? value : defaultIntervalMs;
}

/** Appends to this site's ledger, which lies outside both sites. */
function openLedger(site: SiteDescriptor): (entry: LedgerEntry) => void {
    mkdirSync(site.ledgerFolder, { recursive: true });
    const file = join(site.ledgerFolder, `${site.name}.jsonl`);
    if (existsSync(file) && !endsWithNewline(readFileSync(file))) {
        // The writer was killed in the middle of a line: what follows must start on a line of its own.
        appendFileSync(file, "\n");
    }
    return (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

function endsWithNewline(content: Buffer): boolean {
    return content.length === 0 || content[content.length - 1] === "\n".charCodeAt(0);
}
