import { writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { grantRights } from "../../../../lab/kubernetes/rights";
import { Cluster, type ObjectName } from "../../../../provider/clients/kubernetes/cluster";
import { kinds } from "../../../../provider/clients/kubernetes/kinds";
import type { TestControlPlane } from "../../lab/controllers/controlPlane";
import { eventually } from "../../lab/controllers/until";

/**
 * The product's client at a site, with the rights that `trident-dr-rbac` prints for the application `shop`.
 *
 * @param readable ConfigMaps that it may read once the rights are in force
 * @param more what else is configured of the application
 */
export async function grantedClient(
    plane: TestControlPlane,
    site: string,
    readable: ObjectName[],
    more: object = {},
): Promise<Cluster> {
    const stackFile = path.join(plane.folder, `Pulumi.${site}.yaml`);
    const sites = { east: { vault: {} }, west: { vault: {} } };
    const applications = [{ name: "shop", namespaces: ["shop"], ...more }];
    await writeFile(
        stackFile,
        stringify({ config: { "a:site": site, "a:sites": sites, "a:applications": applications } }),
    );
    await grantRights(plane.kubeconfig, stackFile);
    const client = Cluster.connect(site, { kubeconfig: plane.productKubeconfig });
    // The API server learns of roles by a watch of its own.
    await eventually(async () => {
        const read = readable.map((name) => client.get(kinds.configMap, name));
        return (await Promise.all(read).catch(() => undefined)) && true;
    });
    return client;
}
