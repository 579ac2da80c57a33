import { z } from "zod";
import type { Cluster } from "../clients/kubernetes/cluster";
import { kinds } from "../clients/kubernetes/kinds";
import type { OntapCluster } from "../clients/ontap";
import { type InstalledVersion, type Needed, numbersOf, type Product } from "../roles/versions";
import { valueAt } from "../support/json";

export interface VersionSources {
    cluster: Pick<Cluster, "get" | "document">;
    /** Namespace of Trident; undefined where neither it nor Trident Protect is used. */
    trident: string | undefined;
    array: () => Promise<OntapCluster>;
    /** What the item needs of Kubernetes. Default: what every item does. */
    kubernetes?: Needed;
}

/** What a site runs on. Best effort: what cannot be read is unknown. */
export class Versions {
    constructor(private readonly sources: VersionSources) {}

    read(): Promise<InstalledVersion[]> {
        const { cluster, trident, array, kubernetes } = this.sources;
        return Promise.all([
            orUnknown("Kubernetes", () => readKubernetes(cluster, kubernetes)),
            ...(trident === undefined
                ? []
                : [
                      orUnknown("Trident", () => readTrident(cluster, trident)),
                      orUnknown("Trident Protect", () => readTridentProtect(cluster)),
                  ]),
            orUnknown("ONTAP", () => readOntap(array)),
        ]);
    }
}

async function orUnknown(product: Product, read: () => Promise<InstalledVersion>): Promise<InstalledVersion> {
    try {
        return await read();
    } catch (error) {
        return { product, unknown: error instanceof Error ? error.message : String(error) };
    }
}

async function readKubernetes(
    cluster: Pick<Cluster, "document">,
    needed: Needed | undefined,
): Promise<InstalledVersion> {
    const found = exactly("Kubernetes", valueAt(await cluster.document("/version"), ["gitVersion"]));
    return needed === undefined || "unknown" in found ? found : { ...found, needed };
}

/** Trident writes its version into an object of its own (docs/facts/versions.md). */
async function readTrident(cluster: Pick<Cluster, "get">, namespace: string): Promise<InstalledVersion> {
    const found = await cluster.get(kinds.tridentVersion, { name: "trident", namespace });
    return found === undefined
        ? { product: "Trident", unknown: `there is no TridentVersion ${namespace}/trident` }
        : exactly("Trident", found.trident_version);
}

async function readOntap(array: () => Promise<OntapCluster>): Promise<InstalledVersion> {
    const { generation, major, minor } = (await array()).version;
    const numbers = [generation, major, minor];
    return { product: "ONTAP", told: numbers.join("."), atMost: numbers };
}

function exactly(product: Product, version: unknown): InstalledVersion {
    const told = typeof version === "string" ? version.slice(0, mostCharacters) : undefined;
    const numbers = told === undefined ? undefined : numbersOf(told);
    return told === undefined || numbers === undefined
        ? { product, unknown: `expected a version, found ${told === undefined ? "none" : JSON.stringify(told)}` }
        : { product, told, atMost: numbers };
}

/** Of what others wrote as a version. */
const mostCharacters = 40;

const group = "protect.trident.netapp.io";

/** Trident Protect says its version nowhere; its definitions differ from one to the next (docs/facts/versions.md). */
async function readTridentProtect(cluster: Pick<Cluster, "document">): Promise<InstalledVersion> {
    const product = "Trident Protect";
    const definitions = definitionsIn(await cluster.document(`/openapi/v3/apis/${group}/v1`));
    const has = ([kind, field]: readonly [string, string]) => definitions.get(kind)?.has(field) === true;
    const missing = needed.filter((one) => !has(one)).map(([kind, field]) => `${kind}.spec.${field}`);
    if (missing.length > 0) {
        return { product, told: `a version without ${missing.join(", ")}`, atMost: [0, 0] };
    }
    const lacking = marks.find(({ field }) => !has(field));
    return lacking === undefined
        ? { product, told: `${marks.at(-1)!.since} or newer` }
        : { product, told: `older than ${lacking.since}`, atMost: lacking.before };
}

/** What is written to it. */
const needed = [
    ["AppMirrorRelationship", "promotedSnapshot"],
    ["AppMirrorRelationship", "sourceApplicationUID"],
    ["Schedule", "recurrenceRule"],
    ["ShutdownSnapshot", "applicationRef"],
    ["SnapshotInplaceRestore", "appArchivePath"],
] as const;

/** Fields by the version that brought them, the oldest first. */
const marks = [
    { since: "26.02", before: [26, 1, 99], field: ["Schedule", "runImmediately"] },
    { since: "26.06", before: [26, 5, 99], field: ["AppMirrorRelationship", "storageClassMapping"] },
] as const;

/** The fields of the `spec` of each kind, as the API server publishes the definitions. */
function definitionsIn(document: unknown): Map<string, ReadonlySet<string>> {
    const schemas = valueAt(document, ["components", "schemas"]) ?? {};
    const found = Object.values(schemas).flatMap((schema): [string, ReadonlySet<string>][] => {
        const kinds = kindsOf(schema);
        const fields = new Set(Object.keys(valueAt(schema, ["properties", "spec", "properties"]) ?? {}));
        return kinds.map((kind) => [kind, fields]);
    });
    return new Map(found);
}

const names = z.array(z.object({ group: z.string(), kind: z.string() })).catch([]);

function kindsOf(schema: unknown): string[] {
    return names
        .parse(valueAt(schema, ["x-kubernetes-group-version-kind"]))
        .filter((one) => one.group === group)
        .map(({ kind }) => kind);
}
