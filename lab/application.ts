import { readFile } from "node:fs/promises";
import path from "node:path";
import {
    KubeConfig,
    KubernetesObjectApi,
    PatchStrategy,
    loadAllYaml,
    type KubernetesObject,
} from "@kubernetes/client-node";
import type { SiteDescriptor } from "./site";
import { intervalAnnotation } from "./writer/writer";

const manifest = path.join(__dirname, "..", "examples", "two-sites", "shop.yaml");

/**
 * Installs the example's application at a site, as its owner would before anybody thinks of mirroring it. Its claim
 * waits for the storage class, which comes with the first `pulumi up`.
 *
 * @param namespace where; default: that of the example
 * @param writesEvery pause between two writes, such as `1s`; default: the writer's own
 * @param change what else is different. Default: nothing
 */
export async function installApplication(
    site: SiteDescriptor,
    namespace?: string,
    writesEvery?: string,
    change: (object: KubernetesObject) => KubernetesObject = (object) => object,
): Promise<void> {
    const config = new KubeConfig();
    config.loadFromFile(site.kubernetes.adminKubeconfig);
    const api = KubernetesObjectApi.makeApiClient(config);
    const example = loadAllYaml(await readFile(manifest, "utf8")) as KubernetesObject[];
    const objects = example
        .map((object) =>
            namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } },
        )
        .map((object) => (writesEvery === undefined ? object : annotated(object, intervalAnnotation, writesEvery)))
        .map(change);
    const namespaces = [...new Set(objects.map((object) => object.metadata?.namespace))].filter(
        (name) => name !== undefined,
    );
    for (const name of namespaces) {
        await apply(api, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    for (const object of objects) {
        await apply(api, object);
    }
}

/** A Deployment whose pods tell the writer something, such as how often they write. */
export function annotated(
    object: KubernetesObject & { spec?: unknown },
    annotation: string,
    value: string,
): KubernetesObject {
    if (object.kind !== "Deployment") {
        return object;
    }
    const { template, ...spec } = object.spec as { template: KubernetesObject };
    const annotations = { ...template.metadata?.annotations, [annotation]: value };
    const pods = { ...template, metadata: { ...template.metadata, annotations } };
    return { ...object, spec: { ...spec, template: pods } } as KubernetesObject;
}

function apply(api: KubernetesObjectApi, object: KubernetesObject): Promise<KubernetesObject> {
    return api.patch(object, undefined, undefined, "shop-team", true, PatchStrategy.ServerSideApply);
}
