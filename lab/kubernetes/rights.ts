import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { Cluster, type KubeObject } from "../controllers";
import { productUser } from "./controlPlane";

const checkout = path.join(__dirname, "..", "..");
const rbac = "rbac.authorization.k8s.io/v1";
const fieldManager = "trident-dr-lab-administrator";

/**
 * Gives the product's user at a cluster the rights that `trident-dr-rbac` prints for a stack, and no others: those of an
 * earlier configuration that are not printed any more are taken away.
 *
 * @param stackFile the stack's configuration, such as `Pulumi.east.yaml`
 * @param name of the roles: stacks of several projects that share a cluster have roles of their own
 */
export async function grantRights(
    adminKubeconfig: string,
    stackFile: string,
    name: string = productUser,
): Promise<KubeObject[]> {
    const cluster = await Cluster.connect(adminKubeconfig);
    const objects = await generatedRights(stackFile, name);
    // One after the other, as kubectl applies them: a Role needs its namespace, a binding its role.
    for (const object of objects) {
        await cluster.serverSideApply(object, { fieldManager });
    }
    await takeAway(cluster, name, objects);
    return objects;
}

async function takeAway(cluster: Cluster, name: string, kept: readonly KubeObject[]): Promise<void> {
    for (const kind of ["RoleBinding", "Role"].map((one) => ({ apiVersion: rbac, kind: one }))) {
        const namespaces = kept.filter((one) => one.kind === kind.kind).map(({ metadata }) => metadata.namespace);
        const earlier = (await cluster.list(kind)).filter(
            ({ metadata }) => metadata.name === name && !namespaces.includes(metadata.namespace),
        );
        await Promise.all(earlier.map(({ metadata }) => cluster.delete(kind, metadata)));
    }
}

/** What the command prints, run as a user runs it: the lab knows the product by its commands alone. */
async function generatedRights(stackFile: string, name: string): Promise<KubeObject[]> {
    const command = path.join("components", "permissions", "command.ts");
    const args = ["--import", "tsx", command, "--config", stackFile, "--user", productUser, "--name", name];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: checkout });
    return parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject);
}
